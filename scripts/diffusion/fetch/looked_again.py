"""Pages by a counter, where no total tells how many records there are: what a second look shows.

A row that is deleted while pages are read moves those behind it to the front: the first one of the
next page is on none. An empty page, a status that stands for one, and a short page may be a
server's fault amid its pages. None of this is to be seen on the pages themselves.
"""

from collections import Counter
from math import isqrt

from diffusion.config.fetching import ApiFetch, Pages
from diffusion.errors import IncompleteError, MovedError
from diffusion.fetch.client import Client
from diffusion.fetch.doubts import SHORT_FIX, hashes_of, short_words
from diffusion.fetch.end import COUNTED
from diffusion.fetch.journal import Journal
from diffusion.fetch.page_checks import asked_besides
from diffusion.fetch.pages import NOTHING, Page
from diffusion.fetch.request import put

# so many pages are all looked at again, as a row that is deleted shows on as few as one of them. Of
# more, each second one up to `HALF`, and of a hundred and more as many as the root of their number:
# servers are asked for half as much again at most
ALL, HALF = 3, 10
FREE, SHARE = 20, 0.1  # requests of this kind for a source in one job: so many, and of its pages
READ: Counter[str] = Counter()  # pages of each source in this job
AGAIN: Counter[str] = Counter()  # and such requests


def look_again(client: Client, fetch: ApiFetch, page: Page, journal: Journal) -> None:
    """Refuse pages that are not all there is, as far as a few more requests show.

    Args:
        page: the last one.

    Raises:
        DiffusionError: a page follows an empty one, one is short, or rows moved to the front. Of
            records that change, nothing follows.
    """
    count = journal.count
    if fetch.pages.style not in COUNTED or count.total is not None or not count.records:
        return
    READ[client.where] += count.pages
    _refuse_short(fetch.pages, journal, client.where)
    _look_behind(client, fetch, page, journal)
    _look_for_moves(client, fetch, page, journal)


def _refuse_short(pages: Pages, journal: Journal, where: str) -> None:
    """Refuse a page with fewer records amid others, unless it is said that nothing tells more."""
    if journal.count.short and pages.total is None:
        fix = f"run `snakemake` again; {SHORT_FIX}. If this server has no total, and really cuts "
        fix += 'pages so, write `total: ""` under pages'
        raise IncompleteError(where, short_words(journal.count), fix)


def _look_behind(client: Client, fetch: ApiFetch, page: Page, journal: Journal) -> None:
    """Refuse an empty page, or one that is said not to exist, that others follow."""
    pages, count = fetch.pages, journal.count
    is_end = page.records or page.is_again or pages.more or pages.last
    is_status = page.response.status_code not in (200, 206, NOTHING)
    if is_end or (not is_status and (count.pages < 3 or not _allowed(client.where, 1))):
        return
    number = count.pages if pages.style == "page" else count.records + count.largest
    asked = put(page.request, pages.param or pages.style or "", pages.first_number + number)
    behind = asked_besides(client, fetch, asked)
    if behind and behind.records and not journal.has_seen(behind):
        found = f"page {count.pages} {'is empty' if not is_status else 'does not exist'}"
        found += f" (HTTP {page.response.status_code}), and the one behind it has "
        found += f"{len(behind.records):,} records"
        fix = "run `snakemake` again. If the server leaves pages empty for good, ask for each page "
        fix += "by a partition (`partitions:`, with `empty_on`)"
        raise IncompleteError(client.where, found, fix)


def _look_for_moves(client: Client, fetch: ApiFetch, page: Page, journal: Journal) -> None:
    """Refuse pages of which one, asked for again, ends further behind than it did."""
    pages, lasts = fetch.pages, journal.overlap.lasts
    before = len(lasts) - (not page.records)  # pages that another one was read behind
    some = max(min(before // 2, HALF), isqrt(before))
    wanted = _allowed(client.where, before if before <= ALL else some)
    for number in (1 + step * before // wanted for step in range(wanted)):
        is_page = pages.style == "page"
        at = number - 1 if is_page else sum(size for _, size in lasts[: number - 1])
        asked = put(page.request, pages.param or pages.style or "", pages.first_number + at)
        again = asked_besides(client, fetch, asked)
        if again and lasts[number - 1][0] in hashes_of(map(bytes, again.kept))[:-1]:
            found = f"page {number} ends further behind than it did when it was read first: rows "
            found += "before that were deleted meanwhile, and as many came on no page; or the "
            found += "order of rows is not fixed"
            fix = "run `snakemake` again. If it is so at every try, ask for a state that stands "
            fix += "still (a filter by date, a fixed `sort`), or for parts (`partitions:`)"
            raise MovedError(client.where, found, fix)


def _allowed(where: str, wanted: int) -> int:
    """Return how many more requests may be sent of those that are wanted; they count as sent."""
    room = FREE + int(SHARE * READ[where]) - AGAIN[where]
    allowed = max(min(wanted, room), 0)
    AGAIN[where] += allowed
    return allowed

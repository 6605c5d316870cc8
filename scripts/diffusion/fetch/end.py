"""The end of the data: one definition for every style of pages.

A page is the last one when one of these holds, in this order:

1. the style is ``none``;
2. the flag at ``more`` is false, that at ``last`` is true, or as many pages came as it says (where
   the last one is full, and no total tells, the next one is asked once, as in 5);
3. it is empty (no record, null or nothing in place of the records, 204), and no other page is
   named, or the same one again; counters end here. A link or a token may pass empty pages where it
   is new each time; where it is a number, which many servers count on for ever, ten of them, and
   once a source was seen to do so, one;
4. it names no next page;
5. the announced total is reached. Where the page is full, or the first one, whose size nothing
   says, the next one is asked once more: a total may be a bound only, or count what is on a page.
   That it cannot be had, is empty, or came before confirms the end.

A token that is the one just sent is no end by itself: servers that keep the position send it with
every page.
"""

from dataclasses import dataclass

from diffusion.base.json_path import in_yaml
from diffusion.config.fetching import Pages
from diffusion.errors import DiffusionError, IncompleteError, PagesError
from diffusion.fetch.page_values import flag, last_of
from diffusion.fetch.pages import STYLES, Count, Page
from diffusion.fetch.ranges import refuse_left_out
from diffusion.fetch.request import Request, goes_on
from diffusion.fetch.signs_of_more import refuse_more, shows_only_one
from diffusion.files.announced import OF_ALL, name_of

COUNTED = ("page", "offset")
LINKED = ("next_url", "cursor")
MOST_EMPTY = 1_000  # pages in a row
MOST_NUMBERED = 10  # the same, where the next one is asked by a number
COUNTS_ON: set[str] = set()  # sources that name a next page by a number behind all that they have
WINDOWS = (10_000, 50_000, 100_000)  # of Elasticsearch, OpenDataSoft, Socrata
# statuses by which servers say that a page past the end does not exist
PAST_THE_END = (400, 404, 410, 416, 422)


@dataclass(frozen=True)
class Following:
    """What to ask next, or why nothing; ``confirms``: only to see that nothing follows."""

    request: Request | None
    why: str = ""
    confirms: bool = False


def what_follows(page: Page, pages: Pages, count: Count) -> Following:
    """Return the next request, or the reason why there is none, once a page is counted."""
    if page.is_nothing or pages.style is None or pages.style == "none":
        return Following(None, "there is one page" if page.records else "the page is empty")
    request, more = STYLES[pages.style](page, pages, count), flag(page, pages.more)
    if more is False:
        return Following(None, f"`{pages.more}` says so")
    last = last_of(page, pages)
    if last is True or (last is not None and last is not False and count.pages >= last):
        is_sure = last is True or count.total is not None or pages.style not in COUNTED
        if not is_sure and count.pages > 1 and _is_full(page, count):
            return Following(request, confirms=True)
        return Following(None, f"`{pages.last}` is {str(last).lower()}")
    if not page.records and not page.is_again and _ends_empty(page, pages, count, request, more):
        return Following(None, "the page is empty")
    if request is None:
        return Following(None, "the page names no next one")
    if more is None and count.total is not None and count.records >= count.total:
        if _is_full(page, count) or _may_count_a_page(pages, count):
            return Following(request, confirms=True)
        return Following(None, "the announced total is reached")
    return Following(request)


def check_first_page(page: Page, pages: Pages, count: Count) -> None:
    """Refuse paths that name nothing on the first page, unless it is shown to be the only one.

    Raises:
        DiffusionError: with the nearest paths that exist.
    """
    if page.is_nothing:
        return
    names = ["more", "last", "marker", *(["next"] if pages.style in LINKED else [])]
    for name in names:
        path = getattr(pages, name)
        if not path or page.body.has(path) or _is_only_one(page, pages, count):
            continue
        if name == "next" and shows_only_one(page, pages, count.records):
            continue
        raise _names_nothing(page, pages, name, path)
    is_alone = pages.style == "link_header" and not page.has_links
    if is_alone and not _is_only_one(page, pages, count):
        ways = page.body.ways_on(pages.records)
        if ways or _is_full(page, count):
            found = "the first page has no header `Link`"
            raise PagesError(page.where, found, _where_else(ways, "pages.style"))


def check_end(page: Page, pages: Pages, count: Count, is_part: bool = False) -> None:
    """Refuse an end at which the server's own words say that there is more.

    Args:
        is_part: the request says where it begins, by a partition: a part is meant.

    Raises:
        DiffusionError: with what the server says.
    """
    where, came = page.where, f"{count.records:,} records in {count.pages:,} pages came"
    total = count.total
    if total is not None and count.records != total:
        found = f"{count.records} records came, the server announced {total}"
        if count.repeated:
            found = f"page {count.repeated} was received before; {found}"
        fix = "nothing was kept; run `snakemake` again, or check `pages:`"
        if pages.style == "page" and pages.start is None and count.records < total:
            fix += "; a server that counts pages from 0 needs `pages: {start: 0, …}`"
        if count.repeated:
            fix = "the server repeats itself: check pages.style, pages.next and pages.param"
        if count.records > total:
            fix += ". If the total is only a bound or an estimate, leave out `pages.total`"
        raise IncompleteError(where, found, fix)
    if flag(page, pages.more):
        fix = f"check pages.next, pages.param and pages.style; the answer begins: {page.body.start}"
        raise IncompleteError(where, f"`{pages.more}` says that there is more, but {came}", fix)
    last = last_of(page, pages)
    if last is False:
        found = f"`{pages.last}` says that there is more, but {came}"
        raise IncompleteError(where, found, "check pages.next, pages.param and pages.style")
    if total is None and last is not None and count.pages < last:
        found, fix = f"`{pages.last}` announces {last:,} pages, but {came}", "check `pages:`"
        raise IncompleteError(where, found, fix)
    _refuse_window(page, pages, count)
    if not page.is_nothing:
        is_one = pages.is_one and total is None
        refuse_left_out(page.response, where, came, is_one)
    refuse_more(page, pages, count.records, is_part)


def _refuse_window(page: Page, pages: Pages, count: Count) -> None:
    """Refuse as many records as servers give at most by a counter, where nothing says how many."""
    is_counted = pages.style in COUNTED and pages.total is None and count.total is None
    if is_counted and not page.records and count.records in WINDOWS:
        found = f"{count.records:,} records came: many servers give no more by a counter, and an "
        found += "empty page then, whatever there is"
        fix = "ask for parts (`partitions:`, such as months or departments), or by `style: cursor`;"
        fix += ' if these really are all, say so: `total: ""` under pages'
        raise IncompleteError(page.where, found, fix)


def _ends_empty(
    page: Page, pages: Pages, count: Count, request: Request | None, more: bool | None
) -> bool:
    """Return whether an empty page is the last one; a new token may pass many, a number ten."""
    same = request is None or pages.style in COUNTED or request == page.request
    if same or more or count.empty < 2:
        return same
    reached = count.total is not None and count.records >= count.total
    if reached or (not goes_on(page.request, request) and page.where in COUNTS_ON):
        return True
    if not goes_on(page.request, request) and count.empty > MOST_NUMBERED:
        COUNTS_ON.add(page.where)
        return True
    if count.empty > MOST_EMPTY:
        found = f"{count.empty} pages in a row without a record, and each names a next one"
        fix = "check pages.next; or state the end: `pages.total`, `more` or `last`"
        raise PagesError(page.where, found, fix)
    return False


def _is_full(page: Page, count: Count) -> bool:
    """Return whether a page has as many records as pages have, as far as that is known."""
    came = len(page.records)
    if count.pages > 1:
        return 0 < came >= count.largest
    return bool(count.size) and came >= (count.size or 0)


def _may_count_a_page(pages: Pages, count: Count) -> bool:
    """Return whether a total that is reached at once may be the number of a page's records.

    Its name says that it is not, or the size of a page that this one is not full.
    """
    is_named = OF_ALL.fullmatch(name_of(pages.total or "")) is not None
    return count.pages == 1 and count.records > 0 and count.size is None and not is_named


def _is_only_one(page: Page, pages: Pages, count: Count) -> bool:
    came = len(page.records)
    if not came or came == count.total or count.total == 0:
        return True
    if pages.more and page.body.has(pages.more):
        return flag(page, pages.more) is False
    is_short = bool(count.size) and came < (count.size or 0)
    return is_short and not page.body.ways_on(pages.records)


def _names_nothing(page: Page, pages: Pages, name: str, path: str) -> DiffusionError:
    ways = page.body.ways_on(pages.records) if name in ("next", "more") else []
    near = page.body.nearest(path, pages.records) or _where_else(ways, f"pages.{name}")
    fix = near if "correct" in near else f"{near}: correct pages.{name}"
    if name == "next":
        fix += (
            ". If this page really is the only one, state what proves it: `total`, or the size of "
            "a page (`size_param` and `size`)"
        )
    return PagesError(page.where, f"the first page has nothing at pages.{name}: `{path}`", fix)


def _where_else(ways: list[str], key: str) -> str:
    if not ways:
        return f"correct {key}"
    if len(ways) == 1 and key == "pages.next":
        fix = f"the answer has `{ways[0]}`: if that leads to the next page, write "
        return f"{fix}`pages: {{next: {in_yaml(ways[0])}}}`; else correct {key}"
    return f"the answer has {' and '.join(f'`{way}`' for way in ways[:3])}: correct {key}"

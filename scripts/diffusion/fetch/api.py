"""Fetch all pages of an API into one compressed NDJSON file, resumable and verified.

The records keep the bytes that the server sent. What the pages are kept in, and how a later run
goes on with them, is ``diffusion.fetch.journal``; where they end, ``diffusion.fetch.end``.
"""

import dataclasses
import logging
from contextlib import closing
from pathlib import Path

from diffusion.base.progress import Progress
from diffusion.config.fetching import ApiFetch, Pages
from diffusion.errors import PagesError, RedirectError
from diffusion.fetch.asking_pages import confirm, received
from diffusion.fetch.client import Client
from diffusion.fetch.doubts import doubt_pages
from diffusion.fetch.end import (
    Following,
    check_end,
    check_first_page,
    what_follows,
)
from diffusion.fetch.journal import Journal
from diffusion.fetch.led_on import check_link, refuse_others, same_in_all
from diffusion.fetch.link_policy import as_encrypted
from diffusion.fetch.looked_again import look_again
from diffusion.fetch.page_checks import (
    check_offset,
    check_page,
    check_start,
    tell_beside,
    tell_size,
)
from diffusion.fetch.pages import Count, Page
from diffusion.fetch.request import Request
from diffusion.fetch.signs_of_more import states_beginning

logger = logging.getLogger(__name__)


def fetch_api(
    client: Client, fetch: ApiFetch, first: Request, path: Path, progress: Progress
) -> dict:
    """Write every record of one partition to ``path``, one JSON object a line.

    Args:
        client: the connection to the API's host.
        fetch: how its pages are requested.
        first: the first page's request, axes filled in.
        path: the finished file; until then, the pages received are kept beside it.
        progress: counts records.

    Returns:
        facts for the provenance: url, pages, records, total, marker.

    Raises:
        DiffusionError: a page is refused, comes twice, or the pages do not belong together.
    """
    journal = Journal(path, first, fetch)
    progress.add(journal.count.records)
    if journal.count.pages:
        logger.info("resuming after page %d", journal.count.pages)
    read_pages(client, fetch, journal, progress)
    journal.finish(path)
    doubt_pages(client.where, journal.count)
    return facts_of(first, journal)


def read_pages(
    client: Client, fetch: ApiFetch, journal: Journal, progress: Progress, most: int | None = None
) -> None:
    """Receive the pages that follow, to the end or as many as ``most``; the journal is closed then.

    One that had been received before is not counted: the next one shows whether the server goes on.

    Raises:
        DiffusionError: a page is refused, comes twice, or the pages do not belong together.
    """
    count = journal.count
    with closing(journal):
        while journal.next.request and (most is None or count.pages < most + bool(count.again)):
            if journal.next.confirms:
                confirm(client, fetch, journal.next.request, journal)
                break
            _one_page(client, fetch, journal.next.request, journal, progress)


def facts_of(first: Request, journal: Journal) -> dict:
    """Return what is known of the pages that came, for the provenance."""
    count = journal.count
    marker = {"marker": journal.marker} if journal.marker is not None else {}
    sent = {"body": first.body, "form": first.form}
    body = {key: value for key, value in sent.items() if value}
    crs = {"crs": journal.same.crs} if journal.same.crs else {}
    counts = {"pages": count.pages, "records": count.records, "total": count.total}
    both = {"on_both": count.on_both, "apart": count.apart, "twice": count.twice}
    both = both if count.on_both or count.apart else {}
    return {"url": first.url, "params": first.params, **body} | counts | marker | crs | both


def _one_page(
    client: Client, fetch: ApiFetch, request: Request, journal: Journal, progress: Progress
) -> None:
    pages, where, count = fetch.pages, client.where, journal.count
    if count.pages >= pages.max_pages:
        fix = "raise pages.max_pages if there really are more"
        raise PagesError(where, f"{count.pages} pages and no end", fix)
    page = received(client, fetch, request, journal)
    check_page(page, pages, journal)
    _count(page, pages, count)
    progress.expect(count.total)
    progress.add(len(page.records))
    if count.pages == 1:
        check_first_page(page, pages, count)
        tell_beside(page)
    following = _followed(client, page, what_follows(page, pages, count))
    _refuse_again(page, following, journal)
    _refuse_others(client, page, following, journal)
    if count.pages == 2:
        tell_size(page, pages, count)
    if following.request is None:
        with journal.forgetting():
            check_start(client, fetch, page, journal)
            check_offset(client, fetch, page, journal)
            look_again(client, fetch, page, journal)
        logger.info("the end, at page %d: %s", count.pages, following.why)
        with journal.forgetting():
            check_end(page, pages, count, is_part=states_beginning(fetch, page.request))
    journal.add(page, following)


def _count(page: Page, pages: Pages, count: Count) -> None:
    came = len(page.records)
    count.largest = max(count.largest, came)
    if pages.style == "page" and came and 0 < count.before < count.largest:
        count.short = count.short or count.pages
    count.pages += 1
    count.records += came
    count.before = came
    count.empty = 0 if came or page.is_again else count.empty + 1


def _followed(client: Client, page: Page, following: Following) -> Following:
    """Return a following request with its whole URL, which has been judged, without a secret."""
    request = following.request
    if request is None or request.url == page.request.url:
        return following
    link = as_encrypted(page.response.url, request.url)
    try:
        url = client.without_secret(client.target(page.response, link))
    except RedirectError as error:
        fix = "if the server writes its own name wrongly, ask by number: `pages: {style: page, …}`"
        raise error.restated(fix="; ".join(filter(None, [fix, error.fix]))) from None
    return dataclasses.replace(following, request=dataclasses.replace(request, url=url))


def _refuse_others(client: Client, page: Page, following: Following, journal: Journal) -> None:
    """Refuse pages, and links to them, that are of other records than was asked for."""
    with journal.forgetting():
        refuse_others(journal.filters, page, journal.count.pages)
        is_first = journal.count.pages == 1 and not following.confirms
        asked = following.request if is_first else None  # the links of others are made alike
        if asked and not asked.params and asked.url != page.request.url and asked.method == "GET":
            try:
                left = check_link(journal.first, page, asked.url, journal.count)
            except PagesError as error:  # what was left out may be a secret
                raise error.restated(found=client.redacted(error.found)) from None
            journal.filters = same_in_all(left, page)


def _refuse_again(page: Page, following: Following, journal: Journal) -> None:
    """Refuse pages that come again and again; a single one is left out where a total is announced.

    Raises:
        DiffusionError: without a total, nothing would tell whether all is there.
    """
    count = journal.count
    count.again = count.again + 1 if page.is_again else 0
    count.repeated = count.repeated or (count.pages if page.is_again else 0)
    stands = following.request == page.request
    if count.again > 1 or (count.again and (count.total is None or stands)):
        with journal.forgetting():
            fix = (
                "the server repeats itself: check pages.style, pages.next and pages.param; if it "
                "gives the last page again and again, name `pages.last` or `pages.total`"
            )
            raise PagesError(page.where, f"page {count.pages} was received before", fix)

"""What a page must have in common with those before it, and with what was asked."""

import json
import logging
import re

import requests

from diffusion.config.fetching import ApiFetch, Pages
from diffusion.errors import DiffusionError, MovedError, PagesError
from diffusion.fetch.client import Client
from diffusion.fetch.end import COUNTED, PAST_THE_END
from diffusion.fetch.journal import Journal
from diffusion.fetch.page_values import last_of, number
from diffusion.fetch.pages import Count, Page
from diffusion.fetch.patience import TransientStatus
from diffusion.fetch.request import Request, put
from diffusion.fetch.signs_of_more import is_bound
from diffusion.fetch.text_pages import refuse_other_header

logger = logging.getLogger(__name__)
STATUS = re.compile(rf"HTTP ({'|'.join(map(str, PAST_THE_END))})\b")
STARTS_KNOWN: set[str] = set()  # sources of which a partition of this job showed how pages count
AGAIN = (
    "the data changed while it was read: run `snakemake` again to fetch it again. If it does so at "
    "every try, ask for a state that stands still (a filter by date, a fixed `sort`), or leave out "
)


def check_page(page: Page, pages: Pages, journal: Journal) -> None:
    """Refuse a page that warns, or whose total or marker is not that of the pages before.

    Raises:
        DiffusionError: with both values.
    """
    hints = page.body.value(pages.hints)
    if hints:
        fix = "the server ignored a parameter: correct `params:`"
        found = f"the server warns: {json.dumps(hints, ensure_ascii=False)}"
        raise PagesError(page.where, found, fix)
    total = _announced(page, pages, journal.count.pages == 0)
    with journal.forgetting():
        if total is not None and journal.count.total not in (None, total):
            found = f"the total went from {journal.count.total} to {total}"
            raise MovedError(page.where, found, AGAIN + "`pages.total`")
        marker = page.body.value(pages.marker)
        if marker is not None and journal.marker not in (None, marker):
            found = f"`{pages.marker}` went from {journal.marker} to {marker}"
            raise MovedError(page.where, found, AGAIN + "`pages.marker`")
    journal.count.total = journal.count.total if total is None else total
    journal.marker = journal.marker if marker is None else marker
    if page.records and journal.has_seen(page):
        page.leave_out()


def check_alike(page: Page, journal: Journal) -> None:
    """Refuse a page whose rows mean something else than those of the first one."""
    at, same = journal.count.pages + 1, journal.same
    if page.form == "csv" and page.header:
        header = page.header.decode("latin-1")  # any byte comes back
        same.header = same.header or header
        refuse_other_header(same.header.encode("latin-1"), page.header, page.where, at)
    if page.form == "geojson" and not page.is_nothing:
        crs = page.body.value("crs")
        if at > 1 and crs != same.crs:
            found = f"page {at} states another CRS: {json.dumps(crs)}, not {json.dumps(same.crs)}"
            raise PagesError(page.where, found, "ask for one CRS, by a parameter of the server")
        same.crs = crs


def tell_size(page: Page, pages: Pages, count: Count) -> None:
    """Warn where two pages show that the server does not keep to the size that was asked."""
    if not page.records or count.size in (None, count.largest):
        return
    key = f"pages.size_param (`{pages.size_param}`)" if pages.size_param else "the request"
    logger.warning(
        "%s: %s asks for %s records a page, and %s came: the server ignores it, or has a limit of "
        "its own; every page comes all the same",
        *(page.where, key, f"{count.size:,}", f"{count.largest:,}"),
    )


def tell_beside(page: Page) -> None:
    """Warn where each mapping that holds records has more than these: it is not kept."""
    for note in page.body.beside.notes(lambda place: "*" in place):
        logger.warning("%s: %s", page.where, note)


def _announced(page: Page, pages: Pages, is_first: bool) -> int | None:
    """Return the total that a page announces; None where it has none, a bound or an estimate."""
    path, body = pages.total or "", page.body
    total = number(page, path, "total")
    if total is None and path and is_first and not page.is_nothing:
        near = body.nearest(path, pages.records)
        fix = "correct pages.total, or leave it out: the number of records is then not verified"
        found = f"the first page has nothing at `{path}`"
        raise PagesError(page.where, found, f"{near}; {fix}" if near else fix)
    if total is None or body.value(pages.estimate) is not None:
        return None
    return None if is_bound(path, page) else total


def check_start(client: Client, fetch: ApiFetch, page: Page, journal: Journal) -> None:
    """Refuse pages that are counted from 0 where 1 was taken for the first, without a total.

    The page before the first is asked for once in a job; servers that count from 1 refuse it, give
    nothing, or the first one again.

    Raises:
        DiffusionError: it has records that no other page has.
    """
    pages, count = fetch.pages, journal.count
    counts_pages = bool(pages.last) and not isinstance(last_of(page, pages), bool)
    is_stated = pages.start is not None or count.total is not None or counts_pages
    if pages.style != "page" or is_stated or not count.records or client.where in STARTS_KNOWN:
        return
    STARTS_KNOWN.add(client.where)
    before = asked_besides(client, fetch, put(page.request, pages.param or "page", 0))
    if before is None:
        return
    if before.records and not journal.has_seen(before) and before.digest != page.digest:
        STARTS_KNOWN.discard(client.where)
        found = f"page 0 has {len(before.records):,} records that no other page has"
        fix = "write `start: 0` under pages; if that page is no page, `start: 1`"
        raise PagesError(client.where, found, fix)


def check_offset(client: Client, fetch: ApiFetch, page: Page, journal: Journal) -> None:
    """Refuse pages that are asked by the number of a record, and given by that of a page.

    Only each third, say, would have come. Where no total tells, the second record of all is asked
    for once in a job; servers that count records give it, or the page in which it stands.

    Raises:
        DiffusionError: what comes stands not on the first page.
    """
    pages, count = fetch.pages, journal.count
    is_stated = pages.start is not None or count.total is not None
    if pages.style != "offset" or is_stated or count.pages < 2 or client.where in STARTS_KNOWN:
        return
    first = journal.overlap.first
    if len(first) < 2:  # resumed, or all records are alike
        return
    STARTS_KNOWN.add(client.where)
    second = asked_besides(client, fetch, put(page.request, pages.param or "offset", 1))
    if second and second.records and not first & set(map(hash, map(bytes, second.kept))):
        STARTS_KNOWN.discard(client.where)
        param = pages.param or "offset"
        found = f"`{param}` 1 gives no record of the first page, as if it were the number of a page"
        fix = f"write `pages: {{style: page, param: {param}, start: 0, …}}`; if it counts records, "
        raise PagesError(client.where, found, f"{fix}say from which on: `start: 0`")


def asked_besides(client: Client, fetch: ApiFetch, asked: Request) -> Page | None:
    """Return a page that is none of those that follow each other; None if there is none such."""
    try:
        response = client.send(
            asked.url, asked.params, asked.method, asked.body or None, asked.form or None
        )
        return Page(asked, response, fetch, client.where, is_first=False)
    except (DiffusionError, TransientStatus, requests.RequestException):
        return None


def past_the_end(error: DiffusionError, fetch: ApiFetch, journal: Journal) -> DiffusionError:
    """Return an error about a page, with what to write if it says that no page is left."""
    status = STATUS.match(error.found)
    if not status or not journal.count.pages or fetch.pages.style not in COUNTED:
        return error
    fix = f"if that says that no page is left, write `empty_on: [{status[1]}]`; else {error.fix}"
    return error.restated(fix=fix)

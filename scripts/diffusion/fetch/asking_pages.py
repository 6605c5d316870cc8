"""One page of an API: asked for, its errors told, a token that is encoded already decoded."""

import logging

import requests

from diffusion.config.fetching import ApiFetch
from diffusion.errors import AnswerError, DiffusionError, PagesError
from diffusion.fetch.client import Client
from diffusion.fetch.end import PAST_THE_END
from diffusion.fetch.journal import Journal
from diffusion.fetch.page_checks import asked_besides, check_alike, past_the_end
from diffusion.fetch.pages import Page, decoded_token
from diffusion.fetch.request import Request

logger = logging.getLogger(__name__)


def received(client: Client, fetch: ApiFetch, request: Request, journal: Journal) -> Page:
    """Ask for a page; by a token that may be encoded already, decoded where it leads nowhere.

    It is to stand in a URL as it came, and would be encoded once more: servers that do not know
    such a token refuse it, give nothing, or the first page. For others it is part of the token.
    """
    decoded = decoded_token(request, fetch.pages)
    if decoded is None:
        return _asked(client, fetch, request, journal)
    found: Page | AnswerError
    try:
        found = _asked(client, fetch, request, journal)
    except AnswerError as error:
        found = error
    if isinstance(found, AnswerError) or not found.records or journal.has_seen(found):
        other = asked_besides(client, fetch, decoded)
        if other and other.records and not journal.has_seen(other):
            check_alike(other, journal)
            return other
    if isinstance(found, AnswerError):
        raise found
    return found


def _asked(client: Client, fetch: ApiFetch, request: Request, journal: Journal) -> Page:
    """Ask for a page, and refuse one that reports an error."""
    lost, where = client.lost, client.where
    try:
        response = _answer(client, request, fetch.empty_on)
    except DiffusionError as error:
        raise past_the_end(error, fetch, journal) from None
    is_nothing = response.status_code in fetch.empty_on
    if journal.keeps_position and client.lost > lost:
        with journal.forgetting():
            fix = "run `snakemake` again: it begins anew"
            found = "an answer was lost, and the server alone knows which page would be the next"
            raise PagesError(where, found, fix)
    is_first = journal.count.pages == 0
    page = Page(request, response, fetch, where, is_first=is_first, is_nothing=is_nothing)
    check_alike(page, journal)
    return page


def _answer(client: Client, request: Request, empty_on: list[int]) -> requests.Response:
    return client.get(*request.sent, empty_on=empty_on)


def confirm(client: Client, fetch: ApiFetch, request: Request, journal: Journal) -> None:
    """See that nothing follows a full page with which the announced number is reached.

    Raises:
        DiffusionError: more records follow, so that the number is another one.
    """
    where = client.where
    try:
        response = _answer(client, request, [*fetch.empty_on, *PAST_THE_END])
        is_nothing = response.status_code not in (200, 206)
        page = Page(request, response, fetch, where, is_first=False, is_nothing=is_nothing)
    except DiffusionError as error:
        logger.info("what is announced is reached; what follows cannot be had: %s", error.found)
        return
    if page.records and not journal.has_seen(page):
        journal.forget()
        raise _more_follow(fetch, where, journal)
    logger.info("the end, at page %d: what is announced is reached", journal.count.pages)


def _more_follow(fetch: ApiFetch, where: str, journal: Journal) -> DiffusionError:
    total = journal.count.total
    if total is None:
        found = f"`{fetch.pages.last}` is {journal.count.pages}, and page {journal.count.pages + 1}"
        found += " holds others: it may be the number of the last page, counted from 0"
        fix = "leave out `pages.last`, or name the number of pages"
        return PagesError(where, found, fix)
    found = f"the server announced {total} records, and more follow: it is only a bound, or "
    found += "the number of a page's records"
    fix = f"leave out `pages.total` (`{fetch.pages.total}`), or name that of all records"
    return PagesError(where, found, fix)

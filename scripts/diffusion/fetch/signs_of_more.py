"""Refuse the end of an API's pages where its own words say that there is more."""

import logging
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_path import HEADER, Where, in_yaml, parse_path, place_of
from diffusion.config.fetching import ApiFetch, HttpFetch, Pages
from diffusion.errors import IncompleteError
from diffusion.fetch.links import link_to
from diffusion.fetch.pages import Page
from diffusion.fetch.ranges import part_of
from diffusion.fetch.request import Request
from diffusion.files.announced import ROUND, Around, begins_somewhere

logger = logging.getLogger(__name__)
ODATA = ("@odata.nextLink", "odata.nextLink")
CONTEXTS = ("@odata.context", "odata.metadata")
USUAL = (10, 20, 25, 30, 50, 100, 200, 250, 500)  # records of a page, where nothing is asked for
NEXT_LINK = Where("rel", "next")


def refuse_more(page: Page, pages: Pages, came: int, is_part: bool) -> None:
    """Refuse the end of an API whose own words say that records are left, unless it is declared.

    Args:
        page: the last one.
        came: number of records of all pages.
        is_part: the request says where it begins, by a partition: a part is meant.

    Raises:
        DiffusionError: with these words, and the options under ``pages:`` that they ask for.
    """
    if page.is_nothing or is_part:
        return
    around = _around(page, pages, came)
    is_estimate = page.body.value(pages.estimate) is not None
    if pages.style is None and not pages.total:
        _refuse_first_of_several(page, around)
    elif pages.total is None and not pages.is_one and around.totals and not is_estimate:
        path = around.totals[0]
        if is_bound(path, page):
            return
        found = f"`{path}` is {around.values[path]}, and {came:,} records came"
        fix = f"correct `pages:`; with `total: {in_yaml(path)}` the number is verified. "
        fix += 'If it counts something else, say so: `total: ""`'
        raise IncompleteError(page.where, found, fix)


def is_bound(path: str, page: Page) -> bool:
    """Say whether a total is a lower bound: Elasticsearch counts up to 10,000 only."""
    return path.endswith(".value") and page.body.value(f"{path[:-5]}relation") == "gte"


def _refuse_first_of_several(page: Page, around: Around) -> None:
    signs = _signs(page, around)
    if not signs:
        if around.came in USUAL and not around.says_all:
            logger.warning(
                "%s: %d records came in one answer: that is how many a page usually has; if there "
                "are more, state `pages:`, and if these are all, `pages: {style: none}`",
                *(page.where, around.came),
            )
        return
    style = "style: link_header" if page.link else around.style
    found = f"{around.came:,} records came, and the answer says that there are more: "
    fix = f"ask for all pages: `pages: {{{style}}}`"
    fix += " (or `style: offset`)" if style.startswith("style: page") else ""
    fix += "; if these really are all, say so: `pages: {style: none}`"
    raise IncompleteError(page.where, found + "; ".join(signs), fix)


def shows_only_one(page: Page, pages: Pages, came: int) -> bool:
    """Say whether a first page without a way on shows that it is the only one.

    By a total that agrees; or by where the way on would be, as a standard has it: OData leaves out
    ``@odata.nextLink``, and lists or mappings of links (OGC, JSON:API) have no ``next`` then.

    Args:
        came: number of its records.
    """
    around, body = _around(page, pages, came), page.body
    if _signs(page, around) or body.ways_on(pages.records):
        return False
    steps = parse_path(pages.next)
    parent, last = pages.next, steps[-1]
    if last in ODATA:
        return any(name in body.top() for name in CONTEXTS)
    if NEXT_LINK in steps:
        parent = pages.next.partition("[rel=next]")[0]
        return isinstance(body.value(parent), list)
    beside = body.value(parent.rpartition(".")[0]) if last == "next" and len(steps) > 1 else None
    return around.agrees or (isinstance(beside, dict) and bool(beside.keys() & {"self", "last"}))


def _around(page: Page, pages: Pages, came: int) -> Around:
    headers = {f"{HEADER}{name}": value for name, value in page.response.headers.items()}
    return Around(dict(page.body.paths(place_of(pages.records))) | headers, came)


def _signs(page: Page, around: Around) -> list[str]:
    """Return all that says that there is more than one page, in words."""
    signs = around.signs
    if page.link:
        signs.append(f"`{HEADER}Link`: {page.link[:100]}")
    if page.request.size and around.came == page.request.size:
        signs.append("as many came as a page was asked to have")
    elif around.came in ROUND and not around.agrees:
        signs.append("so round a number is that of a page, more likely than that of all")
    part, last = part_of(page.response), link_to(page.response, "last")
    if part and part.unit != "bytes" and (part.total or 0) > around.came:
        signs.append(f"`{HEADER}Content-Range`: {page.response.headers['Content-Range']}")
    if not page.link and _is_further(last):
        signs.append(f"`{HEADER}Link`: {last[:100]} is the last one")
    return signs


def _is_further(url: str) -> bool:
    """Say whether a URL has the number of a page beyond the first."""
    pages = [value for name, value in parse_qsl(urlsplit(url).query) if "page" in name.lower()]
    return any(value.isdecimal() and int(value) > 1 for value in pages[:1])


def states_beginning(fetch: HttpFetch, filled: Request) -> bool:
    """Say whether a request states where its answer begins, so that a part is meant.

    Args:
        filled: the request of one partition.
    """
    body = {**fetch.body, **fetch.form} if isinstance(fetch, ApiFetch) else {}
    templates = {**fetch.params, **body, **dict(parse_qsl(urlsplit(fetch.url).query, True))}
    query = dict(parse_qsl(urlsplit(filled.url).query, True))
    return begins_somewhere(templates, {**filled.params, **filled.body, **filled.form, **query})

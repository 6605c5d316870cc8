"""Pagination: what was asked, what came, and what to ask next, for each style of API.

One function a style in ``STYLES``: from the page just received and the counts so far to the next
request (its URL as the server wrote it), or None where the page names none. Whether that request
is sent, ``diffusion.fetch.end`` decides, for all styles alike.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote

import requests

from diffusion.base.json_path import in_yaml
from diffusion.config.fetching import TEXTS, ApiFetch, Pages
from diffusion.config.partitions import Partition, fill
from diffusion.errors import DiffusionError, PagesError
from diffusion.fetch.body import Body, Raw
from diffusion.fetch.content import as_json, unpacked
from diffusion.fetch.links import link_to
from diffusion.fetch.request import Request, filled, put
from diffusion.fetch.said import refuse_error
from diffusion.fetch.text_pages import rows_of
from diffusion.fetch.xml_pages import XmlPage, xml_page
from diffusion.files.announced import INNER

NO_MORE = ("null", "None", "undefined")  # what programs write for no value, taken as text
NOTHING = 204  # the status of an answer without a body


class Page:
    """One page as received: its records as raw JSON, and their envelope."""

    def __init__(
        self,
        request: Request,
        response: requests.Response,
        fetch: ApiFetch,
        where: str,
        *,
        is_first: bool = True,
        is_nothing: bool = False,
    ):
        """Parse the envelope only; the records' own bytes are kept as they came.

        Args:
            is_first: there must be records then, or the word that there are none.
            is_nothing: the status says that there is no record, whatever the body.

        Raises:
            DiffusionError: no JSON, an error page, or no records at the declared path.
        """
        pages, form = fetch.pages, fetch.format
        self.request, self.response, self.where, self.form = request, response, where, form
        self._pages = pages
        self.is_again, self.header = False, b""
        self.link = link_to(response, "next")
        self.has_links = bool(response.headers.get("Link"))
        is_nothing = is_nothing or response.status_code == NOTHING
        xml, content = None, unpacked(response, where)
        if form == "xml" and not is_nothing:
            xml = xml_page(content, pages.records, where)
        around = xml.around if xml else b"{}" if form in TEXTS else as_json(content)
        self.body = Body(response, where, around)
        self.body.is_empty = self.is_nothing = is_nothing
        self.records: list[Raw] | list[bytes] = []
        self._kept: list[bytes] | None = None
        if form in TEXTS and not is_nothing:
            self.header, self.records = rows_of(content, form, where)
        elif not is_nothing:
            self._take_records(xml, is_first)

    def _take_records(self, xml: XmlPage | None, is_first: bool) -> None:
        pages = self._pages
        has_records = bool(pages.records) and self.body.has(pages.records)
        refuse_error(self.body, pages.error, has_records, pages.records)
        found = self._found(xml)
        if found is None and is_first and not self._says_none(pages):
            raise self._no_records(pages.records)
        self.records = found or []
        self._kept = xml.lines if xml else None
        if not self.records:  # an empty list is the end, or an error's
            refuse_error(self.body, pages.error, has_records=False, records=pages.records)

    @cached_property
    def digest(self) -> str:
        """The hash of the records' bytes, by which a page that comes twice is known."""
        digest = hashlib.sha256()
        for record in self.kept:
            digest.update(record)
        return digest.hexdigest()

    @property
    def kept(self) -> Sequence[Raw] | Sequence[bytes]:
        """The records as they are kept."""
        return self.records if self._kept is None else self._kept

    def lines(self, is_first: bool) -> bytes:
        """Return the records as they are kept: of CSV, the first page with its header."""
        if self._kept is not None and not self.is_again:
            return b"".join(line + b"\n" for line in self._kept)
        if self.form in TEXTS:
            return b"".join([self.header if is_first else b"", *map(bytes, self.records)])
        return b"".join(_one_line(bytes(record)) for record in self.records)

    def _found(self, xml: XmlPage | None) -> list[Raw] | list[bytes] | None:
        if xml:
            return xml.records
        pages, body = self._pages, self.body
        is_one = str(body.value(pages.total or "")) == "1"
        return body.records(pages.records, pages.names, pages.single, is_one)

    def leave_out(self) -> None:
        """Leave out its records: they had been received before."""
        self.records, self.is_again = [], True

    def _says_none(self, pages: Pages) -> bool:
        """Return whether nothing, in place of records, comes with a total of 0."""
        return str(self.body.value(pages.total or "")) == "0"

    def _no_records(self, path: str) -> DiffusionError:
        near = self.body.nearest(path)
        known = ", ".join(self.body.keys()) or "none"
        fix = self.body.lists() or (
            f"set pages.records to the path of the records (keys of the body: {known})"
        )
        found = "null" if self.body.has(path) else "nothing"
        fix = f"{near}; {fix}" if near else fix
        begins = f". The answer begins: {self.body.start}"
        return PagesError(self.where, f"the body has {found} at `{path}`", fix + begins)


def _one_line(record: bytes) -> bytes:
    """Return a record as one line: a raw line break in JSON is white space between tokens."""
    return record.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"


@dataclass
class Count:
    """What has come so far over all pages of a partition.

    Attributes:
        pages, records, total: received, received, announced.
        largest: records of the largest page.
        size: records asked a page, where that is known.
        again: pages in a row, up to the last one, that had been received before.
        repeated: number of the first page that had been received before, 0 if there is none.
        empty: pages in a row, up to the last one, without records.
        on_both: records that stand on the page before, too.
        apart: others that stand on a page further before.
        twice: different records that a page holds several times.
        before: records of the last page.
        short: number of the first page that has fewer records than others, though others follow.
    """

    pages: int = 0
    records: int = 0
    total: int | None = None
    largest: int = 0
    size: int | None = None
    again: int = 0
    repeated: int = 0
    empty: int = 0
    on_both: int = 0
    apart: int = 0
    twice: int = 0
    before: int = 0
    short: int = 0


def first_request(fetch: ApiFetch, url: str, axes: Partition) -> Request:
    """Return the request of a partition's first page, with the counter and size the style needs.

    Args:
        url: axes filled in.
        axes: to be filled into all else.
    """
    pages = fetch.pages
    request = filled(fetch, url, fill(fetch.params, axes), axes)
    if pages.size_param:
        request = put(request, pages.size_param, pages.size)
    if pages.style in ("page", "offset"):
        request = put(request, pages.param or pages.style, pages.first_number)
    return request


def _next_url(page: Page, pages: Pages, count: Count) -> Request | None:
    url = page.body.value(pages.next)
    if not url or url in NO_MORE:
        return None
    if not isinstance(url, str):
        found, fix = f"`{pages.next}` is not a URL: {url}", "correct pages.next"
        if isinstance(url, dict) and (name := next((n for n in INNER if n in url), "")):
            fix = f"take what is in it: `pages: {{next: {in_yaml(f'{pages.next}.{name}')}}}`"
        raise PagesError(page.where, found[:300], fix)
    # some write it as HTML has it, and no parameter is called `amp;size`
    return replace(page.request, url=url.replace("&amp;", "&"), params={})


def _link_header(page: Page, pages: Pages, count: Count) -> Request | None:
    return replace(page.request, url=page.link, params={}) if page.link else None


def _page(page: Page, pages: Pages, count: Count) -> Request:
    return put(page.request, pages.param or "page", pages.first_number + count.pages)


def _offset(page: Page, pages: Pages, count: Count) -> Request:
    return put(page.request, pages.param or "offset", pages.first_number + count.records)


def _cursor(page: Page, pages: Pages, count: Count) -> Request | None:
    token = page.body.value(pages.next)
    if token in (None, "", False, [], {}, *NO_MORE):
        return None
    if isinstance(token, dict) and page.request.method != "POST":
        found, fix = f"`{pages.next}` is no token: {token}", "correct pages.next"
        if "#text" in token:  # of an element of XML that has attributes
            fix = f"take its text: `pages: {{next: {in_yaml(f'{pages.next}.#text')}}}`"
        raise PagesError(page.where, found[:300], fix)
    return put(page.request, pages.param or "cursor", token)


def decoded_token(request: Request, pages: Pages) -> Request | None:
    """Return a request with its token decoded; None where it is not encoded, or in a body."""
    param = pages.param or "cursor"
    token = request.params.get(param)
    if pages.style != "cursor" or not isinstance(token, str) or unquote(token) == token:
        return None
    return put(request, param, unquote(token))


def _none(page: Page, pages: Pages, count: Count) -> None:
    return None


STYLES: dict[str, Callable[[Page, Pages, Count], Request | None]] = {
    "none": _none,
    "next_url": _next_url,
    "link_header": _link_header,
    "page": _page,
    "offset": _offset,
    "cursor": _cursor,
}

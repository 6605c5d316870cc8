"""Pagination: what to ask next, for each style of API.

One function a style in ``STYLES``. Each gets the page just received and returns the next request
(its URL as the server wrote it), or None at the end. Where a server gives no total, counters go on
until an empty page: a short page proves nothing, because servers cap the page size.
"""

import codecs
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn

import msgspec
import requests

from diffusion.config.fetching import ApiFetch, Pages
from diffusion.errors import DiffusionError

Raw = msgspec.Raw
DECODE_ERRORS = (msgspec.DecodeError, RecursionError)  # the second: thousands of brackets


@dataclass(frozen=True)
class Request:
    """One page to ask for."""

    url: str
    params: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)


class Page:
    """One page as received: its records as raw JSON, and their envelope."""

    def __init__(self, request: Request, response: requests.Response, pages: Pages, where: str):
        """Parse the envelope only; the records' own bytes are kept as they came.

        Raises:
            DiffusionError: no JSON, an error page, or no records at the declared path.
        """
        self.request, self.where = request, where
        self.link = response.links.get("next", {}).get("url")
        self._body = response.content.removeprefix(codecs.BOM_UTF8)
        self.start = self._first_characters(response)
        found = self._value_at(pages.records)
        if found is None:
            known = ", ".join(self._keys()) or "none"
            fix = f"set pages.records to the path of the records (keys of the body: {known})"
            raise DiffusionError(where, f"the body has nothing at `{pages.records}`", fix)
        try:
            self.records: list[Raw] = msgspec.json.decode(found, type=list[Raw])
        except DECODE_ERRORS as error:
            self._fail(error, f"no list of records at `{pages.records or 'the top'}`")

    @cached_property
    def digest(self) -> str:
        """The hash of the records' bytes, by which a page that comes twice is known."""
        digest = hashlib.sha256()
        for record in self.records:
            digest.update(record)
        return digest.hexdigest()

    def value(self, path: str) -> object:
        """Return the value at a dotted path of the body, or None."""
        found = self._value_at(path) if path else None
        try:
            return None if found is None else msgspec.json.decode(found)
        except DECODE_ERRORS as error:
            self._fail(error, f"no value at `{path}`")

    def _value_at(self, path: str) -> bytes | Raw | None:
        found: bytes | Raw = self._body
        for key in filter(None, path.split(".")):
            try:
                below = msgspec.json.decode(found, type=dict[str, Raw]).get(key)
            except msgspec.ValidationError:
                return None  # not an object: there is nothing below it
            except DECODE_ERRORS as error:
                self._fail(error, "not JSON")
            if below is None:
                return None
            found = below
        return found

    def _keys(self) -> list[str]:
        try:
            return list(msgspec.json.decode(self._body, type=dict[str, Raw]))
        except msgspec.ValidationError:
            return []

    def _fail(self, error: Exception, found: str) -> NoReturn:
        fix = f"the answer begins: {self.start}"
        raise DiffusionError(self.where, f"{found} ({error})", fix) from error

    @staticmethod
    def _first_characters(response: requests.Response) -> str:
        return " ".join(response.content[:1000].decode("utf-8", "replace").split())[:200]


@dataclass
class Count:
    """What has come so far over all pages of a partition."""

    pages: int = 0
    records: int = 0
    total: int | None = None


def first_request(fetch: ApiFetch, url: str, params: dict, body: dict) -> Request:
    """Return the request of the first page, with the counter and size the style needs."""
    pages = fetch.pages
    extra: dict = {}
    if pages.size_param:
        extra[pages.size_param] = pages.size
    if pages.style == "page":
        extra[pages.param or "page"] = pages.start
    if pages.style == "offset":
        extra[pages.param or "offset"] = 0
    if fetch.method == "POST":
        return Request(url, params, body | extra)
    return Request(url, params | extra, body)


def _next_url(page: Page, pages: Pages, count: Count) -> Request | None:
    url = page.value(pages.next)
    if not url:
        return None
    if not isinstance(url, str):
        found, fix = f"`{pages.next}` is not a URL: {url}", "correct pages.next"
        raise DiffusionError(page.where, found[:300], fix)
    return Request(url, {}, page.request.body)


def _link_header(page: Page, pages: Pages, count: Count) -> Request | None:
    return Request(page.link, {}, page.request.body) if page.link else None


def _page(page: Page, pages: Pages, count: Count) -> Request | None:
    return _counted(page, pages.param or "page", pages.start + count.pages, count)


def _offset(page: Page, pages: Pages, count: Count) -> Request | None:
    return _counted(page, pages.param or "offset", count.records, count)


def _counted(page: Page, param: str, value: int, count: Count) -> Request | None:
    if not page.records or (count.total is not None and count.records >= count.total):
        return None
    return _with(page.request, param, value)


def _cursor(page: Page, pages: Pages, count: Count) -> Request | None:
    token = page.value(pages.next)
    return _with(page.request, pages.param or "cursor", token) if token not in (None, "") else None


def _with(request: Request, param: str, value: object) -> Request:
    if request.body:
        return Request(request.url, request.params, request.body | {param: value})
    return Request(request.url, request.params | {param: value}, {})


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

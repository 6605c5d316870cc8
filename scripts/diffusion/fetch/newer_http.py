"""Is there something newer than a raw copy at a server of HTTP? One request, of the headers alone.

A file is asked for on the condition that it changed; an API for one record, beside which its marker
and its total stand.
"""

import datetime
import email.utils
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
import requests

from diffusion.config.fetching import ApiFetch, HttpFetch
from diffusion.config.partitions import Partition, fill
from diffusion.errors import DiffusionError
from diffusion.fetch.client import Client
from diffusion.fetch.download import NOT_MODIFIED, PLAIN, conditions_of
from diffusion.fetch.page_values import number
from diffusion.fetch.pages import Page, first_request
from diffusion.fetch.refused_statuses import DATA
from diffusion.fetch.request import filled, put

State = Literal["unchanged", "changed", "vanished", "unknowable", "unreachable", "not fetched yet"]
GONE = (404, 410)
# of a portal that runs udata, as data.gouv.fr: the lasting address of a resource
PERMALINK = re.compile(r"/(?:[a-z]{2}/)?datasets/r/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?")
RESOURCE = "/api/2/datasets/resources/{}/"


class Newer(msgspec.Struct, frozen=True):
    """What is known of a source now, beside its raw copy.

    Attributes:
        since: when that was last modified, as the server says it; empty if it does not.
        found: in words, how it differs or why that cannot be known.
    """

    state: State
    found: str = ""
    since: str = ""


def newer_file(
    client: Client, fetch: HttpFetch, axes: Partition, known: Mapping[str, Any]
) -> Newer:
    """Ask for a file on the condition that it changed, and read no more than the headers."""
    asked = fill(fetch.url, axes, in_url=True)
    request = filled(fetch, asked, fill(fetch.params, axes), axes)
    headers, accepted = PLAIN | conditions_of(known), (*DATA, NOT_MODIFIED, *GONE)

    def once() -> requests.Response:
        with client.send(*request.sent, headers=headers, stream=True, accepted=accepted) as answer:
            return answer

    answer = client.retrying(once)
    if answer.status_code in GONE:
        return Newer("vanished", f"HTTP {answer.status_code} from {client.redacted(answer.url)}")
    if answer.status_code == NOT_MODIFIED:
        return Newer("unchanged", "the server says so", _moment(known.get("last_modified")))
    found = _compared(answer, client.redacted(answer.url), known)
    permalink = PERMALINK.fullmatch(urlsplit(asked).path)
    if found.state == "unknowable" and permalink:
        return _of_portal(client, asked, permalink[1], known) or found
    return found


def _compared(answer: requests.Response, url: str, known: Mapping[str, Any]) -> Newer:
    """Compare the headers of an answer with those of the raw copy: what is surest comes first."""
    size, before = _length(answer), sum(file["size"] for file in known["files"])
    old, since = _moment(known.get("last_modified")), _moment(answer.headers.get("Last-Modified"))
    tags = _plain(known.get("etag")), _plain(answer.headers.get("ETag"))
    leads = _path(url) != _path(known.get("url") or url)
    way = f"; the address leads to {_path(url).rpartition('/')[2]} now" if leads else ""
    if size not in (None, before):
        return Newer("changed", f"{before:,} → {size:,} bytes{way}", since)
    if all(tags) and tags[0] == tags[1]:
        return Newer("unchanged", "the same ETag", since)
    if old and since:
        state: State = "unchanged" if old == since else "changed"
        return Newer(
            state, f"{'the same' if old == since else 'another'} Last-Modified{way}", since
        )
    if all(tags):
        return Newer("changed", f"another ETag{way}", since)
    if way:
        return Newer("changed", way.removeprefix("; "), since)
    same = "the size is the same, and " if size is not None else ""
    return Newer("unknowable", f"{same}the server names no version (ETag, Last-Modified)")


def _of_portal(client: Client, asked: str, ident: str, known: Mapping[str, Any]) -> Newer | None:
    """Ask the portal when a resource was modified; None where it does not say."""
    parts = urlsplit(asked)
    url = f"{parts.scheme}://{parts.netloc}{RESOURCE.format(ident)}"
    with suppress(DiffusionError, ValueError, LookupError, TypeError):
        told = client.get(url).json()["resource"]["last_modified"]
        since = datetime.datetime.fromisoformat(told)
        since = since if since.tzinfo else since.replace(tzinfo=datetime.UTC)
        came = datetime.datetime.fromisoformat(known["retrieved"])
        if since <= came:
            return Newer("unchanged", "the portal says so", shown(since))
        return Newer("changed", "the portal says so", shown(since))
    return None


def newer_records(
    client: Client, fetch: ApiFetch, axes: Partition, known: Mapping[str, Any]
) -> Newer:
    """Ask for one record, for what stands beside it: the marker and the total."""
    pages, before = fetch.pages, known.get("total")
    if not pages.marker and (not pages.total or before is None):
        return Newer("unknowable", "no `pages.marker` is named, and no `pages.total` announced")
    request = first_request(fetch, fill(fetch.url, axes, in_url=True), axes)
    small = put(request, pages.size_param, 1) if pages.size_param else request
    accepted = (*DATA, 204, *GONE, *fetch.empty_on)
    try:
        answer = client.retrying(lambda: client.send(*small.sent, accepted=accepted))
    except DiffusionError:
        if small == request:
            raise
        # it may have a least size
        answer = client.retrying(lambda: client.send(*request.sent, accepted=accepted))
    if answer.status_code in GONE and answer.status_code not in fetch.empty_on:
        return Newer("vanished", f"HTTP {answer.status_code} from {client.redacted(answer.url)}")
    is_nothing = answer.status_code not in DATA
    page = Page(request, answer, fetch, client.where, is_first=False, is_nothing=is_nothing)
    return _of_page(page, number(page, pages.total or "", "total"), fetch, known)


def _of_page(page: Page, total: int | None, fetch: ApiFetch, known: Mapping[str, Any]) -> Newer:
    path, before = fetch.pages.marker, known.get("total")
    total = 0 if page.is_nothing and before is not None else total
    if total != before and None not in (total, before):
        return Newer("changed", f"{before:,} → {total:,} records", _marked(page, path))
    if path and (old := known.get("marker")) is not None:
        if (new := page.body.value(path)) == old:
            return Newer("unchanged", f"the same `{path}`", _marked(page, path))
        return Newer("changed", f"`{path}`: {old} → {new}", _marked(page, path))
    same = f"{total:,} records as before" if total is not None else "no total is announced now"
    return Newer("unknowable", f"{same}; a `pages.marker` would tell whether values changed")


def _marked(page: Page, path: str) -> str:
    """Return the marker, where it is a moment."""
    found = page.body.value(path) if path else None
    with suppress(ValueError):
        return shown(datetime.datetime.fromisoformat(found)) if isinstance(found, str) else ""
    return ""


def _length(answer: requests.Response) -> int | None:
    is_plain = answer.headers.get("Content-Encoding", "identity") == "identity"
    length = answer.headers.get("Content-Length", "")
    return int(length) if is_plain and length.isdecimal() and answer.status_code != 206 else None


def _path(url: str) -> str:
    """Return the part of an address that names a file: what is signed comes after it."""
    return urlsplit(url).path


def _plain(etag: str | None) -> str:
    """Return an ETag as it is of the same content, however it is sent (RFC 9110, 8.8.3.2)."""
    return (etag or "").removeprefix("W/").strip('"').removesuffix("-gzip")


def _moment(header: object) -> str:
    """Return a moment of HTTP's headers as ISO 8601 writes it; empty if it is none."""
    with suppress(ValueError, TypeError):
        return shown(email.utils.parsedate_to_datetime(str(header))) if header else ""
    return ""


def shown(moment: datetime.datetime) -> str:
    utc = moment.astimezone(datetime.UTC) if moment.tzinfo else moment
    return utc.isoformat(timespec="seconds")

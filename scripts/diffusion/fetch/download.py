"""Download one file, resuming with Range + If-Range what an earlier try left (RFC 9110, 13, 14)."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import requests
import urllib3

from diffusion.base.progress import Progress
from diffusion.errors import AnswerError
from diffusion.fetch.announcing import announcing_headers
from diffusion.fetch.client import Client
from diffusion.fetch.partial import Begun, Part
from diffusion.fetch.patience import TransientStatus
from diffusion.fetch.ranges import fits, part_of, refuse_part
from diffusion.fetch.refused_statuses import DATA
from diffusion.fetch.request import Request

T = TypeVar("T")
PLAIN = {"Accept-Encoding": "identity"}
NOT_MODIFIED = 304
CHUNK = 64 * 1024  # bytes; what a broken connection loses of a download at most


def download(
    client: Client,
    request: Request,
    path: Path,
    progress: Progress,
    known: Mapping | None = None,
) -> dict:
    """Stream a file to ``path``, resuming with Range + If-Range what an earlier try left.

    The answer to a POST is made anew each time, so that none is resumed.

    Args:
        request: asks for it.
        known: ``etag`` and ``last_modified`` of an earlier vintage: if they still hold, nothing is
            sent, and the status is ``NOT_MODIFIED``.

    Returns:
        the server's answer: url (final), redirects, status, etag, last_modified, content_type.

    Raises:
        DiffusionError: refused, or still failing after all retries; the part is kept.
    """
    part, facts = Part(path), None
    conditions = conditions_of(known or {})
    while facts is None:  # some servers send the rest in pieces
        facts = client.retrying(lambda: _once(client, request, part, progress, conditions))
    if facts["status"] != NOT_MODIFIED:
        part.finish()
    return facts


def conditions_of(known: Mapping) -> dict[str, str]:
    """Return the headers that ask for a change only (RFC 9110, 13.1): none if nothing is known."""
    names = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("last_modified")}
    return {name: value for name, value in names.items() if value}


def download_head(
    client: Client,
    request: Request,
    take: Callable[[Iterator[bytes], int | None], T],
) -> tuple[T, dict]:
    """Give the beginning of a file to ``take``: as much as it reads of it, and its whole length.

    Returns:
        what ``take`` returned, and the server's answer, see ``download``.

    Raises:
        DiffusionError: refused, or still failing after all retries.
    """

    def once() -> tuple[T, dict]:
        with client.send(*request.sent, headers=PLAIN, stream=True) as response:
            if response.status_code == 206:
                refuse_part(response, client.where, client.redacted(response.url))
            pieces = _chunks(response, client.where)
            return take(pieces, _length(response, Begun())), _facts(response, client.redacted)

    return client.retrying(once)


def _once(
    client: Client,
    request: Request,
    part: Part,
    progress: Progress,
    conditions: Mapping[str, str],
) -> dict | None:
    """Ask once; return the server's answer, None where it sent less than the rest."""
    is_posted = request.method == "POST"
    asked = client.asked_hash(*(request.parts if is_posted else (request.url, request.params)))
    begun = Begun() if is_posted else part.begun(asked)
    headers = PLAIN | ({} if begun.offset else dict(conditions))
    accepted = (*DATA, NOT_MODIFIED) if conditions else DATA
    if begun.offset:
        headers |= {"Range": f"bytes={begun.offset}-", "If-Range": begun.validator}
    with client.send(*request.sent, headers=headers, stream=True, accepted=accepted) as response:
        if response.status_code == NOT_MODIFIED:
            return _facts(response, client.redacted)
        if response.status_code == 206 and not begun.offset:
            refuse_part(response, client.where, client.redacted(response.url))
        elif response.status_code not in (206, 416):
            begun = Begun()
        elif not _continues(response, begun):
            part.forget()
            raise TransientStatus(response.status_code, "the server's range does not fit", 0)
        offset, total = begun.offset, _length(response, begun)
        facts = _facts(response, client.redacted)
        progress.expect(total)
        progress.add(offset - progress.count)
        validator = _validator(response) or begun.validator
        known = {"asked": asked, "validator": validator, "length": total}
        with part.going_on(begun, known) as file:
            for chunk in progress.counted(_chunks(response, client.where)):
                file.write(chunk)
            if offset and file.size == offset + (_piece(response) or 0) != total:
                return None
            if total and file.size != total:
                raise requests.ConnectionError(f"{file.size} of {total} bytes came")
    return facts


def _piece(response: requests.Response) -> int | None:
    """Return how many bytes an answer of status 206 says that it holds."""
    part = part_of(response)
    return part.length if part else None


GZIP = ("gzip", "x-gzip")
# others (`utf-8`, `aws-chunked` …) are what servers write there by mistake
COMPRESSIONS = (*GZIP, "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz")


def _chunks(response: requests.Response, where: str) -> Iterator[bytes]:
    """Yield the body; one that a server compresses unasked is followed to its checksum.

    requests reads a compressed body that ends too early as complete.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in COMPRESSIONS:
        yield from response.iter_content(CHUNK)
        return
    if encoding not in GZIP:
        found = f"the server compresses by {encoding}, although it was asked not to"
        raise AnswerError(where, found, "ask its operator for another address of the file")
    try:
        with gzip.GzipFile(fileobj=response.raw) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except (EOFError, OSError, zlib.error, urllib3.exceptions.HTTPError) as error:
        raise requests.exceptions.ContentDecodingError(
            f"the compressed body is cut short or damaged: {error}"
        ) from error


def _facts(response: requests.Response, redacted: Callable[[str], str]) -> dict:
    names = {"etag": "ETag", "last_modified": "Last-Modified", "content_type": "Content-Type"}
    return {
        "url": redacted(response.url),
        "redirects": [redacted(r.url) for r in response.history],
        "status": 200 if response.status_code == 206 else response.status_code,
        **{key: response.headers.get(name) for key, name in names.items()},
        **({"announced": said} if (said := announcing_headers(response, redacted)) else {}),
    }


def _validator(response: requests.Response) -> str | None:
    """Return a strong validator for If-Range (RFC 9110, 13.1.5), or None."""
    if _is_encoded(response):
        return None  # a range would count other bytes than those that were written
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _is_encoded(response: requests.Response) -> bool:
    return response.headers.get("Content-Encoding", "").strip().lower() in COMPRESSIONS


def _length(response: requests.Response, begun: Begun) -> int | None:
    """Return the length of the complete file in bytes, where the server states it."""
    if _is_encoded(response):
        return None
    if response.status_code == 206:
        part = part_of(response)
        return (part.total if part else None) or begun.length
    return int(response.headers.get("Content-Length", 0)) or None


def _continues(response: requests.Response, begun: Begun) -> bool:
    """Return whether a 206 is the rest of the same file; some servers ignore If-Range.

    One that does not say of which version it is may be such a server's.
    """
    same = _validator(response) == begun.validator
    return response.status_code == 206 and same and fits(response, begun.offset, begun.length)

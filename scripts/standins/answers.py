"""What a stand-in answers, and the HTTP rules that all of them share."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message

LAST_MODIFIED = "Mon, 01 Jan 2018 00:00:00 GMT"


@dataclass(frozen=True)
class Request:
    """A request as the routes see it; `base` is the URL of the server itself."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] | Message
    body: bytes
    base: str


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def text(status: int, message: str) -> Answer:
    return Answer(status, message.encode())


def json_answer(value: object, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(200, body, "application/json; charset=utf-8", headers or {})


def file_answer(request: Request, body: bytes, content_type: str) -> Answer:
    """A static file: 304, 206 or 416 where the request's headers ask for it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    known = {"ETag": etag, "Last-Modified": LAST_MODIFIED, "Accept-Ranges": "bytes"}
    whole = Answer(200, body, content_type, known)
    if request.headers.get("If-None-Match") == etag:
        return replace(whole, status=304, body=b"")
    wanted = request.headers.get("Range", "")
    # If-Range: a part is only worth sending when the client holds the rest of the same file
    if not wanted or request.headers.get("If-Range", etag) not in (etag, LAST_MODIFIED):
        return whole
    return _part(whole, wanted)


def _part(whole: Answer, wanted: str) -> Answer:
    """206 for one satisfiable range; several ranges or another unit are ignored, as allowed."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if not match or match.groups() == ("", ""):
        return whole
    first, last = match.groups()
    size = len(whole.body)
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= stop:
        unsatisfiable = whole.headers | {"Content-Range": f"bytes */{size}"}
        return replace(whole, status=416, body=b"", headers=unsatisfiable)
    headers = whole.headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return replace(whole, status=206, body=whole.body[start:stop], headers=headers)

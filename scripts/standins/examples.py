"""The same 250 communes behind every style of pagination, and once behind a token."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from standins import formats
from standins.answers import Answer, Request, json_answer, text
from standins.records import records

PREFIX = "/examples/"
SIZE = 50


class Malformed(Exception):
    """Answered as 400 with its message as plain text."""


def answer(request: Request, token: str) -> Answer:
    """`/examples/{style}`; `?departement=` filters the records, `?annee=` changes their numbers."""
    style = request.path.removeprefix(PREFIX)
    if style == "secured" and not _allowed(request, token):
        return text(401, "Unauthorized")
    if style not in STYLES:
        return text(404, "Not found")
    if style not in BOTH and (request.method == "POST") != (style in POSTED):
        return text(405, "Method not allowed")
    rows, department = records(), request.query.get("departement")
    if department:
        rows = [row for row in rows if row["departement"] == department]
    if year := request.query.get("annee"):
        rows = [row | {"population": row["population"] + int(year)} for row in rows]
    try:
        return STYLES[style](request, rows)
    except Malformed as error:
        return text(400, str(error))


def _allowed(request: Request, token: str) -> bool:
    bearer = request.headers.get("Authorization") == f"Bearer {token}"
    return bearer or request.headers.get("X-Api-Key") == token


def _number(values: Mapping[str, object], key: str, default: int) -> int:
    value = str(values.get(key, default))
    if not value.isdecimal():
        raise Malformed(f"{key} must be a number")
    return int(value)


def _slice(values: Mapping[str, object], rows: list, size_key: str) -> list:
    """The page that `page` (from 1) and a size name."""
    page, size = _number(values, "page", 1), _number(values, size_key, SIZE)
    if page < 1:
        raise Malformed("page starts at 1")
    return rows[(page - 1) * size : page * size]


def _url(request: Request, **changes: int) -> str:
    return f"{request.base}{request.path}?{urlencode({**request.query, **changes})}"


def _next_url(request: Request, rows: list) -> Answer:
    start, size = _number(request.query, "start", 0), _number(request.query, "size", SIZE)
    body: dict[str, object] = {"total": len(rows), "data": {"items": rows[start : start + size]}}
    if start + size < len(rows):
        body["next"] = _url(request, start=start + size)
    return json_answer(body)


def _link_header(request: Request, rows: list) -> Answer:
    page, size = _number(request.query, "page", 1), _number(request.query, "per_page", SIZE)
    links = [f'<{_url(request, page=1)}>; rel="first"']
    if page * size < len(rows):
        links.append(f'<{_url(request, page=page + 1)}>; rel="next"')
    return json_answer(_slice(request.query, rows, "per_page"), {"Link": ", ".join(links)})


def _page(request: Request, rows: list) -> Answer:
    return json_answer({"items": _slice(request.query, rows, "per_page"), "total": len(rows)})


def _offset(request: Request, rows: list) -> Answer:
    offset, limit = _number(request.query, "offset", 0), _number(request.query, "limit", SIZE)
    return json_answer({"results": rows[offset : offset + limit], "count": len(rows)})


def _cursor(request: Request, rows: list) -> Answer:
    """Opaque cursors `c50`, `c100`…, null on the last page."""
    size = _number(request.query, "limit", SIZE)
    start = _number({"cursor": request.query.get("cursor", "c0").removeprefix("c")}, "cursor", 0)
    following = start + size
    cursor = f"c{following}" if following < len(rows) else None
    return json_answer({"rows": rows[start:following], "next_cursor": cursor})


def _none(request: Request, rows: list) -> Answer:
    return json_answer(rows)


def _post(request: Request, rows: list) -> Answer:
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise Malformed("the body must be JSON") from error
    if not isinstance(asked, dict):
        raise Malformed("the body must be a JSON object")
    return json_answer({"items": _slice(asked, rows, "size"), "total": len(rows)})


STYLES = {
    "next_url": _next_url,
    "link_header": _link_header,
    "page": _page,
    "offset": _offset,
    "cursor": _cursor,
    "none": _none,
    "post": _post,
    "secured": _page,
    "features": formats.features,
    "csv": formats.pages_of_csv,
    "xml": formats.pages_of_xml,
    "world_bank": formats.world_bank,
    "export": formats.export,
    "communes.px": formats.table_builder,
    "token": formats.token,
    "oauth2": formats.with_token,
}
POSTED, BOTH = ("post", "token", "communes.px"), ("export",)

"""The data-fair API with its one dataset, `dpe-france`, as `shared/sources.md` §1 describes it.

Includes what is unpleasant: unknown parameters are ignored, a missing value is an absent key, the
page after an exact multiple is empty, `total` is gone once `after` is used. Serves json and csv;
geojson, shp and aggregations are not imitated.
"""

import csv
import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

from standins.answers import Answer, Request, json_answer, text
from standins.dpe import COLUMNS, communes_after, dpe_count, dpe_rows
from standins.places import communes

PREFIX = "/data-fair/api/v1/datasets/"
SLUG, INTERNAL_ID = "dpe-france", "9ws4kxqk-dpe-france-interne"
DEFAULT_SIZE, MAX_SIZE = 12, 10_000
COMMUNE, DEPARTMENT = "code_insee_commune_actualise", "tv016_departement_code"
# what the real server knows: imitated or without effect here, and not imitated, so refused
PARAMETERS = """
    size page after count select format hint qs q_mode sampling truncate thumbnail html draft arrays
    explain finalizedAt
"""
NOT_IMITATED = """
    sort q q_fields q_ignored highlight owner account bbox geo_distance date_match xyz wkt agg_size
    field metric metric_field metrics collapse fields mimeType
"""
FINALIZED_AT = "2022-12-06T09:12:41.318Z"
DATE = {"type": "string", "format": "date"}

rows_of = lru_cache(maxsize=128)(dpe_rows)


class BadRequest(Exception):
    """Answered as 400 with its message as plain text."""


@dataclass(frozen=True)
class Page:
    """Which rows are asked for: `size` of them, from the `start`-th above line `after`."""

    size: int
    start: int
    after: int | None
    select: list[str]


def answer(request: Request, finalized_at: str) -> Answer:
    """Any request below `PREFIX`; `finalized_at` is when the dataset last changed."""
    name, _, rest = request.path.removeprefix(PREFIX).partition("/")
    if name not in (SLUG, INTERNAL_ID):
        return text(404, "Dataset not found")
    if rest == "lines":
        try:
            return _lines(request)
        except BadRequest as error:
            return text(400, str(error))
    if rest == "schema":
        return json_answer(_schema(request.query.get("mimeType", "")))
    if rest == "":
        return json_answer(_description(finalized_at))
    return text(404, "Not found")


def _lines(request: Request) -> Answer:
    query = request.query
    for key in query:
        if key in NOT_IMITATED.split():
            raise BadRequest(f"The stand-in does not imitate {key}")
    page, chosen = _page(query), _chosen_communes(query)
    rows = list(
        itertools.islice(_rows(chosen, page.after or 0), page.start, page.start + page.size)
    )
    head: dict[str, object] = {}
    if page.after is None and query.get("count") != "false":
        head["total"] = sum(map(dpe_count, chosen))
    headers = {}
    if rows and len(rows) == page.size:
        head["next"] = _next_url(request, rows[-1]["_i"])
        headers["Link"] = f"<{head['next']}>; rel=next"
    hints = [
        f"{key} is not a recognized query parameter and was ignored" for key in _ignored(query)
    ]
    if hints and query.get("hint") != "false":
        head["meta"] = {"hints": [f"Some parameters were ignored: {'; '.join(hints)}."]}
    if query.get("format") == "csv":
        sent = Answer(200, _csv(rows, page.select), "text/csv; charset=utf-8", headers)
    else:
        results = [
            {key: row[key] for key in page.select if key in row} | {"_score": None} for row in rows
        ]
        sent = json_answer(head | {"results": results}, headers)
    etag = f'W/"{len(sent.body):x}-{hashlib.sha256(sent.body).hexdigest()[:27]}"'
    if request.headers.get("If-None-Match") == etag:
        return replace(sent, status=304, body=b"")
    return replace(sent, headers=headers | {"ETag": etag})


def _page(query: Mapping[str, str]) -> Page:
    size, number = _integer(query, "size", DEFAULT_SIZE), _integer(query, "page", 1)
    if size > MAX_SIZE:
        raise BadRequest(f'"size" cannot be more than {MAX_SIZE}')
    after = None
    if query.get("after"):
        try:
            [after] = json.loads(f"[{query['after']}]")
            after, number = int(after), 1
        except (ValueError, TypeError) as error:
            raise BadRequest('"after" parameter is malformed') from error
    elif number * size > MAX_SIZE:
        raise BadRequest(f'"size * page" cannot be more than {MAX_SIZE}')
    select = query.get("select", "*")
    keys = list(COLUMNS) if select in ("", "*") else select.split(",")
    for key in keys:
        if key not in COLUMNS:
            raise BadRequest(
                f"Impossible de sélectionner le champ {key}, "
                "il n'existe pas dans le jeu de données."
            )
    return Page(size, (number - 1) * size, after, keys)


def _integer(query: Mapping[str, str], key: str, default: int) -> int:
    value = query.get(key) or str(default)
    if not value.isdecimal():
        raise BadRequest(f'"{key}" must be a number')
    return int(value)


def _chosen_communes(query: Mapping[str, str]) -> list[str]:
    """Codes of the communes that `qs` and the `_eq` filters leave, in order."""
    chosen = list(communes())
    if query.get("qs"):
        clauses = [_clause(clause) for clause in query["qs"].split(" OR ")]
        chosen = [code for code in chosen if any(_matches(code, *clause) for clause in clauses)]
    for key in (COMMUNE, DEPARTMENT):
        if value := query.get(f"{key}_eq"):
            chosen = [code for code in chosen if _matches(code, key, value)]
    return chosen


def _clause(clause: str) -> tuple[str, str]:
    match = re.fullmatch(r'\s*\(?\s*(\w+)\s*:\s*(?:"([^"]*)"|(\w+))\s*\)?\s*', clause)
    if not match:
        raise BadRequest(f"Impossible d'analyser la requête {clause}")
    key, quoted, bare = match.groups()
    if key not in COLUMNS:
        raise BadRequest(
            f"Impossible de faire une recherche sur le champ {key}, "
            "il n'existe pas dans le jeu de données."
        )
    if key not in (COMMUNE, DEPARTMENT):
        raise BadRequest(f"The stand-in searches by {COMMUNE} and {DEPARTMENT} only")
    return key, bare if quoted is None else quoted


def _matches(commune: str, key: str, value: str) -> bool:
    return value == (commune if key == COMMUNE else communes()[commune].departement)


def _rows(chosen: Iterable[str], after: int) -> Iterator[dict]:
    """The rows of these communes above a line number, in the order of lines."""
    reachable = set(communes_after(after))
    for commune in chosen:
        if commune in reachable:
            yield from (row for row in rows_of(commune) if row["_i"] > after)


def _next_url(request: Request, last_line: int) -> str:
    """With the internal id whatever the request used, and `after` in place of `page`."""
    query = {key: value for key, value in request.query.items() if key != "page"}
    query["after"] = str(last_line)
    return f"{request.base}{PREFIX}{INTERNAL_ID}/lines?{urlencode(query)}"


def _ignored(query: Mapping[str, str]) -> list[str]:
    known = {*PARAMETERS.split(), f"{COMMUNE}_eq", f"{DEPARTMENT}_eq"}
    return [key for key in query if key not in known]


def _csv(rows: list[dict], keys: list[str]) -> bytes:
    """UTF-8 with a BOM; the technical columns stay out unless they are selected."""
    if keys == list(COLUMNS):
        keys = [key for key in keys if not key.startswith("_")]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, keys, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _schema(mime_type: str) -> object:
    if mime_type == "application/tableschema+json":
        return {
            "fields": [{"name": key, "type": kind, "title": key} for key, kind in COLUMNS.items()]
        }
    return [
        {"key": key, **(DATE if kind == "date" else {"type": kind})}
        for key, kind in COLUMNS.items()
    ]


def _description(finalized_at: str) -> dict:
    return {
        "id": INTERNAL_ID,
        "slug": SLUG,
        "title": "Diagnostics de performance énergétique (avant juillet 2021)",
        "count": sum(map(dpe_count, communes())),
        "finalizedAt": finalized_at,
        "license": {"title": "Licence Ouverte / Open Licence"},
        "schema": _schema(""),
    }

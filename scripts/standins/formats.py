"""The communes as other APIs give them: features, pages of CSV, a file to wait for, by a token."""

import base64
import csv
import io
import json
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, quoteattr

from standins.answers import Answer, Request, json_answer, text
from standins.dpe import position
from standins.places import communes

SIZE, LARGEST = 100, 1000
CLIENT, GIVEN = "example-client", "stand-in-access"


def feature(row: dict) -> dict:
    """A commune as a feature: its record, and a point in it."""
    lon, lat, _ = position(communes()[row["code"]])
    point = {"type": "Point", "coordinates": [round(lon, 5), round(lat, 5)]}
    return {"type": "Feature", "properties": row, "geometry": point}


def features(request: Request, rows: list) -> Answer:
    """Pages as OGC API Features has them: `limit`, `offset`, links, `numberMatched`."""
    offset, limit = (int(request.query.get(k, d)) for k, d in (("offset", 0), ("limit", SIZE)))
    page = rows[offset : offset + min(limit, LARGEST)]
    found = [feature(row) for row in page]
    links = [{"rel": "self", "href": f"{request.base}{request.path}"}]
    if offset + limit < len(rows):
        following = f"{request.base}{request.path}?limit={limit}&offset={offset + limit}"
        links.append({"rel": "next", "type": "application/geo+json", "href": following})
    counts = {"numberMatched": len(rows), "numberReturned": len(page)}
    return json_answer({"type": "FeatureCollection", **counts, "links": links, "features": found})


def world_bank(request: Request, rows: list) -> Answer:
    """Pages as the World Bank has them: counts, then rows, in one list; `per_page` is text."""
    page, size = (int(request.query.get(k, d)) for k, d in (("page", 1), ("per_page", 50)))
    counts = {"page": page, "pages": -(-len(rows) // size), "per_page": str(size)}
    found = [
        {
            "country": {"id": row["code"], "value": row["nom"]},
            "region": {"id": row["departement"]},
            "value": row["population"],
        }
        for row in rows[(page - 1) * size : page * size]
    ]
    return json_answer([counts | {"total": len(rows)}, found])


def pages_of_csv(request: Request, rows: list) -> Answer:
    """Pages of CSV, each with its header; the next one in `Link`, the total in `X-Total`."""
    page, size = (int(request.query.get(k, d)) for k, d in (("page", 1), ("per_page", SIZE)))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows[(page - 1) * size : page * size])
    headers = {"X-Total": str(len(rows))}
    if page * size < len(rows):
        following = f"{request.base}{request.path}?page={page + 1}&per_page={size}"
        headers["Link"] = f'<{following}>; rel="next"'
    return Answer(200, out.getvalue().encode(), "text/csv; charset=utf-8", headers)


def pages_of_xml(request: Request, rows: list) -> Answer:
    """Pages of XML: the total is an attribute of the root, the next page an element."""
    page, size = (int(request.query.get(k, d)) for k, d in (("page", 1), ("per_page", SIZE)))
    came = ""
    for row in rows[(page - 1) * size : page * size]:
        fields = "".join(f"<{n}>{escape(str(v))}</{n}>" for n, v in row.items() if n != "code")
        came += f"<commune code={quoteattr(row['code'])}>{fields}</commune>"
    following = f"{request.base}{request.path}?page={page + 1}&per_page={size}"
    suite = f"<suite>{escape(following)}</suite>" if page * size < len(rows) else ""
    body = (
        f'<reponse total="{len(rows)}" page="{page}"><communes>{came}</communes>{suite}</reponse>'
    )
    return Answer(200, body.encode(), "application/xml; charset=utf-8")


def export(request: Request, rows: list) -> Answer:
    """A POST asks for a file; its job says where the file is."""
    if request.method == "POST":
        if json.loads(request.body).get("format") != "csv":
            return text(400, "format must be csv")
        return Answer(202, b"{}", "application/json", {"Location": "/examples/export"})
    return json_answer({"status": "FINISHED", "result": [{"url": "/files/communes.csv"}]})


def table_builder(request: Request, rows: list) -> Answer:
    """A cube as PxWeb gives it: a POST chooses of it, and says as what it comes."""
    asked = json.loads(request.body)
    if not asked["query"] or asked["response"] != {"format": "csv"}:
        return text(400, "choose at least one value, as csv")
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    writer.writerows(rows)
    return Answer(200, out.getvalue().encode(), "text/csv; charset=utf-8")


def token(request: Request, rows: list) -> Answer:
    """A token for a client and its secret (RFC 6749, 4.4)."""
    asked = parse_qs(request.body.decode())
    sent = request.headers.get("Authorization") or ""
    named = base64.b64decode(sent.removeprefix("Basic ")).decode().partition(":")[0]
    if asked.get("grant_type") != ["client_credentials"] or named != CLIENT:
        return json_answer({"error": "invalid_client"})
    return json_answer({"access_token": GIVEN, "token_type": "Bearer", "expires_in": 3600})


def with_token(request: Request, rows: list) -> Answer:
    """Numbered pages for who has a token."""
    if request.headers.get("Authorization") != f"Bearer {GIVEN}":
        return text(401, "Unauthorized")
    page = int(request.query.get("page", 1))
    return json_answer({"items": rows[(page - 1) * SIZE : page * SIZE], "total": len(rows)})

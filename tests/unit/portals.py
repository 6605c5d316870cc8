"""Stand-ins of portals, from their published API descriptions: one dataset each, on one server.

udata: doc.data.gouv.fr (API 1 and 2). OpenDataSoft: Explore API 2.1. data-fair: its OpenAPI. CKAN:
Action API 3. Zenodo: developers.zenodo.org. Melodi: the catalogue as INSEE's R package shows it.
WFS 2.0 and OGC API Features: the standards. Of an answer, only what is read is there.
"""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from fetches import Answer, Asked

ROWS = [
    {"code": "01001", "loyer": 8.5, "le": "2024-05-01"},
    {"code": "01004", "loyer": 9.25, "le": "2024-05-02"},
    {"code": "2A004", "loyer": 12.0, "le": "2024-05-03"},
]
CSV = "code;loyer;le\n" + "".join(f"{r['code']};{r['loyer']};{r['le']}\n" for r in ROWS)
RESOURCE = "8e1e5f3c-0000-4000-8000-0123456789ab"
OTHER = "8e1e5f3c-0000-4000-8000-0123456789ac"


def udata(path: str, query: dict, base: str) -> object:
    if path == f"/api/2/datasets/resources/{RESOURCE}/":
        return {"resource": {"id": RESOURCE}, "dataset_id": "5a1b"}
    if path == "/api/1/datasets/licenses/":
        return [{"id": "lov2", "title": "Licence Ouverte / Open Licence version 2.0"}]
    if path not in ("/api/1/datasets/loyers-2024/", "/api/1/datasets/5a1b/"):
        return None
    csv = {"id": RESOURCE, "title": "loyers-2024.csv", "format": "csv", "filesize": 99}
    csv |= {"url": f"{base}/files/x", "latest": f"{base}/files/loyers.csv", "type": "main"}
    lost = {"id": "y", "title": "gone", "format": "csv", "url": None}
    xlsx = {"id": "x", "title": "loyers.xlsx", "format": "xlsx", "url": f"{base}/files/x.xlsx"}
    pdf = {"id": OTHER, "title": "notice.pdf", "format": "pdf", "url": f"{base}/files/notice.pdf"}
    return {
        "id": "5a1b",
        "slug": "loyers-2024",
        "title": "Loyers par commune",
        "description": "Loyers **moyens** au [mètre carré](http://x).\n\nLong texte.",
        "license": "lov2",
        "organization": {"name": "Ministère du Logement"},
        "frequency": "annual",
        "last_update": "2024-11-05T08:00:00+00:00",
        "page": "https://www.data.gouv.fr/datasets/loyers-2024/",
        "resources": [lost, csv | {"last_modified": "2024-10-01T08:00:00+00:00"}, xlsx, pdf],
    }


def opendatasoft(path: str, query: dict, base: str) -> object:
    root = "/api/explore/v2.1/catalog/datasets/loyers"
    if path == f"{root}/exports/csv":
        return CSV.encode()
    if path != root:
        return None
    metas = {"title": "Loyers", "description": "<p>Loyers moyens</p>", "publisher": "Métropole"}
    metas |= {"license": "ODbL 1.0", "modified": "2024-11-05T08:00:00+00:00"}
    return {
        "dataset_id": "loyers",
        "metas": {"default": metas, "dcat": {"accrualperiodicity": "http://x/ANNUAL"}},
        "fields": [{"name": "code", "type": "text"}, {"name": "loyer", "type": "double"}],
    }


def data_fair(path: str, query: dict, base: str) -> object:
    root = "/data-fair/api/v1/datasets/loyers-2024"
    if path == f"{root}/lines":
        start = int(query.get("after", 0))
        body: dict = {
            "total": 3,
            "results": [r | {"_score": None} for r in ROWS[start : start + 2]],
        }
        more = {"next": f"{base}{root}/lines?size=2&after=2"} if start == 0 else {}
        return body | more
    if path != root:
        return None
    return {
        "slug": "loyers-2024",
        "title": "Loyers",
        "license": {"title": "Licence Ouverte / Open Licence", "href": "http://x"},
        "owner": {"name": "ADEME"},
        "dataUpdatedAt": "2024-11-05T08:00:00.000Z",
        "schema": [{"key": "code", "type": "string"}, {"key": "loyer", "type": "number"}],
    }


def ckan(path: str, query: dict, base: str) -> object:
    if path != "/api/3/action/package_show" or query.get("id") != "rents":
        return None
    resource = {"id": "r1", "name": "rents.csv", "format": "CSV", "url": f"{base}/files/loyers.csv"}
    notice = {"id": "r2", "name": "About", "format": "PDF", "url": f"{base}/files/about.pdf"}
    result = {
        "name": "rents",
        "title": "Rents",
        "notes": "Mean rents",
        "license_title": "Creative Commons Attribution 4.0",
        "organization": {"title": "City"},
        "metadata_modified": "2024-11-05T08:00:00.1",
        "resources": [notice, resource],
    }
    return {"success": True, "result": result}


def zenodo(path: str, query: dict, base: str) -> object:
    if path == "/api/records/1234567/files/loyers.csv/content":
        return CSV.encode()
    if path != "/api/records/1234567":
        return None
    about = {"title": "Rents of France", "description": "<p>Mean rents</p>"}
    about |= {"license": {"id": "cc-by-4.0"}, "creators": [{"name": "Doe, Jane"}]}
    about |= {"publication_date": "2024-11-05"}
    files = [{"key": "loyers.csv", "size": 99}, {"key": "code.zip", "size": 9}]
    return {"id": 1234567, "doi": "10.5281/zenodo.1234567", "metadata": about, "files": files}


def melodi(path: str, query: dict, base: str) -> object:
    if path == "/melodi/data/DS_LOYERS":
        page = int(query.get("page", 1))
        rows = ROWS[:2] if page == 1 else ROWS[2:]
        items = [
            {
                "dimensions": {"GEO": f"2024-COM-{row['code']}", "TIME_PERIOD": "2024"},
                "measures": {"OBS_VALUE_NIVEAU": {"value": row["loyer"]}},
            }
            for row in rows
        ]
        more = {"next": f"{base}{path}?maxResult=2&page=2"} if page == 1 else {}
        return {"observations": items, "paging": {"isLast": page == 2} | more}
    if path != "/melodi/catalog/DS_LOYERS":
        return None
    product = {"accessURL": f"{base}/melodi/file/DS_LOYERS/DS_LOYERS_CSV_FR", "format": "CSV"}
    return {
        "identifier": "DS_LOYERS",
        "title": [{"lang": "fr", "content": "Loyers"}, {"lang": "en", "content": "Rents"}],
        "abstract": [{"lang": "fr", "content": "Loyers moyens"}],
        "accrualPeriodicity": {"label": [{"lang": "fr", "content": "Annuel"}]},
        "publisher": {"id": "INSEE", "label": [{"lang": "fr", "content": "Insee"}]},
        "modified": "2024-11-05T12:00:16.29",
        "product": [product | {"id": "DS_LOYERS_CSV_FR", "byteSize": 926388}],
    }


FEATURES = [
    {
        "type": "Feature",
        "properties": row,
        "geometry": {"type": "Point", "coordinates": [2 + n, 48]},
    }
    for n, row in enumerate(ROWS)
]
CAPABILITIES = """<?xml version="1.0"?>
<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://ows">
<ows:ServiceIdentification><ows:Title>All layers</ows:Title><ows:Fees>none</ows:Fees>
<ows:AccessConstraints>Licence Ouverte 2.0</ows:AccessConstraints></ows:ServiceIdentification>
<ows:ServiceProvider><ows:ProviderName>IGN</ows:ProviderName></ows:ServiceProvider>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>LOYERS:commune</wfs:Name><wfs:Title>Loyers</wfs:Title>
<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::4326</wfs:DefaultCRS></wfs:FeatureType>
<wfs:FeatureType><wfs:Name>OTHER:layer</wfs:Name></wfs:FeatureType></wfs:FeatureTypeList>
</wfs:WFS_Capabilities>"""


def wfs(path: str, query: dict, base: str) -> object:
    if path != "/wfs/ows":
        return None
    if query.get("request") == "GetCapabilities":
        return CAPABILITIES.encode()
    start, count = int(query.get("startIndex", 0)), int(query.get("count", 2))
    found = FEATURES[start : start + min(count, 2)]
    return {"type": "FeatureCollection", "numberMatched": 3, "features": found}


def collections(path: str, query: dict, base: str) -> object:
    if path == "/ogc/collections/loyers":
        licence = {"rel": "license", "title": "ODbL 1.0", "href": "http://x"}
        return {"id": "loyers", "title": "Loyers", "links": [licence]}
    if path != "/ogc/collections/loyers/items":
        return None
    start = int(query.get("offset", 0))
    following = {"rel": "next", "href": f"{base}{path}?f=json&offset=2"}
    body = {
        "type": "FeatureCollection",
        "numberMatched": 3,
        "features": FEATURES[start : start + 2],
    }
    return body | {"links": [following] if start == 0 else []}


PORTALS: list[Callable[[str, dict, str], object]] = [
    *(udata, opendatasoft, data_fair, ckan, zenodo, melodi, wfs, collections),
]
PAGE = b"<!doctype html><html><body><a href='/files/loyers.csv'>data</a> <a href=x.html>x</a>"


def answer(asked: Asked) -> Answer:
    """Answer as all of these portals together; their pages are HTML."""
    parts = urlsplit(asked.path)
    query, base = dict(parse_qsl(parts.query)), f"http://{asked.headers['Host']}"
    if parts.path == "/files/loyers.csv":
        changed = {"Last-Modified": "Tue, 05 Nov 2024 08:00:00 GMT"}
        return Answer(headers=changed | {"Content-Type": "text/csv"}, body=CSV.encode())
    for portal in PORTALS:
        body = portal(parts.path, query, base)
        if isinstance(body, bytes):
            return Answer(body=body)
        if body is not None:
            return Answer(body=json.dumps(body).encode())
    known = parts.path in ("/datasets/loyers-2024/", "/page")
    return Answer(200 if known else 404, {"Content-Type": "text/html"}, PAGE)

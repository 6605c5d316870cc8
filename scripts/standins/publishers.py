"""APIs as French and European publishers have them, with what is unpleasant in each.

SIRENE, Melodi and BDM of INSEE, Hub'Eau, a WFS of the Géoplateforme, an OpenDataSoft portal,
udata's tabular API, Eurostat. The communes are real, all else is made up.
"""

import gzip
from collections.abc import Callable
from urllib.parse import urlencode
from xml.sax.saxutils import quoteattr

from standins import answers, registers
from standins.answers import Answer, Request, json_answer
from standins.formats import feature
from standins.records import records

KEY = "X-INSEE-Api-Key-Integration"


def answer(request: Request, token: str) -> Answer | None:
    """The answer of the publisher whose path it is; None if it is nobody's."""
    if request.path.startswith("/api-sirene/"):
        return _sirene(request, token)
    for prefix, publisher in PUBLISHERS.items():
        if request.path.startswith(prefix):
            return publisher(request)
    return None


def _sirene(request: Request, token: str) -> Answer:
    """A token leads on; after the last page it is the same again. 404 where nothing was found."""
    if request.headers.get(KEY) != token:
        return answers.text(401, "Unauthorized")
    commune = request.query["q"].removeprefix("codeCommuneEtablissement:")
    found, size = registers.establishments(commune), int(request.query.get("nombre", 20))
    if not found:
        header = {"statut": 404, "message": f"Aucun élément trouvé pour q={request.query['q']}"}
        return Answer(404, json_answer({"header": header}).body, "application/json")
    sent = request.query.get("curseur", "*")
    start = 0 if sent == "*" else int(sent.removeprefix("AoE"))
    page = found[start : start + size]
    following = f"AoE{start + len(page)}" if page else sent
    header = {"statut": 200, "message": "ok", "total": len(found), "debut": 0}
    header |= {"nombre": len(page), "curseur": sent, "curseurSuivant": following}
    return json_answer({"header": header, "etablissements": page})


def _pages(request: Request, rows: list, size_key: str, default: int) -> tuple[list, str | None]:
    """A page of rows, and the URL of the next one."""
    page, size = int(request.query.get("page", 1)), int(request.query.get(size_key, default))
    asked = {**request.query, "page": page + 1}
    following = (
        f"{request.base}{request.path}?{urlencode(asked)}" if page * size < len(rows) else None
    )
    return rows[(page - 1) * size : page * size], following


def _melodi(request: Request) -> Answer:
    """Observations of several levels of nesting; nothing tells how many there are."""
    rows, following = _pages(request, records(), "maxResult", 100)
    found = [
        {
            "dimensions": {
                "GEO": f"2024-COM-{row['code']}",
                "POPREF_MEASURE": request.query["POPREF_MEASURE"],
                "TIME_PERIOD": request.query["TIME_PERIOD"],
            },
            "attributes": {"OBS_STATUS": "A"},
            "measures": {"OBS_VALUE_NIVEAU": {"value": row["population"]}},
        }
        for row in rows
    ]
    paging: dict[str, object] = {"first": request.base + request.path, "isLast": not following}
    if following:
        paging["next"] = following
    about = {"identifier": request.path.rsplit("/", 1)[1], "title": {"fr": "Populations"}}
    return json_answer({**about, "observations": found, "paging": paging})


def _bdm(request: Request) -> Answer:
    """SDMX-ML 2.1: a series has its attributes, an observation its own; a missing value is NaN."""
    series = ""
    for number, bank in enumerate(request.path.rsplit("/", 1)[1].split("+")):
        series += f'<Series IDBANK={quoteattr(bank)} FREQ="M" TITLE_FR="Indice" UNIT_MEASURE="SO">'
        for month in range(1, 13):
            value = "NaN" if month == 12 else f"{100 * (number + 1) + month / 10:.1f}"
            series += f'<Obs TIME_PERIOD="2024-{month:02}" OBS_VALUE="{value}" OBS_STATUS="A"'
            series += ' OBS_QUAL="DEF" OBS_TYPE="A" DATE_JO="2025-01-15"/>'
        series += "</Series>"
    message = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<message:StructureSpecificData xmlns:message="{message}"><message:Header>
<message:ID>BDM</message:ID></message:Header><message:DataSet>{series}</message:DataSet>
</message:StructureSpecificData>"""
    return Answer(200, body.encode(), "application/xml")


def _hubeau(request: Request) -> Answer:
    """206 as long as there is a next page, then 200; `next` is there on each, null on the last."""
    department = request.query["code_departement"]
    stations = registers.stations(department)
    rows, following = _pages(request, stations, "size", 5000)
    body = {"count": len(stations), "first": request.base + request.path, "prev": None}
    body |= {"next": following, "api_version": "1.4.1", "data": rows}
    return Answer(206 if following else 200, json_answer(body).body, "application/json")


def _wfs(request: Request) -> Answer:
    """GeoServer's GeoJSON: no link to the next page, the CRS as a name."""
    start, size = (int(request.query.get(k, d)) for k, d in (("startIndex", 0), ("count", 5000)))
    page = records()[start : start + size]
    counts = {"totalFeatures": len(records()), "numberMatched": len(records())}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}
    body = {"type": "FeatureCollection", "features": [feature(row) for row in page], **counts}
    return json_answer(body | {"numberReturned": len(page), "crs": crs})


def _opendatasoft(request: Request) -> Answer:
    """A CSV with a byte order mark, points as text, latitude first."""
    lines = ["code;nom;departement;population;geo_point_2d"]
    for row in records():
        lon, lat = feature(row)["geometry"]["coordinates"]
        lines.append(";".join([*map(str, row.values()), f"{lat}, {lon}"]))
    return Answer(200, ("\ufeff" + "\r\n".join(lines) + "\r\n").encode(), "text/csv; charset=utf-8")


def _tabular(request: Request) -> Answer:
    """Rows with a number of their own, a filter by a parameter's name, 50 at most."""
    least = int(request.query.get("population__greater", -1))
    rows = [row for row in records() if row["population"] > least]
    page, following = _pages(request, rows, "page_size", 20)
    first = rows.index(page[0]) + 1 if page else 0
    data = [{"__id": first + number, **row} for number, row in enumerate(page[:50])]
    links = {"profile": f"{request.base}/profile/", "next": following, "prev": None}
    meta = {"page": int(request.query.get("page", 1)), "page_size": 50, "total": len(rows)}
    return json_answer({"data": data, "links": links, "meta": meta})


def _eurostat(request: Request) -> Answer:
    """SDMX-CSV, compressed: a value and its flag; a value may be missing."""
    lines = ["DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG"]
    for number, row in enumerate(records()[:40]):
        cells = ["ESTAT:DEMO_R_D3DENS(1.0)", "12/03/25 23:00:00", "A", "PER_KM2"]
        value = "" if number == 7 else f"{row['population'] / 10:.1f}"
        cells += [f"FR{row['code']}", "2023", value, "p" if number % 2 else ""]
        lines.append(",".join(cells))
    data = gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
    return Answer(200, data, "application/vnd.sdmx.data+csv")


PUBLISHERS: dict[str, Callable[[Request], Answer]] = {
    "/melodi/data/": _melodi,
    "/series/sdmx/data/SERIES_BDM/": _bdm,
    "/api/v1/niveaux_nappes/stations": _hubeau,
    "/wfs/ows": _wfs,
    "/api/explore/v2.1/catalog/datasets/": _opendatasoft,
    "/api/resources/": _tabular,
    "/eurostat/": _eurostat,
}

"""A manifest with one of each kind of entry, and what a configuration says of them."""

import copy

from diffusion.config.resolve import resolve_config

SHA = "0123456789abcdef" * 4
CONFIG = {
    "project": {
        "name": "demo",
        "title": "Démo",
        "publisher": "The office",
        "licence": "Licence Ouverte 2.0",
        "contact": "data@office.example",
        "homepage": "https://office.example/",
        "language": "fr",
        "keywords": ["logement"],
    },
    "vintage": "2025-03-19",
    "storage": {"public_url": "https://data.example/{project}/"},
    "sources": {
        "dpe": {
            "from": "file",
            "url": "https://office.example/{dep}.csv",
            "partitions": {"dep": ["01", "2A"]},
            "description": "Certificates",
            "title": "Energy certificates",
            "keywords": ["énergie"],
            "themes": ["ENER"],
            "frequency": "monthly",
            "temporal": {"column": "day"},
            "columns": {
                "code": {"description": "Code of the commune"},
                "surface": {"type": "float", "measured_in": "m²"},
            },
            "also": ["csv"],
        },
    },
    "derive": {
        "shapes": {
            "sql": "SELECT * FROM dpe",
            "inputs": ["dpe"],
            "licence": "by our own terms",
            "temporal": "2014/2016-Q1",
            "homepage": "https://shapes.example/",
        },
        "parts": {"sql": "SELECT * FROM dpe", "inputs": ["dpe"], "partition_by": ["code"]},
    },
}
COLUMNS = {
    "code": "string",
    "day": "date32[day]",
    "at": "timestamp[us]",
    "n": "int64",
    "surface": "double",
    "price": "decimal128(12, 2)",
    "tags": "list<element: string>",
}


def thing(key: str, **more: object) -> dict:
    return {"key": key, "size": 3, "sha256": SHA, "etag": "e", **more}


def listed(columns: dict[str, str]) -> list[dict]:
    return [{"name": name, "type": kind} for name, kind in columns.items()]


PARQUET = "application/vnd.apache.parquet"
MADE = {"project": "demo", "published": "2026-01-02T03:04:05+00:00", "workflow": "1.0"}
DPE = MADE | {
    "kind": "table",
    "description": "Certificates",
    "objects": [
        thing("dpe.parquet", media_type=PARQUET),
        thing(
            "dpe.csv",
            media_type="text/csv",
            dialect={"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True},
        ),
    ],
    "rows": 2,
    "columns": listed(COLUMNS),
    "values": {
        "day": {"min": "2020-01-31", "max": "2021-02-01", "distinct": 2},
        "n": {"min": 1, "max": 3},
    },
    "vintage": "2025-03-19",
    "licence": "Licence Ouverte 2.0",
    "credits": ["The office"],
    "raw_sha256": {"dep=01": SHA, "dep=2A": SHA.replace("0", "1")},
    "retrieval": {
        "url": "https://office.example/{dep}.csv",
        "first": "2026-01-01T00:00:00+00:00",
        "last": "2026-01-02T00:00:00+00:00",
    },
    "commit": "a" * 40,
    "code": "c0de",
}
SHAPES = MADE | {
    "kind": "table",
    "objects": [thing("shapes.parquet", media_type=PARQUET)],
    "rows": 1,
    "columns": listed({"code": "string", "geometry": "binary", "bbox": "struct<xmin: float>"}),
    "geo": {"crs": "EPSG:2154", "types": ["Polygon"], "bbox_wgs84": [177.5, -20.0, -178.0, 10.25]},
    "licence": "by our own terms",
    "inputs": {"dpe": SHA},
}
PARTS = MADE | {
    "kind": "table",
    "objects": [
        thing(f"parts/by_code=_{code}/data-0.parquet", media_type=PARQUET, values={"code": code})
        for code in ("01", "a%2Fb")
    ],
    "rows": 2,
    "columns": listed({"code": "string"}),
    "inputs": {"dpe": SHA},
}


def config_of(change: dict | None = None):
    """Return the typed configuration, with other keys of the source."""
    config = copy.deepcopy(CONFIG)
    config["sources"]["dpe"] |= change or {}
    return resolve_config(config)


def manifest_of(**tables: dict) -> dict:
    """Return a manifest of the three entries, or of others."""
    project = {key: CONFIG["project"][key] for key in ("name", "title", "publisher", "licence")}
    tables = tables or {"dpe": DPE, "parts": PARTS, "shapes": SHAPES}
    return copy.deepcopy({"version": 1, "project": project, "tables": tables})


def undated(entry: dict) -> list[dict]:
    """Return the changes of an entry without the days of their versions."""
    changes = entry.get("changes", [])
    assert all(change["published"] <= entry["published"] for change in changes)
    return [{k: v for k, v in change.items() if k != "published"} for change in changes]

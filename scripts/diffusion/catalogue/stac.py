"""The geographic tables as a STAC catalogue: catalog.json, and a collection for each.

Format: STAC 1.1.0 in the profile of Portolan 0.2.0, which adds README.md, AGENTS.md, a thumbnail
and versions.json. All addresses are relative: who copies the prefix copies the catalogue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from diffusion.catalogue.keys import (
    AGENTS,
    COLLECTION,
    FILES_EACH,
    README,
    STAC,
    THUMBNAIL,
    VERSIONS,
    is_geographic,
    key_of,
)
from diffusion.catalogue.licences import OTHER, licence_of

JSON, MARKDOWN = "application/json", "text/markdown"
STAC_VERSION = "1.1.0"
PORTOLAN = "https://schemas.portolan-sdi.org/portolan/v0.2.0/schema.json"
PARTITIONS = "https://schemas.portolan-sdi.org/incubating/partition/v1.0.0/schema.json"
_STAC = "https://stac-extensions.github.io"
EXTENSIONS = [
    PORTOLAN,
    f"{_STAC}/file/v2.1.0/schema.json",
    f"{_STAC}/table/v1.2.0/schema.json",
    f"{_STAC}/projection/v2.0.0/schema.json",
    f"{_STAC}/version/v1.2.0/schema.json",
]
TOP = "../../"  # from a collection to the top of the prefix
SHA256 = "1220"  # what a multihash of one begins with: its kind, its length


@dataclass(frozen=True)
class Picture:
    """A thumbnail, as it is published.

    Attributes:
        outside: how many shapes are not on it: they lie far from all others.
    """

    size: int
    sha256: str
    outside: int = 0


def stac_catalogue(manifest: Mapping) -> dict:
    """Return the catalogue of all geographic tables that a manifest lists."""
    project = manifest.get("project") or {}
    name = project.get("name", "published")
    title = project.get("title") or name
    children = [
        {"rel": "child", "href": f"./{key_of(n, COLLECTION)}", "type": JSON, "title": _title(n, e)}
        for n, e in manifest["tables"].items()
        if is_geographic(e)
    ]
    return {
        "type": "Catalog",
        "stac_version": STAC_VERSION,
        "stac_extensions": [PORTOLAN],
        "id": name,
        "title": title,
        "description": title,
        "links": [{"rel": "root", "href": f"./{STAC}", "type": JSON}, *children, *_documents()],
    }


def stac_collection(
    manifest: Mapping, name: str, version: str, picture: Picture | None = None
) -> dict:
    """Return the collection of a geographic table.

    Args:
        name: under which it is published.
        version: its newest, see ``versions``.
        picture: its thumbnail; None where there is none of this version of the table.
    """
    entry = manifest["tables"][name]
    project = manifest.get("project") or {}
    about = project.get("about", {}) | entry.get("about", {})
    title, known = _title(name, entry), licence_of(entry.get("licence") or "")
    parts = [item for item in entry["objects"] if "values" in item]
    found: dict[str, Any] = {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": EXTENSIONS + ([PARTITIONS] if parts else []),
        "id": name,
        "title": title,
        "description": entry.get("description") or title,
        "keywords": about.get("keywords"),
        "license": known.name if known and known.is_spdx else OTHER,
        "providers": _providers(manifest, about),
        "extent": _extent(entry, about),
        "updated": entry.get("published"),
        "version": version,
        "table:row_count": entry.get("rows"),
        "table:primary_geometry": "geometry",
        "table:columns": list(_columns(entry, about)),
        **(_partitions(manifest, name, parts) if parts else {}),
        "assets": dict(_assets(entry, parts, picture)),
        "links": _links(known.url if known else ""),
    }
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _title(name: str, entry: Mapping) -> str:
    return entry.get("about", {}).get("title") or name


def _links(licence: str) -> list[dict]:
    """Args: licence: the address of its text; empty where none is known."""
    root = {"href": f"{TOP}{STAC}", "type": JSON}
    return [
        {"rel": "root"} | root,
        {"rel": "parent"} | root,
        {"rel": "license", **_terms(licence)},
        {"rel": "version-history", "href": f"./{VERSIONS}", "type": JSON},
        *_documents(),
    ]


def _documents() -> list[dict]:
    return [
        {"rel": "agents", "href": f"./{AGENTS}", "type": MARKDOWN},
        {"rel": "describedby", "href": f"./{README}", "type": MARKDOWN},
    ]


def _terms(url: str) -> dict[str, str]:
    """Return where the licence is: a page of its own, or what the README says of it."""
    if not url:
        return {"href": f"./{README}", "type": MARKDOWN}
    return {"href": url, "type": "application/pdf" if url.endswith(".pdf") else "text/html"}


def _providers(manifest: Mapping, about: Mapping) -> list[dict]:
    """Return who publishes, and how to reach them."""
    project = manifest.get("project") or {}
    name = about.get("publisher") or project.get("publisher") or project.get("name", "")
    found: dict[str, Any] = {"name": name, "roles": ["producer", "licensor", "host"]}
    contact = about.get("contact", "")
    if contact and "://" not in contact:
        found["email"] = contact
    pages = (contact if "://" in contact else "", about.get("homepage"), manifest.get("public_url"))
    if url := next(filter(None, pages), None):
        found["url"] = url
    return [found]


def _extent(entry: Mapping, about: Mapping) -> dict:
    days = about.get("temporal") or []
    ends = [f"{days[0]}T00:00:00Z", f"{days[-1]}T23:59:59Z"] if days else [None, None]
    box = entry["geo"]["bbox_wgs84"]
    return {"spatial": {"bbox": [box]}, "temporal": {"interval": [ends]}}


def _columns(entry: Mapping, about: Mapping) -> Iterator[dict]:
    described = about.get("described", {})
    for column in entry.get("columns", []):
        words = described.get(column["name"], {})
        text = words.get("description", "")
        if unit := words.get("measured_in"):
            text = f"{text} ({unit})" if text else unit
        yield {"name": column["name"], "type": column["type"]} | (
            {"description": text} if text else {}
        )


def _partitions(manifest: Mapping, name: str, parts: list[Mapping]) -> dict:
    """Return how the files of a folder are divided, in the words of Portolan's extension."""
    keys = list(parts[0]["values"])
    public = manifest.get("public_url")
    base = f"{public}/" if public else TOP
    types = {column["name"]: column["type"] for column in manifest["tables"][name]["columns"]}
    return {
        "partition:scheme": "hive",
        "partition:strategy": "attribute",
        "partition:keys": [{"name": f"by_{key}", "type": types.get(key, "string")} for key in keys],
        "partition:file_count": len(parts),
        "partition:glob": f"{base}{name}/{'*/' * len(keys)}*.parquet",
    }


def _assets(
    entry: Mapping, parts: list[Mapping], picture: Picture | None
) -> Iterator[tuple[str, dict]]:
    crs = entry["geo"].get("crs", "")
    projection = {"proj:code": crs} if crs.startswith("EPSG:") else {}
    found: dict[str, Any]
    for item in entry["objects"] if len(parts) <= FILES_EACH else ():
        key = item["key"]
        is_data = key.endswith(".parquet")
        found = {"href": TOP + quote(key, safe="/="), "title": key}
        found |= {"type": item.get("media_type", "application/octet-stream")}
        found |= {"roles": ["data"] if is_data else ["alternate"]}
        found |= projection if is_data else {}
        yield key, found | _file(item["size"], item["sha256"])
    if picture:
        found = {"href": f"./{THUMBNAIL}", "type": "image/png", "roles": ["thumbnail"]}
        if picture.outside:
            found["description"] = f"{picture.outside} shapes that lie far away are not shown"
        yield "thumbnail", found | _file(picture.size, picture.sha256)


def _file(size: int, sha256: str) -> dict:
    return {"file:size": size, "file:checksum": SHA256 + sha256}

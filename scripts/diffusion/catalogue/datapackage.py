"""The manifest as a Data Package: datapackage.json, which readers of CSV look at.

Format: Data Package 1.0 with Table Schema and CSV Dialect (specs.frictionlessdata.io). A code such
as ``01053`` is a ``string`` there, whatever a reader would make of it by itself.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from diffusion.catalogue.licences import licence_of

# of Arrow, by how its names begin; lists and structs are JSON in a CSV
TYPES = {
    "string": "string", "large_string": "string", "bool": "boolean", "int": "integer",
    "uint": "integer", "float": "number", "double": "number", "halffloat": "number",
    "decimal": "number", "date": "date", "timestamp": "datetime", "time": "time",
    "list": "array", "large_list": "array", "struct": "object",
}  # fmt: skip
KIND = re.compile(r"[a-z_]+")
SHAPES = ("binary", "large_binary")
BOX = "bbox"  # a column of tables with geometries that their CSV has not


def datapackage(manifest: Mapping) -> dict:
    """Return a Data Package of all that a manifest lists."""
    project = manifest.get("project") or {}
    about = project.get("about", {})
    package: dict = {"profile": "data-package", "name": project.get("name", "published")}
    found = {
        "title": project.get("title"),
        "homepage": about.get("homepage"),
        "keywords": about.get("keywords"),
        "licenses": _licences(project.get("licence", "")),
        "contributors": _contributors(project.get("publisher", ""), about.get("contact", "")),
    }
    package |= {key: value for key, value in found.items() if value}
    entries = manifest["tables"].items()
    package["resources"] = [made for name, entry in entries for made in _resources(name, entry)]
    return package


def _resources(name: str, entry: Mapping) -> Iterator[dict]:
    """Yield the resources of an entry: its table as Parquet and as CSV, or each of its files."""
    parts = [item for item in entry["objects"] if "values" in item]
    for item in entry["objects"]:
        if "values" in item:
            continue
        key = item["key"]
        resource: dict = {"name": resource_name(key), "path": key, **_words(name, entry)}
        resource |= {"bytes": item["size"], "hash": f"sha256:{item['sha256']}"}
        yield resource | _described(entry, item, key in (f"{name}.parquet", f"{name}.csv"))
    if parts:
        resource = {"name": name, "path": [item["key"] for item in parts], **_words(name, entry)}
        resource |= {"bytes": sum(item["size"] for item in parts)}
        yield resource | _described(entry, parts[0], is_table=True)


def resource_name(key: str) -> str:
    """Return a key as the specification lets resources be called; it has no capitals."""
    return re.sub(r"[^-a-z0-9._/]", "_", key.lower())


def _described(entry: Mapping, item: Mapping, is_table: bool) -> dict:
    """Return the form of a file: format, dialect, and the schema of a table."""
    found: dict = {"format": PurePosixPath(item["key"]).suffix.lstrip(".").lower()}
    found |= {"mediatype": item["media_type"]} if "media_type" in item else {}
    if "dialect" in item:
        found |= {"profile": "tabular-data-resource", "encoding": "utf-8"}
        found["dialect"] = item["dialect"]
    if is_table and "columns" in entry:
        found["schema"] = _schema(entry, is_csv="dialect" in item)
    return {key: value for key, value in found.items() if value}


def _schema(entry: Mapping, is_csv: bool) -> dict:
    described = entry.get("about", {}).get("described", {})
    fields = []
    for column in entry["columns"]:
        name, kind = column["name"], column["type"]
        if is_csv and "geo" in entry and name == BOX:
            continue
        field = {"name": name, "type": _type(kind, is_csv)}
        if is_csv and field["type"] == "datetime":
            field["format"] = "any"  # with a blank in place of the T
        words = described.get(name, {})
        field |= {"description": words["description"]} if "description" in words else {}
        field |= {"unit": words["measured_in"]} if "measured_in" in words else {}
        fields.append(field)
    return {"fields": fields}


def _type(kind: str, is_csv: bool) -> str:
    if kind in SHAPES:
        return "string" if is_csv else "any"  # WKT, and bytes
    found = KIND.match(kind)
    return TYPES.get(found[0] if found else "", "any")


def _words(name: str, entry: Mapping) -> dict:
    about = entry.get("about", {})
    retrieval = entry.get("retrieval", {})
    found = {
        "title": about.get("title", name),
        "description": entry.get("description"),
        "licenses": _licences(entry.get("licence", "")),
        "sources": [{"title": name, "path": retrieval["url"]}] if _is_link(retrieval) else None,
    }
    return {key: value for key, value in found.items() if value}


def _is_link(retrieval: Mapping) -> bool:
    return retrieval.get("url", "").startswith(("http://", "https://"))


def _licences(text: str) -> list[dict]:
    if not text:
        return []
    known = licence_of(text)
    return [
        {"name": known.name, "path": known.url, "title": text}
        if known
        else {"name": resource_name(text), "title": text}
    ]


def _contributors(publisher: str, contact: str) -> list[dict]:
    if not publisher:
        return []
    found = {"title": publisher, "role": "publisher"}
    if contact:
        found["path" if "://" in contact else "email"] = contact
    return [found]

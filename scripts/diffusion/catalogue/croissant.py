"""The tables as Croissant, croissant.json: what machine learning's libraries load data by.

Format: Croissant 1.0 (mlcommons.org). A table is a record set whose fields are the columns of its
Parquet file; one in a folder is of a set of files. What is no plain value, such as geometries, is
in the files and in no field.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.licences import licence_of

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
# of Arrow, by how its names begin
TYPES = {
    "string": "sc:Text", "large_string": "sc:Text", "bool": "sc:Boolean", "int": "sc:Integer",
    "uint": "sc:Integer", "float": "sc:Float", "double": "sc:Float", "halffloat": "sc:Float",
    "decimal": "sc:Float", "date": "sc:Date", "timestamp": "sc:DateTime", "time": "sc:Time",
}  # fmt: skip


def croissant(manifest: Mapping) -> dict:
    """Return all that a manifest lists, as one data set of Croissant."""
    project = manifest.get("project") or {}
    about = project.get("about", {})
    name = project.get("name", "published")
    title = project.get("title") or name
    base = f"{manifest['public_url']}/" if manifest.get("public_url") else ""
    tables = manifest["tables"].items()
    dates = [entry["published"] for _, entry in tables if entry.get("published")]
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": title,
        "license": _licences(manifest),
        "citeAs": ". ".join(filter(None, (project.get("publisher"), title, base))),
        "url": base or about.get("homepage"),
        "creator": _creator(project, about),
        "publisher": _creator(project, about),
        "keywords": about.get("keywords"),
        "inLanguage": about.get("language"),
        "datePublished": min(dates, default=None),
        "dateModified": max(dates, default=None),
        "distribution": [made for n, entry in tables for made in _files(base, n, entry)],
        "recordSet": [_record_set(n, entry) for n, entry in tables if entry.get("columns")],
    }
    return {key: value for key, value in found.items() if value}


def _creator(project: Mapping, about: Mapping) -> dict:
    name = project.get("publisher") or project.get("name", "")
    contact = about.get("contact", "")
    found = {"@type": "sc:Organization", "name": name, "url": about.get("homepage")}
    found |= {"email": contact} if contact and "://" not in contact else {}
    return {key: value for key, value in found.items() if value}


def _licences(manifest: Mapping) -> list[str]:
    """Return the licences of all entries: their addresses, or their words."""
    texts = dict.fromkeys(entry.get("licence") for entry in manifest["tables"].values())
    known = {text: licence_of(text) for text in texts if text}
    return [found.url if found else text for text, found in known.items()]


def _files(base: str, name: str, entry: Mapping) -> Iterator[dict]:
    parts = [item for item in entry["objects"] if "values" in item]
    for item in entry["objects"]:
        if "values" not in item or len(parts) <= FILES_EACH:
            yield {
                "@type": "cr:FileObject",
                "@id": item["key"],
                "name": item["key"],
                "contentUrl": base + quote(item["key"], safe="/="),
                "contentSize": f"{item['size']} B",
                "encodingFormat": _format(item),
                "sha256": item["sha256"],
            }
    if parts:
        depth = "*/" * len(parts[0]["values"])
        yield {
            "@type": "cr:FileSet",
            "@id": f"{name}/",
            "name": f"{name}/",
            "includes": f"{name}/{depth}*.parquet",
            "encodingFormat": _format(parts[0]),
        }


def _format(item: Mapping) -> str:
    media = item.get("media_type", "application/octet-stream")
    return "application/x-parquet" if media == "application/vnd.apache.parquet" else media


def _record_set(name: str, entry: Mapping) -> dict:
    described = entry.get("about", {}).get("described", {})
    is_folder = any("values" in item for item in entry["objects"])
    file = {"fileSet": {"@id": f"{name}/"}}
    file = file if is_folder else {"fileObject": {"@id": f"{name}.parquet"}}
    fields = []
    for column in entry["columns"]:
        kind = next((TYPES[start] for start in TYPES if column["type"].startswith(start)), None)
        if kind is None:
            continue
        field = {
            "@type": "cr:Field",
            "@id": f"{name}/{quote(column['name'])}",
            "name": column["name"],
        }
        if words := described.get(column["name"], {}).get("description"):
            field["description"] = words
        field |= {"dataType": kind, "source": file | {"extract": {"column": column["name"]}}}
        fields.append(field)
    found = {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}
    return found | ({"description": entry["description"]} if entry.get("description") else {})

"""The manifest as a DCAT-AP catalogue: catalog.jsonld, which portals such as data.gouv.fr harvest.

Format: DCAT-AP 3.0 in JSON-LD; how each dataset was made is said in the words of W3C PROV, see
``prov``. Where no ``public_url`` is known, addresses are relative to the file itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.licences import doubts, in_words, licence_of
from diffusion.catalogue.prov import origin_of_dataset
from diffusion.catalogue.vocabularies import (
    AUTHORITY,
    FORMATS,
    FREQUENCIES,
    LANGUAGES,
    MEDIA_TYPES,
    THEMES,
)
from diffusion.publish.manifest import MANIFEST

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
EAST, WEST = 180, -180  # degrees, where both are one
# SPDX's newer name: of the older one data.gouv.fr's harvester (udata 17) takes the value, which
# DCAT-AP wants as xsd:hexBinary, for bytes, and refuses the whole data set for it
SHA256 = {
    "@id": "https://spdx.org/rdf/3.0.1/terms/Core/HashAlgorithm/sha256",
    "@type": "spdx:ChecksumAlgorithm",
    "skos:exactMatch": {"@id": "spdx:checksumAlgorithm_sha256"},
}
GEOJSON = f"{MEDIA_TYPES}application/vnd.geo+json"


def dcat_catalogue(manifest: Mapping) -> dict:
    """Return a catalogue of all that a manifest lists."""
    base = f"{manifest['public_url']}/" if manifest.get("public_url") else ""
    project = manifest.get("project") or {}
    about = {"publisher": project.get("publisher") or project.get("name", "")}
    about |= project.get("about", {})
    title = project.get("title") or project.get("name", "")
    found = {
        "@id": f"{base}catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _text(title, about),
        "dct:description": _text(title, about),
        "dct:publisher": _agent(about["publisher"]),
        "dct:language": _language(about),
        "foaf:homepage": _page(about),
        "dct:license": _licence(project.get("licence", "")),
        "dcat:dataset": [
            _dataset(base, name, entry, about) for name, entry in manifest["tables"].items()
        ],
    }
    return {"@context": PREFIXES} | _filled(found)


def _dataset(base: str, name: str, entry: Mapping, of_project: Mapping) -> dict:
    about = {"publisher": of_project["publisher"]} | entry.get("about", {})
    title = about.get("title", name)
    found = {
        "@id": dataset_id(base, name),
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": _text(title, about),
        "dct:description": _text(entry.get("description") or title, about),
        "dct:publisher": _agent(about["publisher"]),
        "dcat:contactPoint": _contact(about),
        "dcat:landingPage": _page(about),
        "dcat:keyword": [_text(word, about) for word in about.get("keywords", [])],
        "dcat:theme": [_theme(code) for code in about.get("themes", [])],
        "dct:language": _language(about),
        "dct:accrualPeriodicity": _frequency(about),
        "dct:temporal": _period(about.get("temporal", [])),
        "dct:spatial": _place(entry.get("geo", {}).get("bbox_wgs84", [])),
        "dct:modified": _moment(entry.get("published", "")),
        "dcat:version": entry.get("vintage"),
        "dcat:distribution": list(_distributions(base, name, entry, about)),
    }
    return _filled(found | origin_of_dataset(base, name, entry))


def dataset_id(base: str, name: str) -> str:
    """Return the address of a published name: a part of the catalogue's own."""
    return f"{base}catalog.jsonld#{name}"


def _distributions(base: str, name: str, entry: Mapping, about: Mapping) -> Iterator[dict]:
    parts = [item for item in entry["objects"] if "values" in item]
    is_one = len(parts) > FILES_EACH
    for item in entry["objects"]:
        if not (is_one and "values" in item):
            yield _filled(_file(base, entry, item) | _form(entry, item, about))
    if is_one:  # whoever reads the folder goes by the manifest
        found: dict[str, Any] = {
            "@id": f"{base}catalog.jsonld#{name}/",
            "@type": "dcat:Distribution",
            "dct:title": f"{name}/",
            "dcat:accessURL": {"@id": base + MANIFEST},
            "dcat:byteSize": _count(sum(item["size"] for item in parts)),
        }
        yield _filled(found | _form(entry, parts[0], about))


def _file(base: str, entry: Mapping, item: Mapping) -> dict[str, Any]:
    key = quote(item["key"], safe="/=")
    checksum: dict[str, Any] = {"@type": "spdx:Checksum", "spdx:algorithm": SHA256}
    checksum |= {"spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": item["sha256"]}}
    return {
        "@id": f"{base}catalog.jsonld#{key}",
        "@type": "dcat:Distribution",
        "dct:title": item["key"],
        "dcat:accessURL": {"@id": base + key},
        "dcat:downloadURL": {"@id": base + key},
        "dcat:byteSize": _count(item["size"]),
        "dct:modified": _moment(entry.get("published", "")),
        "spdx:checksum": checksum,
    }


def _form(entry: Mapping, item: Mapping, about: Mapping) -> dict[str, Any]:
    """Return what the files of an entry have in common: format, licence, what to credit."""
    media = item.get("media_type", "")
    kind = FORMATS.get(PurePosixPath(item["key"]).suffix.lstrip(".").lower())
    # DCAT-AP has one statement of rights
    rights = " ; ".join([*entry.get("credits", []), *map(in_words, doubts(entry))])
    return {
        "dcat:mediaType": media and {"@id": MEDIA_TYPES + media, "@type": "dct:MediaType"},
        "dct:format": kind
        and {"@id": f"{AUTHORITY}file-type/{kind}", "@type": "dct:MediaTypeOrExtent"},
        "dct:license": _licence(entry.get("licence", "")),
        "dct:rights": rights
        and {"@type": "dct:RightsStatement", "rdfs:label": _text(rights, about)},
        "dct:language": _language(about),
    }


def _filled(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value}


def _text(text: str, about: Mapping) -> Any:
    language = about.get("language")
    return {"@value": text, "@language": language} if language else text


def _agent(name: str) -> dict:
    return {"@type": "foaf:Agent", "foaf:name": name}


def _contact(about: Mapping) -> dict | None:
    contact = about.get("contact", "")
    if not contact:
        return None
    way = {"vcard:hasEmail": {"@id": f"mailto:{contact}"}}
    way = {"vcard:hasURL": {"@id": contact}} if "://" in contact else way
    return {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": about["publisher"], **way}


def _page(about: Mapping) -> dict | None:
    homepage = about.get("homepage")
    return {"@id": homepage, "@type": "foaf:Document"} if homepage else None


def _theme(code: str) -> dict:
    label = {"@value": THEMES[code], "@language": "en"} if code in THEMES else code
    theme = f"{AUTHORITY}data-theme/{code}"
    return {"@id": theme, "@type": "skos:Concept", "skos:prefLabel": label}


def _language(about: Mapping) -> dict | None:
    code = LANGUAGES.get(about.get("language", ""))
    language = f"{AUTHORITY}language/{code}"
    return {"@id": language, "@type": "dct:LinguisticSystem"} if code else None


def _frequency(about: Mapping) -> dict | None:
    code = FREQUENCIES.get(about.get("frequency", ""))
    return {"@id": f"{AUTHORITY}frequency/{code}", "@type": "dct:Frequency"} if code else None


def _licence(text: str) -> dict | None:
    """Return a licence: data.gouv.fr finds it by the label, others by the address."""
    if not text:
        return None
    known = licence_of(text)
    if known is None:
        return {"@type": "dct:LicenseDocument", "rdfs:label": text}
    found = {"@id": known.url, "@type": "dct:LicenseDocument", "rdfs:label": known.title}
    found |= {"dct:title": text, "dct:identifier": known.name}
    authority = {"@id": known.authority} if known.authority else None
    return _filled(found | {"skos:exactMatch": authority})


def _period(days: Sequence[str]) -> dict | None:
    if not days:
        return None
    ends = {"dcat:startDate": days[0], "dcat:endDate": days[-1]}
    typed = {key: {"@type": "xsd:date", "@value": day} for key, day in ends.items()}
    return {"@type": "dct:PeriodOfTime", **typed}


def _place(bbox: Sequence[float]) -> dict | None:
    """Return a box as DCAT-AP has it, and as GeoJSON: data.gouv.fr reads no other."""
    if not bbox:
        return None
    rings = list(_rings(bbox))
    geojson = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    return {
        "@type": "dct:Location",
        "dcat:bbox": {"@type": "geo:wktLiteral", "@value": _wkt(rings)},
        "geo:asGeoJSON": {"@type": GEOJSON, "@value": json.dumps(geojson)},
    }


def _rings(bbox: Sequence[float]) -> Iterator[list[list[float]]]:
    """Yield the outline of a box; across the 180th meridian those of its two parts."""
    west, south, east, north = bbox
    sides = [(west, east)] if west <= east else [(west, EAST), (WEST, east)]
    for w, e in sides:
        yield [[w, south], [e, south], [e, north], [w, north], [w, south]]


def _wkt(rings: Sequence[Sequence[Sequence[float]]]) -> str:
    outlines = ["((" + ",".join(f"{x} {y}" for x, y in ring) + "))" for ring in rings]
    return f"POLYGON{outlines[0]}" if len(rings) == 1 else f"MULTIPOLYGON({','.join(outlines)})"


def _moment(text: str) -> dict | None:
    return {"@type": "xsd:dateTime", "@value": text} if text else None


def _count(number: int) -> dict:
    return {"@type": "xsd:nonNegativeInteger", "@value": str(number)}

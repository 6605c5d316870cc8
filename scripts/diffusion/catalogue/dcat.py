"""The manifest as a DCAT-AP catalogue: catalog.jsonld, which portals such as data.gouv.fr harvest.

Format: DCAT-AP 3.0 in JSON-LD; how each dataset was made is said in the words of W3C PROV, see
``prov``. Where no ``public_url`` is known, addresses are relative to the file itself.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from diffusion.catalogue.dcat_parts import (
    agent,
    contact,
    count,
    filled,
    frequency,
    language,
    licence,
    moment,
    page,
    period,
    place,
    text,
    theme,
)
from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.licence_doubts import doubts, in_words
from diffusion.catalogue.made_of import names_by_hash
from diffusion.catalogue.prov import origin_of_dataset
from diffusion.catalogue.vocabularies import (
    AUTHORITY,
    FORMATS,
    MEDIA_TYPES,
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
# SPDX's newer name: of the older one data.gouv.fr's harvester (udata 17) takes the value, which
# DCAT-AP wants as xsd:hexBinary, for bytes, and refuses the whole data set for it
SHA256 = {
    "@id": "https://spdx.org/rdf/3.0.1/terms/Core/HashAlgorithm/sha256",
    "@type": "spdx:ChecksumAlgorithm",
    "skos:exactMatch": {"@id": "spdx:checksumAlgorithm_sha256"},
}


def dcat_catalogue(manifest: Mapping) -> dict:
    """Return a catalogue of all that a manifest lists."""
    base = f"{manifest['public_url']}/" if manifest.get("public_url") else ""
    project = manifest.get("project") or {}
    about = {"publisher": project.get("publisher") or project.get("name", "")}
    about |= project.get("about", {})
    title = project.get("title") or project.get("name", "")
    by_hash = names_by_hash(manifest)
    found = {
        "@id": f"{base}catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": text(title, about),
        "dct:description": text(title, about),
        "dct:publisher": agent(about["publisher"]),
        "dct:language": language(about),
        "foaf:homepage": page(about),
        "dct:license": licence(project.get("licence", "")),
        "dcat:dataset": [
            _dataset(base, name, entry, about) | origin_of_dataset(base, name, entry, by_hash)
            for name, entry in manifest["tables"].items()
        ],
    }
    return {"@context": PREFIXES} | filled(found)


def _dataset(base: str, name: str, entry: Mapping, of_project: Mapping) -> dict:
    about = {"publisher": of_project["publisher"]} | entry.get("about", {})
    title = about.get("title", name)
    found = {
        "@id": dataset_id(base, name),
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": text(title, about),
        "dct:description": text(entry.get("description") or title, about),
        "dct:publisher": agent(about["publisher"]),
        "dct:creator": agent(entry.get("stated", {}).get("publisher", "")),
        "dcat:contactPoint": contact(about),
        "dcat:landingPage": page(about),
        "dcat:keyword": [text(word, about) for word in about.get("keywords", [])],
        "dcat:theme": [theme(code) for code in about.get("themes", [])],
        "dct:language": language(about),
        "dct:accrualPeriodicity": frequency(about),
        "dct:temporal": period(about.get("temporal", [])),
        "dct:spatial": place(entry.get("geo", {}).get("bbox_wgs84", [])),
        "dct:modified": moment(entry.get("published", "")),
        "dcat:version": entry.get("vintage"),
        "dcat:distribution": list(_distributions(base, name, entry, about)),
    }
    return filled(found)


def dataset_id(base: str, name: str) -> str:
    """Return the address of a published name: a part of the catalogue's own."""
    return f"{base}catalog.jsonld#{name}"


def _distributions(base: str, name: str, entry: Mapping, about: Mapping) -> Iterator[dict]:
    parts = [item for item in entry["objects"] if "values" in item]
    is_one = len(parts) > FILES_EACH
    for item in entry["objects"]:
        if not (is_one and "values" in item):
            yield filled(_file(base, entry, item) | _form(entry, item, about))
    if is_one:  # whoever reads the folder goes by the manifest
        found: dict[str, Any] = {
            "@id": f"{base}catalog.jsonld#{name}/",
            "@type": "dcat:Distribution",
            "dct:title": f"{name}/",
            "dcat:accessURL": {"@id": base + MANIFEST},
            "dcat:byteSize": count(sum(item["size"] for item in parts)),
        }
        yield filled(found | _form(entry, parts[0], about))


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
        "dcat:byteSize": count(item["size"]),
        "dct:modified": moment(entry.get("published", "")),
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
        "dct:license": licence(entry.get("licence", "")),
        "dct:rights": rights
        and {"@type": "dct:RightsStatement", "rdfs:label": text(rights, about)},
        "dct:language": language(about),
    }

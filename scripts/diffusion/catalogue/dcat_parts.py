"""The small parts of a DCAT-AP catalogue: agents, licences, periods, places, typed values.

Each of them is nothing where nothing is known, and then left out (``filled``).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diffusion.catalogue.licences import licence_of
from diffusion.catalogue.vocabularies import (
    AUTHORITY,
    FREQUENCIES,
    LANGUAGES,
    MEDIA_TYPES,
    THEMES,
)

EAST, WEST = 180, -180  # degrees, where both are one
GEOJSON = f"{MEDIA_TYPES}application/vnd.geo+json"


def filled(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has a value."""
    return {key: value for key, value in found.items() if value}


def text(text: str, about: Mapping) -> Any:
    """Return a text in the language of an entry."""
    language = about.get("language")
    return {"@value": text, "@language": language} if language else text


def agent(name: str) -> dict | None:
    """Return who publishes, or who made it."""
    return {"@type": "foaf:Agent", "foaf:name": name} if name else None


def contact(about: Mapping) -> dict | None:
    """Return how to reach who is responsible."""
    contact = about.get("contact", "")
    if not contact:
        return None
    way = {"vcard:hasEmail": {"@id": f"mailto:{contact}"}}
    way = {"vcard:hasURL": {"@id": contact}} if "://" in contact else way
    return {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": about["publisher"], **way}


def page(about: Mapping) -> dict | None:
    """Return where more is said."""
    homepage = about.get("homepage")
    return {"@id": homepage, "@type": "foaf:Document"} if homepage else None


def theme(code: str) -> dict:
    """Return one of the European themes, with its label."""
    label = {"@value": THEMES[code], "@language": "en"} if code in THEMES else code
    theme = f"{AUTHORITY}data-theme/{code}"
    return {"@id": theme, "@type": "skos:Concept", "skos:prefLabel": label}


def language(about: Mapping) -> dict | None:
    """Return the language of an entry, as the authority table has it."""
    code = LANGUAGES.get(about.get("language", ""))
    language = f"{AUTHORITY}language/{code}"
    return {"@id": language, "@type": "dct:LinguisticSystem"} if code else None


def frequency(about: Mapping) -> dict | None:
    """Return how often there are new data, as the authority table has it."""
    code = FREQUENCIES.get(about.get("frequency", ""))
    return {"@id": f"{AUTHORITY}frequency/{code}", "@type": "dct:Frequency"} if code else None


def licence(text: str) -> dict | None:
    """Return a licence: data.gouv.fr finds it by the label, others by the address."""
    if not text:
        return None
    known = licence_of(text)
    if known is None:
        return {"@type": "dct:LicenseDocument", "rdfs:label": text}
    found = {"@id": known.url, "@type": "dct:LicenseDocument", "rdfs:label": known.title}
    found |= {"dct:title": text, "dct:identifier": known.name}
    authority = {"@id": known.authority} if known.authority else None
    return filled(found | {"skos:exactMatch": authority})


def period(days: Sequence[str]) -> dict | None:
    """Return a first and a last day."""
    if not days:
        return None
    ends = {"dcat:startDate": days[0], "dcat:endDate": days[-1]}
    typed = {key: {"@type": "xsd:date", "@value": day} for key, day in ends.items()}
    return {"@type": "dct:PeriodOfTime", **typed}


def place(bbox: Sequence[float]) -> dict | None:
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


def moment(text: str) -> dict | None:
    """Return a point in time."""
    return {"@type": "xsd:dateTime", "@value": text} if text else None


def count(number: int) -> dict:
    """Return a number that is not below zero."""
    return {"@type": "xsd:nonNegativeInteger", "@value": str(number)}

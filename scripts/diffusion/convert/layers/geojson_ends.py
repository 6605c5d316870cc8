"""The first and the last feature of GeoJSON as Python's own reader sees them, beside GDAL."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from diffusion.config.reading import Convert
from diffusion.convert.names import composed
from diffusion.convert.relation import Record
from diffusion.errors import LayerError

WINDOW = 1 << 20  # bytes at each end: a larger feature is not compared
MOST = 50  # brackets before the word that are tried
FEATURE = re.compile(r'"type"\s*:\s*"Feature"')
DECODER = json.JSONDecoder()
MEMBERS = ("type", "geometry", "properties", "bbox", "id", "geometry_name")  # the last: GeoServer
IDS = ("id", "feature_id")  # columns that are made of the ids of features


def records_of(ends: Sequence[dict]) -> list[Record]:
    """Return the text and the missing values of both features."""
    return [_record(feature) for feature in ends]


def notes_beside(ends: Sequence[dict], convert: Convert, label: str) -> list[str]:
    """Return a note on members of features that are none of their properties, and no columns.

    Raises:
        DiffusionError: there are no properties: these members are what the file has to say.
    """
    given = [name for feature in ends for name in feature if name not in MEMBERS]
    given = [name for name in dict.fromkeys(given) if convert.takes(name)]
    if not given:
        return []
    listed = ", ".join(f"`{name}`" for name in given)
    found = f"features have members beside `properties`, which are no columns: {listed}"
    remedy = "`format: json`, `records: features` and `geometry: {from: {geojson: geometry}}`"
    if any(feature.get("properties") for feature in ends):
        return [f"{found}; {remedy} read all of them"]
    fix = f"read them as JSON: {remedy}; or take the shapes alone, `keep: declared`"
    raise LayerError(label, found, fix)


def ends_of_geojson(path: Path) -> list[dict]:
    """Return the first and the last feature; nothing where one is too large."""
    with path.open("rb") as file:
        head = file.read(WINDOW).decode("utf-8", "ignore")
        file.seek(max(0, file.seek(0, 2) - WINDOW))
        tail = file.read().decode("utf-8", "ignore")
    found = [_feature(head, FEATURE.finditer(head)), _feature(tail, [*FEATURE.finditer(tail)][-1:])]
    return [feature for feature in found if feature] if all(found) else []


def _feature(text: str, marks: Iterable[re.Match[str]]) -> dict | None:
    """Return the feature around the first of the words that say that one is there."""
    for mark in marks:
        start = mark.start()
        for _ in range(MOST):
            start = text.rfind("{", 0, start)
            if start < 0:
                return None
            try:
                found, end = DECODER.raw_decode(text, start)
            except (ValueError, RecursionError):
                continue
            if end > mark.end() and found.get("type") == "Feature":
                return found
        return None
    return None


def _record(feature: dict) -> Record:
    properties = feature.get("properties") or {}
    plain = {
        composed(name): value if value is None or isinstance(value, str) else ...
        for name, value in properties.items()
    }
    return plain | dict.fromkeys(IDS, ...)

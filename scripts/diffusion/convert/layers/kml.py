"""What is to be known of KML and GPX before GDAL reads them: empty values, folders, links."""

import re
from pathlib import Path

from diffusion.config.remedies import CORRECT
from diffusion.convert.layers.gdal import pyogrio
from diffusion.errors import LayerError
from diffusion.files.mapped import mapped

# a value that is empty: GDAL takes it for 0 where the field is a number
EMPTY = re.compile(rb"<((?:\w+:)?SimpleData)\s[^<>]*(?:/>|>\s*</\1\s*>)")
ODD_PLACE = re.compile(
    rb"\b(?:lat|lon)\s*=\s*[\"'](?P<found>\s*+(?![-+.0-9eE]++\s*[\"'])[^\"'<>]*)"
)
LINK = re.compile(rb"<(?:\w+:)?NetworkLink[\s>]")


def namesakes(name: str, layer: str) -> list[str]:
    """Return a note where other folders have the name of a layer: GDAL numbers theirs.

    Args:
        name: of the file, for GDAL.
    """
    layers = [str(each) for each, _ in pyogrio.list_layers(name)]
    others = [f"`{each}`" for each in layers if each.startswith(f"{layer} (#")]
    if not others:
        return []
    return [f"other folders are called `{layer}`, too, and are other layers: {', '.join(others)}"]


def links_of(path: Path) -> list[str]:
    """Return a note where a KML names other files (OGC KML 2.3, ``NetworkLink``)."""
    with mapped(path) as data:
        links = sum(1 for _ in LINK.finditer(data))
    if not links:
        return []
    return [f"{links:,} links lead to other files (`NetworkLink`), of which nothing is read"]


def without_empty(path: Path, place: Path) -> Path:
    """Return a KML without values that are empty: itself, or a copy in a folder."""
    with mapped(path) as data:
        if not EMPTY.search(data):
            return path
        place.mkdir(parents=True, exist_ok=True)
        copy, at = place / path.name, 0
        with copy.open("wb") as out:
            for found in EMPTY.finditer(data):
                out.write(data[at : found.start()])
                at = found.end()
            out.write(data[at:])
    return copy


def verify_places(path: Path, label: str) -> None:
    """Refuse a GPX in which a latitude or a longitude is no number: GDAL reads a part of it.

    Raises:
        DiffusionError: shows it.
    """
    with mapped(path) as data:
        if odd := ODD_PLACE.search(data):
            shown = odd["found"].decode("utf-8", "replace")[:40]
            raise LayerError(label, f"a latitude or longitude is {shown!r}, no number", CORRECT)

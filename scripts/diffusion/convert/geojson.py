"""GeoJSON as GDAL reads it without loss: whole numbers as ids, and numbers beyond 64 bits.

GDAL takes a whole number as id for the number of the feature, which is no column, and gives the
second of two that are alike another one; of numbers beyond 64 bits it keeps 16 digits.
"""

import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

WIDEST = 2**63
# Each begins with a text, for which one searches fast: coordinates are most of such a file.
NUMBER_ID = re.compile(rb'"id"\s*:\s*-?\d+\s*([,}]\s*"?)')
MEMBERS = (b"type", b"geometry", b"properties", b"bbox")
BEFORE = (b'"Feature"', b"}", b"]", b"null")  # ends of the other members of a feature
NEAR = 40  # bytes
WIDE = re.compile(rb'":\s*-?\d{19,}(?![\d.eE])')


@dataclass(frozen=True)
class Written:
    """What the bytes of a GeoJSON file show.

    Attributes:
        states_crs: whether it has the member ``crs`` of the specification of 2008.
        is_lossy: whether GDAL might lose something of it.
    """

    states_crs: bool
    is_lossy: bool


def look_at(path: Path) -> Written:
    """Search a GeoJSON file for what GDAL does not tell."""
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        is_lossy = WIDE.search(data) is not None or any(
            _is_of_a_feature(
                data[max(m.start() - NEAR, 0) : m.start()], data[m.end() : m.end() + NEAR]
            )
            for m in NUMBER_ID.finditer(data)
        )
        return Written(data.find(b'"crs"') >= 0, is_lossy)


def _is_of_a_feature(before: bytes, after: bytes) -> bool:
    """Return whether an id is beside the members of a feature; one of its properties may seem so.

    That costs time only.
    """
    last = before.rstrip().removesuffix(b",").rstrip()
    return after.startswith(MEMBERS) or last.endswith(BEFORE)


def rewrite(path: Path, form: str, target: Path) -> Path:
    """Write the features of a file as lines, ids among the properties, wide numbers as text."""
    import msgspec

    encode = msgspec.json.Encoder(decimal_format="number").encode
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for feature in _features(path, form):
            out.write(encode(_kept(feature)) + b"\n")
    return target


def _features(path: Path, form: str) -> Iterator[dict]:
    import ijson
    import msgspec

    with path.open("rb") as file:
        if form == "geojsonseq":
            lines: Iterable[bytes] = (line.strip(b"\xef\xbb\xbf\x1e \t\r\n") for line in file)
            yield from (msgspec.json.decode(line) for line in lines if line)
        else:
            yield from ijson.items(file, "features.item")


def _kept(feature: dict) -> dict:
    properties = dict(feature.get("properties") or {})
    for name, value in properties.items():
        if isinstance(value, int) and not -WIDEST <= value < WIDEST:
            properties[name] = str(value)
    number = feature.get("id")
    if isinstance(number, int) and properties.get("id") != number:
        taken = {name.lower() for name in properties}
        properties = {"feature_id" if "id" in taken else "id": number} | properties
        del feature["id"]
    return feature | {"properties": properties}

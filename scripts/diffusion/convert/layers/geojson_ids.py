"""GeoJSON as GDAL reads it without loss: ids among the properties, numbers beyond 64 bits as text.

GDAL takes a whole number as id for the number of the feature, which is no column, and gives the
second of two that are alike another one; numbers among texts are left out, and so is an id where a
property is called ``id`` as well. Of numbers beyond 64 bits it keeps 16 digits, and of those beyond
53 bits where the property has decimals in another feature.
"""

import mmap
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

WIDEST = 2**63
EXACT = 2**53  # up to which a float holds every whole number
WHOLE = re.compile(rb":\s*-?\d{1,15}\.0+\s*[,}]")
BLANK = 10  # bytes between a name and its colon
OPENED = b'{"properties":{'  # how each line begins


@dataclass
class _Ids:
    """What the ids of all features have in common.

    ``are_properties``: whether each is a property ``id`` as well.
    """

    kinds: set[type] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    are_properties: bool = True

    def add(self, value: object, properties: dict) -> None:
        self.taken |= {name.lower() for name in properties}
        if value is not None:
            self.kinds.add(str if _is_wide(value) else type(value))
            self.are_properties &= properties.get("id") == value

    @property
    def column(self) -> str | None:
        """The name of their column: another one where a property is called ``id``."""
        if not self.kinds or self.are_properties:
            return None
        name = "id"
        while name in self.taken:
            name = "feature_id" if name == "id" else f"{name}_"
        return name


def mixed_numbers(path: Path, form: str) -> frozenset[str]:
    """Return the properties that are decimals in some features and beyond 53 bits in others."""
    long, real = set(), set()
    for feature in _features(path, form):
        for name, value in (feature.get("properties") or {}).items():
            if isinstance(value, (float, Decimal)):
                real.add(name)
            elif isinstance(value, int) and abs(value) > EXACT:
                long.add(name)
    return frozenset(long & real)


def wholes_among_texts(data: mmap.mmap) -> frozenset[str]:
    """Return the properties that are a whole float in some features (1001.0) and text in others.

    All of them become text then, and of the float that is `1001`.
    """
    names = {_name_before(data, found.start()) for found in WHOLE.finditer(data)} - {b""}
    if not names:
        return frozenset()
    text = re.compile(rb'"(' + b"|".join(map(re.escape, names)) + rb')"\s*:\s*"')
    return frozenset(found[1].decode("utf-8", "replace") for found in text.finditer(data))


def _name_before(data: mmap.mmap, colon: int) -> bytes:
    end = data.rfind(b'"', max(0, colon - BLANK), colon)
    return data[data.rfind(b'"', 0, end) + 1 : end] if end >= 0 else b""


def rewrite(path: Path, form: str, target: Path, mixed: Collection[str] = ()) -> Path:
    """Write the features of a file as a collection, ids among the properties, wide numbers as text.

    A feature has a line of its own.

    Args:
        mixed: properties whose numbers are text.

    Whole numbers stay numbers where all ids are; of several types, ids are text.
    """
    import msgspec

    encode = msgspec.json.Encoder(decimal_format="number").encode
    target.parent.mkdir(parents=True, exist_ok=True)
    bare, listed, ids = target.with_suffix(".bare"), target.with_suffix(".ids"), _Ids()
    with bare.open("wb") as lines, listed.open("wb") as values:
        for feature in _features(path, form):
            properties, value = _plain(feature.get("properties"), mixed), feature.pop("id", None)
            ids.add(value, properties)
            lines.write(encode({"properties": properties} | _others(feature)) + b"\n")
            values.write(encode(value) + b"\n")
    name, is_text = ids.column, ids.kinds != {int}
    key = encode(name) + b":" if name else b""
    with bare.open("rb") as lines, listed.open("rb") as values, target.open("wb") as out:
        out.write(b'{"type":"FeatureCollection","features":[')
        for number, (line, value) in enumerate(zip(lines, values, strict=True)):
            out.write(b"," if number else b"")
            out.write(_with_id(line, key, value.strip(), is_text) if key else line)
        out.write(b"]}\n")
    bare.unlink()
    return target


def _with_id(line: bytes, key: bytes, value: bytes, is_text: bool) -> bytes:
    """Return a feature with its id among its properties."""
    rest = line[len(OPENED) :]
    return OPENED + key + _written(value, is_text) + (b"" if rest.startswith(b"}") else b",") + rest


def _written(value: bytes, is_text: bool) -> bytes:
    """Return an id as it stands among the properties; a text already has its quotes."""
    if not is_text or value == b"null" or value.startswith(b'"'):
        return value
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _others(feature: dict) -> dict:
    return {name: value for name, value in feature.items() if name != "properties"}


def _features(path: Path, form: str) -> Iterator[dict]:
    import ijson
    import msgspec

    with path.open("rb") as file:
        if form == "geojsonseq":
            lines: Iterable[bytes] = (line.strip(b"\xef\xbb\xbf\x1e \t\r\n") for line in file)
            yield from (msgspec.json.decode(line) for line in lines if line)
            return
        several = False
        for feature in ijson.items(file, "features.item"):
            several = True
            yield feature
        if not several:  # one feature alone
            file.seek(0)
            yield from (item for item in ijson.items(file, "") if item.get("type") == "Feature")


def _plain(properties: dict | None, mixed: Collection[str]) -> dict:
    return {
        name: _text(v) if _is_wide(v) or (name in mixed and _is_number(v)) else v
        for name, v in (properties or {}).items()
    }


def _text(value: Any) -> str:
    return str(int(value)) if value == int(value) and abs(value) < WIDEST else str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_wide(value: object) -> bool:
    return isinstance(value, int) and not -WIDEST <= value < WIDEST

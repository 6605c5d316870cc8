"""The fields and records of a .dbf, of a fixed width, as they are.

Sources of the format: dBASE III, and the ESRI shapefile technical description (little-endian).
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from diffusion.convert.layers.layer_text import Texts
from diffusion.convert.names import composed
from diffusion.convert.relation import Record

HEAD = 32  # bytes of the header, and of the description of each field
END = 0x0D  # of the descriptions
STEP = 50_000  # records at once


@dataclass
class Field:
    """A field: where it is, and what was found in it that GDAL would change.

    Attributes:
        odd: the first value that is none of its kind, and its record.
        kind: of its values where they are right and GDAL would change them; text is as written.
        has_zeros: whether whole numbers have zeros in front, as codes have.
    """

    number: int
    name: str
    letter: str
    start: int
    width: int
    decimals: int
    odd: tuple[int, str] | None = None
    kind: pa.DataType | None = None
    stars: int = 0
    has_zeros: bool = False


def write_as_text(path: Path, fields: Sequence[Field]) -> None:
    """Put a copy in the place of a link to a .dbf, whose given fields are text, as they are."""
    original = path.resolve()
    path.unlink()
    shutil.copyfile(original, path)
    with path.open("r+b") as file:
        for one in fields:
            at = HEAD * (one.number + 1)  # of its description
            for byte, value in ((11, b"C"), (17, b"\0")):  # its type and its decimals
                file.seek(at + byte)
                file.write(value)


def fields_of(path: Path, texts: Texts | None) -> list[Field]:
    """Return all fields; by their names as GDAL has them where no ``texts`` decode them."""
    fields: list[Field] = []
    names: list[str] = []
    start = 1
    with path.open("rb") as file:
        size = int.from_bytes(file.read(HEAD)[8:10], "little")
        head = file.read(max(size - HEAD, 0))
    for at in range(0, len(head) - HEAD + 1, HEAD):
        if head[at] == END:
            break
        raw = head[at : at + HEAD]
        names.append(raw[:11].split(b"\0")[0].decode("latin-1").strip())
        fields.append(Field(len(fields), "", chr(raw[11]), start, raw[16], raw[17]))
        start += raw[16]
    names = [composed(name) for name in texts.names(names)] if texts else names
    for one, name in zip(fields, names, strict=True):
        one.name = name
    return fields


def records_of(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number of a record, and the bytes of it and of those behind it."""
    with path.open("rb") as file:
        head = file.read(12)
    count = int.from_bytes(head[4:8], "little")
    start, size = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
    if count and size:
        data = np.memmap(path, np.uint8, "r", offset=start, shape=(count, size))
        for first in range(0, count, STEP):
            yield first, data[first : first + STEP]


def text_ends(path: Path, texts: Texts) -> list[Record]:
    """Return the first and the last record, text and missing values: GDAL shows others anew."""
    ends: list[np.ndarray] = []
    for _, rows in records_of(path):
        there = np.flatnonzero(rows[:, 0] != ord("*"))  # records that are not deleted
        if len(there):
            ends = [ends[0] if ends else rows[there[0]], rows[there[-1]]]
    fields = fields_of(path, texts)
    return [{one.name: _text(row, one, texts) for one in fields} for row in ends]


def _text(row: np.ndarray, one: Field, texts: Texts) -> object:
    if one.letter != "C":
        return ...
    raw = row[one.start : one.start + one.width].tobytes().split(b"\0")[0].rstrip(b" ")
    try:
        return raw.decode(texts.codec) or None
    except UnicodeDecodeError:  # cut, or of another encoding: what the layer's texts see to
        return ...

"""Whether the files of a shapefile are whole and belong together, and how many features they hold.

Sources of the formats: the ESRI shapefile technical description (lengths are in words of two
bytes, big-endian), and that of dBASE III (.dbf, little-endian). GDAL gives the shapes that it
finds no bytes for as missing, without a word.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from diffusion.errors import LayerError

Count = tuple[int | None, Callable[[], int] | None]  # and one that takes longer, and is exact
HEADER = 100  # bytes of a .shp, and of a .shx
RECORD = 8  # bytes before the content of a shape, and of an entry of the index
STEP = 100_000  # entries at once
CUT = "fetch it again under a new `vintage`; where its publisher has no more, ask for a whole one"
APART = "ask the publisher for a whole shapefile, and once it is there set a new `vintage`"


def count_shapes(path: Path, label: str) -> Count:
    """Return how many features a shapefile holds: at once, and without the deleted ones.

    Raises:
        DiffusionError: a file is shorter than it says, or belongs to another.
    """
    shx, dbf = path.with_suffix(".shx"), path.with_suffix(".dbf")
    _verify_length(shx, label)
    shapes = (shx.stat().st_size - HEADER) // RECORD
    if shapes:
        index = np.memmap(shx, ">i4", "r", offset=HEADER, shape=(shapes, 2))
        _verify_shapes(path, index, label)
    _verify_length(path, label)
    rows = rows_of(dbf, label)
    if shapes != rows:
        found = f"{shapes:,} shapes, but {rows:,} rows in {dbf.name}: they do not belong together"
        raise LayerError(label, found, APART)
    return rows, partial(not_deleted, dbf)


def _verify_length(path: Path, label: str) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        stated = 2 * int.from_bytes(file.read(28)[24:], "big")
    if size < max(stated, HEADER):
        found = f"{path.name} is cut off: {size:,} of the {stated:,} bytes that it states"
        raise LayerError(label, found, CUT)


def _verify_shapes(path: Path, index: np.ndarray, label: str) -> None:
    """Compare the place and length of each shape, as the index has them, with the .shp."""
    data = np.memmap(path, np.uint8, "r")
    whole = 0
    for first in range(0, len(index), STEP):
        starts, lengths = 2 * index[first : first + STEP].astype(np.int64).T
        ends = starts + RECORD + lengths
        there = (starts >= HEADER) & (ends <= len(data)) & (lengths >= 0)
        whole += int(there.sum())
        at = starts[there]
        own = 2 * data[at[:, None] + np.arange(4, 8)].copy().view(">i4")[:, 0].astype(np.int64)
        # some programs count the 8 bytes before it as well
        if (strange := ~np.isin(own - lengths[there], (0, RECORD, -RECORD))).any():
            number = first + int(np.flatnonzero(there)[strange][0]) + 1
            found = f"shape {number:,} is not where {path.with_suffix('.shx').name} says: they do "
            raise LayerError(label, f"{found}not belong together", APART)
    if whole < len(index):
        found = f"{path.name} is cut off: {whole:,} of {len(index):,} shapes are in its "
        raise LayerError(label, f"{found}{len(data):,} bytes", CUT)


def rows_of(dbf: Path, label: str) -> int:
    """Return how many rows a .dbf has, deleted ones among them.

    Raises:
        DiffusionError: it is shorter than it says.
    """
    total = dbf.stat().st_size
    with dbf.open("rb") as file:
        head = file.read(12)
    rows = int.from_bytes(head[4:8], "little")
    start, size = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
    there = max(total - start, 0) // max(size, 1)
    if len(head) < 12 or there < rows:
        found = f"{dbf.name} is cut off: {there:,} of {rows:,} rows are in its {total:,} bytes"
        raise LayerError(label, found, CUT)
    return rows


def rows_beyond(dbf: Path) -> int:
    """Return how many rows a .dbf has behind those that its header counts.

    Programs that end before they count leave such rows; some that pack a table do as well, behind
    the sign of its end.
    """
    with dbf.open("rb") as file:
        head = file.read(12)
        start, size = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        file.seek(start + int.from_bytes(head[4:8], "little") * size)
        found = 0
        while len(row := file.read(size)) == size > 1 and row[:1] in (b" ", b"*") and row.strip():
            found += 1
        return found


def not_deleted(dbf: Path) -> int:
    """Return how many rows of a .dbf are not marked as deleted."""
    with dbf.open("rb") as file:
        head = file.read(12)
        start, size = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        file.seek(start)
        rows = int.from_bytes(head[4:8], "little")
        return sum(file.read(size)[:1] != b"*" for _ in range(rows))

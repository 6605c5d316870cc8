"""How many features a layer states, counted by other means than those that read it."""

import mmap
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from diffusion.convert.alone import beside
from diffusion.convert.gdal import pyogrio
from diffusion.errors import DiffusionError
from diffusion.tables.sql import identifier

FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
FEATURES = "features.item"
Count = tuple[int | None, Callable[[], int] | None]  # and one that takes longer, and is exact


def stated_features(path: Path, form: str, gdal_name: str, layer: str, label: str) -> Count:
    """Return the number of features of a layer, None where nothing states it.

    Raises:
        DiffusionError: a shapefile whose parts do not belong together.
    """
    if form == "shp":
        return _in_shapefile(path, label)
    if form == "gpkg":
        return _in_geopackage(path, layer), None
    if form == "geojson":
        return _marks(path), partial(_in_geojson, path)
    if form == "geojsonseq":
        return _lines(path), None
    stated = int(pyogrio.read_info(gdal_name, layer=layer)["features"])
    return (stated if stated >= 0 else None), None


def _in_shapefile(path: Path, label: str) -> Count:
    """By the index of shapes; of deleted records, the table beside has a mark."""
    shx, dbf = beside(path, ".shx"), beside(path, ".dbf")
    shapes = (shx.stat().st_size - 100) // 8 if shx else None
    if dbf is None:
        return shapes, None
    with dbf.open("rb") as file:
        rows = int.from_bytes(file.read(8)[4:], "little")
    if shapes is not None and shapes != rows:
        found = f"{shapes:,} shapes, but {rows:,} rows in {dbf.name}: they do not belong together"
        fix = "ask the publisher for a whole shapefile, and once it is there set a new `vintage`"
        raise DiffusionError(label, found, fix)
    return rows, partial(_not_deleted, dbf)


def _not_deleted(dbf: Path) -> int:
    with dbf.open("rb") as file:
        head = file.read(12)
        start, size = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        file.seek(start)
        rows = int.from_bytes(head[4:8], "little")
        return sum(file.read(size)[:1] != b"*" for _ in range(rows))


def _in_geopackage(path: Path, layer: str) -> int:
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {identifier(layer)}").fetchone()
        return int(count)


def _marks(path: Path) -> int:
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        return sum(1 for _ in FEATURE.finditer(data))


def _in_geojson(path: Path) -> int:
    import ijson

    with path.open("rb") as file:
        events = ijson.parse(file)
        starts = [p for p, event, _ in events if event == "start_map" and p in ("", FEATURES)]
    return starts.count(FEATURES) if FEATURES in starts else _marks(path) and 1


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip(b"\x1e \t\r\n"))

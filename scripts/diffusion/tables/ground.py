"""Where on earth the geometries of a table lie: the box around them, in degrees.

The box in their own CRS stands in the footer. Turned into degrees it would be larger than it has to
be, as the lines of one CRS are curves in another: so the boxes of the shapes are gathered while row
groups are written, and turned one by one. In degrees, west is above east where a box crosses the
180th meridian (RFC 7946): taken as it stands, the box of shapes on both sides of it would span the
globe.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from diffusion.tables.boxes import BBOX, GEOMETRY, SIDES

MOST = 1_024  # boxes that are kept; of more, neighbours become one
HALF = 180.0  # degrees
DIGITS = 7  # of a degree: a centimetre


def extent(schema: pa.Schema) -> dict:
    """Return the ``bbox`` of a GeoParquet file, and the same in degrees as ``bbox_wgs84``.

    West, south, east, north; of heights the lowest stands after south, the highest at the end, and
    only in ``bbox``.
    """
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    column = geo["columns"][geo["primary_column"]] if geo else {}
    if not (bbox := column.get("bbox")):
        return {}
    degrees = _in_degrees(column, [_on_the_ground(bbox)])
    return {"bbox": bbox} | ({"bbox_wgs84": degrees} if degrees else {})


class Ground:
    """Gathers where the shapes of a table are while its row groups are written."""

    def __init__(self, metadata: Mapping[bytes, bytes]):
        """Args: metadata: of the file; without ``geo`` nothing is gathered."""
        geo = json.loads(metadata.get(b"geo", b"{}"))
        self._column = geo["columns"][geo["primary_column"]] if geo else {}
        self._in_degrees = bool(geo) and _is_in_degrees(self._column)
        self._boxes = np.empty((0, 4))
        self._both = BothSides()

    def add(self, table: pa.Table) -> None:
        """Look at a row group, whose columns are of one chunk each."""
        if not self._column or (self._in_degrees and self._both.is_in_between):
            return
        box = table.column(BBOX).combine_chunks()
        known = np.column_stack([_numbers(box.field(side)) for side in SIDES])
        there = np.flatnonzero(np.from_dlpack(box.is_valid().cast(pa.int8())))
        if self._in_degrees:
            self._both.add(known[there], there, table.column(GEOMETRY))
            return
        self._boxes = np.concatenate([self._boxes, known[there]])
        while len(self._boxes) > MOST:
            self._boxes = _merged_by_two(self._boxes)

    def found(self) -> dict[str, dict]:
        """Return ``bbox_wgs84`` of the column of geometries, where the footer's is not as good."""
        degrees: list[float] = []
        if self._in_degrees and (across := self._both.across()):
            _, south, _, north = _on_the_ground(self._column["bbox"])
            degrees = [across[0], south, across[1], north]
        elif len(self._boxes):
            degrees = _in_degrees(self._column, self._boxes)
        return {GEOMETRY: {"bbox_wgs84": degrees}} if degrees else {}


class BothSides:
    """What lies east and what lies west of Greenwich, and whether the way between is the long one.

    Attributes:
        west: the lowest longitude in the east, where a box across the 180th meridian begins.
        east: the highest one in the west.
        is_in_between: a shape lies over Greenwich: no box begins in the east and ends in the west.
    """

    def __init__(self) -> None:
        self.west, self.east, self.is_in_between = math.inf, -math.inf, False

    def add(self, boxes: np.ndarray, rows: np.ndarray, shapes: pa.ChunkedArray) -> None:
        """Look at shapes, whose boxes have the single precision of files.

        Args:
            rows: of the boxes, in ``shapes``: only of those that reach furthest is one read.
        """
        low, high = boxes[:, 0], boxes[:, 2]
        around = (low <= -HALF) & (high >= HALF)  # cut at the meridian, it seems
        if ((low < 0) & (high > 0) & ~around).any():
            self.is_in_between = True
            return
        first = low == np.min(low, where=low >= 0, initial=np.inf)
        last = high == np.max(high, where=high <= 0, initial=-np.inf)
        wanted = rows[around | (first & (low < self.west)) | (last & (high > self.east))]
        if len(wanted):
            self._read([shapes[int(row)].as_py() for row in wanted])

    def extend(self, spans: Iterable[tuple[float, float]]) -> None:
        """Look at ways from west to east."""
        for low, high in spans:
            self.is_in_between |= low < 0 < high
            if low >= 0:
                self.west = min(self.west, low)
            elif high <= 0:
                self.east = max(self.east, high)

    def across(self, least: float = HALF) -> tuple[float, float] | None:
        """Return where a box across the meridian begins and ends; None where there is none.

        Args:
            least: degrees that it has to be shorter than the whole way around.
        """
        left_out = self.west - self.east
        is_one = not self.is_in_between and least <= left_out < math.inf
        return (self.west, self.east) if is_one else None

    def _read(self, wkb: Sequence[bytes]) -> None:
        import shapely

        parts = shapely.get_parts(shapely.get_parts(shapely.from_wkb(wkb)))
        self.extend((low, high) for low, _, high, _ in shapely.bounds(parts).tolist())


def _numbers(side: pa.Array) -> np.ndarray:
    """Return the values; those that are missing are whatever they are."""
    exact = side.cast(pa.float64())  # not by `to_numpy`, which imports pandas
    return np.frombuffer(exact.buffers()[1], np.float64, len(exact), exact.offset * 8)


def _merged_by_two(boxes: np.ndarray) -> np.ndarray:
    """Return each box and the one after it as one: rows that lie near each other stand so."""
    places = np.arange(0, len(boxes), 2)
    low = np.minimum.reduceat(boxes[:, :2], places)
    return np.hstack([low, np.maximum.reduceat(boxes[:, 2:], places)])


def _on_the_ground(bbox: Sequence[float]) -> list[float]:
    half = len(bbox) // 2
    return [*bbox[:2], *bbox[half : half + 2]]


def _is_in_degrees(column: Mapping) -> bool:
    """Say whether coordinates are degrees from Greenwich: no others are turned into them."""
    if not column.get("crs"):
        return True
    from pyproj import CRS

    from diffusion.tables.dateline import is_in_degrees

    crs = CRS(column["crs"])
    return (
        is_in_degrees(crs) and crs.prime_meridian is not None and not crs.prime_meridian.longitude
    )


def _in_degrees(column: Mapping, boxes: Iterable[Sequence[float]]) -> list[float]:
    """Return the box around boxes, in degrees; nothing where one has no place on earth."""
    turned = [list(map(float, box)) for box in boxes]
    if not _is_in_degrees(column):
        from pyproj import CRS, Transformer

        move = Transformer.from_crs(CRS(column["crs"]), "OGC:CRS84", always_xy=True)
        turned = [list(move.transform_bounds(w, s, e, n)) for w, s, e, n in turned]
    if not all(math.isfinite(side) for box in turned for side in box):
        return []
    south, north = min(box[1] for box in turned), max(box[3] for box in turned)
    both = BothSides()
    both.extend(span for west, _, east, _ in turned for span in _cut(west, east))
    crosses = any(west > east for west, _, east, _ in turned)
    west, east = min(box[0] for box in turned), max(box[2] for box in turned)
    if found := both.across(0.0 if crosses else HALF):
        west, east = found
    elif crosses:
        west, east = -HALF, HALF
    return [round(side, DIGITS) for side in (west, south, east, north)]


def _cut(west: float, east: float) -> list[tuple[float, float]]:
    return [(west, east)] if west <= east else [(west, HALF), (-HALF, east)]

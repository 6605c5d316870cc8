"""Shapes across the 180th meridian: cut there, so that no reader sees them span the globe.

Format: RFC 7946 (GeoJSON), section 3.1.9, which other formats have no words for.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import shapely
from pyproj import CRS

HALF, TURN = 180.0, 360.0  # degrees
MULTI_POINT, COLLECTION = 4, 7  # types of shapely: those below have one part
_AS_MULTI = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)  # by dimension
Move = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def is_in_degrees(crs: CRS) -> bool:
    """Whether coordinates of a CRS are degrees, not metres nor grads."""
    unit = crs.axis_info[0].unit_conversion_factor
    return crs.is_geographic and math.isclose(unit, math.pi / HALF)


def beyond(shapes: np.ndarray) -> np.ndarray:
    """Return the places of shapes that reach over the 180th meridian, as 182 degrees do."""
    boxes = shapely.bounds(shapes)
    return np.flatnonzero((boxes[:, 0] < -HALF) | (boxes[:, 2] > HALF))


def cut(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape with its parts beyond the 180th meridian on the other side of the map.

    Parts that do not reach over it are as they were: no line is noded, no polygon repaired.
    """
    if not len(beyond(np.array([shape]))):
        return shape
    if shapely.get_type_id(shape) < MULTI_POINT:
        pieces = _pieces(shape)
        return pieces[0] if len(pieces) == 1 else _AS_MULTI[shapely.get_dimensions(shape)](pieces)
    parts = [cut(part) for part in shapely.get_parts(shape)]
    if shapely.get_type_id(shape) == COLLECTION:
        return shapely.geometrycollections(parts)
    return _AS_MULTI[shapely.get_dimensions(shape)](shapely.get_parts(parts))


def _pieces(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Return what a shape of one part is cut into."""
    west, _, east, _ = shape.bounds
    first, last = math.floor((west + HALF) / TURN), math.ceil((east + HALF) / TURN) - 1
    dimension = shapely.get_dimensions(shape)
    if dimension == 0:
        return [shapely.transform(shape, _turned_back, include_z=bool(shapely.has_z(shape)))]
    if first >= last:
        return [_shifted(shape, -first * TURN)]
    if dimension == 1:
        return _pieces_of_line(shape)
    whole = shape if shape.is_valid else shapely.make_valid(shape)
    pieces: list[shapely.Geometry] = []
    for turn in range(first, last + 1):
        here = shapely.box(turn * TURN - HALF, -TURN, turn * TURN + HALF, TURN)
        found = shapely.get_parts(shapely.get_parts(shapely.intersection(whole, here)))
        found = found[shapely.get_dimensions(found) == dimension]
        pieces += list(_shifted(found, -turn * TURN))
    return pieces


def _pieces_of_line(line: shapely.Geometry) -> list[shapely.Geometry]:
    """Walk along a line: where it crosses itself or runs back, it does so afterwards."""
    points = _with_crossings(shapely.get_coordinates(line, include_z=bool(shapely.has_z(line))))
    place = ((points[:-1, 0] + points[1:, 0]) / 2 + HALF) / TURN
    turns = np.floor(place)
    along = np.flatnonzero((place == turns) & (points[:-1, 0] == points[1:, 0]))
    for edge in along:  # on the meridian itself: with what comes before it
        turns[edge] = turns[edge - 1] if edge else turns[np.setdiff1d(range(len(turns)), along)[0]]
    starts = np.flatnonzero(np.diff(turns, prepend=turns[0] - 1))
    ends = np.append(starts[1:], len(turns))
    return [
        _shifted(shapely.linestrings(points[start : end + 1]), -turns[start] * TURN)
        for start, end in zip(starts, ends, strict=True)
    ]


def _with_crossings(points: np.ndarray) -> np.ndarray:
    """Return the points of a line, with those where it crosses a 180th meridian."""
    walked = [points[0]]
    for start, end in pairwise(points):
        low, high = sorted((start[0], end[0]))
        turns = np.arange(math.ceil((low + HALF) / TURN), math.floor((high + HALF) / TURN) + 1)
        meridians = turns * TURN - HALF
        meridians = meridians[(meridians > low) & (meridians < high)]
        for meridian in meridians if end[0] > start[0] else meridians[::-1]:
            share = (meridian - start[0]) / (end[0] - start[0])
            crossing = start + share * (end - start)
            crossing[0] = meridian
            walked.append(crossing)
        walked.append(end)
    return np.array(walked)


def _turned_back(points: np.ndarray) -> np.ndarray:
    out = np.abs(points[:, 0]) > HALF
    points[out, 0] = (points[out, 0] + HALF) % TURN - HALF
    return points


def _shifted(
    shapes: np.ndarray | shapely.Geometry, degrees: float | np.ndarray
) -> np.ndarray | shapely.Geometry:
    """Return shapes further east, each of their points by as much as is given for it."""

    def shift(points: np.ndarray) -> np.ndarray:
        points[:, 0] += degrees
        return points

    return shapely.transform(shapes, shift, include_z=bool(np.any(shapely.has_z(shapes))))


def rejoined(
    before: shapely.Geometry, after: shapely.Geometry, move: Move
) -> shapely.Geometry | None:
    """Return a reprojected shape in one piece, its longitudes beyond ±180; None if it is so as is.

    Raises:
        ValueError: a ring goes around a pole.
    """
    if shapely.get_type_id(after) == COLLECTION:
        pairs = zip(shapely.get_parts(before), shapely.get_parts(after), strict=True)
        parts = [(rejoined(old, new, move), new) for old, new in pairs]
        if all(joined is None for joined, _ in parts):
            return None
        return shapely.geometrycollections([joined or new for joined, new in parts])
    points, ring_of = shapely.get_coordinates(_rings(after), return_index=True)
    edges = _crossing(shapely.get_coordinates(before), points, ring_of, move)
    if not len(edges):
        return None
    steps = np.zeros(len(points))
    steps[edges + 1] = -TURN * np.sign(points[edges + 1, 0] - points[edges, 0])
    total = np.cumsum(steps)
    first = np.flatnonzero(np.diff(ring_of, prepend=-1))
    last = np.append(first[1:], len(points)) - 1
    is_area = shapely.get_dimensions(after) == 2
    if is_area and (total[first] != total[last]).any():
        raise ValueError("a ring goes around a pole")
    total -= total[first][ring_of]
    if is_area:
        _beside_outer(after, points[:, 0] + total, first, last, total)
    return _shifted(after, total)


def _crossing(
    before: np.ndarray, points: np.ndarray, ring_of: np.ndarray, move: Move
) -> np.ndarray:
    """Return the edges that cross the meridian, by their first points.

    Such an edge is short in the first CRS and spans the globe in degrees: the middle of it lies on
    the other side of the globe than the middle between its ends.
    """
    far = np.flatnonzero((np.abs(np.diff(points[:, 0])) > HALF) & (np.diff(ring_of) == 0))
    if not len(far):
        return far
    middles = (before[far] + before[far + 1]) / 2
    between = (points[far, 0] + points[far + 1, 0]) / 2
    apart = np.abs(move(middles[:, 0], middles[:, 1])[0] - between)
    return far[np.minimum(apart, TURN - apart) > HALF / 2]


def jumped(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return an invalid shape in one piece whose rings jump from 180 to -180 degrees, else None.

    As maps of the world for a globe have them (TopoJSON): each edge takes the short way. A ring
    around a pole has no piece of its own, and is left as it is.
    """
    try:
        return rejoined(shape, shape, lambda x, y: (x + HALF, y))
    except ValueError:
        return None


def _rings(shape: shapely.Geometry) -> np.ndarray:
    parts = shapely.get_parts(shape)
    return shapely.get_rings(parts) if shapely.get_dimensions(shape) == 2 else parts


def _beside_outer(
    shape: shapely.Geometry, x: np.ndarray, first: np.ndarray, last: np.ndarray, total: np.ndarray
) -> None:
    """Shift holes to where the outer ring of their part lies."""
    _, part_of = shapely.get_rings(shapely.get_parts(shape), return_index=True)
    for ring, part in enumerate(part_of):
        outer = int(np.flatnonzero(part_of == part)[0])
        hole, around = (x[first[r] : last[r] + 1] for r in (ring, outer))
        turns = np.sign((around.min() + around.max() - hole.min() - hole.max()) / 2)
        if hole.max() < around.min() or hole.min() > around.max():
            total[first[ring] : last[ring] + 1] += turns * TURN

"""What polygons of one ring are told by their numbers is what GEOS finds, to the byte."""

import math
import struct
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyproj import CRS
from shapely import LineString, MultiPolygon, Point, Polygon, box

from diffusion.config.parts import Geometry
from diffusion.errors import DiffusionError
from diffusion.tables import rings
from diffusion.tables.rings import rings_of
from diffusion.tables.shapes import Shapes
from diffusion.tables.wkb import from_wkb


def around(count: int, turns: int = 1, *, wave: float = 0.2) -> np.ndarray:
    """Return corners around a point, going around it so many times."""
    angle = np.linspace(0, 2 * math.pi * turns, count, endpoint=False)
    radius = 1 + wave * np.sin(7 * angle)
    return np.stack([3 + radius * np.cos(angle), 45 + radius * np.sin(angle)], axis=1)


ROUND = Polygon(around(64))
PENTAGRAM = Polygon(around(5, turns=2, wave=0))  # each edge goes the same way, in two turns
COMB = Polygon([(1, 1), (9, 1), (9, 5), (7, 5), (7, 2), (5, 2), (5, 5), (3, 5), (3, 2), (1, 2)])
BOW = Polygon([(1, 1), (3, 3), (3, 1), (1, 3)])
SPIKE = Polygon([(1, 1), (4, 1), (4, 4), (4, 6), (4, 4), (1, 4)])
FLAT = Polygon([(1, 1), (2, 2), (3, 3)])
TWICE = Polygon([(1, 1), (4, 1), (4, 1), (4, 4), (1, 4)])
ZEROS = range(22)
HOLED = Polygon(box(1, 1, 9, 9).exterior, [box(2, 2, 3, 3).exterior])
NARROW = Polygon([(1, 1), (2, 1 + 2**-52), (3, 1), (2, 1 + 2**-51)])
TINY = box(2.35, 48.85, 2.35 + 1e-12, 48.85 + 1e-12)


def twice_the_area(points: list[tuple[float, float]]) -> float:
    exact = [(Fraction(x), Fraction(y)) for x, y in points]
    return float(sum(a[0] * b[1] - a[1] * b[0] for a, b in pairwise(exact)))


def clockwise(shape: Polygon) -> Polygon:
    return shape.reverse() if shape.exterior.is_ccw else shape


def ring(*points: tuple[float, float], count: int | None = None, order: str = "<") -> bytes:
    numbers = [number for point in points for number in point]
    head = struct.pack(f"{order}BIII", order == "<", 3, 1, len(points) if count is None else count)
    return head + struct.pack(f"{order}{len(numbers)}d", *numbers)


ONE = [
    ROUND, PENTAGRAM, COMB, BOW, SPIKE, FLAT, TWICE, NARROW, TINY, box(1, 1, 2, 2),
    box(0, 0, 2, 2), Polygon([(2, 1), (2, 22), *((-0.0 if n % 3 else 0.0, 22 - n) for n in ZEROS)]),
]  # fmt: skip
SHAPES = [*ONE, *map(clockwise, ONE), *(MultiPolygon([s]) for s in ONE)]
OTHERS = [
    HOLED, clockwise(HOLED), MultiPolygon([box(1, 1, 2, 2), box(3, 3, 4, 4)]), Polygon(), None,
    shapely.force_3d(ROUND, 7), MultiPolygon(), MultiPolygon([HOLED]),
]  # fmt: skip
SQUARE = [(1, 1), (4, 1), (4, 4), (1, 4), (1, 1)]
BYTES = [
    ring(*SQUARE),
    ring(*SQUARE[:-1]),  # not closed
    ring(*SQUARE, order=">"),
    ring(*SQUARE) + b"behind the end",
    ring((1, 1), (4, 1), (1, 1)),
    ring(*SQUARE[:2], (math.nan, 3), *SQUARE[3:]),
    ring((1e-200, 1), (2e-200, 1), (2e-200, 1 + 1e-200), (1e-200, 1)),
]
HUGE = Polygon([(1e200, 1e200), (3e200, 1e200), (3e200, 3e200)])


def both(given: pa.Array, **options: object) -> list[str]:
    """Return what is made of WKB with and without a look at its numbers, and what is told."""
    made = []
    for is_by_numbers in (True, False):
        work = Shapes(Geometry(**options), CRS("EPSG:4326"), "a.shp")
        read = work.of_wkb(given) if is_by_numbers else work.arrays(from_wkb(given, "a.shp"), given)
        told = {**work.facts(), "shapes": work.extent.shapes}
        made.append(repr([*(column.to_pylist() for column in read), told]))  # -0.0 is not 0.0
    return made


def wkb_of(shapes: list) -> pa.Array:
    return pa.array(shapely.to_wkb(np.array(shapes, object)).tolist(), pa.binary())


@pytest.mark.parametrize("options", [{}, {"repair": False}, {"family": "any"}])
def test_all_is_as_geos_has_it(options):
    given = wkb_of([*SHAPES, *OTHERS, *reversed(SHAPES)])
    one, other = both(given, **options)
    assert one == other
    one, other = both(given.slice(7, 31), **options)
    assert one == other


@pytest.mark.parametrize("value", BYTES, ids=range(len(BYTES)))
def test_bytes_of_other_programs(value):
    given = pa.array([BYTES[0], value, None, value, BYTES[0]], pa.binary())
    one, other = both(given, repair=False)
    assert one == other


def test_many_of_any_form(monkeypatch):
    monkeypatch.setattr(rings, "AT_ONCE", 100)
    rng = np.random.default_rng(7)
    sizes, digits = rng.integers((3, 0), (9, 4), (4000, 2)).T
    corners = [rng.uniform(1, 9, (size, 2)) for size in sizes]
    shapes = [Polygon(c.round(places)) for c, places in zip(corners, digits, strict=True)]
    shapes = [MultiPolygon([s]) if n % 5 == 0 else s for n, s in enumerate(shapes)]
    found = rings_of(wkb_of(shapes))
    valid = shapely.is_valid(shapes)
    assert not (found.is_valid & ~valid).any()
    assert 800 < found.is_valid.sum() < valid.sum()
    one, other = both(wkb_of(shapes))
    assert one == other


def test_what_is_proven():
    found = rings_of(wkb_of([ROUND, clockwise(ROUND), COMB, PENTAGRAM, BOW, HOLED, None, TINY]))
    assert found.is_valid.tolist() == [True, True, False, False, False, False, False, True]
    assert found.turn[:4].tolist() == [1, -1, 1, 1]
    assert found.kinds.tolist() == [3, 3, 3, 3, -1, -1, -1, 3]


def test_a_ring_as_thin_as_rounding_turns_as_exact_numbers_do_or_is_not_told():
    """Corners next to a line, a few steps of a double apart: their area is what rounding makes."""
    chance = np.random.default_rng(11)
    along = chance.uniform(0, 1e3, (4_000, 4, 1)) * [1.0, 1 / 3] + [6e5, 6.8e6]
    corners = along + chance.integers(-2, 3, along.shape) * np.spacing(along)
    given = [[*map(tuple, each), tuple(each[0])] for each in corners.tolist()]
    turn = rings_of(pa.array([ring(*points) for points in given], pa.binary())).turn
    exact = np.array([np.sign(twice_the_area(points)) for points in given])
    assert ((turn == 0) | (turn == exact)).all()
    assert 0 < (turn != 0).sum() < len(turn)  # some are told, and some are not


@pytest.mark.parametrize("far", [math.inf, 1e200])
def test_of_numbers_without_bounds_nothing_is_proven(far):
    found = rings_of(pa.array([ring((1, 1), (far, 1), (far, far), (1, 1))], pa.binary()))
    assert not found.is_valid.any()
    assert not found.turn.any()


def test_no_rows_and_other_kinds():
    for shapes in ([], [None], [Point(1, 2), LineString([(1, 1), (2, 2)]), None]):
        one, other = both(wkb_of(shapes), family="any")
        assert one == other


def test_bytes_behind_a_null_are_none():
    values = wkb_of([box(1, 1, 2, 2)] * 3)
    _, ends, data = values.buffers()
    hidden = pa.Array.from_buffers(pa.binary(), 3, [pa.py_buffer(b"\x05"), ends, data])
    one, other = both(hidden)
    assert one == other


def test_a_coordinate_that_is_infinite_is_refused():
    """GEOS never ends to repair this one."""
    endless = Polygon([(0, 0), (math.inf, 1e-6), (1e-6, 0), (0, 1e-6)])
    work = Shapes(Geometry(), CRS.from_epsg(2154), "t")
    with pytest.raises(DiffusionError, match="coordinates that are infinite: 1"):
        work.of_wkb(pa.array([shapely.to_wkb(ROUND), shapely.to_wkb(endless)]))

"""WKB that came is kept only where it is what would be written."""

import struct

import numpy as np
import pyarrow as pa
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, Polygon, box

from diffusion.tables.wkb import to_wkb

HOLED = Polygon(box(0, 0, 9, 9).exterior, [box(1, 1, 2, 2).exterior, box(3, 3, 4, 4).exterior])
SHAPES = [
    Point(1, 2), Point(1, 2, 3), LineString([(0, 0), (1, 1)]), HOLED, shapely.force_3d(HOLED, 7),
    Polygon(), Point(), MultiPoint([(0, 0), (1, 1)]), None,
]  # fmt: skip


def read(values: list[bytes | None]) -> tuple[np.ndarray, pa.Array]:
    return shapely.from_wkb(np.array(values, object), on_invalid="fix"), pa.array(values)


def expected(shapes: np.ndarray) -> list[bytes | None]:
    return list(shapely.to_wkb(shapes, output_dimension=3, flavor="iso"))


def test_iso_wkb_is_kept():
    shapes, wkb = read([shapely.to_wkb(shape, flavor="iso") for shape in SHAPES[:6]])
    assert to_wkb(shapes, shapes, wkb) is wkb
    part = to_wkb(shapes[2:5], shapes[2:5], wkb.slice(2, 3))
    assert part.to_pylist() == expected(shapes[2:5])


@pytest.mark.parametrize(
    "came",
    [
        shapely.to_wkb(HOLED, byte_order=0),
        shapely.to_wkb(Point(1, 2, 3), flavor="extended"),
        shapely.to_wkb(Point(1, 2), include_srid=True, flavor="extended") + b"behind the end",
        struct.pack("<BI3d", 1, 2001, 1, 2, 5),  # a measure
        struct.pack("<BIII6d", 1, 3, 1, 3, 0, 0, 1, 0, 1, 1),  # a ring that is not closed
        # a part that is EWKB, of the same length as ISO
        struct.pack("<BIIBI3d", 1, 1004, 1, 1, 0x80000001, 1, 2, 3),
    ],
)
def test_other_wkb_is_written_anew(came):
    good = shapely.to_wkb(HOLED)
    given, wkb = read([good, came, None, good])
    shapes = np.where(shapely.has_m(given), shapely.force_2d(given), given)
    written = to_wkb(shapes, given, wkb).to_pylist()
    assert written == expected(shapes)
    assert written[1] != came


def test_shapes_that_were_changed_are_written_anew():
    given, wkb = read([shapely.to_wkb(shape, flavor="iso") for shape in SHAPES])
    shapes = given.copy()
    shapes[0] = Point(4, 5)
    assert to_wkb(shapes, given, wkb).to_pylist() == expected(shapes)
    assert to_wkb(shapes, given, None).to_pylist() == expected(shapes)
    assert to_wkb(shapes[:0], given[:0], None).to_pylist() == []

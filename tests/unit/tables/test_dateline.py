"""Shapes across the 180th meridian: cut there, with nothing lost and nothing around the globe."""

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely import LineString, Point, Polygon, box

from diffusion.config.parts import Geometry
from diffusion.errors import DiffusionError
from diffusion.tables.shapes import Shapes
from diffusion.tables.wkb import from_wkb

ACROSS = box(178, -20, 182, -15)
HOLE = Polygon(ACROSS.exterior, [[(181, -18), (181.5, -18), (181.5, -17), (181, -17)]])
BETWEEN = LineString([(179, -18), (183, -16)])


def worked(shapes, crs: int, **options) -> tuple[np.ndarray, Shapes]:
    work = Shapes(Geometry(**options), CRS.from_epsg(crs), "a.gpkg")
    wkb, _ = work.arrays(np.array(shapes, object))
    return from_wkb(wkb, "a.gpkg"), work


def in_fiji(shape) -> shapely.Geometry:
    return geopandas.GeoSeries([shape], crs=4326).to_crs(3460).iloc[0]


def on_either_side(shape) -> list[float]:
    """Return the widths on the eastern and on the western half of the map."""
    west, _, east, _ = shape.bounds
    assert (west, east) == (-180, 180)
    parts = shapely.bounds(shapely.get_parts(shape))
    return [float(parts[parts[:, 0] > 0, 0].min()), float(parts[parts[:, 2] < 0, 2].max())]


@pytest.mark.parametrize("shape", [ACROSS, HOLE, BETWEEN, shapely.force_3d(ACROSS, 7)])
def test_beyond_the_meridian_as_stated(shape):
    (found,), work = worked([shape], 4326, wrap=True)
    assert on_either_side(found) == [shape.bounds[0], shape.bounds[2] - 360]
    assert found.area == pytest.approx(shape.area) and found.length > 0 and found.is_valid
    assert found.has_z == shape.has_z
    assert work.notes == ("1 shapes reach over the 180th meridian: they are cut there",)
    with pytest.raises(DiffusionError, match=r"geometry: \{wrap: true\}"):
        worked([shape], 4326)


def test_what_lies_wholly_beyond_or_within():
    given = [Point(190, 5), box(300, 10, 310, 20), box(1, 1, 2, 2), Point(180, 0), None]
    found, _ = worked(given, 4326, wrap=True)
    assert shapely.equals(found[0], Point(-170, 5)) and shapely.equals(
        found[1], box(-60, 10, -50, 20)
    )
    assert shapely.equals(found[2], given[2]) and shapely.equals(found[3], given[3])
    assert found[4] is None


CROSSED = LineString([(10, 0), (12, 2), (12, 0), (10, 2), (12, 0)])  # itself, and runs back
BACK = LineString([(179, 0, 1), (181, 0, 3), (179, 0, 5)])


def test_lines_are_neither_noded_nor_merged():
    """Those far from the meridian are as they were, byte for byte."""
    several = shapely.MultiLineString([CROSSED, CROSSED, BETWEEN])
    (found, back, along), _ = worked(
        [several, BACK, LineString([(180, 0), (180, 1), (181, 1)])], 4326, wrap=True
    )
    parts = shapely.get_parts(found)
    assert [shapely.to_wkb(part) for part in parts[:2]] == [shapely.to_wkb(CROSSED)] * 2
    assert [tuple(part.coords) for part in parts[2:]] == [
        ((179, -18), (180, -17.5)),
        ((-180, -17.5), (-177, -16)),
    ]
    assert back.wkt == (
        "MULTILINESTRING Z ((179 0 1, 180 0 2), (-180 0 2, -179 0 3, -180 0 4), (180 0 4, 179 0 5))"
    )
    assert along.wkt == "LINESTRING (-180 0, -180 1, -179 1)"


@pytest.mark.parametrize("is_reprojected", [False, True])
def test_a_collection_is_cut_member_by_member(is_reprojected):
    far = [] if is_reprojected else [CROSSED]
    members = [Point(185, -17), Point(170, -17), *far, BETWEEN, box(170, -17, 171, -16), ACROSS]
    given = shapely.GeometryCollection(members)
    if is_reprojected:
        (found,), _ = worked([in_fiji(given)], 3460, to_crs="EPSG:4326", repair=False)
    else:
        (found,), _ = worked([given], 4326, wrap=True, repair=False)
    assert found.geom_type == "GeometryCollection"
    kinds = [part.geom_type for part in found.geoms]
    expected = ["Point", "Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    assert kinds == [k for k in expected if k != "LineString" or not is_reprojected]
    assert found.geoms[0].x == pytest.approx(-175) and found.geoms[1].x == pytest.approx(170)
    assert found.area == pytest.approx(given.area)
    assert found.geoms[-3].length == pytest.approx(BETWEEN.length)


@pytest.mark.parametrize("shape", [ACROSS, HOLE, BETWEEN, shapely.MultiPolygon([HOLE])])
def test_across_it_once_reprojected(shape):
    """geopandas gives shapes around the globe."""
    (found,), work = worked([in_fiji(shape)], 3460, to_crs="EPSG:4326")
    assert on_either_side(found) == pytest.approx([shape.bounds[0], shape.bounds[2] - 360])
    assert found.area == pytest.approx(shape.area) and found.is_valid
    assert work.cut == 1


def test_a_ring_that_jumps_to_the_other_side_takes_the_short_way():
    """As world-atlas has Russia and Fiji: repaired as they stand, they would span the globe."""
    outer = [(170, 60), (180, 60), (-180, 60), (-170, 60), (-170, 70), (-180, 70), (180, 70)]
    hole = [(178, 64), (178, 66), (-178, 66), (-178, 64)]
    given = [Polygon([*outer, (170, 70)], [hole]), box(0, 0, 1, 1)]
    assert not given[0].is_valid
    (jumping, beside), work = worked(given, 4326)
    assert jumping.is_valid and (work.repaired, work.cut) == (0, 1)
    assert jumping.area == 20 * 10 - 4 * 2
    assert shapely.equals(
        jumping & box(-180, 0, 0, 90), box(-180, 60, -170, 70) - box(-180, 64, -178, 66)
    )
    assert shapely.equals(beside, given[1])
    (as_is, _), _ = worked(given, 4326, repair=False)
    assert shapely.equals_exact(as_is.normalize(), given[0].normalize()) and not as_is.is_valid


def test_a_ring_around_the_pole_is_repaired_as_it_stands():
    polar = Polygon([(-170, 80), (-60, 80), (60, 80), (170, 80), (170, 81), (-171, 79)])
    (shape,), work = worked([polar], 4326)
    assert shape.is_valid and work.repaired == 1


def test_the_whole_world_is_no_crossing():
    to = Transformer.from_crs(4326, 3857, always_xy=True)
    corners = [to.transform(x, y) for x, y in [(-180, -85), (180, -85), (180, 85), (-180, 85)]]
    (found,), work = worked([Polygon(corners)], 3857, to_crs="EPSG:4326")
    assert found.area == pytest.approx(360 * 170) and not work.cut


@pytest.mark.parametrize(
    ("shape", "crs", "options", "words"),
    [
        (Point(0, 0).buffer(1e6), 3031, {"to_crs": "EPSG:4326"}, "goes around a pole"),
        (Point(650000, 6800000), 2154, {"wrap": True}, "wrap: has no effect"),
    ],
)
def test_refused(shape, crs, options, words):
    with pytest.raises(DiffusionError, match=words):
        worked([shape], crs, **options)

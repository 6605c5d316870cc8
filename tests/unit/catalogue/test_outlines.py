"""The map of a table: a path for each row, small, and nothing where it would be large."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from diffusion.catalogue.page import outlines as made
from diffusion.catalogue.page.outlines import PATHS, outlines

GEO = {"crs": "EPSG:2154", "types": ["Polygon"], "bbox": [0, 0, 3000, 2000]}
GEO |= {"bbox_wgs84": [-1.3, -5.9, -1.3, -5.9]}
SQUARE = box(0, 0, 3000, 2000)


@pytest.fixture
def drawn(tmp_path):
    def draw(*shapes) -> list[str]:
        path = tmp_path / "t.parquet"
        frame = geopandas.GeoDataFrame(geometry=list(shapes), crs="EPSG:2154")
        frame.to_parquet(path, write_covering_bbox=True)
        return outlines(path, GEO)

    return draw


def test_each_row_with_a_geometry_has_its_outline(drawn):
    hole = [(1000, 500), (2000, 500), (2000, 1500), (1000, 1500)]
    ring, tiny = Polygon(SQUARE.exterior, [hole]), box(5, 5, 6, 6)
    parts = MultiPolygon([box(0, 0, 500, 2000), box(2500, 0, 3000, 2000)])
    line, point = LineString([(1000, 0), (1000, 2000)]), Point(2000, 1000, 7)
    found = drawn(SQUARE, ring, None, parts, Polygon(), line, point, tiny)
    assert found[0] == "M1164 776l0 -752 -1128 0 0 752z"
    assert [path.count("M") for path in found] == [1, 2, 2, 1, 1, 1]
    assert found[3] == "M412 776l0 -752"
    assert found[4] == "M788 400h0"
    assert found[5] == "M38 774h0"
    assert all(PATHS.fullmatch(f'<path d="{path}"/>') for path in found)


def test_an_island_too_small_for_an_outline_makes_none_of_its_mainland_thick(drawn):
    """A path that ends with a dot is drawn with a pen for dots."""
    island, pond = box(2999, 0, 3000, 1), [(5, 5), (6, 5), (6, 6), (5, 6)]
    ground = Polygon(box(0, 0, 2000, 2000).exterior, [pond])
    (path,) = drawn(MultiPolygon([ground, island]))
    assert path.startswith("M1164 776h0M") and path.endswith("z")
    assert path.count("M") == 2, "a hole too small is none"


def test_fine_lines_become_coarse_until_they_are_few(drawn, monkeypatch):
    angles = np.linspace(0, 2 * np.pi, 20_000)[:-1]
    circle = Polygon(np.column_stack((1500 + 900 * np.cos(angles), 1000 + 900 * np.sin(angles))))
    fine = drawn(circle)[0]
    assert 100 < len(fine) < 2000
    monkeypatch.setattr(made, "MOST_WRITTEN", len(fine) - 1)
    assert 50 < len(drawn(circle)[0]) < len(fine)
    monkeypatch.setattr(made, "MOST_WRITTEN", 10)
    assert drawn(circle) == []


@pytest.mark.parametrize("limit", ["MOST_SHAPES", "MOST_BYTES"])
def test_of_very_many_there_are_none(drawn, monkeypatch, limit):
    monkeypatch.setattr(made, limit, 0)
    assert drawn(shapely.box(0, 0, 1, 1)) == []

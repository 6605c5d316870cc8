"""The files of a shapefile are whole and belong together, or nothing is published."""

import shutil

import geopandas
import numpy as np
import pytest
from shapely import LineString

from conversions import refusal

ROWS = 50


@pytest.fixture
def file(converter):
    """A shapefile of lines of several lengths."""
    shapes = [LineString([(i, 0), *((i, y + 1) for y in range(1 + i % 3))]) for i in range(ROWS)]
    path = converter.folder / "a.shp"
    geopandas.GeoDataFrame({"n": range(ROWS)}, geometry=shapes, crs=4326).to_file(path)
    return path


@pytest.mark.parametrize(
    ("ending", "kept", "words"),
    [
        (".shp", 0.5, "a.shp is cut off: 2"),
        (".shp", -1, "a.shp is cut off: 49 of 50 shapes"),
        (".shp", 50, "a.shp is cut off"),
        (".shx", 0.5, "a.shx is cut off"),
        (".shx", -8, "a.shx is cut off"),
        (".dbf", 0.5, "a.dbf is cut off: 2"),
        (".dbf", -20, "a.dbf is cut off: 49 of 50 rows"),
        (".dbf", 5, "a.dbf is cut off"),
    ],
)
def test_a_file_that_is_cut_off(converter, file, ending, kept, words):
    part = file.with_suffix(ending)
    data = part.read_bytes()
    part.write_bytes(data[: int(len(data) * kept) if isinstance(kept, float) else kept])
    said = refusal(converter, file)
    assert words in said and "`vintage`" in said
    assert not converter.target.exists()


def test_an_index_of_another_layer(converter, file):
    shapes = [LineString([(i, 0), *((i, y + 1) for y in range(3 - i % 3))]) for i in range(ROWS)]
    other = converter.folder / "b.shp"
    geopandas.GeoDataFrame({"n": range(ROWS)}, geometry=shapes, crs=4326).to_file(other)
    shutil.copy(other.with_suffix(".shx"), file.with_suffix(".shx"))
    assert "is not where a.shx says" in refusal(converter, file)


@pytest.mark.parametrize("ending", [".shx", ".dbf"])
def test_a_part_that_is_not_there(converter, file, ending):
    file.with_suffix(ending).unlink()
    assert f"a.shp has no {ending} beside it" in refusal(converter, file)


def test_bytes_behind_the_end_and_lengths_with_their_headers(converter, file):
    """Both are seen from programs in use, and lose nothing."""
    for ending in (".shp", ".dbf"):
        with file.with_suffix(ending).open("ab") as part:
            part.write(b"\x00" * 9)
    shx = np.fromfile(file.with_suffix(".shx"), ">i4")
    shx[26::2] += 4
    shx.tofile(file.with_suffix(".shx"))
    assert sorted(converter.table(file)["n"].to_pylist()) == list(range(ROWS))


def test_a_header_that_promises_more_than_all_parts_have(converter, file):
    """Cut at the end of a shape, with an index and rows that were made of what was left."""
    data = bytearray(file.read_bytes())
    data[24:28] = (int.from_bytes(data[24:28], "big") + 50).to_bytes(4, "big")
    file.write_bytes(data)
    said = refusal(converter, file)
    assert f"a.shp is cut off: {len(data):,} of the {len(data) + 100:,} bytes" in said

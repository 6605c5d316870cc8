"""Parquet whose geometries no metadata describe: read as geometries, or refused; never as bytes."""

import duckdb
import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS as Crs
from shapely import Point

from conversions import refusal

WKB = [shapely.to_wkb(Point(2, 48)), None, shapely.to_wkb(Point(3, 44))]
JUNK = [b"\x89PNG", None, b"junk"]
CURVE = bytes.fromhex("010800000003000000") + bytes(48)  # CIRCULARSTRING
CRS = {"crs": "EPSG:4326"}


def parquet(converter, **columns):
    path = converter.folder / "a.parquet"
    pq.write_table(pa.table({"code": ["01", "2A", "2B"], **columns}), path)
    return path


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
@pytest.mark.parametrize("name", ["geom", "geometry", "wkb"])
def test_bytes_that_are_geometries(converter, name, kind):
    path = parquet(converter, **{name: pa.array(WKB, kind)})
    said = refusal(converter, path)
    assert f"`{name}` are geometries" in said and "geometry: {crs:" in said
    frame = geopandas.read_parquet(converter.convert(path, geometry={**CRS, "family": "point"}))
    assert frame.crs == "EPSG:4326"
    assert [*frame.set_index("code").geometry.loc[["01", "2B"]]] == [Point(2, 48), Point(3, 44)]
    assert frame.columns.tolist() == ["code", "geometry"]
    assert converter.table(path, drop=[name]).column_names == ["code"]


def test_other_bytes_beside_them_stay_bytes(converter):
    path = parquet(converter, geom=WKB, photo=JUNK)
    row = converter.table(path, geometry=CRS).to_pylist()[0]
    assert (row["code"], row["photo"]) == ("01", b"\x89PNG")
    assert converter.table(parquet(converter, photo=JUNK))["photo"].to_pylist() == JUNK


def test_a_crs_in_the_bytes(converter):
    """As PostGIS writes it."""
    ewkb = [shapely.to_wkb(shapely.set_srid(Point(650000, 6860000), 2154), include_srid=True)] * 3
    path = parquet(converter, geom=ewkb)
    assert geopandas.read_parquet(converter.convert(path)).crs == "EPSG:2154"
    assert "states RGF93" in refusal(converter, path, geometry=CRS)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"photo": JUNK}, "no column of bytes holds geometries (WKB): `photo` begins 89 50 4e 47"),
        ({"geom": [WKB[0], None, b"junk"]}, "record 3 is no geometry that can be read"),
        ({"geom": [WKB[0], None, WKB[0][:-3]]}, "record 3 is no geometry that can be read"),
        ({"geom": [WKB[0], None, b""]}, "record 3 is no geometry that can be read"),
        ({"a": WKB, "b": WKB}, 'drop: ["b"]'),
        ({"geom": [CURVE] * 3}, "holds curves, which GeoParquet does not know"),
    ],
)
def test_refused(converter, columns, words):
    assert words in refusal(converter, parquet(converter, **columns), geometry=CRS)


def test_one_of_two(converter):
    path = parquet(converter, a=WKB, b=WKB[::-1])
    frame = geopandas.read_parquet(converter.convert(path, geometry=CRS, drop=["b"]))
    assert frame.set_index("code").geometry["01"] == Point(2, 48)


def test_described_geometries_that_cannot_be_read(converter):
    """They were told as missing."""
    path = converter.folder / "a.parquet"
    points = [Point(2, 48), Point(3, 44)]
    geopandas.GeoDataFrame({"n": [1, 2]}, geometry=points, crs=4326).to_parquet(path)
    table = pq.read_table(path)
    damaged = table.set_column(1, table.schema.field(1), pa.array([WKB[0], WKB[0][:-3]]))
    pq.write_table(damaged, path)
    assert "record 2 is no geometry that can be read" in refusal(converter, path)


def typed(converter, kind: str = "GEOMETRY", value: str = "POINT(2 48)"):
    """Write a file by DuckDB, with Parquet's own type of geometries and no GeoParquet metadata."""
    path = converter.folder / "typed.parquet"
    columns = f"'01' AS code, '{value}'::{kind} AS geom"
    duckdb.sql(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet, GEOPARQUET_VERSION 'NONE')")
    return path


def test_parquets_own_type_of_geometries(converter):
    """Without a CRS it is that of longitudes and latitudes, as the format says."""
    assert geopandas.read_parquet(converter.convert(typed(converter))).crs == "OGC:CRS84"
    crs = Crs("EPSG:2154").to_json()
    path = typed(converter, f"GEOMETRY('{crs}')", "POINT(650000 6860000)")
    frame = geopandas.read_parquet(converter.convert(path))
    assert frame.crs == "EPSG:2154" and frame.geometry[0] == Point(650000, 6860000)
    assert "EPSG:2154" in refusal(converter, path, geometry=CRS)
    assert converter.table(path, drop=["geom"]).column_names == ["code"]


def test_coordinates_that_are_none_of_that_type(converter):
    words = refusal(converter, typed(converter, value="POINT(650000 6860000)"))
    assert "beyond ±180/±90" in words

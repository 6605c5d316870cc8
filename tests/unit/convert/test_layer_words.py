"""What layers state of themselves in several words: the CRS of GML, the zones of GeoPackage."""

import sqlite3
from datetime import UTC, date, datetime

import geopandas
import pytest
from shapely import Point

from conversions import refusal

GML = """<?xml version="1.0"?>
<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml">
<gml:boundedBy><gml:Envelope srsName="EPSG:3857"/></gml:boundedBy>{}</ogr:FeatureCollection>"""
FEATURE = """<ogr:featureMember><ogr:t><ogr:geometryProperty><gml:Point srsName="{}">
<gml:pos>{}</gml:pos></gml:Point></ogr:geometryProperty></ogr:t></ogr:featureMember>"""
URN, ADDRESS = "urn:ogc:def:crs:EPSG::{}", "http://www.opengis.net/def/crs/EPSG/0/{}"
PLACES = ["652000 6862000", "653000 6862000"]


def gml(*names: str) -> str:
    return GML.format("".join(map(FEATURE.format, names, PLACES)))


def test_one_crs_in_several_words(converter):
    path = converter.convert(gml(URN.format(2154), ADDRESS.format(2154)))
    layer = geopandas.read_parquet(path)
    assert layer.crs.to_epsg() == 2154
    assert sorted(point.x for point in layer.geometry) == [652_000, 653_000]


def test_several_crs(converter):
    words = refusal(converter, gml(URN.format(2154), URN.format(3857)))
    assert f"in several CRSs: {URN.format(2154)}, {URN.format(3857)}" in words


@pytest.mark.parametrize(("day", "is_text"), [("2024-02-30", False), ("2024-02-30T01:02:03", True)])
def test_a_day_of_gml_that_does_not_exist(converter, day, is_text):
    data = gml(URN.format(2154), URN.format(2154))
    data = data.replace("</ogr:t>", f"<ogr:d>{day}</ogr:d></ogr:t>")
    data = data.replace(day, "2024-01-31" + day[10:], 1)
    keys = {"geometry": {"crs": "EPSG:2154"}}
    if is_text:
        assert day in converter.columns(data, **keys)["d"]
    else:
        assert f"`d` has a day that does not exist, {day}" in refusal(converter, data, **keys)
        assert converter.table(data, drop=["d"], **keys).num_rows == 2


def drop_triggers(database: sqlite3.Connection) -> None:
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in triggers.fetchall():
        database.execute(f'DROP TRIGGER "{name}"')


@pytest.fixture
def geopackage(tmp_path):
    """Give a GeoPackage whose moments are written as they are given."""

    def made(*moments: str):
        path = tmp_path / "t.gpkg"
        data = {"d": [f"2024-01-0{n + 1}T00:00:00" for n in range(len(moments))]}
        frame = geopandas.GeoDataFrame(data, geometry=[Point(2, 48)] * len(moments), crs=4326)
        frame["d"] = frame["d"].astype("datetime64[ms]")
        frame.to_file(path)
        with sqlite3.connect(path) as database:
            drop_triggers(database)
            for number, moment in enumerate(moments, 1):
                database.execute("UPDATE t SET d = ? WHERE fid = ?", (moment, number))
        return path

    return made


def test_zones_of_a_geopackage(converter, geopackage):
    mixed = geopackage("2024-01-02T10:00:00Z", "2024-01-03T10:00:00")
    words = refusal(converter, mixed)
    assert "2024-01-02T10:00:00Z, 2024-01-03T10:00:00" in words
    assert "`columns: {d: timestamp}`" in words
    found = converter.columns(mixed, columns={"d": "timestamp"})["d"]
    assert [moment.hour for moment in found] == [10, 10]
    assert converter.table(mixed, drop=["d"]).num_rows == 2


@pytest.mark.parametrize(
    ("moments", "told"),
    [(["2024-01-02T10:00:00Z"] * 2, False), (["2024-01-02T10:00:00"] * 2, True)],
)
def test_moments_alike(converter, geopackage, moments, told):
    converter.convert(geopackage(*moments))
    assert ("state no zone: they are UTC" in str(converter.notes()["notes"])) == told


def package(path, kind: str, value: str):
    """Write a GeoPackage with a column `v` of a type, and a value of it in SQL."""
    frame = geopandas.GeoDataFrame({"a": [1, 2]}, geometry=[Point(2, 48)] * 2, crs=4326)
    frame.to_file(path / "t.gpkg")
    with sqlite3.connect(path / "t.gpkg") as database:
        drop_triggers(database)
        database.execute(f"ALTER TABLE t ADD COLUMN v {kind}")
        database.execute(f"UPDATE t SET v = {value} WHERE fid = 2")
    return path / "t.gpkg"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("INTEGER", "'x1'", "'x1', which is no whole number"),
        ("INTEGER", "''", "''"),
        ("INTEGER", "2.7", "2.7"),
        ("MEDIUMINT", "5000000000", "5000000000"),
        ("SMALLINT", "70000", "70000"),
        ("REAL", "'1,5'", "'1,5', which is no number"),
        ("BOOLEAN", "'true'", "'true'"),
        ("BOOLEAN", "2", "2"),
        ("DATE", "'2024-02-30'", "'2024-02-30', which is no day"),
        ("DATE", "'2024-01-05T10:00:00Z'", "is no day"),
        ("DATE", "''", "is no day"),
        ("DATETIME", "'juillet 2024'", "'juillet 2024', which is no moment"),
        ("DATETIME", "'2024-02-30T10:00:00Z'", "2024-02-30"),
        ("DATETIME", "'2024-01-05T24:00:00Z'", "24:00"),
        ("DATETIME", "1704445200", "1704445200"),
        ("TEXT", "x'e9'", "is no text"),
    ],
)
def test_values_of_a_geopackage_of_another_type(converter, tmp_path, kind, value, words):
    file = package(tmp_path, kind, value)
    said = refusal(converter, file)
    assert words in said and "`v` of the row 2" in said
    assert "v" not in converter.columns(file, drop=["v"])
    if kind == "TEXT":
        assert "string" not in said
        return
    assert "take its text, `columns: {v: string}`" in said
    before = file.read_bytes()
    read = converter.columns(file, columns={"v": "string"})["v"]
    assert set(read) == {None, value.strip("'") or None} and file.read_bytes() == before


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("INTEGER", "2.0", 2),
        ("TINYINT", "200", 200),
        ("REAL", "3", 3.0),
        ("BOOLEAN", "1", True),
        ("DATE", "'2024/1/5'", date(2024, 1, 5)),
        ("DATE", "'2024-01-05T00:00:00Z'", date(2024, 1, 5)),
        ("DATETIME", "'2024-01-05T10:00:00+0200'", datetime(2024, 1, 5, 8, tzinfo=UTC)),
        ("TEXT", "12", "12"),
        ("BLOB", "x'e9'", b"\xe9"),
    ],
)
def test_values_of_a_geopackage(converter, tmp_path, kind, value, read):
    found = converter.columns(package(tmp_path, kind, value))["v"]
    assert sorted(found, key=str) == sorted([read, None], key=str)


def test_a_column_that_gdal_leaves_out_is_told(converter, tmp_path):
    assert "v" not in converter.columns(package(tmp_path, "NUMERIC(10,2)", "1.5"))
    assert "`v` is left out" in str(converter.notes()["notes"])


@pytest.mark.parametrize(
    ("box", "shape", "xy"),
    [(3857, 2154, "651000 6862000"), (4326, 2154, "651000 6862000"), (2154, 4326, "48 2")],
)
def test_the_box_of_gml_may_be_in_another_crs(converter, box, shape, xy):
    """Geometries are in the CRS that they state themselves."""
    point = f'<gml:Point srsName="{URN.format(shape)}"><gml:pos>{xy}</gml:pos></gml:Point>'
    data = f"""<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/"
        xmlns:gml="http://www.opengis.net/gml/3.2"><gml:boundedBy>
        <gml:Envelope srsName="{URN.format(box)}"><gml:lowerCorner>{xy}</gml:lowerCorner>
        <gml:upperCorner>{xy}</gml:upperCorner></gml:Envelope></gml:boundedBy>
        <ogr:featureMember><ogr:t><ogr:g>{point}</ogr:g></ogr:t></ogr:featureMember>
        </ogr:FeatureCollection>"""
    converter.convert(data)
    found = converter.geo()["columns"]["geometry"]
    x, y = sorted(map(float, xy.split()))
    assert found["crs"]["id"]["code"] == shape and found["bbox"] == [x, y, x, y]

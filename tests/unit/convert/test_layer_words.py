"""What layers state of themselves in several words: the CRS of GML, the zones of GeoPackage."""

import sqlite3

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
    data = gml(URN.format(2154), URN.format(2154)).replace(
        "</a:geom>", f"</a:geom><a:d>{day}</a:d>"
    )
    data = data.replace(day, "2024-01-31" + day[10:], 1)
    if is_text:
        assert day in converter.columns(data)["d"]
    else:
        assert f"`d` has a day that does not exist, {day}" in refusal(converter, data)
        assert converter.table(data, drop=["d"]).num_rows == 2


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
            triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in triggers.fetchall():
                database.execute(f'DROP TRIGGER "{name}"')
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

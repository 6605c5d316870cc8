"""Values that GDAL reads in part, of formats whose values it alone reads, are refused."""

import json

import pytest

from conversions import refusal

KML = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    '<Schema name="s" id="s"><SimpleField type="{kind}" name="pop"/></Schema>{marks}'
    "</Document></kml>"
)
MARK = (
    '<Placemark><name>{n}</name><ExtendedData><SchemaData schemaUrl="#s">{data}</SchemaData>'
    "</ExtendedData><Point><coordinates>{n},48</coordinates></Point></Placemark>"
)
GPX = (
    '<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    '<wpt lat="{lat}" lon="2.35"><ele>{ele}</ele><name>A</name></wpt></gpx>'
)


def kml(kind: str, *values: str) -> str:
    data = [f'<SimpleData name="pop">{value}</SimpleData>' for value in values]
    marks = "".join(MARK.format(n=n, data=d) for n, d in enumerate(data))
    return KML.format(kind=kind, marks=marks)


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("double", "12,5"),
        ("double", "1 234.5"),
        ("int", "NULL"),
        ("int", "12.7"),
        ("int", "3000000000"),
        ("bool", "x"),
    ],
)
def test_a_value_that_is_read_in_part(converter, kind, odd):
    data = kml(kind, "1", odd)
    said = refusal(converter, data)
    assert f"'{odd}'" in said and "`drop: [pop]`" in said
    assert "pop" not in converter.columns(data, drop=["pop"])
    assert "pop" not in converter.columns(data, keep="declared", columns={"Name": "string"})


@pytest.mark.parametrize("kind", ["int", "double", "bool", "string"])
def test_an_empty_value_is_none(converter, kind):
    """GDAL has 0 and false for it."""
    read = converter.columns(kml(kind, "1", "", " "))["pop"]
    assert [value is None for value in read].count(True) == 2


def test_numbers_and_places_of_gpx(converter):
    keys = {"keep": "declared", "columns": {"name": "string", "ele": "float"}}
    assert converter.columns(GPX.format(lat="48.85", ele="35.5"), **keys)["ele"] == [35.5]
    assert "'35,5'" in refusal(converter, GPX.format(lat="48.85", ele="35,5"), **keys)
    words = "a latitude or longitude is '48,85', no number"
    assert words in refusal(converter, GPX.format(lat="48,85", ele="1"), **keys)


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        ("Integer", "s"),
        ("Integer", ""),
        ("Integer", 12.7),
        ("Integer", 3_000_000_000),
        ("SmallInteger", 70_000),
        ("Double", "12,5"),
    ],
)
def test_values_of_esrijson(converter, kind, odd):
    """GDAL takes them without a word for 0, 12, 2147483647, 32767."""
    values = [{"pop": 2}, {"pop": odd}, {"pop": None}]
    point = {"x": 2, "y": 48}
    answer = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "pop", "type": f"esriFieldType{kind}"}],
        "features": [{"attributes": value, "geometry": point} for value in values],
    }
    said = refusal(converter, json.dumps(answer))
    assert f"`pop` of feature 2 is {odd}, which is no {kind}" in said
    assert "pop" not in converter.columns(json.dumps(answer), drop=["pop"])
    answer["features"].pop(1)
    assert converter.columns(json.dumps(answer))["pop"] == [2, None]

"""Latitude where longitude is meant: in files, in columns, in GML by the name of its CRS."""

import json

import pytest
import shapely

from conversions import Converter, refusal

PARIS = (2.35, 48.85)
POINTS = [(2.35 + n / 10, 48.85 - n / 5) for n in range(12)]
LATITUDE_FIRST = ("urn:ogc:def:crs:EPSG::4326", "http://www.opengis.net/def/crs/EPSG/0/4326")
LONGITUDE_FIRST = (
    "EPSG:4326",
    "http://www.opengis.net/gml/srs/epsg.xml#4326",
    "urn:ogc:def:crs:OGC:1.3:CRS84",
)
MEMBER = """<wfs:member><a:l gml:id="l.{n}"><a:n>{n}</a:n><a:geom><gml:Point{srs}>
<gml:pos>{pos}</gml:pos></gml:Point></a:geom></a:l></wfs:member>"""
BOX = """<gml:boundedBy><gml:Envelope{srs}><gml:lowerCorner>{low}</gml:lowerCorner>
<gml:upperCorner>{high}</gml:upperCorner></gml:Envelope></gml:boundedBy>"""


def gml(name: str, latitude_first: bool, place: str) -> str:
    """Write points; ``place``: of the name of their CRS."""

    def pos(lon: float, lat: float) -> str:
        return f"{lat} {lon}" if latitude_first else f"{lon} {lat}"

    srs = f' srsName="{name}"'
    own = srs if place == "geometry" else ""
    members = (MEMBER.format(n=n, srs=own, pos=pos(*p)) for n, p in enumerate(POINTS))
    corners = {"low": pos(2.35, 46.65), "high": pos(3.45, 48.85)}
    box = BOX.format(srs=srs, **corners) if place == "box" else ""
    return (
        '<wfs:FeatureCollection xmlns:a="http://a.example" xmlns:wfs="http://www.opengis.net/wfs'
        f'/2.0" xmlns:gml="http://www.opengis.net/gml/3.2">{box}{"".join(members)}'
        "</wfs:FeatureCollection>"
    )


def first(converter: Converter, data: str, **keys: object) -> tuple[float, float]:
    table = converter.table(data, sort_by=["n"], **keys)
    [point] = shapely.from_wkb([table["geometry"][0].as_py()])
    return point.x, point.y


@pytest.mark.parametrize("place", ["geometry", "box"])
@pytest.mark.parametrize("name", [*LATITUDE_FIRST, *LONGITUDE_FIRST])
def test_the_order_of_axes_of_gml(converter: Converter, name: str, place: str) -> None:
    """The name of the CRS says which comes first; a file that does not keep to it is refused."""
    is_first = name in LATITUDE_FIRST
    assert first(converter, gml(name, is_first, place)) == PARIS
    other = gml(name, not is_first, place)
    words = refusal(converter, other)
    assert "12 of 12 shapes lie in France once longitude and latitude are exchanged" in words
    assert "`geometry: {swap_xy: true}` exchanges them" in words
    assert first(converter, other, geometry={"swap_xy": True}) == PARIS
    assert first(converter, other, geometry={"swap_xy": False}) == PARIS[::-1]


def test_columns_the_other_way_round(converter: Converter) -> None:
    text = "n;lon;lat\n" + "".join(f"{n};{y};{x}\n" for n, (x, y) in enumerate(POINTS))
    columns = {"lon": "lon", "lat": "lat"}
    words = refusal(converter, text, geometry={"from": columns})
    assert "name the columns the other way round under `from`" in words
    assert first(converter, text, geometry={"from": {"lon": "lat", "lat": "lon"}}) == PARIS
    there = {"from": columns, "swap_xy": False}
    assert first(converter, text, geometry=there) == PARIS[::-1]


def test_geojson_with_latitudes_first(converter: Converter) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"n": n},
            "geometry": {"type": "Point", "coordinates": [y, x, 3.5]},
        }
        for n, (x, y) in enumerate(POINTS)
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features})
    assert "swap_xy: true" in refusal(converter, data)
    assert first(converter, data, geometry={"swap_xy": True}) == PARIS
    assert converter.geo()["columns"]["geometry"]["bbox"][2] == 3.5  # heights stay


def test_what_is_right_and_exchanged_all_the_same(converter: Converter) -> None:
    data = gml("EPSG:4326", False, "geometry")
    words = refusal(converter, data, geometry={"swap_xy": True})
    assert "`swap_xy` exchanges what was right: remove it" in words


@pytest.mark.parametrize("form", ["latlon", "lonlat"])
def test_one_column_of_both(converter: Converter, form: str) -> None:
    """The other form is the remedy, and it reads them."""
    pairs = [f"{x}, {y}" if form == "latlon" else f"{y}, {x}" for x, y in POINTS]
    text = "n;g\n" + "".join(f"{n};{pair}\n" for n, pair in enumerate(pairs))
    other = "lonlat" if form == "latlon" else "latlon"
    words = refusal(converter, text, geometry={"from": {form: "g"}})
    assert f"write `{other}` in place of `{form}` under `from`" in words
    assert first(converter, text, geometry={"from": {other: "g"}}) == PARIS

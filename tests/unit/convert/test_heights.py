"""Heights that stand for none (-9999, the lowest float) are told; others are not."""

import json

import pytest

from conversions import Converter


def layer(*heights: float | None) -> str:
    places = [[2.0 + n / 100, 48.0, *([] if z is None else [z])] for n, z in enumerate(heights)]
    features = [
        {
            "type": "Feature",
            "properties": {"n": n},
            "geometry": {"type": "LineString", "coordinates": [place, [3.0, *place[1:]]]},
        }
        for n, place in enumerate(places)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def alerts(converter: Converter, *heights: float | None) -> list[str]:
    converter.convert(layer(*heights))
    return converter.notes().get("alerts", [])


@pytest.mark.parametrize("height", [-9999, -32768, -99999, -3.4028234663852886e38, 1e38])
def test_heights_that_stand_for_none(converter, height):
    (told,) = alerts(converter, 35, 120.5, height, height)
    assert f"4 points of 2 shapes have the height {height:g}: it may stand for none" in told
    assert converter.geo()["columns"]["geometry"]["bbox"]


def test_where_all_are(converter):
    (told,) = alerts(converter, -9999, None)
    assert "2 points of 1 shape have the height -9999" in told


@pytest.mark.parametrize(
    "heights", [(0, 35), (-430.5, 12), (-10900, -9999, -3), (-99, -98), (None, None), (4808, -60)]
)
def test_other_heights(converter, heights):
    assert alerts(converter, *heights) == []

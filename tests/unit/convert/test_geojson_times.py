"""Moments of GeoJSON: to the microsecond, in UTC where they state a zone, or refused."""

import json
from datetime import UTC, date, datetime, time

import pytest

from conversions import refusal


def features(kind: str, *properties: dict) -> str:
    point = {"type": "Point", "coordinates": [2, 48]}
    every = [{"type": "Feature", "geometry": point, "properties": p} for p in properties]
    if kind == "lines":
        return "".join(json.dumps(one) + "\n" for one in every)
    return json.dumps({"type": "FeatureCollection", "features": every})


@pytest.fixture(params=["collection", "lines"])
def kind(request) -> str:
    return request.param


def test_moments_as_they_are_written(converter, kind):
    """GDAL keeps milliseconds."""
    first = {"at": "2024-01-02T03:04:05.123456", "z": "2024-01-02T03:04:05.123456+02:00"}
    first |= {"t": "03:04:05.123456", "day": "2024/01/02", "n": 1}
    second = {"at": "2024/01/03", "z": "2024-01-02 03:04:06Z", "t": None, "day": None, "n": 2}
    table = converter.table(features(kind, first, second), sort_by=["n"])
    found = table.drop_columns(["geometry", "bbox"]).to_pydict()
    assert found == {
        "at": [datetime(2024, 1, 2, 3, 4, 5, 123456), datetime(2024, 1, 3)],
        "z": [
            datetime(2024, 1, 2, 1, 4, 5, 123456, UTC),
            datetime(2024, 1, 2, 3, 4, 6, tzinfo=UTC),
        ],
        "t": [time(3, 4, 5, 123456), None],
        "day": [date(2024, 1, 2), None],
        "n": [1, 2],
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["2024-01-02T03:04:05+02:00", "2024-01-02T03:04:06"], "state their zone, and others"),
        (["2024-01-02T03:04:05Z", "2024-01-02"], "state their zone, and others"),
        (["2024-01-02T03:04:05.123456789"], "microseconds are the finest"),
    ],
)
def test_moments_that_no_type_holds(converter, kind, values, words):
    data = features(kind, *({"at": value} for value in values))
    assert words in refusal(converter, data)
    table = converter.table(data, columns={"at": "string"})
    assert sorted(table["at"].to_pylist()) == sorted(values)


def test_zones_of_two_columns_are_apart(converter, kind):
    data = features(kind, {"a": "2024-01-02T03:04:05+02:00", "b": "2024-01-02T03:04:05"})
    table = converter.table(data)
    assert [str(table[name].type) for name in "ab"] == ["timestamp[us, tz=UTC]", "timestamp[us]"]


GML = """<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:a="http://a"
 xmlns:gml="http://www.opengis.net/gml/3.2" timeStamp="2024-01-02T03:04:05.123456Z">{}
</wfs:FeatureCollection>"""
MEMBER = """<wfs:member><a:l gml:id="l.{n}"><a:at>{at}</a:at><a:geom>
<gml:Point srsName="EPSG:2154"><gml:pos>65000{n} 6860000</gml:pos></gml:Point></a:geom></a:l>
</wfs:member>"""


def gml(*values: str) -> str:
    return GML.format("".join(MEMBER.format(n=n, at=at) for n, at in enumerate(values)))


def test_moments_of_gml_that_no_type_holds(converter):
    """GDAL leaves their zone out; when the server answered is no value."""
    data = gml("2024-01-02T03:04:05+02:00", "2024-01-02T03:04:06")
    assert "state their zone, and others do not" in refusal(converter, data)
    table = converter.table(data, columns={"at": "string"})
    assert table["at"].to_pylist() == ["2024-01-02T03:04:05+02:00", "2024-01-02T03:04:06"]
    data = gml("2024-01-02T03:04:05.123456Z")
    assert "finer than milliseconds, 2024-01-02T03:04:05.123456" in refusal(converter, data)
    assert "at" not in converter.columns(data, drop=["at"])


@pytest.mark.parametrize("day", ["2024-02-30", "2023/04/31", "2023-02-29T10:00:00"])
def test_days_that_do_not_exist_stay_text(converter, kind, day):
    """GDAL moves them on: 30 February is 1 March."""
    data = features(kind, {"d": "2024-01-31"}, {"d": day})
    assert sorted(converter.columns(data)["d"]) == sorted(["2024-01-31", day])
    assert "`d` has days that do not exist" in str(converter.notes()["notes"])
    converter.convert(data, columns={"d": "date" if len(day) == 10 else "timestamp"})
    assert day in str(converter.notes()["cast_failures"]["d"])


def test_a_day_that_is_declared_as_text_is_as_written(converter, kind):
    """GDAL writes the days and moments of a column in its own way, though all are alike."""
    about = {"d": "2020/01/02", "m": "2020-01-02T03:04:05Z"}
    found = converter.columns(features(kind, about), columns=dict.fromkeys(about, "string"))
    assert {name: found[name] for name in about} == {n: [text] for n, text in about.items()}

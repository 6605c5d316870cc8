"""`geometry: {from: …}`: ordinary columns become geometries; what is none is counted."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from conversions import raw, refusal, source_of
from diffusion.config.resolve import ConfigError

POINT = shapely.Point(2.35, 48.85)
EWKB = shapely.to_wkb(shapely.set_srid(shapely.Point(652000, 6862000), 2154), include_srid=True)


def shapes(converter) -> list:
    return list(shapely.from_wkb(pq.read_table(converter.target)["geometry"].to_pylist()))


def test_coordinates_of_two_columns(converter):
    text = "id;lon;lat\na;2,35;48,85\nb;;\nc;NA;NA\nd;x;48\ne;2;\nf;2;148\n"
    keys = {"csv": {"decimal": ","}, "nulls": ["NA"], "checks": {"missing_geometry": 1}}
    table = converter.table(text, geometry={"from": {"lon": "lon", "lat": "lat"}}, **keys)
    assert table.column_names == ["id", "lon", "lat", "geometry", "bbox"]
    found = dict(zip(table["id"].to_pylist(), table["geometry"].to_pylist(), strict=True))
    assert shapely.from_wkb(found.pop("a")) == POINT
    assert set(found.values()) == {None}
    assert converter.geo()["columns"]["geometry"]["crs"]["id"]["code"] == 4326
    lost = converter.notes()["cast_failures"]["geometry"]
    assert (lost["failed"], lost["values"]) == (3, 4)
    assert [(e["row"], e["value"]) for e in lost["examples"]] == [
        (4, "lon = x, lat = 48"),
        (5, "lon = 2, lat = nothing"),
        (6, "lon = 2, lat = 148"),
    ]


def test_rows_that_are_left_out_keep_the_numbers_of_the_others(converter):
    text = "id;at\nTotal;\na;48.85,2.35\nb;48.85\n"
    keys = {"where": "id <> 'Total'", "geometry": {"from": {"latlon": "at"}}, "drop": ["at"]}
    table = converter.table(text, **keys)
    assert table.column_names == ["id", "geometry", "bbox"]
    assert POINT in shapes(converter)
    assert converter.notes()["cast_failures"]["geometry"]["examples"] == [
        {"file": "0.bin", "row": 3, "value": "48.85"}
    ]


def test_latitude_and_longitude_in_brackets(converter):
    """As OpenDataSoft's API v1 and PostgreSQL have points."""
    rows = [{"n": 1, "g": [48.85, 2.35]}, {"n": 2, "g": "(48.85, 2.35)"}, {"n": 3, "g": "[48.85"}]
    keys = {"geometry": {"from": {"latlon": "g"}}, "drop": ["g"], "sort_by": ["n"]}
    converter.convert(json.dumps(rows), **keys)
    assert shapes(converter) == [POINT, POINT, None]


def test_longitude_first_in_one_column(converter):
    """As the charging points of France have it, and GeoJSON without its words."""
    text = 'n;xy\n1;"[2.35,48.85]"\n2;2.35, 48.85\n3;2.35\n'
    converter.convert(text, geometry={"from": {"lonlat": "xy"}}, drop=["xy"], sort_by=["n"])
    assert shapes(converter) == [POINT, POINT, None]


def test_coordinates_that_are_no_degrees_are_refused(converter):
    text = "x;y\n652000;6862000\n652001;6862000\n"
    origin = {"from": {"lon": "x", "lat": "y"}}
    words = refusal(converter, text, geometry=origin)
    assert "2 of 2 coordinates of 0.bin are beyond ±180/±90 degrees" in words
    assert "lon = 652000, lat = 6862000" in words
    assert "EPSG:2154 for Lambert-93" in words
    converter.convert(text, geometry=origin | {"crs": "EPSG:2154", "to_crs": "EPSG:4326"})
    assert shapes(converter)[0].distance(shapely.Point(2.345, 48.857)) < 0.01


def test_coordinates_that_are_exchanged_in_a_grid(converter):
    """They were published in the sea off Mexico, and all checks passed."""
    text = "x;y\n652000;6862000\n893000;6247000\n"
    words = refusal(
        converter, text, geometry={"from": {"lon": "y", "lat": "x"}, "crs": "EPSG:2154"}
    )
    assert "2 of 2 shapes" in words and "2 inside it once x and y are exchanged" in words
    assert "name the columns the other way round under `from`" in words
    converter.convert(text, geometry={"from": {"lon": "x", "lat": "y"}, "crs": "EPSG:2154"})
    assert "alerts" not in converter.notes()


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("wkt", "SRID=2154;POINT (652000 6862000)", "POINT (652000)"),
        ("hex", EWKB.hex().upper(), "01010000"),
        ("hex", "\\x" + EWKB.hex(), "0101000"),
    ],
)
def test_text_that_states_its_crs(converter, form, good, bad):
    text = f"id\tshape\na\t{good}\nb\t\nc\t{bad}\nd\t{good}\n"
    converter.convert(text, geometry={"from": {form: "shape"}})
    assert shapes(converter).count(shapely.Point(652000, 6862000)) == 2
    assert converter.geo()["columns"]["geometry"]["crs"]["id"]["code"] == 2154
    lost = converter.notes()["cast_failures"]["geometry"]
    assert (lost["failed"], lost["values"]) == (1, 3)
    assert lost["examples"] == [{"file": "0.bin", "row": 3, "value": bad}]
    words = refusal(converter, text, geometry={"from": {form: "shape"}, "crs": "EPSG:4326"})
    assert "EPSG:2154), declared is EPSG:4326" in words


def test_shapes_of_several_crss_and_of_none(converter):
    origin = {"from": {"wkt": "w"}}
    words = refusal(converter, "w;n\nPOINT(1 2);1\n", geometry=origin)
    assert "sources.t.geometry.from: the WKT of 0.bin states no CRS" in words
    words = refusal(
        converter,
        "w;n\nSRID=2154;1\nPOINT(1 2);1\n".replace("SRID=2154;1", '"SRID=2154;POINT(1 2)";1'),
        geometry=origin,
    )
    assert "several CRSs: SRID 2154 and 0" in words
    curve = "w;n\nCIRCULARSTRING(0 0,1 1,2 0);1\n"
    assert "holds curves" in refusal(converter, curve, geometry=origin | {"crs": "EPSG:2154"})


def test_objects_of_json_and_a_column_that_is_called_as_ours(converter):
    shape = {"type": "Point", "coordinates": [2.35, 48.85]}
    rows = [
        {"id": "a", "geometry": shape},
        {"id": "b", "geometry": None},
        {"id": "c", "geometry": 3},
    ]
    table = converter.table(json.dumps(rows), geometry={"from": {"geojson": "geometry"}})
    assert table.column_names == ["id", "geometry_", "geometry", "bbox"]
    assert POINT in shapes(converter)
    assert converter.notes()["cast_failures"]["geometry"]["failed"] == 1


def test_bytes_of_parquet_over_batches(converter):
    files = []
    for number in range(2):
        table = pa.table({"id": [number, 9], "wkb": [shapely.to_wkb(POINT), b"\x01\x02"]})
        pq.write_table(table, sink := io.BytesIO())
        files.append(raw(converter.file(sink.getvalue(), f"{number}.parquet"), str(number)))
    keys = {"geometry": {"from": {"wkb": "wkb"}, "crs": "EPSG:4326"}, "drop": ["wkb"]}
    converter.combined([[file] for file in files], **keys)
    assert shapes(converter).count(POINT) == 2
    lost = converter.notes()["cast_failures"]["geometry"]
    assert (lost["failed"], lost["values"]) == (2, 4)
    assert lost["examples"][0]["value"] == "bytes that begin 01 02"


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        ({"lon": "x"}, "geometry.from.lat: missing"),
        ({"lon": "x", "lat": "y", "wkt": "w"}, "geometry.from: has several forms"),
        ({"lon": "x", "lat": "z"}, "there is no column `z` in 0.bin"),
        ({"wkb": "x"}, "`x` of 0.bin is text, not WKB"),
    ],
)
def test_what_cannot_be_made_is_told(converter, origin, words):
    try:
        told = refusal(converter, "x;y\n1;2\n", geometry={"from": origin, "crs": "EPSG:4326"})
    except ConfigError as error:
        told = str(error)
    assert words in told
    with pytest.raises(ConfigError, match=r"geometry\.from: has no effect: the format is `gpkg`"):
        source_of(format="gpkg", geometry={"from": {"wkt": "w"}})


@pytest.mark.parametrize(("first", "told"), [("48.8;2.3", "1 point lies at 0, 0"), ("0;0", "")])
def test_points_at_zero_are_told(converter, first, told):
    keys = {"geometry": {"from": {"lat": "lat", "lon": "lon"}}}
    converter.convert(f"id;lat;lon\n1;{first}\n2;0;0\n", **keys)
    assert told in "".join(alerts := converter.notes().get("alerts", []))
    assert bool(alerts) == bool(told)

"""GeoJSON without loss: ids, its CRS, and keys that come twice."""

import json
import re

import geopandas
import pytest
import yaml

from conversions import refusal

POINT = {"type": "Point", "coordinates": [2, 48]}
UNKNOWN = "its CRS is not known"


def feature(**more) -> dict:
    return {"type": "Feature", "geometry": POINT, "properties": {"code": "01"}} | more


def collection(*features: dict, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features} | more)


def lines(*features: dict) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in features)


@pytest.mark.parametrize("form", [collection, lines])
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([7, 7], [7, 7]),  # GDAL numbers features by them, and gives the second another one
        ([7, "x"], ["7", "x"]),
        (["x", 7], ["x", "7"]),
        ([7, None], [7, None]),
        ([7.5, 2], ["7.5", "2"]),
        (["07", "08"], ["07", "08"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([True, 'a"\\'], ["true", 'a"\\']),
    ],
)
def test_ids_are_kept(converter, form, given, kept):
    features = [feature(properties={"n": n}, id=value) for n, value in enumerate(given)]
    table = converter.table(form(*features), sort_by=["n"])
    assert table["id"].to_pylist() == kept


@pytest.mark.parametrize("first", ["a", 7])
def test_ids_beside_a_property_of_that_name(converter, first):
    """GDAL drops the id of the feature; each keeps a column of its own, in every feature."""
    given = [feature(id=first, properties={"id": "p"}), feature(id="b")]
    table = converter.table(collection(*given))
    pairs = {(row["feature_id"], row["id"]) for row in table.to_pylist()}
    assert pairs == {(str(first), "p"), ("b", None)}
    same = [feature(id=n, properties={"id": n}) for n in (1, 2)]
    assert converter.columns(collection(*same))["id"] == [1, 2]
    assert "feature_id" not in converter.table(collection(*same)).column_names


def test_one_feature_with_an_id_and_wide_numbers(converter):
    data = json.dumps(feature(id=7, properties={"wide": 12345678901234567890, "x": {"a": [1]}}))
    row = converter.table(data).to_pylist()[0]
    assert (row["id"], row["wide"], row["x"]) == (7, "12345678901234567890", '{ "a": [ 1 ] }')


@pytest.mark.parametrize("form", [collection, lines])
@pytest.mark.parametrize(
    ("written", "twice", "words"),
    [
        ('"code": "01"', '"code": "01", "code": "02"', "key `code` twice"),
        ('"code": "01"', '"code": {"x": [{"b": 1, "b": 2}]}', "key `b` twice"),
        ('"code": "01"', '"code": 1, "properties": {"a": "}"}, "code": 2', "key `code` twice"),
        (
            '"properties": {',
            '"properties": {}, "properties": {',
            "the key `properties` twice",
        ),
        ('"geometry"', '"geometry": null, "geometry"', "feature 2 has the key `geometry` twice"),
    ],
)
def test_a_key_that_comes_twice(converter, form, written, twice, words):
    """Readers differ in which of the two they take."""
    data = form(feature(properties={"n": 1}), feature())
    parts = data.rpartition(written)
    said = refusal(converter, f"{parts[0]}{twice}{parts[2]}")
    assert words in said and "ask its publisher" in said


def test_keys_of_several_objects_are_no_doubles(converter):
    nested = {"properties": {"code": 1, "properties": {"code": "{"}}, "code": '"properties": {'}
    data = collection(feature(properties=nested), feature(properties=nested))
    assert converter.table(data)["code"].to_pylist() == ['"properties": {'] * 2


@pytest.mark.parametrize("name", ["CRS84x", "http://127.0.0.1:9/crs", "EPSG:999999", None])
def test_a_crs_that_nobody_knows(converter, name):
    """GDAL takes it for WGS 84."""
    data = collection(feature(), crs={"type": "name", "properties": {"name": name}})
    assert UNKNOWN in refusal(converter, data)
    declared = {"crs": "EPSG:4258"}
    assert geopandas.read_parquet(converter.convert(data, geometry=declared)).crs == "EPSG:4258"


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("CRS84", 4326),
        ("urn:ogc:def:crs:EPSG::4258", 4258),
        ("EPSG:4258", 4258),
    ],
)
def test_a_crs_that_is_stated(converter, name, epsg):
    """Also where a feature has ids that GDAL would lose."""
    crs = {"type": "name", "properties": {"name": name}}
    for given in (feature(), feature(id=7)):
        frame = geopandas.read_parquet(converter.convert(collection(given, crs=crs)))
        assert frame.crs.to_epsg() == epsg
    assert "states" in refusal(converter, collection(given, crs=crs), geometry={"crs": "EPSG:2154"})


def test_a_property_called_crs_states_nothing(converter):
    metres = {"type": "Point", "coordinates": [652000, 6862000]}
    data = collection(feature(geometry=metres, properties={"crs": "EPSG:4326"}))
    frame = geopandas.read_parquet(converter.convert(data, geometry={"crs": "EPSG:2154"}))
    assert frame.crs == "EPSG:2154"
    assert "states no CRS" in refusal(converter, collection(feature(), crs=None))


@pytest.mark.parametrize("columns", [{}, {"n": "string"}])
def test_whole_numbers_beyond_53_bits_among_decimals(converter, columns):
    numbers = {"a": 9007199254740993, "b": 1.5, "c": 7, "d": 12345678901234567}
    every = [feature(properties={"n": n, "k": k, "id": "x"}) for k, n in numbers.items()]
    data = json.dumps({"type": "FeatureCollection", "features": every})
    found = converter.columns(data, columns=columns)
    texts = dict(zip(found["k"], found["n"], strict=True))
    assert texts == {k: str(n) for k, n in numbers.items()}


@pytest.mark.parametrize("form", [collection, lines])
@pytest.mark.parametrize("columns", [{}, {"v": "string"}])
def test_whole_floats_among_texts(converter, form, columns):
    values = [1001.0, "2A004", 7.5, None, "03"]
    features = [feature(properties={"v": value, "f": 2.0}) for value in values]
    found = converter.columns(form(*features), columns=columns)
    assert found["v"].count(None) == 1 and found["f"] == [2.0] * 5
    assert {*found["v"]} == {"1001", "2A004", "7.5", None, "03"}


@pytest.mark.parametrize(
    "shape",
    [
        POINT,
        {"type": "GeometryCollection", "geometries": [POINT, POINT]},
        {"type": "MultiPoint", "coordinates": [[2, 48], [3, 48]]},
        {"type": "Feature", "properties": None, "geometry": POINT},
    ],
)
def test_a_shape_alone(converter, shape):
    assert converter.table(json.dumps(shape)).num_rows == 1
    assert "notes" not in converter.notes()


def test_moments_of_several_files(converter):
    """Those that state no zone in one file are not those of another that do."""
    files = [
        collection(feature(properties={"d": f"2024-01-02T10:00:00{zone}"}))
        for zone in ("", "+01:00")
    ]
    words = refusal(converter, *files)
    assert "may be UTC or local time" in words and "`columns: {d: string}`" in words
    assert len(converter.columns(*files, columns={"d": "string"})["d"]) == 2


POINT = {"type": "Point", "coordinates": [2, 48]}


def features(*given: dict, **around: object) -> str:
    full = [{"type": "Feature", "geometry": POINT, "properties": {"a": 1}} | each for each in given]
    return json.dumps({"type": "FeatureCollection", **around, "features": full})


def test_attributes_beside_the_properties(converter):
    data = features({"code": "01", "properties": {}}, {"code": "02", "properties": {}})
    words = refusal(converter, data)
    assert "members beside `properties`, which are no columns: `code`" in words
    assert (
        "`format: json`, `records: features` and `geometry: {from: {geojson: geometry}}`" in words
    )
    keys = {"format": "json", "records": "features", "geometry": {"from": {"geojson": "geometry"}}}
    assert converter.columns(data, **keys)["code"] == ["01", "02"]
    assert "01010000000000" in converter.columns(data, **keys)["geometry"][0].hex()
    assert [*converter.columns(data, keep="declared")] == ["geometry", "bbox"]
    assert converter.columns(features({"links": []}))["a"] == [1]
    assert "no columns: `links`; `format: json`" in str(converter.notes()["notes"])


def test_coordinates_that_are_texts(converter):
    data = features({}, {"geometry": {"type": "Point", "coordinates": ["2.3", "48.8"]}})
    assert "coordinates are texts, not numbers" in refusal(converter, data)


@pytest.mark.parametrize(
    ("data", "keys", "sign"),
    [
        (features({}, numberMatched=10), {}, "`numberMatched`: 10"),
        (features({}, exceededTransferLimit=True), {}, "`exceededTransferLimit`: true"),
        ('<r total="10" page="1"><row><a>1</a></row></r>', {"records": "r.row"}, "`@total`: 10"),
        ("<r><total>10</total><d><row><a>1</a></row></d></r>", {"records": "r.d.row"}, "`total`"),
    ],
)
def test_a_part_of_all_is_told(converter, data, keys, sign):
    """At fetching servers are asked for the rest; of other files it is told."""
    assert converter.table(data, **keys).num_rows == 1
    assert f"there are more than its 1 records: {sign}" in str(converter.notes()["notes"])


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (features({}, numberMatched=1, total=9), {}),
        ('<r total="1"><row total="9"><a>1</a></row><row/></r>', {"records": "r.row"}),
    ],
)
def test_all_is_no_part(converter, data, keys):
    converter.table(data, **keys)
    assert "there are more than" not in str(converter.notes().get("notes"))


@pytest.mark.parametrize("between", [",\n", ""])
def test_several_features_without_a_collection(converter, between):
    """GDAL reads the first one alone; that ended in a traceback."""
    feature = '{"type": "Feature", "properties": {"a": 1}, "geometry": null}'
    words = refusal(converter, between.join([feature] * 3))
    assert "more comes behind its first value" in words and "leave out commas" in words
    lines = "\n".join([feature] * 3)
    assert converter.table(lines).num_rows == 3


def test_a_list_of_features_is_told(converter):
    """It is no FeatureCollection, and its geometries were columns of text, unsaid."""
    point = {"type": "Point", "coordinates": [2, 48]}
    features = [
        {"type": "Feature", "properties": {"a": n}, "geometry": point if n else None}
        for n in range(2)
    ]
    converter.convert(json.dumps(features))
    [note] = [note for note in converter.notes()["notes"] if "features" in note]
    fix = yaml.safe_load(re.search("`(geometry: .*?)`", note)[1])
    converter.convert(json.dumps(features), **fix)
    shapes = geopandas.read_parquet(converter.target).geometry
    assert sorted(map(str, shapes)) == ["None", "POINT (2 48)"]


@pytest.mark.parametrize(
    "properties", [{"n": 1}, {"n": 12345678901234567890}, {"at": "2020-01-01T00:00:00.1234567Z"}]
)
@pytest.mark.parametrize("more", [{}, {"id": 3}, {"properties": {"properties": {"n": 1}}}])
def test_a_file_that_is_no_json_is_refused_in_gdals_words(converter, properties, more):
    text = collection(feature(properties=properties), feature(**more))
    assert "cannot be read: Failed to read GeoJSON data" in refusal(converter, text[:-2])

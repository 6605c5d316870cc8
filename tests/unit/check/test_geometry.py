"""Validity of geometries."""

import json

import geopandas
import pyarrow as pa
import pytest
import shapely

from checks_tables import NONE, checked, checker, one
from conversions import Converter
from diffusion.check import geometry
from diffusion.check.checks import Result


@pytest.fixture
def check(tmp_path):
    return checker(tmp_path)


BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
SQUARE = shapely.box(0, 0, 1, 1)


def geo_results(tmp_path, shapes, name="geometry", check="valid_geometry", **rules) -> list[Result]:
    frame = geopandas.GeoDataFrame({"a": range(len(shapes))}, crs=4326, geometry=list(shapes))
    path = tmp_path / "geo.parquet"
    frame = frame if name == "geometry" else frame.rename_geometry(name)
    frame.to_parquet(path, row_group_size=7)
    results = checked(path, NONE | {"valid_geometry": True} | rules)
    return [result for result in results if result.check == check]


def test_valid_geometry(tmp_path):
    shapes = [SQUARE] * 8 + [BOW_TIE, shapely.Polygon(), None] + [SQUARE] * 5 + [BOW_TIE]
    result = one(geo_results(tmp_path, shapes, "géo métrie"))
    assert result.column == "géo métrie"
    assert result.found == "3 of 17 geometries are not valid (1 empty, 2 invalid)"
    assert (result.failed, result.total) == (3, 17)
    assert result.examples == [
        {"row": 9, "reason": "Self-intersection[1 1]"},
        {"row": 10, "reason": "empty Polygon"},
        {"row": 17, "reason": "Self-intersection[1 1]"},
    ]


def test_valid_geometry_across_batches(tmp_path):
    shapes = [SQUARE] * 2_500 + [BOW_TIE] * 12
    result = one(geo_results(tmp_path, shapes))
    assert result.failed == 12
    assert [example["row"] for example in result.examples] == list(range(2501, 2511))


def test_valid_geometry_passes_or_does_not_apply(tmp_path, check):
    result = one(geo_results(tmp_path, [SQUARE, shapely.Point(1, 2)]))
    assert (result.passed, result.found) == (True, "0 of 2 geometries are not valid")
    assert geo_results(tmp_path, [BOW_TIE], valid_geometry=False) == []
    assert check({"a": [1]}, "valid_geometry", True) == []


def test_a_repair_that_changes_an_area_is_no_pass(tmp_path):
    """What `make_valid` makes of two triangles may not be what its publisher drew."""
    converter = Converter(tmp_path)
    layer = geopandas.GeoDataFrame({"a": [1, 2]}, crs=2154, geometry=[BOW_TIE, SQUARE])
    layer = layer.set_geometry(layer.translate(652000, 6862000))
    layer.to_file(converter.folder / "x.gpkg")
    table = converter.convert(converter.folder / "x.gpkg")
    [result] = [r for r in checked(table, NONE | {"valid_geometry": True}) if "valid" in r.check]
    assert (result.passed, result.level, result.failed) == (False, "warn", 1)
    assert "1 of 1 that were repaired changed their area by more than 1%" in result.found
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 3), (1, 1), (0, 1)])  # a line of no area
    layer.set_geometry([spike, SQUARE]).set_crs(4326, allow_override=True).to_file(
        converter.folder / "y.gpkg"
    )
    table = converter.convert(converter.folder / "y.gpkg")
    [result] = [r for r in checked(table, NONE | {"valid_geometry": True}) if "valid" in r.check]
    assert result.passed and converter.notes()["geometry"]["repaired"] == 1


def test_shapes_are_looked_at_again_only_where_their_maker_found_some(tmp_path, monkeypatch):
    converter = Converter(tmp_path)
    shapes = [SQUARE, BOW_TIE, None, shapely.Polygon()]
    layer = geopandas.GeoDataFrame({"a": range(4)}, crs=2154, geometry=shapes)
    layer = layer.set_geometry(layer.translate(652000, 6862000))
    layer.to_parquet(converter.folder / "x.parquet")
    path, checks = converter.folder / "x.parquet", NONE | {"valid_geometry": True}
    for repair, found in ((False, (2, 1, 3)), (True, (1, 1, 2))):
        results = checked(converter.convert(path, geometry={"repair": repair}), checks)
        valid, missing = (r.failed for r in results if r.check.endswith("_geometry"))
        assert (valid, missing, converter.notes()["geometry"]["unsound"]) == found
    layer[:1].to_parquet(path)
    sound = converter.convert(path)
    monkeypatch.setattr(geometry, "_problems", lambda path, column: pytest.fail("looked again"))
    assert all(result.passed for result in checked(sound, checks))


@pytest.mark.parametrize(
    ("share", "passed", "level"),
    [
        (None, False, "warn"),
        (0, False, "error"),
        (0.2, False, "error"),
        (0.25, True, "error"),
    ],
)
def test_missing_geometry_is_a_check_of_its_own(tmp_path, share, passed, level):
    """Accepting rows without a geometry lets no invalid one through."""
    shapes = [SQUARE, None, BOW_TIE, SQUARE]
    missing = one(geo_results(tmp_path, shapes, check="missing_geometry", missing_geometry=share))
    assert (missing.passed, missing.level) == (passed, level)
    assert (missing.failed, missing.examples) == (1, [{"row": 2, "reason": "no geometry"}])
    valid = one(geo_results(tmp_path, shapes, missing_geometry=share))
    assert (valid.passed, valid.failed) == (False, 1)


def test_a_layer_without_any_geometry_is_an_error(tmp_path):
    result = one(geo_results(tmp_path, [None, None], check="missing_geometry"))
    assert (result.passed, result.level) == (False, "error")


def test_bytes_that_are_no_wkb(check):
    geo = {"primary_column": "g", "columns": {"g": {"encoding": "WKB"}}}
    table = pa.table({"g": [shapely.to_wkb(SQUARE), b"\x01nonsense"]})
    table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    result = one(check(table, "valid_geometry", True))
    assert result.examples == [{"row": 2, "reason": "not readable as WKB"}]


@pytest.mark.parametrize(
    ("geo", "words"),
    [
        ({"primary_column": "gg", "columns": {}}, "no column `gg`; did you mean `g`?"),
        ({"primary_column": "g", "columns": {"g": {"encoding": "polygon"}}}, "encoded as polygon"),
    ],
)
def test_geo_metadata_that_lie(check, geo, words):
    table = pa.table({"g": [b""]}).replace_schema_metadata({"geo": json.dumps(geo)})
    result = one(check(table, "valid_geometry", True))
    assert not result.passed
    assert words in result.found


def test_other_checks_work_on_geometries(tmp_path):
    frame = geopandas.GeoDataFrame({"a": [1, 2]}, geometry=[SQUARE, None], crs=4326)
    frame.to_parquet(tmp_path / "geo.parquet")
    results = checked(tmp_path / "geo.parquet", NONE | {"not_null": ["geometry"]})
    assert results[0].examples == [{"row": 2, "value": None}]

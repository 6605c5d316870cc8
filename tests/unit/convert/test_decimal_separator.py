"""`csv: {decimal: ","}` is how numbers are written in text, whatever the format of the file."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from conversions import Converter, given, raw, refusal, source_of
from diffusion.config.resolve import ConfigError
from diffusion.convert.stages import convert_table

COMMA = {"decimal": ","}
KEYS = {"csv": COMMA, "columns": {"v": "float"}}
UNUSED = '`csv: {decimal: ","}` changes nothing'


def parquet(converter: Converter, **columns: list) -> Path:
    path = converter.folder / "a.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def database(converter: Converter) -> Path:
    path = converter.folder / "a.sqlite"
    with sqlite3.connect(path) as con:
        con.execute("CREATE TABLE t (v TEXT, w REAL)")
        con.execute("INSERT INTO t VALUES ('1,5', 1.5), ('2', 2.25)")
    return path


FEATURES = """{"type": "FeatureCollection", "features": [
{"type": "Feature", "properties": {"v": "1,5", "w": 1.5}, "geometry": null},
{"type": "Feature", "properties": {"v": "2", "w": 2.25}, "geometry": null}]}"""
FORMS = {
    "parquet": lambda c: parquet(c, v=["1,5", "2"], w=[1.5, 2.25]),
    "json": lambda _: '[{"v": "1,5", "w": 1.5}, {"v": "2", "w": 2.25}]',
    "ndjson": lambda _: '{"v": "1,5", "w": 1.5}\n{"v": "2", "w": 2.25}\n',
    "xlsx": lambda _: given("xlsx", [["v", "w"], ["1,5", 1.5], [2, 2.25]]),
    "sqlite": database,
    "geojson": lambda _: FEATURES,
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_have_it_and_numbers_have_not(converter, form):
    file = FORMS[form](converter)
    for stated in ({}, {"format": form}, {"columns": {"v": "float", "w": "float"}}):
        table = converter.table(file, **KEYS | stated)
        assert sorted(table["v"].to_pylist()) == [1.5, 2.0]
        assert sorted(table["w"].to_pylist()) == [1.5, 2.25]
        assert UNUSED not in str(converter.notes().get("notes"))


def test_a_file_of_numbers_is_told_that_it_changes_nothing(converter):
    assert converter.columns(parquet(converter, v=[1.5, 2.25]), **KEYS) == {"v": [1.5, 2.25]}
    assert UNUSED in str(converter.notes()["notes"])
    # JSON's own texts stay texts unless they are declared
    assert converter.columns('[{"v": "1,5"}]', csv=COMMA) == {"v": ["1,5"]}
    assert UNUSED in str(converter.notes()["notes"])


@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_of_json_are_proven_by_their_points(converter, decimal):
    data = '[{"v": 1.5, "n": 1, "m": -9.0}, {"v": 2.25, "n": -9, "m": 2.5}]'
    table = converter.table(data, csv={"decimal": decimal}, nulls=["-9"])
    assert table.to_pydict() == {"v": [1.5, 2.25], "n": [1, None], "m": [None, 2.5]}
    assert converter.notes()["nulls"] == {"m": {"-9": 1}, "n": {"-9": 1}}


def test_text_of_fixed_width_and_xml_are_proven_with_it(converter):
    spans = {"columns": {"a": [1, 1], "v": [2, 4]}}
    assert converter.columns("a1,5\nb2,7\n", fixed=spans, csv=COMMA)["v"] == [1.5, 2.7]
    text = "<r><x><v>1,5</v></x><x><v>2,25</v></x></r>"
    assert converter.columns(text, records="r.x", csv=COMMA)["v"] == [1.5, 2.25]


def test_cells_of_a_workbook(converter):
    """Undeclared numbers are numbers, days stay days, and what is declared as text has its dot."""
    rows = [["v", "n", "t", "d"], ["1,5", 1.5, 1.5, 45000.5], [2.25, 2, "a", 45001]]
    columns = {"v": "float", "t": "string", "d": {"type": "timestamp", "format": "excel"}}
    found = converter.columns(given("xlsx", rows), csv=COMMA, columns=columns)
    assert (found["v"], found["n"], found["t"]) == ([1.5, 2.25], [1.5, 2.0], ["1.5", "a"])
    assert [moment.hour for moment in found["d"]] == [12, 0]


@pytest.mark.parametrize("elements", ["[1.5, 2]", '["1,5", "2"]'])
def test_numbers_in_lists_of_json_have_their_dot(converter, elements):
    columns = {"l": "list[float]"}
    data = f'[{{"l": {elements}}}, {{"l": []}}]'
    assert sorted(converter.columns(data, csv=COMMA, columns=columns)["l"]) == [[], [1.5, 2.0]]
    read = converter.columns(f"a;l\n1,5;{elements}\n".replace('"', "'"), csv=COMMA)
    assert read["a"] == [1.5]


@pytest.mark.parametrize(
    ("form", "text"), [("csv", "v;w\n1,5;a\n2;b\n"), ("json", '{"v": "1,5"}\n{"v": "2"}\n')]
)
def test_answers_of_an_api(converter, form, text):
    source = source_of(**{"from": "api", "url": "https://source.example/t", "format": form} | KEYS)
    item = raw(converter.file(zstd.compress(text.encode())))
    item = replace(item, request={"format": form})
    convert_table("t", source, [item], converter.target, converter.limits())
    assert pq.read_table(converter.target)["v"].to_pylist() == [1.5, 2.0]


def test_what_else_has_numbers_in_text(converter):
    """Coordinates, days as numbers, and lists; a list of texts has none."""
    data = '[{"x": "2,5", "y": "48,5", "d": "45000,5", "l": ["1,5"]}]'
    place = {"from": {"lon": "x", "lat": "y"}, "crs": "EPSG:4326"}
    converter.convert(data, csv=COMMA, geometry=place)
    assert converter.geo()["columns"]["geometry"]["bbox"] == [2.5, 48.5, 2.5, 48.5]
    assert UNUSED not in str(converter.notes().get("notes"))
    for declared in ({"d": {"type": "timestamp", "format": "excel"}}, {"l": "list[float]"}):
        converter.convert(data, csv=COMMA, columns=declared)
        assert UNUSED not in str(converter.notes().get("notes"))
    converter.convert(data, csv=COMMA, columns={"l": "list[string]"})
    assert UNUSED in str(converter.notes()["notes"])


def test_other_keys_of_csv_have_no_effect_as_before(converter):
    """They are named: without `csv` as a whole, the decimal separator would be gone, too."""
    keys = {"csv": COMMA | {"delimiter": ";"}}
    assert "sources.t.csv.delimiter: has no effect: the data are json" in refusal(
        converter, '[{"v": "1,5"}]', **keys
    )
    with pytest.raises(
        ConfigError, match=r"t\.csv\.delimiter: has no effect: the format is `json`"
    ):
        converter.convert('[{"v": "1,5"}]', format="json", **keys)

"""JSON that is no list of objects becomes a table by its declared path and shape, or is refused."""

import json
from copy import deepcopy

import pyarrow.parquet as pq
import pytest
from backports import zstd

from conversions import Converter, raw, refusal, source_of
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import convert_table

XSD = "http://www.w3.org/2001/XMLSchema#"
STAT = {
    "version": "2.0",
    "class": "dataset",
    "value": {"0": 1.5, "3": 2},  # before the dimensions, as Eurostat writes it
    "status": {"3": "p", "1": "c"},
    "id": ["geo", "time"],
    "size": [2, 2],
    "dimension": {
        "geo": {"category": {"index": {"FR": 0, "01": 1}, "label": {"FR": "France"}}},
        "time": {"category": {"index": ["2020", "2021"]}},
    },
}
STRUCTURE = {
    "dimensions": {
        "dataSet": [{"id": "UNIT", "values": [{"id": "NR"}]}],
        "series": [{"id": "GEO", "values": [{"id": "01", "name": "Ain"}, {"id": "2A"}]}],
        "observation": [{"id": "TIME", "values": [{"id": "2020"}, {"id": "2021"}]}],
    },
    "attributes": {
        "dataSet": [{"id": "SOURCE", "values": [{"name": "RP"}]}],
        "series": [{"id": "NOTE", "values": [{"name": "a note"}]}],
        "observation": [{"id": "OBS_STATUS", "values": [{"id": "P"}]}],
    },
}
SERIES = {
    "0": {"attributes": [0], "observations": {"0": [1.5, 0], "1": [2, None]}},
    "1": {"observations": {"1": [None, 0]}},
}
SDMX = {"data": {"dataSets": [{"series": SERIES}], "structures": [STRUCTURE]}}
FLAT = {
    "dataSets": [{"observations": {"1:0": [5]}}],
    "structure": {
        "dimensions": {
            "observation": [
                {"id": "GEO", "values": [{"id": "01"}, {"id": "2A"}]},
                {"id": "TIME", "values": [{"value": "2020"}]},
            ]
        }
    },
}
SPARQL = {
    "head": {"vars": ["dep", "pop", "never"]},
    "results": {
        "bindings": [
            {
                "dep": {"type": "literal", "value": "01"},
                "pop": {"type": "literal", "value": "5", "datatype": XSD + "integer"},
            },
            {"dep": {"type": "uri", "value": "http://d/2A"}},
        ]
    },
}


def keys(shape: str = "records", records: str = "", **more: object) -> dict:
    return {"records": records, "json": {"shape": shape, **more}}


@pytest.mark.parametrize(
    ("data", "given", "table"),
    [
        (
            {"01": {"nom": "Ain"}, "2A": {"nom": "Corse"}},
            keys(records="*:code"),
            {"code": ["01", "2A"], "nom": ["Ain", "Corse"]},
        ),
        ({"a.b": {"01": 5, "02": None}}, keys(records='"a.b".*'), {"key": ["01", "02"]}),
        (
            {"d": {"01": {"2020": 1}, "02": {"2020": 3, "2021": 4}}},
            keys(records="d.*:dep.*:an"),
            {"dep": ["01", "02", "02"], "value": [1, 3, 4]},
        ),
        (
            {"d": {"01": [{"a": 1}, {"a": 2}], "02": []}},
            keys(records="d.*:dep.*"),
            {"dep": ["01", "01"], "a": [1, 2]},
        ),
        ([{"page": 1, "item": [{"a": 0}]}, [{"a": 1}]], keys(records="[1]"), {"a": [1]}),
        (
            {"data": [["code", 2020], ["01", 1.10], ["02", None]]},
            keys("arrays", "data", names="data[0]"),
            {"code": ["01", "02"], "2020": [1.1, None]},
        ),
        (
            {"cols": [{"n": "a"}, {"n": "b"}], "rows": [[1, [2]]]},
            keys("arrays", "rows", names="cols.*.n"),
            {"a": [1], "b": ["[2]"]},
        ),
        ([["x", 1]], keys("arrays", names=["a", "b"]), {"a": ["x"], "b": [1]}),
        ([3, None, 5], keys("values"), {"value": [3, None, 5]}),
        (
            {"h": {"unit": "°C", "time": ["a", "b"], "t": [1, None]}},
            keys("columns", "h"),
            {"time": ["a", "b"], "t": [1, None], "unit": ["°C", "°C"]},
        ),
        (  # pandas' default
            {"nom": {"01": "Ain", "02": "Aisne"}, "n": {"01": 1, "02": 2}},
            keys("columns"),
            {"key": ["01", "02"], "nom": ["Ain", "Aisne"], "n": [1, 2]},
        ),
        (
            SPARQL,
            keys("sparql"),
            {"dep": ["01", "http://d/2A"], "pop": [5, None], "never": [None, None]},
        ),
        (
            STAT,
            keys("jsonstat", labels=True),
            {
                "geo": ["01", "FR", "FR"],
                "geo_label": [None, "France", "France"],
                "time": ["2021", "2020", "2021"],
                "value": [2.0, 1.5, None],
                "status": ["p", None, "c"],
            },
        ),
        (
            {"dataset": {**STAT, "value": [1, None, None, 2]}},
            keys("jsonstat", "dataset"),
            {"geo": ["FR", "FR", "01"], "value": [1, None, 2], "status": [None, "c", "p"]},
        ),
        (
            SDMX,
            keys("sdmx", labels=True),
            {
                "UNIT": ["NR", "NR", "NR"],
                "GEO": ["01", "01", "2A"],
                "GEO_label": ["Ain", "Ain", None],
                "TIME": ["2020", "2021", "2021"],
                "OBS_VALUE": [1.5, 2.0, None],
                "NOTE": ["a note", "a note", None],
                "OBS_STATUS": ["P", None, "P"],
            },
        ),
        (FLAT, keys("sdmx"), {"GEO": ["2A"], "TIME": ["2020"], "OBS_VALUE": [5]}),
    ],
)
def test_a_shape_becomes_a_table(converter: Converter, data: object, given: dict, table: dict):
    found = converter.columns(json.dumps(data), **given)
    rows = sorted(zip(*(found[name] for name in table), strict=True), key=repr)
    assert rows == sorted(zip(*table.values(), strict=True), key=repr)


def changed(part: str, value: object) -> dict:
    """The dataset with another part."""
    return {**deepcopy(STAT), part: value}


@pytest.mark.parametrize(
    ("data", "given", "words"),
    [
        ({"d": {"1": {"key": 5}}}, keys(records="d.*"), "`*:key_of_record`"),
        ({"d": {"1": [1]}}, keys(records="d.*"), "write `d.*:NAME.*`"),
        ({"d": {"1": [1], "2": {}}}, keys(records="d.*:a.*"), "mappings in some places, and lists"),
        ({"d": [{"a": 1}]}, keys(records="d.*:code"), "names keys, and a list has none"),
        ({"d": "x"}, keys(records="d.*"), "a string where a mapping or a list is meant"),
        ({"d": {"e": [{"a": 1}]}}, keys(records="d.f.*"), "write `records: d.e` (1 object)"),
        ('{"d": {"1": {"a": 1}, "1": {"a": 2}}}', keys(records="d.*"), "the key `1` twice"),
        ('{"d": {"1": {"a": 1}}} x', keys(records="d.*"), "is no valid JSON"),
        (
            [[1, 2], [3]],
            keys("arrays", names=["a", "b"]),
            "record 2: has 1 values, and there are 2",
        ),
        ([["a", "b"], ["a", "b"]], keys("arrays", names="[0]"), "repeats the names"),
        ([["a", "a"], [1, 2]], keys("arrays", names="[0]"), "names that come twice: a"),
        ([[1.5, "a"], [1, 2]], keys("arrays", names="[0]"), "these are no names of columns"),
        ([[1]], keys("arrays", names="meta"), "there are no names at `meta`"),
        ([{"a": 1}], keys("values"), "leave out `json: {shape: values}`"),
        ([1, 2], {}, "plain values by `json: {shape: values}`"),
        ({"a": [1, 2], "b": [1]}, keys("columns"), "`a` has 2 values, and `b` has 1"),
        ({"a": [1], "b": []}, keys("columns"), "`a` has 1 values, and `b` has 0"),
        ({"a": [1], "b": {"0": 1}}, keys("columns"), "not both lists, or both objects"),
        ({"a": {"0": 1}, "b": {"1": 1}}, keys("columns"), "`b` has other keys"),
        ({"a": 1}, keys("columns"), "has no list of values"),
        ([1], keys("columns"), "is a list, not an object of columns"),
        ({"results": {"bindings": [{"a": {"type": "triple"}}]}}, keys("sparql"), "`a` is no value"),
        (changed("value", [1, 2, 3]), keys("jsonstat"), "3 values, and `size` says 4"),
        (changed("value", {"4": 1}), keys("jsonstat"), "`4` is no place among 4 cells"),
        (changed("status", {"9": "p"}), keys("jsonstat"), "`9` is no place among 4 cells"),
        (changed("value", {"0": [1]}), keys("jsonstat"), "a value is a start_array"),
        (changed("size", [2, 3]), keys("jsonstat"), "has 2 categories, and `size` says 3"),
        (changed("id", ["geo"]), keys("jsonstat"), "not two lists of one length"),
        (changed("class", "collection"), keys("jsonstat"), "class `collection`"),
        ({"dataset": STAT}, keys("jsonstat"), "may be at `records: dataset`"),
        ({"dataSets": [{}, {}]}, keys("sdmx"), "it has 2 data sets"),
        ({**FLAT, "dataSets": [{"observations": {"9:0": [5]}}]}, keys("sdmx"), "`9` is no place"),
        ({**FLAT, "dataSets": [{"observations": {"1": [5]}}]}, keys("sdmx"), "in 2 dimensions"),
        ({**FLAT, "dataSets": [{"observations": {"1:0": 5}}]}, keys("sdmx"), "is no list"),
        (STAT, keys("sdmx"), "is no message of SDMX-JSON"),
        (STAT, {}, "JSON-stat `{shape: jsonstat}`"),
    ],
)
def test_what_is_otherwise_is_refused(converter: Converter, data: object, given: dict, words: str):
    text = data if isinstance(data, str) else json.dumps(data)
    assert words in refusal(converter, text, **given)


def test_lines_have_shapes_too(converter: Converter) -> None:
    lines = '["code", "n"]\n["01", 1.10]\n["02", null]\n'
    given = {"format": "ndjson", **keys("arrays", names="[0]")}
    assert converter.columns(lines, **given) == {"code": ["01", "02"], "n": [1.1, None]}
    given = {"format": "ndjson", **keys("arrays", names="head")}
    assert "lines of JSON have no names at `head`" in refusal(converter, lines, **given)
    given = {"format": "ndjson", **keys("arrays", names=["a"])}
    assert "record 1: has 2 values, and there are 1 names" in refusal(converter, lines, **given)


def test_pages_of_an_api_have_shapes_too(converter: Converter) -> None:
    """Its records are kept as they came, one a line."""
    source = {"from": "api", "url": "https://a.example", "json": {"shape": "sparql"}}
    config = {"project": {"name": "t"}, "vintage": "1", "sources": {"t": source}}
    bindings = SPARQL["results"]["bindings"]
    records = "".join(json.dumps(binding) + "\n" for binding in bindings).encode()
    item = raw(converter.file(zstd.compress(records), "all"))
    given = resolve_config(config).sources["t"]
    convert_table("t", given, [item], converter.target, converter.limits())
    found = pq.read_table(converter.target).to_pydict()
    assert found == {"dep": ["01", "http://d/2A"], "pop": [5, None]}


def test_cells_that_hold_nothing_are_noted(converter: Converter) -> None:
    converter.convert(json.dumps(STAT), **keys("jsonstat"))
    assert converter.notes()["notes"] == [
        "0.bin: 1 of its 4 cells have neither a value nor a status: they are no rows"
    ]


def test_a_page_of_world_banks_is_one_page(converter: Converter) -> None:
    """What stands before the records in a list is looked at, too."""
    item = raw(converter.file(json.dumps([{"page": 1, "total": 9}, [{"a": 1}]]), "page.json"))
    convert_table("t", source_of(records="[1]"), [item], converter.target, converter.limits())
    assert converter.notes()["notes"] == [
        "page.json: says that there are more than its 1 records: `[0].total`: 9"
    ]


def test_columns_are_left_out_by_object_and_by_glob(converter: Converter) -> None:
    data = json.dumps([{"id": 1, "geo": {"lat": 1, "lon": {"x": 2}}, "geometrie": "a"}])
    assert list(converter.columns(data, drop=["geo"])) == ["id", "geometrie"]
    assert list(converter.columns(data, drop=["*_l*"])) == ["id", "geometrie"]
    assert list(converter.columns(data, drop=["geo_lat"])) == ["id", "geo_lon_x", "geometrie"]
    assert "not in the data: `ge`" in refusal(converter, data, drop=["ge"])
    assert "not in the data: `geo`" in refusal(converter, "geo_a,b\n1,2\n", drop=["geo"])
    parts = [[raw(converter.file(data, f"{n}.json"), str(n), part=str(n))] for n in (1, 2)]
    found = pq.read_table(converter.combined(parts, drop=["geo"]))
    assert (found.column_names, found.num_rows) == (["id", "geometrie", "part"], 2)


def test_a_wide_table_tells_what_is_keyed_by_values(converter: Converter) -> None:
    values = {f"2020-{day:03}": {"v": day} for day in range(300)}
    converter.convert(json.dumps([{"nom": "x", "mesures": values}]))
    (note,) = converter.notes()["notes"]
    assert note.startswith("0.bin: has 301 columns: `mesures` has 300 keys that look like values")
    assert "`records: PATH.*`" in note and "`columns: {mesures: json}`" in note
    converter.convert(json.dumps([{f"valeur {n}": n for n in range(201)}]))
    assert converter.notes()["notes"] == ["0.bin: has 201 columns"]


def test_names_that_are_declared_twice(converter):
    said = refusal(converter, '[["1", "2"]]', json={"shape": "arrays", "names": ["a", "a"]})
    assert "`json.names`: names that come twice: a" in said


def test_values_of_a_mapping_that_are_no_objects_are_told(converter):
    data = '{"01": {"nom": "Ain"}, "02": null, "note": "x"}'
    converter.convert(data, records="*")
    told = "2 of 3 values at `*` are no objects (`02`, `note`): rows of their own"
    assert told in str(converter.notes()["notes"])
    converter.convert('{"01": 1, "02": 2}', records="*")
    assert "no objects" not in str(converter.notes().get("notes"))


def test_lines_of_objects_that_are_no_list(converter):
    said = refusal(converter, '{"a": 1},\n{"a": 2}\n')
    assert "commas between them" in said and "sed" in said and "records" not in said
    one = '{"a": 1, "b": {"c": "x"}}\n'
    assert "`format: ndjson`" in refusal(converter, one)
    assert converter.columns(one, format="ndjson") == {"a": [1], "b_c": ["x"]}


def test_one_record_that_is_no_list(converter):
    """What makes JSON of XML writes a list of one element so."""
    one = '{"n": 1, "data": {"id": 5, "name": "x", "geo": {"lat": 1.5}, "none": null}}'
    several = '{"data": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}'
    found = converter.columns(one, records="data", drop=["none"])
    assert found == {"id": [5], "name": ["x"], "geo_lat": [1.5]}
    assert "`data` is one object, and no list: it is one record" in str(converter.notes()["notes"])
    assert converter.columns(several, one, records="data")["id"] == [1, 2, 5]
    marked = b"\xef\xbb\xbf" + one.encode()
    assert converter.columns(marked, records="data")["id"] == [5]
    pairs = converter.columns('{"data": {"01": 5, "02": 6}}', records="data.*:dep")
    assert pairs == {"dep": ["01", "02"], "value": [5, 6]}
    mapping = '{"data": {"01": {"n": 5}, "02": {"n": 6}, "unit": "hab"}}'
    assert converter.columns(mapping, records="data")["n"] == [5, 6, None]
    assert "there are no records at `b`" in refusal(converter, one, records="b")


@pytest.mark.parametrize(
    ("data", "given", "told"),
    [
        (
            {
                "date": "2024",
                "gone": None,
                "d": [{"dep": "01", "l": [{"n": 1}]}, {"x.y": 1, "l": []}],
            },
            keys(records="d.*.l"),
            ['0.bin: beside the records: `date`, `d.*.dep`, `d.*."x.y"`: in no column'],
        ),
        (
            {f"k{n}": n for n in range(7)} | {"l": [{"n": 1}]},
            keys(records="l"),
            ["0.bin: beside the records: `k0`, `k1`, `k2`, `k3`, `k4` and 2 more: in no column"],
        ),
        ({"meta": {"names": ["n"]}, "l": [[1]]}, keys("arrays", "l", names="meta.names"), []),
        ({"l": [{"n": 1}]}, keys(records="l"), []),
    ],
)
def test_what_stands_beside_the_records_is_told(
    converter: Converter, data: dict, given: dict, told: list[str]
) -> None:
    assert converter.columns(json.dumps(data), **given) == {"n": [1]}
    assert converter.notes().get("notes", []) == told


NO_RECORDS = {
    "null in lines": ('{"a":1}\nnull\n{"a":2}\n', "1 record is `null`", '"a" IS NOT NULL'),
    "nulls in a list": (
        '[{"a": 1}, null, null, {"a": 2}]',
        "2 records are `null`",
        '"a" IS NOT NULL',
    ),
    "an error": (
        '[{"a": 1}, {"error": "timeout", "code": 504}, {"a": 2}]',
        '1 record is an error in place of one: {"error": "timeout", "code": 504}',
        '"a" IS NOT NULL',
    ),
    "an error among records with nothing in common": (
        '[{"a": 1, "c": null}, {"Error": {"m": 1}}, {"a": 2, "c": 3}]',
        '1 record is an error in place of one: {"Error": {"m": 1}}',
        '"a" IS NOT NULL',
    ),
}


@pytest.mark.parametrize("name", NO_RECORDS)
def test_what_is_no_record_is_refused(converter, name):
    text, found, where = NO_RECORDS[name]
    words = refusal(converter, text)
    assert found in words and f"`where: '{where}'`" in words
    assert converter.columns(text, where=where)["a"] == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        '[{"error": "e1", "code": 1}, {"error": "e2", "code": 2}]',  # a table of errors
        '[{"id": 1, "v": 2}, {"id": 2, "error": "gone"}]',  # a record that says why it has no value
        '[{"error": null, "a": 1}, {"error": "x"}]',
        '[{"message": "a"}, {"a": 1}]',
    ],
)
def test_records_that_have_a_field_called_error(converter, text):
    assert converter.table(text).num_rows == 2


@pytest.mark.parametrize("named", ['{"_id":"1"}', "{}"])
def test_lines_of_the_bulk_format(converter, named):
    text = f'{{"index":{named}}}\n{{"a":1}}\n{{"create":{named}}}\n{{"a":2}}\n'
    words = refusal(converter, text)
    columns, where = {"index": "json", "create": "json"}, '"index" IS NULL AND "create" IS NULL'
    assert f"`columns: {{index: json, create: json}}` with `where: '{where}'`" in words
    assert converter.columns(text, columns=columns, where=where)["a"] == [1, 2]
    plain = '{"index":{"_id":1}}\n{"index":{"_id":2}}\n'
    assert converter.columns(plain) == {"index__id": [1, 2]}


def test_keys_that_differ_by_case_in_some_records(converter):
    """To drop one of two loses values of the records that have it alone."""
    text = '[{"Code": 1, "a": 2}, {"code": 2, "a": 3}]'
    words = refusal(converter, text)
    assert "columns of one name: Code, code" in words and "drop: [" not in words
    assert converter.columns(text, drop=["Code"])["code"] == [None, 2]
    assert "also of records that have it alone" in str(converter.notes()["notes"])
    both = '[{"Code": 1, "code": 2}, {"Code": 3, "code": 4}]'
    assert "`drop: [Code]`" in refusal(converter, both)
    assert converter.columns(both, drop=["Code"]) == {"code": [2, 4]}


@pytest.mark.parametrize(
    ("text", "words", "keys", "rows"),
    [
        (
            '{"meta": {"view": {"columns": [{"name": "A", "fieldName": "a"}]}}, "data": [[1]]}',
            "`records: data` with `json: {shape: arrays, names: meta.view.columns.*.fieldName}`",
            {
                "records": "data",
                "json": {"shape": "arrays", "names": "meta.view.columns.*.fieldName"},
            },
            {"a": [1]},
        ),
        ('[{"page": 1}, [{"a": 1}]]', '`records: "[1]"`', {"records": "[1]"}, {"a": [1]}),
        ('{\n"a": 1}\n{\n"a": [{"b": 2}]}\n', "several JSON objects, one after", {}, None),
        ('"[{\\"a\\":1}]"', "encoded twice", {}, None),
        ('"{\\n  \\"a\\":1}"', "encoded twice", {}, None),
        ("null\n", "the word `null` alone", {}, None),
    ],
)
def test_json_of_which_the_records_are_elsewhere(converter, text, words, keys, rows):
    said = refusal(converter, text)
    assert words in said and "`csv" not in said and "write `records: a`" not in said
    assert rows is None or converter.columns(text, **keys) == rows

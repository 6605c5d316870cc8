"""Checks of columns and rows: on real Parquet files, with counts, examples and words."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from checks_tables import NONE, checked, checker, one, write
from diffusion.check.checks import KINDS

ROOT = Path(__file__).parents[3]
ODD = ["code commune", 'a"b', "l'été", "a.b", "x; DROP TABLE checked", "row", "c0", "ÉCOLE"]


@pytest.fixture
def check(tmp_path):
    return checker(tmp_path)


def test_the_kinds_are_those_of_the_schema():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    kinds = schema["properties"]["sources"]["additionalProperties"]["anyOf"]
    assert all([*KINDS, "warn"] == list(k["properties"]["checks"]["properties"]) for k in kinds)


@pytest.mark.parametrize("name", ODD)
def test_odd_column_names(check, name):
    columns = {name: ["a", "b", None, "b"], "other": [1, 2, 3, 4]}
    assert one(check(columns, "required", [name])).passed
    assert one(check(columns, "not_null", [name])).examples == [{"row": 3, "value": None}]
    assert one(check(columns, "allowed", {name: ["b"]})).examples == [{"row": 1, "value": "a"}]
    assert one(check(columns, "regex", {name: "b"})).failed == 1
    example = {"row": 2, "values": {name: "b"}, "count": 2}
    assert one(check(columns, "unique", [name])).examples == [example]
    lost = check(columns, "foreign_keys", {name: f"o.{name}"}, others={"o": {name: ["a"]}})
    assert one(lost).examples == [{"row": 2, "value": "b", "count": 2}]


def test_values_are_never_sql(check):
    evil = "'; DROP VIEW checked; --"
    assert one(check({"v": [evil, "a"]}, "allowed", {"v": [evil]})).failed == 1
    assert one(check({"v": [evil, "a"]}, "regex", {"v": "'.*"})).failed == 1


def test_names_that_differ_by_case_only_are_two_columns(check):
    columns = {"Code": ["a", "b"], "code": [None, None]}
    assert one(check(columns, "not_null", ["Code"])).passed
    assert one(check(columns, "not_null", ["code"])).failed == 2


@pytest.mark.parametrize("folder", ["it's", "year=2020", "a[b]c", "é è"])
def test_odd_folders(tmp_path, folder):
    (tmp_path / folder).mkdir()
    path = write(tmp_path / folder / "t.parquet", {"v": [1, None]})
    results = checked(path, NONE | {"not_null": ["v"], "required": ["year"]})
    assert [result.failed for result in results[:2]] == [1, 1]


MISSPELT = {
    "required": ["Departement"],
    "unique": ["Departement"],
    "not_null": ["Departement"],
    "allowed": {"Departement": ["a"]},
    "range": {"Departement": [0, 1]},
    "regex": {"Departement": "a"},
    "foreign_keys": {"Departement": "o.code"},
}


@pytest.mark.parametrize("kind", MISSPELT)
def test_a_missing_column_says_the_nearest_name(check, kind):
    result = one(check({"département": ["a"]}, kind, MISSPELT[kind], others={"o": {"code": ["a"]}}))
    assert not result.passed
    assert "the table has no column `Departement`; did you mean `département`?" in result.found


def test_the_nearest_name_may_differ_by_case_only(check):
    found = one(check({"Code": ["a"]}, "not_null", ["CODE"])).found
    assert found.endswith("the table has no column `CODE`; did you mean `Code`?")


def test_a_missing_column_without_near_name_lists_the_columns(check):
    result = one(check({"a": [1], "b": [2]}, "required", ["geometry"]))
    assert result.found == "the table has no column `geometry`; it has `a`, `b`"
    wide = {f"x{n}": [1] for n in range(15)}
    assert one(check(wide, "required", ["geometry"])).found.endswith("`x11` and 3 more")


def test_required_is_one_result_a_column(check):
    results = check({"a": [1]}, "required", ["a", "b"])
    assert [(r.column, r.passed, r.failed, r.total) for r in results] == [
        ("a", True, 0, 1),
        ("b", False, 1, 1),
    ]
    assert results[0].found == "the column is there"


def test_unique(check):
    columns = {"code": ["a", "b", "a", None, "a", None], "year": [1, 1, 1, 2, 2, 2]}
    result = one(check(columns, "unique", ["code", "year"]))
    assert result.column == "code, year"
    assert result.found == "4 of 6 rows are duplicated (2 repeated keys)"
    assert (result.failed, result.total) == (4, 6)
    assert result.examples == [
        {"row": 1, "values": {"code": "a", "year": 1}, "count": 2},
        {"row": 4, "values": {"code": None, "year": 2}, "count": 2},
    ]
    assert (
        one(check(columns, "unique", ["code"])).found
        == "5 of 6 rows are duplicated (2 repeated keys)"
    )
    passed = one(check({"a": ["x", "X", " x", None]}, "unique", ["a"]))
    assert (passed.passed, passed.found) == (True, "0 of 4 rows are duplicated")
    assert check(columns, "unique", []) == []
    several = check(columns, "unique", [["code"], ["code", "year"]])
    both = [one(check(columns, "unique", key)) for key in (["code"], ["code", "year"])]
    assert several == both


@pytest.mark.parametrize("last", ["0", "x", None])
def test_many_rows_are_unique_as_few_are(check, last):
    codes = [None, *map(str, range(150_000)), last]
    result = one(check({"code": codes}, "unique", ["code"]))
    if last == "x":
        assert (result.passed, result.found) == (True, "0 of 150,002 rows are duplicated")
        return
    first = {"row": 2 if last else 1, "values": {"code": last}, "count": 2}
    assert (result.failed, result.examples) == (2, [first])


def test_many_rows_with_two_zeros_are_not_unique(check):
    numbers = [0.0, *map(float, range(1, 150_000)), -0.0]
    assert one(check({"n": numbers}, "unique", ["n"])).failed == 2


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ([1, None], ""),
        ([3, 3], ""),
        ([None, None], ""),
        ([4, None], "; at least 4 wanted"),
        ([None, 2], "; at most 2 wanted"),
        ([None, 0], "; at most 0 wanted"),
    ],
)
def test_rows(check, rule, found):
    result = one(check({"a": [1, 2, 3]}, "rows", rule))
    assert result.found == "the table has 3 rows" + found
    assert result.passed == (found == "")


def test_an_empty_table(check):
    empty = {"a": pa.array([], pa.string())}
    assert one(check(empty, "rows", [1, None])).found == "the table has 0 rows; at least 1 wanted"
    assert one(check(empty, "not_null", ["a"])).found == "0 of 0 values are missing"
    assert one(check(empty, "unique", ["a"])).passed


def recorded(failures: dict) -> pa.Table:
    metadata = {"diffusion": json.dumps({"cast_failures": failures})}
    return pa.table({"a": [1]}).replace_schema_metadata(metadata)


@pytest.mark.parametrize(
    ("failed", "share", "passed", "words"),
    [
        (1, 0, False, "1 of 100 values could not be read as the column's type (none may)"),
        (29, 0.29, True, "29 of 100 "),
        (30, 0.29, False, "30 of 100 "),
        (2, 0.015, False, "(at most 1.5% may)"),
        (0, 0, True, "0 of 100 "),
        (100, 1, True, "100 of 100 "),
    ],
)
def test_cast_failures(check, failed, share, passed, words):
    examples = [{"row": n, "value": "n/a"} for n in range(1, failed + 1)]
    table = recorded({"surface": {"failed": failed, "values": 100, "examples": examples}})
    result = one(check(table, "cast_failures", share))
    assert (result.column, result.passed, result.failed) == ("surface", passed, failed)
    assert words in result.found
    assert result.examples == examples[:10]


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (pa.date32(), ["31/12/2024", "01/02/2024"], 'a: {type: date, format: "%d/%m/%Y"}'),
        (pa.date32(), ["01/02/2024"], 'format: "%d/%m/%Y"}}` (or `format: "%m/%d/%Y"`)'),
        (pa.timestamp("us"), ["31/12/2024 10:30"], 'type: timestamp, format: "%d/%m/%Y %H:%M"'),
        (pa.float64(), ["1,5", "-2,25"], 'a: {type: float, decimal: ","}}`, or for all columns of'),
        (pa.int64(), ["1 234", "12"], '`columns: {a: {type: int, thousands: " "}}`'),
        (pa.int64(), ["1 234,5 €", "12 €"], 'type: float, decimal: ",", thousands: " ", unit: "€"'),
        (pa.int64(), ["1,234"], 'thousands: ","}}`, or before decimals, `columns: {a: {type: flo'),
        (pa.int64(), ["1.234", "1.234.567"], 'a: {type: int, decimal: ",", thousands: "."}}`'),
        (pa.list_(pa.int64()), ["1|2", "3"], '`columns: {a: {type: list[int], split: "|"}}`'),
        (pa.int64(), ["1.5"], "declare `columns: {a: float}`"),
        (pa.int64(), ["1\u202f234", "s"], 'a: {type: int, thousands: " ", nulls: ["s"]}}`'),
        (pa.bool_(), ["Ja", "Nein"], 'true_values: ["Ja"], false_values: ["Nein"]}}`'),
        (pa.bool_(), ["A", "B"], "by `true_values` and `false_values`"),
        (pa.int64(), ["12 rue X"], "declare it as text, `columns: {a: string}`"),
    ],
)
def test_where_no_value_is_of_its_type_the_declaration_is_wrong(check, kind, values, words):
    examples = [{"file": "a.csv", "row": n, "value": v} for n, v in enumerate(values, 1)]
    noted = {"a": {"failed": len(values), "values": len(values), "examples": examples}}
    metadata = {"diffusion": json.dumps({"cast_failures": noted})}
    table = pa.table({"a": pa.nulls(len(values), kind)}).replace_schema_metadata(metadata)
    result = one(check(table, "cast_failures", 0))
    assert "no value is of the declared type" in result.found
    assert words in result.found


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1 234", "12 345"], "; declare how they are written: `columns: {a: {type: int, thous"),
        (["1,234"], "; state what `,` is: between thousands"),
        (["1,5"], '; declare how they are written: `columns: {a: {type: float, decimal: ","}}`'),
        (["12 km"], "type (none may)"),  # the others have no unit: they would be lost
        (["1 234", "n/a"], '{a: {type: int, thousands: " ", nulls: ["n/a"]}}`'),
        (
            ["s", "nd", "s"],
            '; where they stand for no value, `nulls: ["nd", "s"]` among',
        ),
        (["101.5"], "; declare `columns: {a: float}`"),
    ],
)
def test_a_remedy_for_some_values_leaves_the_others(check, values, words):
    examples = [{"file": "a.csv", "row": n, "value": v} for n, v in enumerate(values, 1)]
    noted = {"a": {"failed": len(values), "values": 100, "examples": examples}}
    metadata = {"diffusion": json.dumps({"cast_failures": noted})}
    table = pa.table({"a": pa.nulls(100, pa.int64())}).replace_schema_metadata(metadata)
    found = one(check(table, "cast_failures", 0)).found
    assert words in found and (words.startswith(";") or found.endswith(words))


@pytest.mark.parametrize("table", [recorded({}), pa.table({"a": [1]})])
def test_nothing_recorded_passes(check, table):
    result = one(check(table, "cast_failures", 0))
    assert (result.passed, result.found) == (True, "no value is recorded as unreadable")


def test_foreign_keys(check):
    columns = {"dep": ["01", None, "2A", "99", "2A", "99", "98"]}
    others = {"departements": {"code": ["01", "2A", None]}}
    result = one(check(columns, "foreign_keys", {"dep": "departements.code"}, others))
    assert result.found == "3 of 6 values do not exist in departements.code (2 distinct)"
    assert (result.failed, result.total, result.passed) == (3, 6, False)
    assert result.examples == [
        {"row": 4, "value": "99", "count": 2},
        {"row": 7, "value": "98", "count": 1},
    ]
    others = {"departements": {"code": ["01", "2A", "98", "99"]}}
    result = one(check(columns, "foreign_keys", {"dep": "departements.code"}, others))
    assert (result.passed, result.found) == (
        True,
        "0 of 6 values do not exist in departements.code",
    )


@pytest.mark.parametrize(
    ("other", "target", "words"),
    [
        ({"o": {"codes": ["a"]}}, "o.code", "`o` has no column `code`; did you mean `codes`?"),
        ({}, "o.code", "no table `o` was given"),
        ({"o": {"code": [1]}}, "o.code", "`v` is VARCHAR, `code` of `o` BIGINT"),
    ],
)
def test_foreign_keys_that_cannot_be_checked(check, other, target, words):
    result = one(check({"v": ["01"]}, "foreign_keys", {"v": target}, other))
    assert not result.passed
    assert words in result.found


def test_two_foreign_keys_to_one_table(check):
    others = {"o": {"a": [1, 2], "b": ["x", "y"]}}
    rule = {"v": "o.a", "w": "o.b"}
    results = check({"v": [1, 3], "w": ["x", "y"]}, "foreign_keys", rule, others)
    assert [result.failed for result in results] == [1, 0]

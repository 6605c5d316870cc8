"""The structure of JSON records, whatever way it is found: by keys and types, or of each value."""

import json

import duckdb
import pytest

from diffusion.convert.json import records
from diffusion.convert.json.records import Structure, json_shapes, structure_of

FLAT = [
    '{"b": 1, "a": "x", "": true, "a, b": null, "c.d": 1.5, "e\\"]": -1, "é\\u0000": 1e400}',
    '{"a": 18446744073709551615, "b": -1, "z": 18446744073709551616}',
    '{"A": 1, "b": 2.5, "a": false}',
]
CASES: dict[str, tuple[list[str | None], Structure]] = {
    "flat, with odd keys": (
        FLAT,
        {"b": "DOUBLE", "a": "JSON", "": "BOOLEAN", "a, b": "NULL", "c.d": "DOUBLE"}
        | {'e"]': "BIGINT", "é\0": "DOUBLE", "A": "UBIGINT", "z": "DOUBLE"},
    ),
    "the second has an object": (
        ['{"b": 1}', '{"a": {"c": 1}}'],
        {"b": "UBIGINT", "a": {"c": "UBIGINT"}},
    ),
    "the second has a list": (['{"b": 1}', '{"a": [1, 2]}'], {"b": "UBIGINT", "a": ["UBIGINT"]}),
    "the second has an empty object": (['{"b": 1}', '{"b": {}}'], {"b": "JSON"}),
    "the second has no key": (['{"b": 1}', "{}"], {"b": "UBIGINT"}),
    "the second is null": (['{"b": 1}', "null"], {"b": "UBIGINT"}),
    "the second is a list": (['{"b": 1}', "[1]"], "JSON"),
    "the second is a text": (['{"b": 1}', '"x"'], "JSON"),
    "a key comes twice": (
        ['{"b": 1}', '{"a": 1, "b": 2, "a": "x"}'],
        {"b": "UBIGINT", "a": {}},
    ),
    "objects first": (
        ['{"b": {"c": 1}}', '{"b": null, "a": 1}'],
        {"b": {"c": "UBIGINT"}, "a": "UBIGINT"},
    ),
    "the second is no value": (['{"b": 1}', None], {"b": "UBIGINT"}),
    "nothing": ([], "NULL"),
}


@pytest.mark.parametrize("name", CASES)
def test_structure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of all values, and as found of each value's structure."""
    values, expected = CASES[name]
    con = duckdb.connect()
    con.execute("CREATE TABLE given (n INTEGER, value JSON)")
    for number, value in enumerate(values):
        con.execute("INSERT INTO given VALUES (?, ?)", [number, value])
    relation = "(SELECT value FROM given ORDER BY n)"
    shapes = json_shapes(con, "value", relation)
    assert json.dumps(structure_of(shapes)) == json.dumps(expected)  # in that order, too
    monkeypatch.setattr(records, "_flat_shapes", lambda *_: [])
    each = json_shapes(con, "value", relation)
    assert each[:1] == shapes[:1] and len(each) == len(shapes)
    assert all(shape in each for shape in shapes)


def test_flat_records_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The structure of each record takes twice as long: it is that of the first one alone."""
    con = duckdb.connect()
    values = ", ".join(f"('{value}'::JSON)" for value in FLAT)
    whole: list[str] = []
    monkeypatch.setattr(records, "_read", lambda shape: whole.append(shape) or shape)
    records._shape.cache_clear()
    assert len(json_shapes(con, "v", f"(VALUES {values}) t(v)")) == 3
    assert len(whole) == 1

"""Two tables in one file, one of which has one column: told, and each of them can be taken."""

import re

import pytest
import yaml

from conversions import Converter, given, refusal

WIDE = [["code", "pop"], ["01", 5], ["02", 6], ["2A", 7]]
LONE = [["nom"], ["Ain"], ["Aisne"]]
BOTH = {"right": (WIDE, LONE), "left": (LONE, WIDE)}


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


def beside(one: list, other: list) -> list:
    """Return the rows of two tables side by side, with an empty column between them."""
    count = max(len(one), len(other))
    padded = [[*t, *[[""] * len(t[0])] * (count - len(t))] for t in (one, other)]
    return [[*left, "", *right] for left, right in zip(*padded, strict=True)]


def remedies(words: str) -> list[dict]:
    """Return the keys of each way that an error names."""
    fix = words.split("→")[1].replace("` with `", ", ")
    return [yaml.safe_load("{" + found + "}") for found in re.findall(r"`(\w+: [^`]*)`", fix)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("sides", BOTH.values(), ids=BOTH)
def test_a_lone_column_beside_a_table(converter, kind, sides):
    data = given(kind, beside(*sides))
    words = refusal(converter, data)
    assert "tables side by side?" in words
    *one, both = remedies(words)
    for keys, table in zip(one, sides, strict=True):
        found = converter.table(data, **keys)
        assert found.column_names == table[0] and found.num_rows == len(table) - 1
    assert converter.table(data, **both).column_names == [*sides[0][0], *sides[1][0]]


def test_tables_side_by_side_in_a_text(converter):
    other = [["nom", "x"], ["Ain", 1], ["Aisne", 2]]
    data = given("csv", beside(WIDE, other))
    first, second, _ = remedies(refusal(converter, data))
    assert converter.columns(data, **first)["code"] == ["01", "02", "2A"]
    assert converter.columns(data, **second) == {"nom": ["Ain", "Aisne"], "x": [1, 2]}


ORDINARY = {
    "as long": beside(WIDE, [*LONE, ["Corse"]]),
    "remarks": beside(WIDE, [["note"], [""], ["x"], [""]]),
    "first remark": beside(WIDE, [["note"], ["x"], [""], [""]]),
    "labels of groups": beside([["reg"], ["A"], [""], ["B"]], WIDE),
}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("rows", ORDINARY.values(), ids=ORDINARY)
def test_a_gap_in_one_table(converter, kind, rows):
    assert converter.table(given(kind, rows)).num_rows == 3


CODES = [["code"], ["01"], ["02"], ["03"]]
BELOW = [[[], ["nom"], ["Ain"], ["Aisne"]], [[], ["code"], ["04"]], [["Source : Insee"]]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("below", BELOW)
def test_a_column_below_a_column(converter, kind, below):
    data = given(kind, CODES + below)
    words = refusal(converter, data)
    assert "there seems to be a note, or another table" in words
    first, every = remedies(words)
    assert converter.columns(data, **first) == {"code": ["01", "02", "03"]}
    assert converter.table(data, **every).num_rows == 3 + sum(map(bool, below))


@pytest.mark.parametrize(
    "rows", [[["01"], ["02"], [], ["03"], ["04"]], [["Ain"], ["Aisne"], ["Jura"], [], ["Var"]]]
)
def test_blank_lines_in_a_column(converter, rows):
    assert converter.table(given("csv", [["code"], *rows])).num_rows == 4

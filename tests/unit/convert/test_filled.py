"""`fill: down`: empty cells have the value above them, in their file and group only."""

import pytest

from conversions import given, raw, refusal
from diffusion.run.notes import notes

ROWS = [
    ["region", "dep", "code", "n"],
    ["ARA", "Ain", "01001", 1],
    ["", "", "01002", 2],
    ["", "Isère", "38001", 3],
    ["BFC", "", "", 9],
    ["", "Jura", "39001", 4],
    ["", "", "39002", 5],
]
KEYS = {"columns": {"region": {"fill": "down"}, "dep": {"type": "string", "fill": "down"}}}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_labels_of_groups(converter, kind):
    """The first row of a new region has not the last department of the one before."""
    found = converter.columns(given(kind, ROWS), **KEYS)
    assert found["region"] == ["ARA"] * 3 + ["BFC"] * 3
    assert found["dep"] == ["Ain", "Ain", "Isère", None, "Jura", "Jura"]
    assert found["code"][3] is None and found["n"] == [1, 2, 3, 9, 4, 5]
    told = " ".join(notes("t", converter.notes()))
    assert "empty cells of `region` that have the value above (`fill: down`): 4" in told
    assert "`dep` that have the value above (`fill: down`): 2" in told
    assert "stay empty, as nothing in their group stands above them: 1 of `dep`" in told


def test_merged_cells_name_the_key(converter):
    data = given("xlsx", [["dep", "n"], ["Ain", 1], ["", 2]], merge=["A2:A3"])
    converter.convert(data)
    assert "`columns: {…: {fill: down}}` fills the others" in converter.notes()["notes"][0]
    keys = {"columns": {"dep": {"fill": "down"}}}
    assert converter.columns(data, **keys)["dep"] == ["Ain", "Ain"]


def test_not_beyond_a_file(converter):
    found = converter.columns(
        "dep;n\nAin;1\n;2\n", "dep;n\n;3\nVar;4\n", **{"columns": {"dep": {"fill": "down"}}}
    )
    assert found["dep"] == ["Ain", "Ain", None, "Var"]


def test_names_again_and_blank_rows_fill_nothing(converter):
    text = "dep;n;m\nAin;1;1\n;2;2\ndep;n;m\n;3;3\n;;\nVar;4;4\n;5;5\n"
    found = converter.columns(text, columns={"departement": {"from": "dep", "fill": "down"}})
    assert found["departement"] == ["Ain", "Ain", "Ain", None, "Var", "Var"]


def test_tokens_are_values(converter):
    """What means no value means none for the cells below it, too."""
    keys = {"nulls": ["nd"], "columns": {"dep": {"fill": "down"}}}
    assert converter.columns("dep;n\nAin;1\nnd;2\n;3\n", **keys)["dep"] == ["Ain", None, None]


def test_batches_and_other_formats(converter):
    keys = {"columns": {"dep": {"fill": "down"}}}
    parts = [[raw(converter.file(f"dep;n\nD{n};1\n;2\n", f"{n}.csv"), str(n))] for n in range(2)]
    converter.combined(parts, **keys)
    assert "and 1 more: empty cells of `dep`" in "".join(notes("t", converter.notes()))
    words = refusal(converter, '[{"dep": "x"}]', **keys)
    assert words.startswith("sources.t.columns.dep.fill: has no effect: the data are json")

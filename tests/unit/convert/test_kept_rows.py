"""`where:`: the rows that are left out are counted, and none is lost for what is not known."""

import pytest

from conversions import given, raw, refusal, source_of
from diffusion.config.conditions import parse_condition
from diffusion.errors import DiffusionError

TOTALS = "code;commune;n\n01001;L'Abergement;3\n01002;Ambérieu;x\n;Total;10\n01004;Bourg;5\n"


@pytest.mark.parametrize("end", ["", "\n"], ids=["no end of line", "end of line"])
def test_totals_are_left_out_and_told(converter, end):
    keys = {"where": "commune <> 'Total'", "columns": {"n": "int"}}
    columns = converter.columns(TOTALS.rstrip("\n") + end, **keys)
    assert columns["commune"] == ["L'Abergement", "Ambérieu", "Bourg"]
    notes = converter.notes()
    assert "1 of 4 rows are left out: `where: commune <> 'Total'`" in notes["notes"]
    assert notes["left_out"] == {"where": "commune <> 'Total'", "rows": 1}
    # examples have the number of the row in the file
    [example] = notes["cast_failures"]["n"]["examples"]
    assert (example["row"], example["value"]) == (2, "x")


def test_the_first_and_the_last_row_may_be_left_out(converter):
    text = "kind;n\nH;1\nD;2\nD;3\nT;4\n"
    assert converter.columns(text, where="kind = 'D'")["n"] == [2, 3]
    assert refusal(converter, text, where="kind = 'd'").startswith(
        "sources.t.where: is true for none of the 4 rows"
    )
    converter.convert(text, where="kind IN ('H', 'D', 'T')")
    assert "leaves out no row" in str(converter.notes()["notes"])


def test_a_missing_value_leaves_nothing_out(converter):
    words = refusal(converter, TOTALS, where="code <> '01001'")
    assert "neither true nor false for 1 rows" in words
    assert "code = nothing" in words
    assert "coalesce(…, true)" in words
    kept = converter.columns(TOTALS, where="coalesce(code <> '01001', true)")
    assert kept["commune"] == ["Ambérieu", "Total", "Bourg"]


def test_rows_of_batches_add_up(converter):
    texts = {"a": "k;n\nD;1\nT;1\n", "b": "k;n;m\nT;5\n".replace("T;5", "T;5;"), "c": "k;n\nD;4\n"}
    batches = [[raw(converter.file(text, name), name)] for name, text in texts.items()]
    converter.combined(batches, where="k = 'D'")
    assert converter.notes()["left_out"] == {"where": "k = 'D'", "rows": 2}
    assert "2 of 4 rows are left out" in str(converter.notes()["notes"])


def test_a_header_that_comes_again_is_counted_apart(converter):
    """The lines of the file are more than its records: the count that takes longer is right."""
    found = converter.columns(f"{TOTALS}code;commune;n\n01005;Bohas;2\n", where="n <> '10'")
    assert found["commune"] == ["L'Abergement", "Ambérieu", "Bourg", "Bohas"]
    assert converter.notes()["left_out"]["rows"] == 1


def test_records_of_json_lack_keys(converter):
    files = ['[{"k": "D", "n": 1}, {"k": "T", "n": 2}]', '[{"n": 3}]']
    words = refusal(converter, *files, where="k = 'D'")
    assert "neither true nor false" in words
    assert "1.bin" in words
    assert converter.columns(*files, where="k IS NOT DISTINCT FROM 'D'")["n"] == [1]


def test_a_column_that_is_not_there_is_told(converter):
    words = refusal(converter, TOTALS, where='commune <> "Total"')
    assert "there is no column `Total` in the data" in words
    assert "'Total'" in words
    words = refusal(converter, TOTALS, where="n > 3")
    assert "cannot be asked of the rows" in words
    assert "try_cast" in words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("commune = ", "syntax error"),
        ("n IN (SELECT 1)", "a query in it"),
        ("true) UNION SELECT 1 FROM read_csv('/etc/passwd') WHERE (n = 1", "more than one"),
        ("row_number() OVER () = 1 AND n = 1", "a window"),
        ("sum(n) > 1", "`sum` is no function of one row"),
        ("n < today()", "`today` is no function of one row"),
        ("1 = 1", "names no column"),
        (" ", "is empty"),
    ],
)
def test_a_condition_looks_at_one_row(text, found):
    with pytest.raises(DiffusionError, match=found):
        parse_condition("sources.t.where", text)


def test_a_condition_is_checked_before_a_run():
    with pytest.raises(DiffusionError, match=r"sources\.t\.where"):
        source_of(where="a = (SELECT 1)")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("a IS NOT NULL AND a <> 'Total'", [2, 4]),
        ("coalesce(a <> 'Total', true)", [1, 2, 4, 5]),
        ("coalesce(a <> 'Total', false)", [2, 4]),
    ],
)
def test_empty_cells_are_null_also_in_the_first_and_the_last_row(converter, kind, where, kept):
    rows = [["a", "n"], ["", 1], ["x", 2], ["Total", 3], ["y", 4], ["", 5]]
    cells = given(
        kind, [[cell or (None if kind == "xlsx" else "") for cell in row] for row in rows]
    )
    assert sorted(converter.columns(cells, where=where)["n"]) == kept

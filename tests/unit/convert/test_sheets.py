"""`xlsx: {sheets: …}`: several sheets of the same columns as one table."""

import io

import openpyxl
import pytest

from conversions import given, refusal, source_of
from diffusion.config.resolve import ConfigError


def book(**sheets: list) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(file := io.BytesIO())
    return file.getvalue()


YEARS = {"y2020": [["code", "n"], ["01", 1], ["02", 2]], "y2021": [["n", "code"], [3, "01"]]}


def test_all_sheets_are_one_table(converter):
    data = book(**YEARS, empty=[])
    found = converter.columns(data, xlsx={"sheets": "all"}, sort_by=["sheet", "n"])
    assert found == {
        "code": ["01", "02", "01"], "n": [1, 2, 3], "sheet": ["y2020", "y2020", "y2021"],
    }  # fmt: skip
    several = {"xlsx": {"sheets": ["y20*"], "sheet_column": "an"}, "where": "an <> 'y2020'"}
    assert converter.columns(book(**YEARS, notice=[["x", "y"], [1, 2]]), **several) == {
        "n": [3], "code": ["01"], "an": ["y2021"],
    }  # fmt: skip
    assert "1 of 3" not in str(converter.notes()["notes"])
    assert "2 of 3 rows are left out" in str(converter.notes()["notes"])


def test_sheets_of_other_columns_are_refused(converter):
    data = book(**YEARS, notice=[["code", "libelle"], ["01", "Ain"]])
    words = refusal(converter, data, xlsx={"sheets": "all"})
    assert "0.bin, sheet notice has no `n`, 0.bin, sheet y2020 has" in words
    assert "`xlsx: {sheets: [y2020, y2021, notice, …]}`" in words
    assert "no sheet is called `y19*`" in refusal(converter, data, xlsx={"sheets": ["y19*"]})
    data = book(a=[["sheet", "n"], ["x", 1]], b=[["sheet", "n"], ["y", 2]])
    words = refusal(converter, data, xlsx={"sheets": "all"})
    assert "`sheet_column: sheet_name`" in words
    assert "`xlsx: {sheets: all}`" in refusal(converter, data)


@pytest.mark.parametrize(
    "xlsx", [{"sheets": "all", "sheet": "a"}, {"sheet_column": "an"}, {"sheets": []}]
)
def test_what_contradicts_itself(xlsx):
    with pytest.raises(ConfigError, match=r"sources\.t\.xlsx\.sheet"):
        source_of(xlsx=xlsx)


HIDDEN = pytest.mark.parametrize("state", ["hidden", "veryHidden"])


def with_others(state: str, **sheets: list) -> bytes:
    """Return a workbook whose sheets but `data` are hidden."""
    workbook = openpyxl.load_workbook(io.BytesIO(book(**sheets)))
    for sheet in workbook:
        sheet.sheet_state = "visible" if sheet.title == "data" else state
    workbook.save(file := io.BytesIO())
    return file.getvalue()


@HIDDEN
def test_hidden_sheets_are_told_and_read_by_their_names_only(converter, state):
    data = with_others(state, choices=[["n"], [7]], data=[["n"], [1]])
    assert converter.columns(data) == {"n": [1]}
    assert "sheet choices is hidden, and not read" in str(converter.notes()["notes"])
    assert converter.columns(data, xlsx={"sheets": "all"})["sheet"] == ["data"]
    assert "sheet choices is hidden" in str(converter.notes()["notes"])
    assert converter.columns(data, xlsx={"sheets": ["*"]})["n"] == [1]
    assert converter.columns(data, xlsx={"sheet": "choices"}) == {"n": [7]}
    assert sorted(converter.columns(data, xlsx={"sheets": ["choices", "d*"]})["n"]) == [1, 7]


def test_empty_sheets_are_no_doubt(converter):
    """Excel made three of them in each new workbook, for twenty years."""
    assert converter.columns(book(Feuil1=[["n"], [1]], Feuil2=[], Feuil3=[])) == {"n": [1]}
    assert "sheet Feuil2 is empty" in str(converter.notes()["notes"])
    words = refusal(converter, book(a=[["n"], [1]], b=[["n"], [1]], empty=[]))
    assert "sheets: a, b" in words and "empty" not in words


BESIDE = [
    ["Rég", "2022", "", "Dép", "v"],
    ["Bretagne", 1, "", "Ain", 5],
    ["Corse", 3, "", "Aisne", 6],
    ["", "", "", "Allier", 7],
]


def test_tables_side_by_side(converter):
    data = given("xlsx", BESIDE)
    words = refusal(converter, data)
    assert "tables side by side? [rows]\n  A:B: Rég · 2022\n  D:E: Dép · v" in words
    assert "`xlsx: {range: A:B}` or `xlsx: {range: D:E}`" in words and "`drop: [c3]`" in words
    one, other = ({"xlsx": {"range": cells}} for cells in ("A:B", "D:E"))
    assert converter.columns(data, **one) == {"Rég": ["Bretagne", "Corse"], "2022": [1, 3]}
    assert converter.columns(data, **other)["v"] == [5, 6, 7]
    assert [*converter.columns(data, drop=["c3"])] == ["Rég", "2022", "Dép", "v"]
    assert converter.table(given("xlsx", [["", "a"], ["", 1]]), drop=["c1"]).num_rows == 1


def test_a_range_of_a_sheet(converter):
    """Rows keep their numbers; those below are told, as a new vintage may have more."""
    rows = [["Titre"], [], *[["", *row] for row in BESIDE[:3]], ["", "Occitanie", 9]]
    data = given("xlsx", rows)
    keys = {"range": "B3:C5", "header": 3}
    assert converter.columns(data, xlsx=keys) == {"Rég": ["Bretagne", "Corse"], "2022": [1, 3]}
    assert "1 row below the range: left out (`range`), from `Occitanie · 9` on" in str(
        converter.notes()["notes"]
    )
    assert "holds no cell" in refusal(converter, data, xlsx={"range": "C:B"})
    far = given("xlsx", [*[["x"]] * 40, ["a", "b"], [1, 2]])
    assert converter.columns(far, xlsx={"range": "A41:B50"}) == {"a": [1], "b": [2]}

"""Names that come again below, at each page or where files were put together, are no rows."""

import re

import pytest
import yaml

from conversions import given, refusal

NAMES = [["code", "2020", "", "2021"], ["", "H", "F", "H"]]
ROWS = [["01", 1, 2, 3], ["02", 4, 5, 6], ["03", 7, 8, 9]]


@pytest.mark.parametrize("gap", [[], [[]]])
@pytest.mark.parametrize(("header", "names"), [([1, 2], NAMES), (1, [["code", "a", "b", "c"]])])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_that_come_again_are_left_out(converter, kind, header, names, gap):
    rows = [*names, *ROWS, *gap, *names, *ROWS[:2], *names, *ROWS[2:]]
    found = converter.table(given(kind, rows), **{kind: {"header": header}})
    assert [[str(cell) for cell in row.values()] for row in found.to_pylist()] == [
        [str(cell) for cell in row] for row in [*ROWS, *ROWS]
    ]
    assert f"{2 * len(names)} rows repeat the names" in str(converter.notes()["notes"])


@pytest.mark.parametrize("again", ['"code";"v"', " code; v", "CODE;V", "code ;v"])
def test_names_that_come_again_in_other_letters(converter, again):
    data = f"code;v\n01;5\n02;6\n{again}\n03;7\n"
    assert converter.columns(data) == {"code": ["01", "02", "03"], "v": [5, 6, 7]}
    assert "1 row repeats the names" in str(converter.notes()["notes"])


def readings(words: str) -> list[dict]:
    """Return the keys that take each of the blocks."""
    return [yaml.safe_load(keys) for keys in re.findall(r"`(\w+: \{[^`]*header[^`]*\})`", words)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_in_another_order(converter, kind):
    """What stands below them would be in each other's columns; each block is read by itself."""
    rows = [["lat", "lon"], [48.1, 2.1], [48.2, 2.2], ["lon", "lat"], [2.3, 48.3]]
    data = given(kind, rows)
    words = refusal(converter, data)
    assert "4 has the names in another order" in words and "title" not in words
    found = [converter.columns(data, **keys)["lat"] for keys in readings(words)]
    assert [sorted(lat) for lat in found] == [[48.1, 48.2], [48.3]]
    assert "4 is a row of the table" in words
    assert converter.table(data, **{kind: {"footer": 0}}).num_rows == 4  # it may be one of words


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_of_which_some_are_others(converter, kind):
    """Of files put together, the second has another column: it would be in one of the first."""
    rows = [["code", "nom", "taux"], ["01", "Ain", 1.5], ["02", "Aisne", 2.5]]
    rows += [["code", "nom", "densité"], ["01", "Ain", 90], ["02", "Aisne", 70]]
    data = given(kind, rows)
    words = refusal(converter, data, **{kind: {"header": 1}})
    assert "4 has the names again, and others among them" in words
    found = [converter.columns(data, **keys) for keys in readings(words)]
    assert [list(each) for each in found] == [rows[0], rows[3]]
    assert [each["nom"] for each in found] == [["Ain", "Aisne"]] * 2
    assert converter.table(data, **{kind: {"header": 1, "footer": 0}}).num_rows == 5


def test_values_that_are_names_of_columns(converter):
    rows = [
        ["code", "nom", "type"],
        ["code", "x", "texte"],
        ["nom", "nom", "type"],
        ["code", "5", "2"],
    ]
    rows += [["a", "b", "c"]] * 5
    assert converter.table(given("csv", rows), csv={"header": 1}).num_rows == 8


YEARS = [["2022", ""], ["Rég", "v"], ["A", 1], ["B", 3], ["2023", ""], ["Rég", "v"], ["A", 5]]
GAPS = [["Rég", "v"], ["A", 1], ["B", 3], ["", ""], ["en %", ""], ["Rég", "v"], ["A", 5]]
DEEP = [["k", "x", ""], ["", "H", "F"], ["A", 1, 2], ["B", 3, 4], ["", "", ""], ["en %", "", ""]]
DEEP += [["k", "x", ""], ["", "H", "F"], ["A", 5, 6]]


@pytest.mark.parametrize(
    ("rows", "header", "column"), [(YEARS, 2, "v"), (GAPS, 1, "v"), (DEEP, [1, 2], "x_H")]
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_blocks_below_titles(converter, kind, rows, header, column):
    """What a title says is in no column: each block is a source, and none is lost."""
    data = given(kind, rows)
    words = refusal(converter, data, **{kind: {"header": header}})
    assert f"stands a title, `{'2023' if rows is YEARS else 'en %'}`" in words
    found = [converter.columns(data, **keys)[column] for keys in readings(words)]
    assert list(map(sorted, found)) == [[1, 3], [5]]


@pytest.mark.parametrize("many", [1, 30])
def test_blocks_below_titles_of_one_cell(converter, many):
    """No delimiter cuts these lines alike; neither block is lost, and no title is a row."""
    data = "".join(
        f"Année {year}\nRég;v\nA;{year}\n" + "B;5\n" * many for year in (2021, 2022, 2023)
    )
    words = refusal(converter, data)
    assert "stands a title, `Année 2022`" in words and "footer: 0" not in words
    found = [converter.columns(data, **keys)["v"] for keys in readings(words)]
    assert [max(values) for values in found] == [2021, 2022, 2023]
    assert [len(values) for values in found] == 3 * [many + 1]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_without_values_at_the_end_of_a_page(converter, kind):
    rows = [
        ["code", "v"],
        ["01", 1],
        ["02", ""],
        ["code", "v"],
        ["03", 2],
        ["code", "v"],
        ["04", 3],
    ]
    found = converter.table(given(kind, rows))
    assert found["code"].to_pylist() == ["01", "02", "03", "04"]
    one = given(kind, rows[:5])
    assert "`02` is a row of the table" in refusal(converter, one)
    assert converter.table(one, **{kind: {"footer": 0}}).num_rows == 3


LARGE = "".join(f"{i:06d};{'A' * 40};{i}\n" for i in range(180_000))  # beyond what is read twice
NAMES_OF = "Code;libellé;v"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("again", ["CODE;LIBELLÉ;V", '"Code";"Libellé";"V"'])
def test_other_letters_far_below(converter, again, end):
    data = f"{NAMES_OF}\n{LARGE}{again}\n{LARGE}".replace("\n", end)
    table = converter.table(data)
    assert table.num_rows == 360_000 and str(table["v"].type) == "int64"
    assert "1 row repeats the names" in str(converter.notes()["notes"])


@pytest.mark.parametrize("again", ["v;libellé;Code", '"LIBELLÉ";"CODE";"V"'])
def test_another_order_far_below(converter, again):
    words = refusal(converter, f"{NAMES_OF}\n{LARGE}{again}\n{LARGE}")
    assert "line 180002 has the names in another order" in words


def test_lines_that_look_like_names_far_below(converter):
    lines = "".join(f"Cod{i % 9};libelle{i % 10};v\n" for i in range(600_000))
    assert converter.table(f"Code;libellé;v\n{lines}").num_rows == 600_000

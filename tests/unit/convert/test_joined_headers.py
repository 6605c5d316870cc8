"""Headers of several rows: the refusal offers them joined, and that gives the right table."""

import io
import re

import openpyxl
import pandas as pd
import pytest
import yaml

from conversions import refusal

YEARS = [["", "2020", "", "2021", ""], ["code", "H", "F", "H", "F"], ["01", 1, 2, 3, 4]]
YEARS += [["02", 5, 6, 7, 8]]
UPRIGHT = [["Code", "Pop", "", "Solde"], ["", "H", "F", ""], ["01", 1, 2, 3]]
UPRIGHT += [["02", 4, 5, 6]]
TITLE = [["Population légale", "", "", "", ""], *YEARS]
THREE = [["", "Pop", "", "", ""], *YEARS]
AGES = [["Code", "H", "", "F", ""], ["", "15-24", "25+", "15-24", "25+"], ["01", 1, 2, 3, 4]]
AGES += [["02", 5, 6, 7, 8]]
RANGES = [["Code", "H", "", "T"], ["", "15-24", "25-64", ""], ["01", 1, 2, 3], ["02", 4, 5, 9]]
CLASSES = [["Code", "H", "", "F", ""], ["", "1", "2", "1", "2"], ["01", 5, 6, 7, 8]]
CLASSES += [["02", 5, 6, 7, 8]]
ALONE = [["dep", "nom", "Sexe", ""], ["", "", "1", "2"], ["01", "Ain", 3, 4], ["02", "Y", 7, 8]]
SHARES = [["dep", "Revenu", "", ""], ["", "0.1", "0.5", "0.9"], ["01", 10, 11, 12]]
SHARES += [["02", 20, 21, 22]]
DEEP = [["dep", "2019", "", "2020", ""], ["", "H", "F", "H", "F"], ["", "1", "2", "1", "2"]]
DEEP += [["01", 10, 11, 12, 13], ["02", 20, 21, 22, 23]]
JOINED = ["code", "2020_H", "2020_F", "2021_H", "2021_F"]
CASES = [
    (YEARS, [1, 2], ["B1:C1", "D1:E1"], JOINED),
    (UPRIGHT, [1, 2], ["A1:A2", "B1:C1", "D1:D2"], ["Code", "Pop_H", "Pop_F", "Solde"]),
    (TITLE, [2, 3], ["A1:E1", "B2:C2", "D2:E2"], JOINED),
    (AGES, [1, 2], ["B1:C1", "D1:E1"], ["Code", "H_15-24", "H_25+", "F_15-24", "F_25+"]),
    (RANGES, [1, 2], ["B1:C1"], ["Code", "H_15-24", "H_25-64", "T"]),
    (CLASSES, [1, 2], ["B1:C1", "D1:E1"], ["Code", "H_1", "H_2", "F_1", "F_2"]),
    (ALONE, [1, 2], ["C1:D1"], ["dep", "nom", "Sexe_1", "Sexe_2"]),
    (SHARES, [1, 2], ["B1:D1"], ["dep", "Revenu_0.1", "Revenu_0.5", "Revenu_0.9"]),
    (DEEP, [1, 2, 3], ["B1:C1", "D1:E1"], ["dep", "2019_H_1", "2019_F_2", "2020_H_1", "2020_F_2"]),
    (THREE, [1, 2, 3], ["B1:E1", "B2:C2", "D2:E2"], ["code", *(f"Pop_{n}" for n in JOINED[1:])]),
]  # fmt: skip


def given(kind: str, rows: list, merged: list) -> bytes:
    if kind == "csv":
        return "".join(";".join(map(str, row)) + "\n" for row in rows).encode()
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    for cells in merged if kind == "xlsx merged" else []:
        book.active.merge_cells(cells)
    book.save(file := io.BytesIO())
    return file.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xlsx merged"])
@pytest.mark.parametrize(("rows", "header", "merged", "names"), CASES)
def test_the_remedy_gives_the_right_table(converter, kind, rows, header, merged, names):
    data, section = given(kind, rows, merged), kind[:4].strip()
    offered = f"header: {header}}}` gives the columns {' · '.join(names)}"[:60]
    assert offered in refusal(converter, data)
    table = converter.table(data, **{section: {"header": header}})
    assert sorted(table.column_names) == sorted(names)
    if header == [1, 2, 3] and rows is not THREE:
        assert "3 has names, too" in refusal(converter, data, **{section: {"header": [1, 2]}})
    first = table.to_pylist()[0]
    assert [str(first[name]) for name in names] == list(map(str, rows[-2]))


def test_merged_cells_say_how_far_a_group_goes(converter):
    """Without them, the blank cell beside the group would be of it."""
    rows = [["code", "2020", "", ""], ["", "H", "F", "note"], ["01", 1, 2, "x"], ["02", 3, 4, "y"]]
    found = converter.table(given("xlsx merged", rows, ["B1:C1"]), xlsx={"header": [1, 2]})
    assert sorted(found.column_names) == ["2020_F", "2020_H", "code", "note"]


def test_one_group_of_two_is_merged(converter):
    """A text whose cell is not merged holds together what stands right of it, as in a CSV."""
    found = converter.table(given("xlsx merged", YEARS, ["B1:C1"]), xlsx={"header": [1, 2]})
    assert sorted(found.column_names) == sorted(JOINED)
    found = converter.table(given("xlsx merged", YEARS, ["D1:E1"]), xlsx={"header": [1, 2]})
    assert sorted(found.column_names) == sorted(JOINED)


SEXES = pd.MultiIndex.from_product([[2020, 2021], ["H", "F"]])
AGGREGATES = pd.MultiIndex.from_tuples([("pop", "sum"), ("sup", "mean")])
YEARS_BELOW = pd.MultiIndex.from_tuples([("pop", 2020), ("sup", 2021)])


@pytest.mark.parametrize("index", ["code", None])
@pytest.mark.parametrize("levels", [[None, None], ["an", "sexe"]])
@pytest.mark.parametrize("columns", [SEXES, AGGREGATES, YEARS_BELOW])
def test_columns_of_several_levels_as_pandas_writes_them(converter, columns, levels, index):
    if columns is YEARS_BELOW and levels[0] and not index:
        return  # `sexe,2020,2021` is a row of data as well as any
    rows = [[1] * len(columns), [5] * len(columns)]
    frame = pd.DataFrame(rows, columns=columns.set_names(levels))
    frame.index = pd.Index(["01", "02"], name=index)
    data = frame.to_csv().encode()
    header = [1, 2, 3] if index else [1, 2]
    assert f"header: {header}}}`" in refusal(converter, data)
    found = converter.table(data, csv={"header": header})
    assert found.num_rows == 2 and {"_".join(map(str, name)) for name in columns} <= {
        *found.column_names
    }
    if index:  # else the row with its name would be one of data
        words = refusal(converter, data, csv={"header": [1, 2]})
        assert "line 3 has names, too" in words and "`csv: {header: [1, 2, 3]}`" in words


CENTRED = [["Rég", "", "2022", "", "", "2023", ""], ["", *"HFEHFE"]]
CENTRED += [["A", 1, 2, 3, 4, 5, 6], ["B", 1, 2, 3, 4, 5, 6]]
ENDS = [["", "", "2022", "", "2023"], ["Rég", *"HFHF"], ["A", 1, 2, 3, 4], ["B", 5, 6, 7, 8]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("rows", "each"), [(CENTRED, "HFE"), (ENDS, "HF")])
def test_groups_amid_their_columns(converter, kind, rows, each):
    """Carried to the right, 2022 would have a column of 2023; the names that come again show it."""
    data = given(kind, rows, [])
    for keys in ({}, {kind: {"header": [1, 2]}}):
        words = refusal(converter, data, **keys)
        assert "header: [1, 2]}" not in words
        (way,) = re.findall(r"`(\w+: \{[^`]*names: [^`]*\})` gives", words)
    found = converter.table(data, **yaml.safe_load(way)).to_pylist()
    names = ["Rég", *(f"{year}_{name}" for year in (2022, 2023) for name in each)]
    assert [[row[name] for name in names] for row in found] == rows[2:]


def test_one_row_of_two(converter):
    """Names that come twice are told with the row above, which tells them apart."""
    words = refusal(converter, given("xlsx", YEARS, []), xlsx={"header": 2})
    assert "join the row above to them: `xlsx: {header: [1, 2]}`" in words


def test_three_rows_of_names(converter):
    rows = [
        ["code", "Pop", "", "", ""],
        ["", "2020", "", "2021", ""],
        ["", "H", "F", "H", "F"],
        ["01", 1, 2, 3, 4],
        ["02", 5, 6, 7, 8],
    ]
    data = given("xlsx", rows, ["B1:E1", "B2:C2", "D2:E2", "A1:A3"])
    assert "`xlsx: {header: [1, 2, 3]}` gives the columns code · Pop_2020_H" in refusal(
        converter, data
    )
    found = converter.columns(data, xlsx={"header": [1, 2, 3]})
    assert (found["Pop_2020_F"], found["Pop_2021_H"]) == ([2, 6], [3, 7])

"""Two rows of names, units, types; and files without names: doubt shows it, ordinary rows stay."""

import pytest
import yaml

from conversions import given, refusal

CODES = [["01001", "Abergement", 767], ["01002", "Ambérieu", 241], ["01004", "Ambutrix", 14302]]
NAMES = ["Code géographique", "Libellé", "Population en 2020"]


@pytest.mark.parametrize(
    "second",
    [
        ["CODGEO", "LIBGEO", "P20_POP"],
        ["", "", "hab/km2"],
        ["id", "", "°C"],
        ["(1)", "(2)", "(3)"],
        ["varchar(5)", "text", "int"],
        ["code", "", ""],
        ["5s", "50s", "14n"],
        ["id", "Geographic Area Name", "!!Total:"],
        *(["", "", unit] for unit in ["MW", "t", "s", "[°C]", "(%)", "10³ t", "<float>", "---"]),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_second_rows_of_names_and_units(converter, kind, second):
    data = given(kind, [NAMES, second, *CODES])
    words = refusal(converter, data)
    assert "1 and" in words and "both look like names" in words
    assert "header: [1, 2]}" in words and "header: 2, " in words
    # the reading that keeps the second row says so, and is the last one
    assert "header: 1}" in words.splitlines()[-1] and "2 among its rows" in words.splitlines()[-1]
    found = converter.table(data, **{kind: {"header": 2, "names": ["code", "lib", "pop"]}})
    assert found["pop"].to_pylist() == [767, 241, 14302]


SERIES = [
    ["Libellé", "Indice", "Codes"],
    ["idBank", "001759970", ""],
    ["Mise à jour", "15/01/2025 08:45", ""],
    ["Période", "", ""],
    ["2024-12", 119.12, "A"],
    ["2024-11", 119.11, "A"],
]
LABELS = [
    ["Pays", "P1", "P2"],
    ["Libellé", "Population", "Ménages"],
    ["Unité", "hab", "ménage"],
    ["France", 1, 2],
    ["Italie", 3, 4],
]
ANSWERS = [
    ["Date", "Q1", "Q2"],
    ["Start Date", "How old?", "Happy?"],
    ['{"id":"date"}', '{"id":"Q1"}', '{"id":"Q2"}'],
    ["2024-01-01", 25, "Yes"],
    ["2024-01-02", 30, "No"],
]


@pytest.mark.parametrize(("rows", "last"), [(SERIES, 4), (LABELS, 3), (ANSWERS, 3)])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_several_rows_that_describe_columns(converter, kind, rows, last):
    quoted = [
        [f'"{c.replace(chr(34), 2 * chr(34))}"' if "{" in str(c) else c for c in r] for r in rows
    ]
    data = given(kind, quoted if kind == "csv" else rows)
    words = refusal(converter, data)
    assert f"1 and {'line' if kind == 'csv' else 'row'}s 2 to {last} both look like names" in words
    assert f"header: {last}, names: [" in words and f"{[*range(1, last + 1)]}}}` gives" in words
    found = converter.table(data, **{kind: {"header": last, "names": rows[0]}})
    assert sorted(found[rows[0][1]].to_pylist()) == sorted(row[1] for row in rows[last:])
    found = converter.table(data, **{kind: {"header": [*range(1, last + 1)]}})
    assert found.num_rows == len(rows) - last
    converter.convert(data, **{kind: {"header": 1}})
    assert "2 is a row of the table, as `header` has it" in str(converter.notes()["notes"])


@pytest.mark.parametrize("above", ["# U.S. Geological Survey\n# retrieved\n", "Titre\t\t\n\t\t\n"])
def test_rows_that_describe_columns_below_a_title(converter, above):
    data = above + "agency\tsite\tflow\n5s\t15s\t14n\nUSGS\t0164\t1200\nUSGS\t0165\t1300\n"
    words = refusal(converter, data)
    keys = 'header: 4, names: ["agency", "site", "flow"]}`'
    assert keys in words and "header: [3, 4]}`" in words
    for line in words.splitlines():
        assert "header: 3}`" not in line or "has line 4 among its rows" in line
    names = ["agency", "site", "flow"]
    found = converter.table(data, csv={"delimiter": "\t", "header": 4, "names": names})
    assert found["flow"].to_pylist() == [1200, 1300]


def test_names_below_keys_and_values(converter):
    """The second row is shorter than the first; what stands below a blank row has the names."""
    data = "Compte;;;\nSolde;12,5 EUR;;\n\nDate;Libellé;Débit;Crédit\n02/01/2024;CB;-12;\n"
    words = refusal(converter, data)
    assert "header: 4}` gives the columns Date · Libellé · Débit · Crédit" in words
    assert refusal(converter, "Compte;;;\nSolde;12,5 EUR\nDate;Libellé;Débit;Crédit\n1;a;2;3\n")


@pytest.mark.parametrize("numbers", [["1", "2", "3"], ["A", "B", "C"]])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_that_numbers_the_columns(converter, kind, numbers):
    words = refusal(converter, given(kind, [NAMES, numbers, *CODES]))
    assert "2 looks like numbers of the columns" in words and "header: 2, " in words
    found = converter.table(given(kind, [["a", "b", "c"], ["1", "2", "3"], [4, 5, 6], [7, 8, 9]]))
    assert found.num_rows == 3  # numbers above numbers may be data


def test_names_that_are_given_hide_no_second_row(converter):
    data = given("csv", [NAMES, ["CODGEO", "LIBGEO", "P20_POP"], *CODES])
    words = refusal(converter, data, csv={"names": ["code", "lib", "pop"]})
    assert "both look like names" in words


@pytest.mark.parametrize(
    "rows",
    [
        [["dep", "lib", "v"], ["France", "Ensemble", "nd"], ["01", "Ain", 5], ["02", "B", 6]],
        [["dep", "a", "b"], ["France", "", "secret"], ["01", 1, 5], ["02", 2, 6], ["03", 2, 6]],
        [["dep", "part"], ["01", "1 à 4"], ["02", "5"], ["03", "6"], ["04", "7"]],
        [["dep", "0"], ["A", 3], ["B", 5], ["C", 4]],
        [["dep", "1", "2", "3"], ["A", 3, 7, 8], ["B", 5, 7, 9], ["C", 4, 5, 6]],
        [["dep", "98", "99", "00"], ["A", 3, 7, 8], ["B", 5, 7, 9], ["C", 4, 5, 6]],
        [["dep", "0-4", "5-9"], ["A", 3, 7], ["B", 5, 7], ["C", 4, 5]],
        [["dep", "10", "50", "90"], ["A", 3, 7, 8], ["B", 5, 7, 9], ["C", 4, 5, 6]],
        [["dep", "10", "50", "90"], ["A", 31, 70, 83], ["B", 52, 72, 94], ["C", 41, 51, 67]],
        [["dep", "2019", "2020"], ["FR10", 1200, 1500], ["FR20", 3, 1901]],
        [["dep", "15", "65"], ["A", 310, 74], ["B", 52, 72]],
        [["code", "nom"], ["FR001", "Nom 1"], ["FR002", "Nom 2"]],
        [["P1", "P2"], ["Paris", "Lyon"], ["Nice", "Metz"]],
        [["nom", "T1"], ["Paris", "s"], ["Nice", "4"], ["Metz", "5"]],
        [["nom", "a", "b"], ["Ain", "12 (p)", "13 (p)"], ["Jura", "4", "5"], ["Nord", "6", "7"]],
        [["nom", "a", "b"], ["Ain", "///", "///"], ["Jura", "4", "5"], ["Nord", "6", "7"]],
        [["nom", "a"], ["Ain", "abs"], ["Aisne", "abs"], ["Jura", "4"], ["Nord", "6"]],
        [["an", "a"], ["Total", "15"], ["2019", "4"], ["2020", "6"], ["2021", "5"]],
        [["nom", "prénom"], ["Aa", "Bb"], ["Cc", "Dd"]],
    ],
)
def test_ordinary_first_rows_stay(converter, rows):
    found = converter.table(given("csv", rows))
    assert (found.column_names, found.num_rows) == (rows[0], len(rows) - 1)


@pytest.mark.parametrize("first", [["Ain", 5, 3], ["Ain", -5, 30], ["Ain", 3, 17]])
def test_a_first_row_of_numbers_above_numbers_is_data(converter, first):
    data = given("csv", [first, ["Aisne", 6, 4], ["Allier", 7, 5], ["Alpes", 8, 9]])
    assert "line 1 looks like data" in refusal(converter, data)
    assert converter.table(data, csv={"header": 0}).num_rows == 4


ONE = [
    [["01", "Ain"], ["02", "Aisne"], ["03", "Allier"]],
    [["1", "Homme"], ["2", "Femme"], ["9", "s"]],
    [["0", "Non"], ["1", "Oui"]],
    [["Ain", "Bourg", "1"], ["Aisne", "Laon", "6"], ["Allier", "s", "7"]],
    [["A001", "Nom 1", "0"], ["A002", "Nom 2", "1"], ["A003", "Nom 3", "1"]],
    [["FR001", "Paris"], ["FR002", "Lyon"], ["DE010", "Bonn"]],
    [["2020", "100", "x"], ["2021", "110", "y"], ["2022", "120", "z"]],
    [["10", "Paris", "50"], ["20", "Lyon", "60"], ["30", "Nice", "70"]],
    [["Paris", "10", "50"], ["Lyon", "20", "60"], ["Nice", "30", "70"]],
    [["Paris", "1", "2"], ["Lyon", "2", "3"], ["Nice", "3", "4"]],
]


@pytest.mark.parametrize("rows", ONE)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_first_row_of_codes_and_numbers_like_those_below(converter, kind, rows):
    """Nothing speaks for names: both readings are offered, and each is right where it is meant."""
    data, width = given(kind, rows), len(rows[0])
    words = refusal(converter, data)
    assert "1 looks like data" in words and "header: 1}" in words and "header: 0}" in words
    assert converter.table(data, **{kind: {"header": 1}}).num_rows == len(rows) - 1
    found = converter.table(data, **{kind: {"header": 0}})
    assert sorted(found.column_names) == [f"c{n + 1}" for n in range(width)]
    names = [f"n{n}" for n in range(width)]
    found = converter.table(data, **{kind: {"header": 0, "names": names}}).to_pylist()
    texts = [["" if row[n] is None else str(row[n]) for n in names] for row in found]
    plain = [[cell.lstrip("0") or "0" for cell in row] for row in rows]
    assert [[cell.lstrip("0") or "0" for cell in row] for row in texts] == plain


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_several_stated_rows_of_which_one_has_data(converter, kind):
    data = given(kind, [["code", "lib", "pop"], *CODES])
    words = refusal(converter, data, **{kind: {"header": [1, 2]}})
    assert "2 looks like data" in words and f"{kind}: {{header: 1}}" in words.replace('"', "")
    assert converter.table(data, **{kind: {"header": 1}}).num_rows == 3


@pytest.mark.parametrize("kind", ["padded", "xlsx"])
def test_names_below_a_title_above_few_rows(converter, kind):
    """The row of names for machines is offered, and shown, with a single row of data too."""
    rows = [["Population", "", ""], ["", "", ""], NAMES, ["CODGEO", "LIBGEO", "P21_POP"]]
    rows += [["01001", "L'Abergement", 767]]
    cells = [[cell or (None if kind == "xlsx" else "") for cell in row] for row in rows]
    words = refusal(converter, given(kind, cells))
    assert "header: 4}" in words and "header: [3, 4]}" in words and "P21_POP" in words


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_names_below_a_header_that_is_stated_are_told(converter, kind):
    data = given(kind, [NAMES, ["CODGEO", "LIBGEO", "P21_POP"], *CODES])
    converter.convert(data, **{kind: {"header": 1}})
    assert "2 is a row of the table, as `header` has it" in str(converter.notes()["notes"])
    converter.convert(data, **{kind: {"header": 2}})
    assert "as `header` has it" not in str(converter.notes().get("notes"))


@pytest.mark.parametrize("end", ["", "\n2 rows selected.\n"])
def test_dashes_below_names_are_no_row(converter, end):
    """As SQL*Plus writes them, whatever the delimiter; they made texts of all columns."""
    text = f"NO;DNAME     \n--;----------\n10;ACCOUNTING\n20;RESEARCH  \n{end}"
    words = refusal(converter, text)
    remedy = 'csv: {delimiter: ";", header: 2, names: ["NO", "DNAME"]}'
    assert "line 2 is a line to rule off" in words and remedy in words
    assert "columns --" not in words
    keys = yaml.safe_load(remedy)["csv"] | {"footer": 1 if end else 0}
    assert converter.columns(text, csv=keys)["NO"] == [10, 20]
    assert converter.table("a;b\n-;-\n1;2\n", csv={"header": 1}).num_rows == 2

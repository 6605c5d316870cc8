"""Cells and names that are written oddly: undone, told, or in doubt with the key for them."""

import io
import json
import re

import openpyxl
import pytest
import yaml

from conversions import given, refusal
from diffusion.run.notes import notes


@pytest.mark.parametrize("cell", ['="0100{}"', '"=""0100{}"""'])
def test_formulas_of_texts_are_texts(converter, cell):
    data = "code;v\n" + "".join(f"{cell.format(n)};{n}\n" for n in range(1, 4))
    assert converter.columns(data) == {"code": ["01001", "01002", "01003"], "v": [1, 2, 3]}
    assert "`code` is written as formulas of texts" in str(converter.notes()["notes"])
    mixed = 'code;v\n="01001";1\nA;2\n'
    assert converter.columns(mixed)["code"] == ['="01001"', "A"]


@pytest.mark.parametrize("rows", ["'1';'x;y'\n", "'1';'x'\n'2';'y'\n", "1;'x;y'\n2;'z'\n3;w\n"])
def test_apostrophes_as_quotes(converter, rows):
    words = refusal(converter, "a;b\n" + rows)
    assert "values stand in apostrophes" in words and """quote: "'"}`""" in words
    found = converter.columns("a;b\n" + rows, csv={"delimiter": ";", "quote": "'"})
    assert found["a"][0] == 1 and found["b"][0].startswith("x")
    assert converter.columns("a;b\n1;l'eau\n2;'t Hof\n")["b"] == ["l'eau", "'t Hof"]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("a;b\n1;2\n;\n3;4\n;\n", "2 rows of the table without any value"),
        ("a||b\n1||2\n3||4\n", "c2: no name and hardly a value; to leave it out, `drop: [c2]`"),
        ("LibellÃ©;v\nx;1\n", "damaged before its file was made: `LibellÃ©`"),
        (
            "\u200bcode;v\nx;1\n",
            r"(U+00A0), and keep them; `names: snake` has names without: '\u200bcode'",
        ),
    ],
)
def test_what_is_odd_is_told(converter, data, note):
    converter.convert(data)
    assert any(note in each for each in converter.notes()["notes"])


def test_a_row_above_the_header_is_none_of_the_table(converter):
    above, csv = "Titre;;\n;;\na;b;c\n", {"delimiter": ";", "header": 3}
    converter.convert(f"{above}1;2;3\n", csv=csv)
    assert "without any value" not in str(converter.notes().get("notes"))
    converter.convert(f"{above}1;2;3\n;;\n4;5;6\n", csv=csv)
    assert "1 row of the table without any value" in str(converter.notes()["notes"])


def test_a_column_of_a_sheet_without_a_name(converter):
    data = given("xlsx", [["", "code", "v"], ["", "A", 1], ["", "B", 2]])
    assert converter.columns(data)["code"] == ["A", "B"]
    assert "to leave it out, `drop: [c1]`" in str(converter.notes()["notes"])
    converter.convert(data, drop=["c1"])
    assert "notes" not in converter.notes()


def test_a_delimiter_that_ends_the_header_alone(converter):
    assert converter.columns("a;b;\n1;2\n3;4\n") == {"a": [1, 3], "b": [2, 4]}


def test_fixed_places_are_in_doubt(converter):
    data = "code  nom     v\n01    Ain     3\n02    Aisne   4\n"
    words = refusal(converter, data)
    assert "stand at fixed places" in words
    assert converter.table(data, csv={"delimiter": "none"}).num_rows == 2
    assert converter.columns("nom\nLe  Mans\nParis\nLyon\n")["nom"][0] == "Le  Mans"


HTML = [
    ["nom", "mot"],
    ["L&apos;Ha&yuml;-les-Roses", "a&amp;amp;b"],
    ["R&D", "&copy"],
    ["&#201;pinal", "1 &lt; 2"],
]


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_signs_as_html_writes_them(converter, kind):
    """What is told of them names the key, which decodes them once, and nothing else."""
    data = "".join("|".join(row) + "\n" for row in HTML)
    if kind == "json":
        data = json.dumps([dict(zip(HTML[0], row, strict=True)) for row in HTML[1:]])
    elif kind == "xlsx":
        data = given("xlsx", HTML)
    converter.convert(data)
    of_mot, told = sorted(note for note in converter.notes()["notes"] if "HTML" in note)
    assert "2 values of `mot`" in of_mot and "2 values of `nom`" in told
    assert "`columns: {nom: {entities: true}}` makes text of them" in told
    found = converter.columns(data, columns={name: {"entities": True} for name in HTML[0]})
    assert found["nom"] == ["L'Haÿ-les-Roses", "R&D", "Épinal"]
    assert found["mot"] == ["a&amp;b", "&copy", "1 < 2"]
    assert "HTML" not in str(converter.notes().get("notes"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("\u200b01001", "1 value of `code` has signs that are not seen.*`U+200B01001`"),
        ("01001\u00a0", "a no-break space at an end, such as `01001U+00A0`"),
        ("l\u0092eau", "! t: 1 value of `code` has control characters.*`lU+0092eau`"),
        ("1\u00a0234", ""),
        ("\U0001f468\u200d\U0001f469 et l’eau", ""),
        ("a&b;c https://x.example/?a=1&b=2;", ""),
    ],
)
def test_signs_that_nobody_sees(converter, value, told):
    """What differs by them does not join, and looks the same."""
    converter.convert(json.dumps([{"code": value}, {"code": "b01002"}]))
    found = [line for line in notes("t", converter.notes()) if "value of" in line]
    assert len(found) == bool(told)
    assert not told or re.search(told.replace("+", "[+]"), found[0])
    assert set(converter.columns(json.dumps([{"code": value}]))["code"]) == {value}


@pytest.mark.parametrize(("row", "column", "rows"), [(3, 30, 3), (9, 1, 4), (9, 30, 4)])
def test_a_stray_cell_of_a_workbook(converter, row, column, rows):
    """One that holds blanks is none of the table, another one is refused, with the range."""
    book = openpyxl.Workbook()
    for cells in (["code", "pop"], ["01", 5], ["02", 6], ["03", 7]):
        book.active.append(cells)
    book.active.cell(row, column, book.active.cell(row, column).value or " ")
    file = io.BytesIO()
    book.save(file)
    made = converter.table(file.getvalue())
    assert (made.num_rows, made.column_names) == (rows, ["code", "pop"])
    told = converter.notes().get("notes", [])
    assert ("1 row of the table without any value" in "".join(told)) == (rows == 4)
    book.active.cell(9, 30, "x")
    file = io.BytesIO()
    book.save(file)
    assert "row 9 of the sheet has 30 cells" in (said := refusal(converter, file.getvalue()))
    assert "if it is none of the table, read `xlsx: {range: A:B}`" in said
    made = converter.table(file.getvalue(), xlsx={"range": "A:B"})
    assert made.num_rows == (4 if column == 1 else 3)


ALIGNED = [
    "code  nom             pop\n"
    + "".join(f"{n:05} {'Le Havre,La Roche sur'.split(',')[n % 2]:<15} {n:>4}\n" for n in range(9)),
    "Région          2019   2020\nBretagne         1,5    2,5\nPays de la Loire 2,5   10,5\n",
]


@pytest.mark.parametrize("text", ALIGNED)
def test_columns_that_only_their_places_tell(converter, text):
    """What one blank or a decimal comma would cut is wrong, and one column is no table."""
    words = refusal(converter, text)
    assert "stand at fixed places" in words and "`format: fixed`, `fixed: {columns:" in words
    assert 'delimiter: ","' not in words


def test_columns_under_dashes(converter):
    lines = ["    SIZE DNAME          LOC", "-------- -------------- ---------"]
    lines += [
        "      10 ACCOUNTING     NEW YORK",
        "      20 RESEARCH",
        "      30 SALES          BOSTON",
    ]
    text = "\n".join(lines)
    words = refusal(converter, text)
    fixed, where = (words.partition(f"`{key}: ")[2].partition("`")[0] for key in ("fixed", "where"))
    keys = {"fixed": yaml.safe_load(fixed), "where": yaml.safe_load(where)}
    assert converter.columns(text, format="fixed", **keys) == {
        "SIZE": [10, 20, 30],
        "DNAME": ["ACCOUNTING", "RESEARCH", "SALES"],
        "LOC": ["NEW YORK", None, "BOSTON"],
    }


@pytest.mark.parametrize("first", ["libellé", "libellé  long"])
def test_one_column_of_words(converter, first):
    text = f"{first}\nvin  rouge\nEau\nthé vert  bio\nlait\nœufs frais\n"
    assert converter.table(text).num_rows == 5


def test_blanks_around_values_are_told(converter):
    """A code with a blank behind it joins nothing."""
    text = "code ; nom ; pop\n01001 ; Paris ; 12\n01002 ; Lyon ; 13\n01003 ; Nice ; 14\n"
    assert converter.columns(text)["pop"] == [" 12", " 13", " 14"]
    told = "values of `code`, `nom`, `pop` have blanks around them"
    assert told in "".join(converter.notes()["notes"])
    assert converter.columns(text, csv={"trim": True})["pop"] == [12, 13, 14]
    assert "blanks" not in str(converter.notes())
    converter.columns('a, b\n1, "x"\n2, "y"\n3, "z"\n')
    assert "blanks" not in str(converter.notes())
    converter.columns("a;b\nx ;1\ny;2\nz;3\n")
    assert "blanks" not in str(converter.notes())


def test_a_quote_behind_a_blank_that_holds_the_delimiter(converter):
    for sign, rows in ((",", '1, "A", 2\n2, "C, d", 3\n'), (";", '1; "A, b"; 2\n2; "C, d"; 3\n')):
        text = f'id{sign} "nom, x"{sign} v\n{rows}'
        for keys in ({}, {"delimiter": sign}) if sign == "," else ({},):
            words = refusal(converter, text, csv=keys)
            assert f'`csv: {{delimiter: "{sign}", trim: true}}`' in words and "pad" not in words
        found = converter.columns(text, csv={"delimiter": sign, "trim": True})
        assert found["nom, x"][1] == "C, d" and found["v"] == [2, 3]
    assert converter.columns('a; b\n1; "x"\n2; "y"\n')["a"] == [1, 2]


def test_letters_as_html_writes_them(converter):
    assert converter.columns("id,nom\n1,C&ocirc;te\n2,B\n")["nom"] == ["C&ocirc;te", "B"]
    assert "1 value of `nom` has signs as HTML writes them, which are kept: `&ocirc;`" in str(
        converter.notes()["notes"]
    )
    words = refusal(converter, "id;nom;v\n1;C&ocirc;te;3\n2;B;4\n")
    assert "its `;` cuts the line" in words and "html.unescape" in words and "names" not in words


@pytest.mark.parametrize("sign", "#%")
def test_a_comment_in_the_middle(converter, sign):
    text = f"a;b\n1;x\n{sign} fin de la première partie\n2;y\n"
    words = refusal(converter, text)
    assert f'`csv: {{comment: "{sign}"}}`' in words and "pad" not in words
    assert converter.columns(text, csv={"comment": sign})["a"] == [1, 2]


def test_a_text_of_one_name(converter):
    assert converter.columns("nom\n") == {"nom": []}


FORMATS = {
    "thousands": (["#,##0,"] * 2, "`#,##0,`, shows thousands, and hold 12: that is read"),
    "millions": (['0.0,," M"'] * 2, "shows millions"),
    "percentages among others": (["0.0%", "General"], "are shown as percentages (12 % is 0.12)"),
    "two currencies": (
        ['#,##0 "€"', "[$$-409]#,##0"],
        "several units, which are not read: `$`, `€`",
    ),
    "a quarter": (['0"-T"0'] * 2, "shows letters among the digits, and hold 12"),
    "one currency": (['_-* #,##0 "€"_-', "[$€-40C] #,##0"], ""),
    "percentages": (["0%", "0.0 %"], ""),
    "blanks and accounts": (["# ##0", "_-* #,##0_-;-* #,##0_-"], ""),
    "a code": (["00000", '00" "000'], ""),
}


@pytest.mark.parametrize("name", FORMATS)
def test_number_formats_that_show_something_else_are_told(converter, name):
    forms, told = FORMATS[name]
    book = openpyxl.Workbook()
    for row in (["k", "v"], ["a", 12], ["b", 345]):
        book.active.append(row)
    for number, form in enumerate(forms, 2):
        book.active.cell(number, 2).number_format = form
    book.save(path := converter.folder / "book.xlsx")
    converter.convert(path)
    notes = converter.notes().get("notes", [])
    assert told in "".join(notes) and bool(notes) == bool(told)


def test_lines_of_csv_in_the_cells_of_a_sheet(converter):
    data = given("xlsx", [["code;v"], ["01;1"], ["02;2"]])
    words = refusal(converter, data)
    assert "its only column holds lines of CSV, `code;v`" in words
    keys = yaml.safe_load(re.search("`(xlsx: .*)`", words)[1])
    assert converter.columns(data, **keys) == {"code;v": ["01;1", "02;2"]}
    assert converter.table(given("xlsx", [["a;b"], ["1;2"], ["3"]])).num_rows == 2


def test_a_last_record_of_other_names_is_told(converter):
    converter.convert('{"id": 1, "v": 2}\n{"id": 2, "v": 3}\n{"_end": true, "count": 2}\n')
    assert "its last record has no name of the first one, and others: `_end`" in str(
        converter.notes()
    )

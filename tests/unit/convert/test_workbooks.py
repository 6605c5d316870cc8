"""Workbooks: every cell is the text that it shows, and no row is lost on the way."""

import datetime
import io
import re

import openpyxl
import pytest
import yaml

from conversions import changed, refusal


def workbook(rows, formats=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_cells_are_what_they_show(converter):
    rows = [["code", "insee", "v", "jour", "moment"]]
    day = datetime.datetime(2024, 2, 29)
    rows += [[1001, 75056.0, 1e-7, day, day], [2, 1.0, 0.5, day, day.replace(hour=10)]]
    formats = {"A2": "00000", "A3": "00000", "D2": "dd/mm/yyyy", "D3": "dd/mm/yyyy"}
    read = converter.columns(workbook(rows, formats), columns={"insee": "string"})
    assert read == {
        "insee": ["75056", "1"],
        "code": ["01001", "00002"],
        "v": [1e-7, 0.5],
        "jour": [day.date()] * 2,
        "moment": [day, day.replace(hour=10)],
    }


def test_number_formats_of_codes_and_durations(converter):
    """As Excel's own formats of telephones, SIREN and post codes show them."""
    rows = [["tel", "siren", "insee", "duree"], [612345678, 5420120, 1001, None]]
    rows[1][3] = datetime.timedelta(hours=30, minutes=5)
    formats = {"A2": '0#" "##" "##" "##" "##', "B2": "000\\ 000\\ 000", "C2": "0####"}
    read = converter.columns(workbook(rows, formats))
    assert read == {
        "tel": ["0612345678"],
        "siren": ["005420120"],
        "insee": ["01001"],
        "duree": ["30:05:00"],
    }


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("[$-40C]00000", "01001"), ("[<=99999]00000;0", "01001"), ("00000_)", "01001"),
        ("##00000", "01001"), ("0", "1001"), ("#,##0", "1001"), ("0.00", "1001"), ("0%", "1001"),
    ],
)  # fmt: skip
def test_number_formats(converter, form, shown):
    data = workbook([["cp"], [1001]], {"A2": form})
    assert converter.columns(data, columns={"cp": "string"}) == {"cp": [shown]}


def test_digits_of_long_numbers_are_those_of_the_file(converter):
    """openpyxl writes 1.234567890123457e+17: what a float makes of it is not there."""
    read = converter.columns(workbook([["n"], [123456789012345678]]), columns={"n": "string"})
    assert read == {"n": ["123456789012345700"]}


def test_cells_merged_over_rows_are_told(converter):
    book = openpyxl.Workbook()
    for row in (["dep", "pop"], ["01", 1], [None, 2], ["02", 3]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    buffer = io.BytesIO()
    book.save(buffer)
    converter.convert(buffer.getvalue())
    assert "1 merged cell of several rows: only the first" in converter.notes()["notes"][0]


def test_cells_merged_in_the_header_are_its_names(converter):
    book = openpyxl.Workbook()
    for row in (["dep", "2020"], [None, "pop"], ["01", 1]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    buffer = io.BytesIO()
    book.save(buffer)
    assert converter.columns(buffer.getvalue(), xlsx={"header": [1, 2]}) == {
        "dep": ["01"],
        "2020_pop": [1],
    }
    assert "merged" not in str(converter.notes())


def test_line_breaks_and_empty_rows(converter):
    rows = [["Nom\nde la commune", "pop"], ["Ain\nsud", 1], [None, None], ["Aisne", 2]]
    read = converter.columns(workbook(rows))
    assert read == {"Nom\nde la commune": ["Ain\nsud", "Aisne"], "pop": [1, 2]}


def test_a_title_is_in_doubt_and_its_remedy_reads_right(converter):
    data = workbook([["Population 2021"], [], ["code", "pop"], ["01", 1]])
    said = refusal(converter, data)
    assert "row 1 looks like a title" in said
    (keys,) = re.findall(r"`(xlsx: \{.*\})` gives the columns code · pop", said)
    assert converter.columns(data, **yaml.safe_load(keys)) == {"code": ["01"], "pop": [1]}


def test_names_that_come_twice_are_given(converter):
    data = workbook([["2020", None, "2021", None], ["pop", "surf", "pop", "surf"], [1, 2, 3, 4]])
    said = refusal(converter, data, xlsx={"header": 2})
    (keys,) = re.findall(r"`(xlsx: \{names: [^`]*\})`", said)
    keys = yaml.safe_load(keys)["xlsx"] | {"header": 2}
    read = converter.columns(data, xlsx=keys)
    assert read == {"pop": [1], "surf": [2], "pop_2": [3], "surf_2": [4]}


def test_formulas_without_values_are_refused(converter):
    said = refusal(converter, workbook([["a", "b"], [1, "=A2*2"], [2, "=A3*2"]]))
    assert "2 formulas have no value, as they were never calculated" in said


def test_the_strict_variant_is_read_as_the_ordinary(converter):
    """Its namespaces are others, and a day may be in ISO form; formats and errors are kept."""
    data = workbook([["code", "v", "jour"], [1001, "#N/A", "x"]], {"A2": "00000"})
    ordinary, strict = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"):
        data = changed(data, part, ordinary + b"spreadsheetml/2006/", strict + b"spreadsheetml/")
    relations = ordinary + b"officeDocument/2006/", strict + b"officeDocument/"
    for part in ("xl/_rels/workbook.xml.rels", "xl/workbook.xml", "_rels/.rels"):
        data = changed(data, part, *relations)
    text = b'<c r="C2" t="inlineStr"><is><t>x</t></is></c>'
    day = b'<c r="C2" t="d"><v>2024-02-29</v></c>'
    data = changed(data, "xl/worksheets/sheet1.xml", text, day)
    day = datetime.date(2024, 2, 29)
    assert converter.columns(data) == {"code": ["01001"], "v": ["#N/A"], "jour": [day]}


def test_a_row_that_the_library_does_not_see_is_missed(converter, monkeypatch):
    data = workbook([["a"], ["x"], ["y"]])
    parser = openpyxl.worksheet._reader.WorkSheetParser
    real = parser.parse
    monkeypatch.setattr(parser, "parse", lambda self: list(real(self))[:-1])
    said = refusal(converter, data)
    assert "the sheet holds 3 rows with values, 2 were read" in said


def test_a_number_beyond_any_date_is_that_number(converter):
    """It is shown as #####; an error of a formula stays what it is."""
    rows = [["d", "e"], [20240102, 1], [45293, 2]]
    data = workbook(rows, {"A2": "dd/mm/yyyy", "A3": "dd/mm/yyyy"})
    assert converter.columns(data)["d"] == ["20240102", "2024-01-02"]
    [note] = converter.notes()["notes"]
    assert "`d` has cells that are dates (1, such as 2024-01-02) among others (`20240102`)" in note
    broken = workbook([["d"], ["#VALUE!"], ["#N/A"]], {"A2": "dd/mm/yyyy"})
    assert converter.columns(broken)["d"] == ["#VALUE!", "#N/A"]


def test_text_of_a_number_format_that_is_part_of_the_value_is_told(converter):
    rows = [["id", "v", "prix", "n"], [1001, 0, 5, 0], [1002, 4, 6, 7]]
    forms = {"A2": '"FR"0', "A3": '"FR"0', "B2": '[=0]"ND";General', "C2": '0" €"'}
    read = converter.columns(workbook(rows, forms | {"D2": '#,##0;-#,##0;"-"'}))
    assert read == {"id": [1001, 1002], "v": [0, 4], "prix": [5, 6], "n": [0, 7]}
    told = converter.notes()["notes"]
    assert len(told) == 2 and "`id` has cells that show `FR1001`" in told[0]
    assert "`v` has cells that show `ND`, by their number format, and hold 0" in told[1]


@pytest.mark.parametrize(
    ("form", "value", "told"),
    [
        (
            '[<6]"s";0',
            3,
            "`n` has cells that show `s`, by their number format, and hold 3: that is",
        ),
        ('[<6]"s";0', 7, ""),
        ('[>=100]0;[<0]"x";"n < 100"', 4, "show `n<100`"),
        (";;;", 7, "show nothing, by their number format, and hold 7"),
        ('0;"neg."', -7, "show `neg.`"),
        ('0;"neg."', 7, ""),
        ("#,##0;-#,##0;", 0, ""),  # zeros are left out, as in many tables
        ('_-* #,##0\\ "€"_-;[Red]-* #,##0;_-* "-"??_-;_-@_-', -7, ""),
        ("General;[Red]-General", -7, ""),
    ],
)
def test_numbers_that_their_format_hides_are_told(converter, form, value, told):
    """Small numbers that nobody may know are often hidden so, and were published in silence."""
    data = workbook([["n", "m"], [value, 1], [8, 2]], {"A2": form})
    assert converter.columns(data)["n"] == [value, 8]
    found = str(converter.notes().get("notes", ""))
    assert (told in found) if told else ("that show" not in found)


def test_whole_numbers_beyond_what_a_workbook_keeps_are_told(converter):
    read = converter.columns(workbook([["id", "n"], [1.234567890123457e17, 123456789012345]]))
    assert read == {"id": ["123456789012345700"], "n": [123456789012345]}
    [told] = converter.notes()["notes"]
    assert "`id` has whole numbers of 16 digits and more, such as 123456789012345700" in told


@pytest.mark.parametrize("below", [[], [[], ["Source : Insee"]]])
def test_a_row_of_totals_of_a_table(converter, below):
    from openpyxl.worksheet.table import Table

    book = openpyxl.Workbook()
    for row in (["nom", "v"], ["Ain", 1], ["Jura", 2], ["Total", 3], *below):
        book.active.append(row)
    table = Table(displayName="T", ref="A1:B4", totalsRowCount=1)
    book.active.add_table(table)
    file = io.BytesIO()
    book.save(file)
    count = 1 + bool(below)
    words = refusal(converter, file.getvalue())
    assert "that of the totals, as the workbook says" in words
    assert f"`xlsx: {{footer: {count}}}`" in words
    found = converter.columns(file.getvalue(), xlsx={"footer": count})
    assert found == {"nom": ["Ain", "Jura"], "v": [1, 2]}
    assert converter.table(file.getvalue(), xlsx={"footer": 0}).num_rows == 3 + bool(below)
    if below:
        assert "footer: 2" in refusal(converter, file.getvalue(), xlsx={"footer": 1})
    table.totalsRowCount = None
    file = io.BytesIO()
    book.save(file)
    if not below:
        assert converter.table(file.getvalue()).num_rows == 3

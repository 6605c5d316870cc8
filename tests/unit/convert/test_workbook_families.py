"""Workbooks that are no .xlsx: each cell as in that format, and no row lost.

Those in `workbooks` were saved by LibreOffice, from the same cells.
"""

import datetime
import shutil
import zipfile
from pathlib import Path

import pytest
import xlrd

from conversions import refusal
from diffusion.convert.workbooks import sheet_rows
from diffusion.files.sniff import sniff

FILES = Path(__file__).parent / "workbooks"
FAMILIES = ["xls", "ods"]


def changed(path: Path, target: Path, old: str, new: str, part: str = "content.xml") -> Path:
    """Return an .ods with another text in a part of it."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for item in source.infolist():
            data = source.read(item).decode() if item.filename == part else source.read(item)
            assert item.filename != part or old in data
            copy.writestr(item, data.replace(old, new) if item.filename == part else data)
    return target


def table_of(path: Path) -> str:
    """Return the XML of the first sheet of an .ods."""
    with zipfile.ZipFile(path) as book:
        content = book.read("content.xml").decode()
    return content[content.index("<table:table ") : content.index("</table:table>") + 14]


@pytest.mark.parametrize("family", FAMILIES)
def test_cells_are_what_they_show(converter, family):
    read = converter.columns(FILES / f"types.{family}")
    assert read["code"] == ["01001", "01002", "01003", "01004", "01005"]  # stored as 1001
    assert read["nom"][0] == "Commune é 1"
    assert read["pop"][:2] == [1000.5, 2000.5]
    assert read["jour"][0] == datetime.date(2024, 3, 1)
    assert read["moment"][0] == datetime.datetime(2024, 2, 29, 10, 0, 5)
    assert read["heure"][:2] == ["09:30:01", "09:30:02"]
    assert read["duree"][:2] == ["30:01:00", "30:02:00"]
    assert read["part"] == [0.125, 0.25, 0.375, 0.5, 0.625]
    assert read["euros"][:2] == [12.5, 25.0]
    assert read["vrai"] == [False, True, False, True, False]
    assert read["err"] == ["#N/A", "#DIV/0!", "1002", None, "texte"]
    assert converter.notes()["read"] == ["sheet Données, names in row 1"]


@pytest.mark.parametrize("family", FAMILIES)
def test_several_header_rows_and_merged_cells(converter, family):
    read = converter.columns(
        FILES / f"merged.{family}", xlsx={"header": [1, 2], "names": list("abcd")}
    )
    assert read == {"a": [1, None], "b": [2, 6], "c": [3, 7], "d": [4, 8]}
    assert "1 merged cell of several rows: only the first" in converter.notes()["notes"][0]
    said = refusal(converter, FILES / f"merged.{family}")
    assert "`xlsx: {header: [1, 2]}` gives the columns 2020_H · 2020_F · 2021_H" in said


def test_days_count_from_1904_where_the_workbook_says_so(converter):
    days = [datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)]
    assert converter.columns(FILES / "epoch1904.xls") == {"jour": days}


def test_sheets_of_xls(converter):
    """A hidden sheet is told, and read where it is named."""
    shown = {"a": [1, 2], "b": ["x", "y"]}
    assert converter.columns(FILES / "two.xls") == shown
    assert "sheet Cachée is hidden, and not read" in str(converter.notes()["notes"])
    read = converter.columns(FILES / "two.xls", xlsx={"sheets": "all"})
    assert read == shown | {"sheet": ["Données", "Données"]}
    both = {"sheets": ["Données", "Cachée"]}
    assert converter.columns(FILES / "two.xls", xlsx=both)["a"] == [1, 2, 1]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("text", "wrong"), [("Commune é 1", "Commune e 1"), ("Commune é 5", "")])
def test_a_cell_that_comes_otherwise_is_refused(converter, monkeypatch, family, text, wrong):
    """calamine reads the same file: its first and last row are in the table, or it is refused."""
    read = sheet_rows.cell_text
    monkeypatch.setattr(sheet_rows, "cell_text", lambda c: wrong if c.value == text else read(c))
    said = refusal(converter, FILES / f"types.{family}")
    assert "record did not come as it is" in said


def test_a_row_that_the_library_does_not_see_is_missed(converter, monkeypatch):
    rows = xlrd.sheet.Sheet.row
    monkeypatch.setattr(xlrd.sheet.Sheet, "row", lambda self, n: [] if n == 3 else rows(self, n))
    said = refusal(converter, FILES / "types.xls")
    assert "the sheet holds 6 rows with values, 5 were read" in said


def test_formulas_that_were_never_calculated(converter):
    formula = 'table:formula="of:=1/0" office:value-type="string" office:string-value="" '
    formula += 'calcext:value-type="error"><text:p>#DIV/0!</text:p>'
    bare = 'table:formula="of:=1/0">'
    path = changed(FILES / "types.ods", converter.folder / "a", formula, bare)
    assert "1 formulas have no value, as they were never calculated" in refusal(converter, path)


def test_repeated_rows_and_cells_of_ods(converter):
    """One element stands for many; a comment, a line break and blanks are as they are written."""
    row = '<table:table-row{}><table:table-cell office:value-type="string"{}>{}</table:table-cell>'
    rows = row.format("", "", "<text:p>a</text:p>")
    rows += '<table:table-cell office:value-type="string"><text:p>b</text:p></table:table-cell>'
    rows += "</table:table-row>" + "<table:table-row table:number-rows-repeated='3'/>"
    repeated = ' table:number-rows-repeated="2"', ' table:number-columns-repeated="2"'
    comment = "<office:annotation><text:p>non</text:p></office:annotation>"
    text = '<text:p>x<text:s text:c="2"/>y</text:p><text:p>z</text:p>'
    rows += row.format(*repeated, comment + text) + "</table:table-row>"
    whole = f'<table:table table:name="Données">{rows}</table:table>'
    old = table_of(FILES / "types.ods")
    path = changed(FILES / "types.ods", converter.folder / "a", old, whole)
    assert converter.columns(path) == {"a": ["x  y\nz"] * 2, "b": ["x  y\nz"] * 2}
    most = changed(path, converter.folder / "b", 'rows-repeated="2"', 'rows-repeated="99999999"')
    assert "`number-rows-repeated` is 99,999,999" in refusal(converter, most)


def test_raised_characters_of_ods(converter):
    """They are marks of footnotes, and no digits."""
    style = '<style:style style:name="T1" style:family="text"><style:text-properties '
    style += 'style:text-position="super 58%"/></style:style></office:automatic-styles>'
    end = "</office:automatic-styles>"
    path = changed(FILES / "types.ods", converter.folder / "a", end, style)
    cells = ["nom<X>2</X>", "pop"], ["Italie<X>2</X>", "2650<X>1</X>"], ["Corse", "1<X>er</X>"]
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = ("".join(map(cell.format, row)) for row in cells)
    whole = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    whole = f'<table:table table:name="Données">{whole}</table:table>'
    whole = whole.replace("<X>", '<text:span text:style-name="T1">')
    whole = whole.replace("</X>", "</text:span>")
    path = changed(path, converter.folder / "b", table_of(path), whole)
    read = converter.columns(path)
    assert read == {"nom²": ["Italie²", "Corse"], "pop": ["2650", "1er"]}
    assert "such as 2650¹: read without" in converter.notes()["notes"][0]


def test_what_a_password_protects_is_named(converter):
    part, old = "META-INF/manifest.xml", "</manifest:manifest>"
    locked = f"<manifest:encryption-data/>{old}"
    path = changed(FILES / "types.ods", converter.folder / "a", old, locked, part)
    assert "the workbook is protected by a password" in refusal(converter, path)
    # what Excel makes of an .xlsx with a password: an old Office file around it
    entry = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + b"\x22\0\2" + bytes(61)
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entry
    assert "protected by a password" in refusal(converter, data)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_workbook_that_is_cut_off(converter, family):
    data = (FILES / f"types.{family}").read_bytes()
    assert refusal(converter, data[: len(data) // 2])


def test_names_of_files_say_nothing(converter):
    path = converter.folder / "types.csv"
    shutil.copy(FILES / "types.xls", path)
    assert sniff(path) == "xls"
    assert converter.table(path).num_rows == 5


@pytest.mark.parametrize("family", ["ods", "xls"])
def test_a_table_that_begins_at_b2(converter, family):
    """calamine's rows begin with the first column that has a value."""
    assert converter.columns(FILES / f"b2.{family}") == {
        "c1": [None, None], "a": [1, 3], "b": [2, 4],
    }  # fmt: skip

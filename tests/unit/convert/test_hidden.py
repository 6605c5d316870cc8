"""What a spreadsheet does not show is read all the same, and told."""

import io

import openpyxl
import pytest

from binary_workbook import xlsb
from conversions import Converter, changed, given, zipped

ROWS = [["code", "n"], ["01", 1], ["02", 2]]
ONE = "1 row is hidden in the sheet, or left out by its filter, and read all the same"


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


def in_excel() -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("book", [in_excel(), xlsb(ROWS, hidden=[2])], ids=["xlsx", "xlsb"])
def test_hidden_rows_and_columns_are_told(converter, book):
    assert converter.columns(book) == {"code": ["01", "02"], "n": [1, 2]}
    told = str(converter.notes()["notes"])
    assert ONE in told and "columns are hidden in the sheet, and read all the same: `n` (B)" in told


def test_a_hidden_sheet_that_is_named_is_told(converter):
    book = changed(given("xlsx", ROWS), "xl/workbook.xml", b'state="visible"', b'state="hidden"')
    assert converter.columns(book, xlsx={"sheet": "Sheet"})["n"] == [1, 2]
    assert "the sheet is hidden, and read all the same" in str(converter.notes()["notes"])


SPACES = {
    "office": "office:1.0",
    "table": "table:1.0",
    "text": "text:1.0",
    "style": "style:1.0",
    "number": "datastyle:1.0",
}
STYLES = """<office:automatic-styles><number:date-style style:name="N1"><number:year/>
<number:hours/></number:date-style><style:style style:name="ce1" style:data-style-name="N1"/>
</office:automatic-styles>"""


def ods(rows: str, columns: str = "") -> bytes:
    """Return a workbook of OpenDocument whose style `ce1` shows the time of a date."""
    start = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{start}:{rest}"' for name, rest in SPACES.items())
    body = f'<table:table table:name="d">{columns}{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    text = f"<office:document-content {spaces}>{STYLES}{body}</office:document-content>"
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b'<m xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    parts = {"mimetype": kind, "content.xml": text.encode(), "META-INF/manifest.xml": manifest}
    return zipped(parts)


def row(*cells: str, keys: str = "") -> str:
    return f"<table:table-row{keys}>{''.join(cells)}</table:table-row>"


def cell(kind: str, value: str, keys: str = "") -> str:
    value = f'office:value-type="{kind}" office:{kind}-value="{value}"'
    return f"<table:table-cell {value}{keys}><text:p>x</text:p></table:table-cell>"


def test_hidden_rows_of_opendocument_are_told(converter):
    hidden = row(cell("string", "a"), keys=' table:visibility="filter"')
    assert converter.table(ods(row(cell("string", "k")) + hidden)).num_rows == 1
    assert ONE in str(converter.notes()["notes"])


@pytest.mark.parametrize("by_column", [False, True])
def test_midnight_among_moments_of_opendocument(converter, by_column):
    """LibreOffice writes its day alone; the format of the cell, or of its column, has hours."""
    column = '<table:table-column table:default-cell-style-name="ce1"/>' if by_column else ""
    style = "" if by_column else ' table:style-name="ce1"'
    moments = [cell("date", day, style) for day in ("2024-03-01", "2024-03-02T06:00:00")]
    rows = row(cell("string", "m")) + "".join(map(row, moments))
    found = converter.table(ods(rows, column))["m"]
    assert [str(value) for value in found.to_pylist()] == [
        "2024-03-01 00:00:00",
        "2024-03-02 06:00:00",
    ]

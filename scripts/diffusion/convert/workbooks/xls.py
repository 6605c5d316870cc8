"""Excel workbooks before 2007 (.xls, BIFF5 to BIFF8), by xlrd: with formats and errors.

Source of what xlrd does not tell of formulas: [MS-XLS] 2.4.127 (Formula), 2.5.133 (FormulaValue).
"""

import datetime
import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.convert.workbooks.book import EMPTY, Book, Cell, Look
from diffusion.convert.workbooks.cells import Fault, Plain, number_cell, rich_text
from diffusion.convert.workbooks.second_workbook import Second
from diffusion.errors import WorkbookError
from diffusion.files.ods import locked
from diffusion.files.workbook import Merged

if TYPE_CHECKING:
    from xlrd.book import Book as XlrdBook
    from xlrd.sheet import Cell as XlrdCell
    from xlrd.sheet import Sheet as XlrdSheet

BOF, EOF, BOUNDSHEET, FORMULAS = 0x09, 0x0A, 0x85, (0x06, 0x206, 0x406)
EMPTY_TEXT = b"\x03"  # the value of a formula that is an empty text, or was never calculated


def open_xls(path: Path, label: str) -> Book:
    """Open a workbook.

    Raises:
        DiffusionError: it is protected by a password, or xlrd cannot read it.
    """
    import xlrd
    from xlrd.compdoc import CompDocError

    data, options = path.read_bytes(), {"formatting_info": True, "ragged_rows": True}
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), **options)
    except (xlrd.XLRDError, CompDocError, AssertionError, struct.error) as error:
        if "encrypted" in str(error):
            raise locked(label) from error
        found = f"the workbook cannot be read: {error or 'it is damaged'}"[:400]
        fix = "open it in a spreadsheet, and save it as .xlsx"
        raise WorkbookError(label, found, fix) from error
    second, names = Second(path, label), book.sheet_names()

    def look(name: str) -> Look:
        sheet = book.sheet_by_name(name)
        merged = [bottom for top, bottom, _, _ in sheet.merged_cells if bottom - top > 1]
        seen = second.look(name, _uncalculated(data, names.index(name)), merged)
        seen = replace(seen, **_hidden(sheet))
        texts = sheet.rich_text_runlist_map.values()
        is_raised = any(_is_raised(book, font) for runs in texts for _, font in runs)
        return replace(seen, ends=lambda header: []) if is_raised else seen  # written otherwise

    return Book(
        names,
        names,
        cells=lambda name: _cells(book, book.sheet_by_name(name)),
        spans=lambda name: _spans(book.sheet_by_name(name)),
        look=look,
        is_empty=lambda name: book.sheet_by_name(name).nrows == 0,
        holds=lambda value: value not in (None, "") and not isinstance(value, Fault),
        hidden=second.hidden(),
    )


def _hidden(sheet: "XlrdSheet") -> dict[str, Any]:
    rows = [at for at, info in sheet.rowinfo_map.items() if info.hidden and at < sheet.nrows]
    columns = [at for at, info in sheet.colinfo_map.items() if info.hidden]
    filled = sum(any(cell.value != "" for cell in sheet.row(at)) for at in rows)
    return {"hidden_rows": filled, "hidden_columns": [(at, at) for at in columns]}


def _spans(sheet: "XlrdSheet") -> list[Merged]:
    return [
        Merged(top + 1, bottom, left, right - 1)
        for top, bottom, left, right in sheet.merged_cells
        if right - left > 1
    ]


def _cells(book: "XlrdBook", sheet: "XlrdSheet") -> Iterator[Sequence[Cell]]:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    epoch = CALENDAR_MAC_1904 if book.datemode else CALENDAR_WINDOWS_1900
    for row in range(sheet.nrows):
        yield [
            _cell(book, cell, epoch, sheet.rich_text_runlist_map.get((row, column), ()))
            for column, cell in enumerate(sheet.row(row))
        ]


def _cell(
    book: "XlrdBook", cell: "XlrdCell", epoch: datetime.datetime, runs: Sequence[tuple[int, int]]
) -> Cell:
    """Return a cell; ``runs``: where its text changes its font, and to which."""
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return EMPTY
    if cell.ctype == xlrd.XL_CELL_TEXT:
        if runs:
            return Cell(_rich_text(book, cell.value, runs))
        return Cell(Plain(cell.value) if cell.value else None)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell(Fault(xlrd.error_text_from_code.get(cell.value, "#VALUE!")))
    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    return Cell(number_cell(cell.value, form, epoch), form)


def _is_raised(book: "XlrdBook", font: int) -> bool:
    return bool(book.font_list[font].escapement == 1)


def _rich_text(book: "XlrdBook", text: str, runs: Sequence[tuple[int, int]]) -> str:
    return rich_text(text, [(start, _is_raised(book, font)) for start, font in runs])


def _uncalculated(data: bytes, sheet: int) -> int:
    """Return how many formulas a sheet has if none of them has a value: a program wrote it.

    A formula that gives an empty text looks alike; where all of them do, no reader can tell.
    """
    values = list(_formula_values(data, sheet))
    is_none = all(value[:1] == EMPTY_TEXT and value[6:] == b"\xff\xff" for value in values)
    return len(values) if is_none else 0


def _formula_values(data: bytes, sheet: int) -> Iterator[bytes]:
    """Yield the eight bytes of the value of each formula of a sheet."""
    from xlrd.compdoc import CompDoc

    file = CompDoc(data, logfile=io.StringIO())
    for name in ("Workbook", "Book"):
        stream, base, _ = file.locate_named_stream(name)
        if stream:
            break
    starts = [
        base + struct.unpack_from("<I", record)[0]
        for kind, record in _records(stream, base)
        if kind == BOUNDSHEET and record[5] == 0  # no chart, no macros
    ]
    for kind, record in _records(stream, starts[sheet]):
        if kind in FORMULAS:
            yield record[6:14]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of a workbook, without those of charts within it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += (kind & 0xFF == BOF and kind >> 8 in (0, 2, 4, 8)) - (kind == EOF)
        if depth == 0:
            return
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size

"""Read workbooks of all families; every cell becomes the text that it shows."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pyarrow as pa

from diffusion.convert.given import Given
from diffusion.convert.json.waiting import KeepIn
from diffusion.convert.relation import Held, Named, Number, RawTable, Record, Told, Types, with_note
from diffusion.convert.workbooks.book import Book, Look
from diffusion.convert.workbooks.sheet_rows import SheetRows
from diffusion.convert.workbooks.sheets import (
    chosen_sheets,
    hidden_notes,
    only_sheet,
    verify_sheets,
    which_sheet,
    with_sheet,
)
from diffusion.errors import RowsError, WorkbookError


def read_workbook(given: Given, keep: KeepIn) -> list[RawTable]:
    """Read one sheet, or several of the same columns; every cell is text, dates in ISO form.

    Args:
        given: its format is the family: xlsx, xls, ods, xlsb.
        keep: keeps the rows until they are sorted.

    Raises:
        DiffusionError: no such sheet, sheets of other columns, a row wider than the header,
            formulas that were never calculated, a header in doubt, or a workbook that is damaged
            or protected by a password.
    """
    options, label = given.read.xlsx, given.label
    with workbook_errors(label), _opened(given) as book:
        if not options.sheets:
            if options.sheet and options.sheet not in book.names:
                raise which_sheet(options.sheet, book.names, label)
            name, told = (options.sheet, ()) if options.sheet else only_sheet(book, label)
            raw = _read_sheet(book, name, given, keep)
            return [with_note(raw, *told)]
        raws, names = [], chosen_sheets(options.sheets, book, label)
        for number, name in enumerate(names):
            if not book.is_empty(name):
                folder = given.place / str(number)
                folder.mkdir()
                one = replace(given, label=f"{label}, sheet {name}", place=folder)
                raw = _read_sheet(book, name, one, keep)
                raws.append(with_sheet(raw, options.sheet_column, name))
        hidden = hidden_notes(book, names)
    verify_sheets(raws, label)
    return [with_note(raw, *(hidden if raw is raws[0] else ())) for raw in raws]


@contextmanager
def _opened(given: Given) -> Iterator[Book]:
    """Open a workbook by what reads its family; each is imported only then."""
    path, label, form = given.path, given.label, given.form
    if form == "xls":
        from diffusion.convert.workbooks.xls import open_xls

        yield open_xls(path, label)
    elif form == "ods":
        from diffusion.convert.workbooks.ods import open_ods

        yield open_ods(path, label)
    elif form == "xlsb":
        from diffusion.convert.workbooks.xlsb import open_xlsb

        yield open_xlsb(path, label)
    else:
        from diffusion.convert.workbooks.xlsx import open_xlsx

        with open_xlsx(path, given.place) as book:
            yield book


def _read_sheet(book: Book, sheet: str, given: Given, keep: KeepIn) -> RawTable:
    label, options = given.label, given.read.xlsx.of(given.label)
    rows = SheetRows(book, sheet, given.read, label, given.convert, book.spans(sheet))
    schema = pa.schema([(column, pa.string()) for column in rows.names])
    scan, kept = keep(rows.batches(schema), schema, given.place / "spool.parquet")
    counted = book.look(sheet)
    _verify(counted, rows, label)
    found = "" if options.header is not None else f"sheet {sheet}, names in row {rows.header}"
    compared = 0 if rows.repeated else 1 if rows.footer else 2
    ends = rows.range.ends(counted.ends(rows.header)[:compared])
    both = [_record(cells, rows) for cells in ends]
    return RawTable(
        *(label, kept, scan, rows.names, Types(frozenset(rows.names)), frozenset({given.form})),
        held=Held(rows.written, ends=both),
        named=Named(stated=rows.stated),
        told=Told(
            found,
            (*_merged(counted, rows), *rows.notes, *_hidden(counted, rows, sheet in book.hidden)),
        ),
    )


def _merged(counted: Look, rows: SheetRows) -> Iterator[str]:
    """Yield the note on cells of several rows below the header, whose own have their names."""
    if below := sum(last > rows.header for last in counted.merged):
        cells = "1 merged cell" if below == 1 else f"{below:,} merged cells"
        yield (
            f"{cells} of several rows: only the first of these rows has the value "
            "(`columns: {…: {fill: down}}` fills the others)"
        )


def _hidden(counted: Look, rows: SheetRows, is_hidden: bool) -> Iterator[str]:
    """Yield notes on what is read and a spreadsheet does not show."""
    from openpyxl.utils.cell import get_column_letter

    first = rows.range.first
    within = range(first, first + len(rows.names))
    hidden = [at for start, end in counted.hidden_columns for at in within if start <= at <= end]
    if is_hidden:
        yield "the sheet is hidden, and read all the same"
    if counted.hidden_rows:
        what = "1 row is" if counted.hidden_rows == 1 else f"{counted.hidden_rows:,} rows are"
        yield f"{what} hidden in the sheet, or left out by its filter, and read all the same"
    if hidden:
        names = [f"`{rows.names[at - first]}` ({get_column_letter(at + 1)})" for at in hidden]
        yield f"columns are hidden in the sheet, and read all the same: {', '.join(names)}"


def _record(cells: Mapping[int, object], rows: SheetRows) -> Record:
    """Return a row as a second reader sees it, by the names of columns."""
    names, given = rows.names, dict[str, object]()
    for at, value in cells.items():
        if at < len(names):
            is_written = at in rows.written_as and isinstance(value, Number)
            given[names[at]] = rows.written_as[at].of(str(value)) if is_written else value
    filled = {names[at]: ... for at in rows.filled.at if given.get(names[at]) is None}
    return dict.fromkeys(names) | given | filled


def _verify(counted: Look, rows: SheetRows, label: str) -> None:
    if counted.uncalculated:
        found = f"{counted.uncalculated:,} formulas have no value, as they were never calculated"
        fix = "open it in a spreadsheet, save it, and publish that: as a file of your own, or by "
        fix += "its publisher"
        raise RowsError(label, found, fix)
    if counted.rows != rows.seen:
        found = f"the sheet holds {counted.rows:,} rows with values, {rows.seen:,} were read"
        raise WorkbookError(label, found, "open it in a spreadsheet, and export it as CSV")


@contextmanager
def workbook_errors(label: str) -> Iterator[None]:
    """Raise a DiffusionError for a damaged workbook: its readers have no error of their own."""
    damage = (SyntaxError, zipfile.BadZipFile, zlib.error, EOFError)  # the first is XML's
    values = (AttributeError, LookupError, NotImplementedError, TypeError, ValueError)
    try:
        yield
    except (*damage, *values, struct.error, AssertionError) as error:
        found = f"the workbook cannot be read: {type(error).__name__} {error}"[:400]
        fix = "open it in a spreadsheet, and export it as CSV"
        raise WorkbookError(label, found, fix) from error

"""Read spreadsheets; every cell becomes the text that it shows."""

import datetime
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from diffusion.config.reading import NUMBER_FORMATS, Convert, FileRead
from diffusion.convert.cells import Moment, cell_text, unescaped_text
from diffusion.convert.footers import Below, above_footer, told
from diffusion.convert.header_names import column_names, spelled_names
from diffusion.convert.headers import LOOKED, doubtful_header
from diffusion.convert.joined_headers import joined_names
from diffusion.convert.names import note_on
from diffusion.convert.relation import Held, Named, Number, RawTable, Record, Told, Types
from diffusion.convert.repeated_headers import Header, note_on_repeated
from diffusion.convert.sheets import chosen_sheets, verify_sheets, which_sheet, with_sheet
from diffusion.convert.stated_headers import refuse_data_among_names, stated_header
from diffusion.convert.waiting import KeepIn
from diffusion.errors import DiffusionError
from diffusion.files.workbook import Merged, Sheet, count_sheet, refuse_strict
from diffusion.files.workbook_ends import Cell, cells_of

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

BATCH = 10_000  # rows


def read_xlsx(
    path: Path, read: FileRead, label: str, keep: KeepIn, place: Path, convert: Convert
) -> list[RawTable]:
    """Read one sheet, or several of the same columns; every cell is text, dates in ISO form.

    Args:
        keep: keeps the rows until they are sorted.
        place: a folder for those that memory has no room for.
        convert: what is declared; a ``format`` is for cells that are text.

    Raises:
        DiffusionError: no such sheet, sheets of other columns, a row wider than the header,
            formulas that were never calculated, a header in doubt, or a workbook that is damaged.
    """
    import openpyxl

    options = read.xlsx
    with workbook_errors(label), path.open("rb") as file:
        refuse_strict(path, label)
        # a file and not its path, whose extension openpyxl would judge by
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        known = [sheet.title for sheet in workbook.worksheets]  # no charts
        if not options.sheets:
            name = options.sheet or workbook.sheetnames[0]
            if name not in workbook.sheetnames or (
                not options.sheet and len(workbook.sheetnames) > 1
            ):
                raise which_sheet(name if options.sheet else None, workbook.sheetnames, label)
            return [_read_sheet(path, workbook[name], read, label, keep, place, convert)]
        raws = []
        for number, name in enumerate(chosen_sheets(options.sheets, known, label)):
            called, folder = f"{label}, sheet {name}", place / str(number)
            sheet = workbook[name]
            if count_sheet(path, sheet._worksheet_path).rows:
                folder.mkdir()
                raw = _read_sheet(path, sheet, read, called, keep, folder, convert)
                raws.append(with_sheet(raw, options.sheet_column, name))
    verify_sheets(raws, label)
    return raws


def _read_sheet(
    path: Path,
    sheet: "ReadOnlyWorksheet",
    read: FileRead,
    label: str,
    keep: KeepIn,
    place: Path,
    convert: Convert,
) -> RawTable:
    counted = count_sheet(path, sheet._worksheet_path)
    sheet.reset_dimensions()  # the size stated in the file may be wrong
    options = read.xlsx
    rows = _Rows(sheet.iter_rows(), read, label, _formats(convert), counted.spans)
    schema = pa.schema([(column, pa.string()) for column in rows.names])
    scan, kept = keep(rows.batches(schema), schema, place / "spool.parquet")
    _verify(counted, rows, label)
    found = "" if options.header else f"sheet {sheet.title}, names in row {rows.header}"
    if counted.merged:
        found += (
            f"{', ' if found else ''}{counted.merged:,} merged cells of several rows: only the "
        )
        found += "first of these rows has the value"
    with workbook_errors(label):
        first_and_last = counted.ends.below(rows.header)
        compared = 0 if rows.repeated else 1 if rows.footer else 2
        ends = cells_of(path, first_and_last[:compared])
    both = [_record(cells, rows.names) for cells in ends]
    return RawTable(
        *(label, kept, scan, rows.names, Types(frozenset(rows.names)), frozenset({"xlsx"})),
        held=Held(rows.written, ends=both),
        named=Named(stated=rows.stated),
        told=Told(found, rows.notes),
    )


def _record(cells: Mapping[int, Cell], names: Sequence[str]) -> Record:
    """Return a row as its XML has it: numbers only where no style makes another text of them."""
    record: dict[str, object] = dict.fromkeys(names)
    for at, cell in cells.items():
        if at < len(names):
            value: object = ...
            if cell.kind in ("str", "inlineStr"):
                value = unescaped_text(cell.text) or None
            elif cell.kind == "n" and cell.is_plain:
                value = Number(cell.text)
            record[names[at]] = value
    return record


class _Rows:
    """The rows of a sheet below its header, as text.

    ``names``: of the columns. ``repeated``: rows that have them again. ``seen``: rows, header and
    above too, that have a cell with a value.
    ``written``: rows that hold something below the header.
    """

    def __init__(
        self,
        cells: Iterable[Sequence["ReadOnlyCell"]],
        read: FileRead,
        label: str,
        formats: Mapping[str, tuple[list[str], bool]],
        merged: Sequence[Merged],
    ):
        options = read.xlsx
        self.seen = self.written = self.repeated = 0
        self.label, self.footer = label, options.footer_of(label)
        texts, stated = self._texts(cells), options.header_row
        first = list(islice(texts, max(LOOKED, stated or 0)))
        width = max(map(len, first), default=0)
        padded = [row + [""] * (width - len(row)) for row in first]
        self.stated = stated_header(padded, stated, "", "xlsx") if stated is not None else None
        self.header = stated or next((i for i, row in enumerate(first, 1) if row), 1)
        if stated is None:
            rows, above = padded[self.header - 1 :], self.header - 1
            doubtful_header(rows, "", label, "xlsx", above, merged)
        refuse_data_among_names(padded, options.header_rows, label, "xlsx")
        header = first[self.header - 1] if len(first) >= self.header else None
        numbers = options.header_rows or [self.header]
        self._again = Header.of([first[n - 1] for n in numbers if stated != 0 and header])
        row_above = first[self.header - 2] if header and self.header > 1 else []
        if len(options.header_rows) > 1 and header:
            header = joined_names([first[number - 1] for number in numbers], numbers, merged)
            row_above = []
        if header:  # its last cells may be empty
            header = [*header, *[""] * (len(options.names) - len(header))]
        self.notes = () if options.names else note_on(header or ())
        names = column_names(header, self.header, options.names, label, "xlsx", above=row_above)
        self.names = spelled_names(names, read.names, label)
        self._rest = chain(first[self.header :], texts)
        self._formats = formats
        self._dated = [at for at, name in enumerate(self.names) if name in formats]

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the rows, each as wide as the header."""
        rows = self._filled()
        while some := list(islice(rows, BATCH)):
            columns = [pa.array(column, pa.string()) for column in zip(*some, strict=True)]
            yield pa.record_batch(columns, schema)

    def _texts(self, rows: Iterable[Sequence["ReadOnlyCell"]]) -> Iterator[list[str]]:
        for row in rows:
            self.seen += any(cell.value is not None for cell in row)
            texts = [cell_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            yield texts

    def _filled(self) -> Iterator[list[str]]:
        width = len(self.names)
        left_out: list[tuple[int, list[str]]] = []
        below = Below(width, self.label, "xlsx")
        numbered: Iterator[tuple[int, list[str]]] = enumerate(self._rest, self.header + 1)
        if self.footer:
            filled = (pair for pair in numbered if pair[1])
            numbered = above_footer(filled, self.footer, self.label, "xlsx", left_out)
        for number, row in numbered:
            if self._again.is_again(row):
                self.repeated += 1
                continue
            if len(row) > width:
                found = f"row {number} of the sheet has {len(row)} cells, the header has {width}"
                fix = "see `xlsx.header`, or give the column a name"
                raise DiffusionError(self.label, found, fix)
            below.add(number, row)
            if row:
                self.written += 1
                for at in self._dated:
                    if at < len(row) and isinstance(row[at], Moment):
                        row[at] = self._as_declared(row[at], number, self.names[at])
                yield row + [""] * (width - len(row))
        if self.footer is None:
            below.verify()
        self.notes = (*self.notes, *note_on_repeated(self.repeated))
        if left_out:
            self.notes = (*self.notes, told([row for _, row in left_out]))

    def _as_declared(self, cell: str, row: int, name: str) -> str:
        """Return a real date as its declared format would have it, which is for the others."""
        moment, (forms, is_moment) = datetime.datetime.fromisoformat(cell), self._formats[name]
        note = f"`{name}` has cells that are dates: its `format` is for the others"
        self.notes = tuple(dict.fromkeys([*self.notes, note]))
        for text in map(moment.strftime, forms):
            read = [back for form in forms if (back := _read(text, form)) is not None]
            if all(b == moment or (not is_moment and b.date() == moment.date()) for b in read):
                return text
        found = f"`{name}` of row {row} is a date, {cell}, which `{forms[0]}` does not hold"
        fix = f"remove the format: `columns: {{{name}: …}}` reads dates as they are"
        raise DiffusionError(self.label, found, fix)


def _read(text: str, form: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text, form.replace("%-", "%")).replace(tzinfo=None)
    except ValueError:
        return None


def _formats(convert: Convert) -> dict[str, tuple[list[str], bool]]:
    """Return column → its formats, and whether it holds moments, not days."""
    return {
        spec.source or name: (spec.forms, spec.type == "timestamp")
        for name, spec in convert.columns.items()
        if spec.forms and not set(spec.forms) & {*NUMBER_FORMATS}
    }


def _verify(counted: Sheet, rows: _Rows, label: str) -> None:
    if counted.uncalculated:
        found = f"{counted.uncalculated:,} formulas have no value, as they were never calculated"
        fix = "open it in a spreadsheet, save it, and publish that: as a file of your own, or by "
        fix += "its publisher"
        raise DiffusionError(label, found, fix)
    if counted.rows != rows.seen:
        found = f"the sheet holds {counted.rows:,} rows with values, {rows.seen:,} were read"
        raise DiffusionError(label, found, "open it in a spreadsheet, and export it as CSV")


@contextmanager
def workbook_errors(label: str) -> Iterator[None]:
    """Raise a DiffusionError for a damaged workbook: openpyxl has no error class of its own."""
    damage = (SyntaxError, zipfile.BadZipFile, zlib.error, EOFError)  # the first is XML's
    try:
        yield
    except (*damage, AttributeError, LookupError, NotImplementedError, TypeError, ValueError) as e:
        found = f"the workbook cannot be read: {type(e).__name__} {e}"[:400]
        raise DiffusionError(label, found, "open it in a spreadsheet, and export it as CSV") from e

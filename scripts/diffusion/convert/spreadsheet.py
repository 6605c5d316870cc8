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

from diffusion.config.reading import Convert, Xlsx
from diffusion.convert.cells import Moment, cell_text, unescaped_text
from diffusion.convert.footers import Below, above_footer, told
from diffusion.convert.header_names import column_names
from diffusion.convert.headers import LOOKED, doubtful_header
from diffusion.convert.joined_headers import joined_names
from diffusion.convert.names import note_on
from diffusion.convert.relation import Held, Named, Number, RawTable, Record, Told, Types
from diffusion.convert.repeated_headers import Header, note_on_repeated
from diffusion.convert.stated_headers import refuse_data_among_names, stated_header
from diffusion.convert.waiting import Keep
from diffusion.errors import DiffusionError
from diffusion.files.workbook import Merged, Sheet, count_sheet, refuse_strict
from diffusion.files.workbook_ends import Cell, cells_of

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell

BATCH = 10_000  # rows


def read_xlsx(path: Path, options: Xlsx, label: str, keep: Keep, convert: Convert) -> RawTable:
    """Read one sheet; every column is text, dates and times in ISO form.

    Args:
        keep: keeps the rows until they are sorted.
        convert: what is declared; a ``format`` is for cells that are text.

    Raises:
        DiffusionError: no such sheet, a row wider than the header, formulas that were never
            calculated, a header in doubt, or a workbook that is damaged.
    """
    import openpyxl

    with workbook_errors(label), path.open("rb") as file:
        refuse_strict(path, label)
        # a file and not its path, whose extension openpyxl would judge by
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        name = options.sheet or workbook.sheetnames[0]
        if name not in workbook.sheetnames or (not options.sheet and len(workbook.sheetnames) > 1):
            raise _which_sheet(name if options.sheet else None, workbook.sheetnames, label)
        sheet = workbook[name]
        counted = count_sheet(path, sheet._worksheet_path)
        sheet.reset_dimensions()  # the size stated in the file may be wrong
        rows = _Rows(sheet.iter_rows(), options, label, _formats(convert), counted.spans)
        schema = pa.schema([(column, pa.string()) for column in rows.names])
        scan, kept = keep(rows.batches(schema), schema)
    _verify(counted, rows, label)
    found = "" if options.header else f"sheet {name}, names in row {rows.header}"
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


def _which_sheet(wanted: str | None, names: Sequence[str], label: str) -> DiffusionError:
    found = f"sheets: {', '.join(names)}"
    if wanted is None:
        return DiffusionError(label, found, "write the name of one: `xlsx: {sheet: …}`")
    from diffusion.config.schema import did_you_mean  # jsonschema only for this

    fix = f"{did_you_mean(wanted, names)}Write the name of one under `xlsx.sheet`"
    return DiffusionError(label, f"there is no sheet `{wanted}`; {found}", fix)


class _Rows:
    """The rows of a sheet below its header, as text.

    ``names``: of the columns. ``repeated``: rows that have them again. ``seen``: rows, header and
    above too, that have a cell with a value.
    ``written``: rows that hold something below the header.
    """

    def __init__(
        self,
        cells: Iterable[Sequence["ReadOnlyCell"]],
        options: Xlsx,
        label: str,
        formats: Mapping[str, tuple[str, bool]],
        merged: Sequence[Merged],
    ):
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
        self.names = column_names(
            header, self.header, options.names, label, "xlsx", above=row_above
        )
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
        moment, (form, is_moment) = datetime.datetime.fromisoformat(cell), self._formats[name]
        note = f"`{name}` has cells that are dates: its `format` is for the others"
        self.notes = tuple(dict.fromkeys([*self.notes, note]))
        text = moment.strftime(form)
        back = datetime.datetime.strptime(text, form.replace("%-", "%")).replace(tzinfo=None)
        if back != moment and (is_moment or back.date() != moment.date()):
            found = f"`{name}` of row {row} is a date, {cell}, which `{form}` does not hold"
            fix = f"remove the format: `columns: {{{name}: …}}` reads dates as they are"
            raise DiffusionError(self.label, found, fix)
        return text


def _formats(convert: Convert) -> dict[str, tuple[str, bool]]:
    """Return column → its format, and whether it holds moments, not days."""
    return {
        spec.source or name: (spec.format, spec.type == "timestamp")
        for name, spec in convert.columns.items()
        if spec.format
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

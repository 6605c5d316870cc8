"""The rows of a sheet below its header, as text."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa

from diffusion.config.reading import NUMBER_FORMATS, ColumnSpec, Convert, FileRead
from diffusion.convert.headers.doubtful import LOOKED, doubtful_header
from diffusion.convert.headers.footers import Below
from diffusion.convert.headers.joined import joined_names
from diffusion.convert.headers.left_out import Kept, above_footer, told, verify_footer
from diffusion.convert.headers.names import column_names, spelled_names
from diffusion.convert.headers.repeated import Header, note_on_repeated
from diffusion.convert.headers.stated import (
    note_on_stated,
    refuse_data_among_names,
    stated_header,
)
from diffusion.convert.names import note_on
from diffusion.convert.text.odd_cells import bare_columns, notes_on_cells
from diffusion.convert.workbooks.book import Book, SheetCell
from diffusion.convert.workbooks.cells import Moment, Numeric, cell_text
from diffusion.convert.workbooks.ranges import Range, refuse_side_by_side
from diffusion.errors import DiffusionError
from diffusion.files.workbook import Merged

BATCH = 10_000  # rows


class SheetRows:
    """The rows of a sheet below its header, as text.

    ``names``: of the columns. ``repeated``: rows that have them again. ``seen``: rows, header and
    above too, that have a cell with a value.
    ``written``: rows that hold something below the header. ``written_as``: how texts of columns
    have numbers, by their places.
    """

    def __init__(
        self,
        book: Book,
        sheet: str,
        read: FileRead,
        label: str,
        convert: Convert,
        merged: Sequence[Merged],
    ):
        options = read.xlsx
        self.seen = self.written = self.repeated = 0
        self.label, self.footer = label, options.footer_of(label)
        self._holds = book.holds
        self.range, stated = Range(options.range, label), options.header_row
        texts, merged = self.range.cut(self._texts(book.cells(sheet))), self.range.spans(merged)
        first = list(islice(texts, max(self.range.top - 1 + LOOKED, stated or 0)))
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
        self.notes = note_on_stated(self.stated)
        shown = () if options.names else header or ()
        self.notes += note_on(shown)
        names = column_names(header, self.header, options.names, label, "xlsx", above=row_above)
        self.names = spelled_names(names, read.names, label)
        bare = list(filter(convert.takes, bare_columns(self.names, shown, first[self.header :])))
        self.notes += notes_on_cells([], bare, 0)
        named = next((at for at, name in enumerate(self.names) if name not in bare), 0)
        self._between = [at for at, name in enumerate(self.names) if name in bare and at > named]
        self._rest = chain(first[self.header :], texts)
        self._formats, written = declared_formats(convert), written_numbers(convert)
        self._dated = [at for at, name in enumerate(self.names) if name in self._formats]
        self.written_as = {at: written[n] for at, n in enumerate(self.names) if n in written}

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the rows, each as wide as the header."""
        rows = self._filled()
        while some := list(islice(rows, BATCH)):
            filled = ([cell or None for cell in column] for column in zip(*some, strict=True))
            columns = [pa.array(column, pa.string()) for column in filled]
            yield pa.record_batch(columns, schema)

    def _texts(self, rows: Iterable[Sequence[SheetCell]]) -> Iterator[list[str]]:
        for row in rows:
            self.seen += any(self._holds(cell.value) for cell in row)
            texts = [cell_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            yield texts

    def _filled(self) -> Iterator[list[str]]:
        width = len(self.names)
        left_out: list[tuple[int, list[str]]] = []
        known = Kept()
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
            self._between = [at for at in self._between if at >= len(row) or not row[at]]
            if row:
                self.written += 1
                known.add(row)
                self._spell(row, number)
                yield row + [""] * (width - len(row))
        refuse_side_by_side(self.names, self._between, self.range, self.label)
        if self.footer is None:
            below.verify()
        self.notes = (*self.notes, *note_on_repeated(self.repeated), *self.range.notes())
        if left_out:
            verify_footer(known, [row for _, row in left_out], self.label, "xlsx")
            self.notes = (*self.notes, told([row for _, row in left_out]))

    def _spell(self, row: list[str], number: int) -> None:
        """Write dates and numbers of a row as their columns say that texts are written."""
        for at in self._dated:
            if at < len(row) and isinstance(row[at], Moment):
                row[at] = self._as_declared(row[at], number, self.names[at])
        for at, spec in self.written_as.items():
            if at < len(row) and isinstance(row[at], Numeric):
                row[at] = as_written(row[at], spec)

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


def as_written(number: str, spec: ColumnSpec) -> str:
    """Return a number, which has a dot, as texts of its column have it."""
    return number.replace(".", spec.decimal or ".") + spec.unit


def written_numbers(convert: Convert) -> dict[str, ColumnSpec]:
    """Return column → how its numbers are written where they are text: others are written so."""
    return {
        spec.source or name: spec
        for name, spec in convert.columns.items()
        if spec.decimal or spec.thousands or spec.unit
    }


def declared_formats(convert: Convert) -> dict[str, tuple[list[str], bool]]:
    """Return column → its formats, and whether it holds moments, not days."""
    return {
        spec.source or name: (spec.forms, spec.type == "timestamp")
        for name, spec in convert.columns.items()
        if spec.forms and not set(spec.forms) & {*NUMBER_FORMATS}
    }

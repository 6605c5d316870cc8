"""The rows of a sheet below its header, as text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import pyarrow as pa

from diffusion.config.reading import Convert, FileRead
from diffusion.config.rows import Xlsx
from diffusion.convert.filled import FillDown
from diffusion.convert.headers.blocks import Blocks
from diffusion.convert.headers.doubtful import LOOKED, doubtful_header
from diffusion.convert.headers.footers import Below
from diffusion.convert.headers.joined import joined_names
from diffusion.convert.headers.left_out import Kept, above_footer, told, verify_footer
from diffusion.convert.headers.names import column_names
from diffusion.convert.headers.repeated import Header, note_on_repeated
from diffusion.convert.headers.sides import Sides
from diffusion.convert.headers.stated import (
    note_on_stated,
    refuse_centred,
    refuse_data_among_names,
    stated_header,
)
from diffusion.convert.headers.words import FooterError
from diffusion.convert.names import note_on
from diffusion.convert.spelling import spelled_names
from diffusion.convert.text.odd_cells import bare_columns, notes_on_cells
from diffusion.convert.workbooks.book import Book, SheetCell
from diffusion.convert.workbooks.cells import Numeric, cell_text
from diffusion.convert.workbooks.dated import Mixed, dated_columns
from diffusion.convert.workbooks.lines_in_cells import LinesInCells
from diffusion.convert.workbooks.raised import Marked, note_on_marks
from diffusion.convert.workbooks.ranges import Range, refuse_side_by_side, within
from diffusion.convert.workbooks.written import written_numbers
from diffusion.files.workbook import Merged
from diffusion.tables.texts import texts_of

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
        options = read.xlsx.of(label)
        self.seen = self.written = self.repeated = self._void = 0
        self._marked: list[Marked] = []
        self.label, self.footer = label, options.footer_of(label)
        self._holds = book.holds
        self._totals, self._from_totals = book.totals(sheet), 0
        self.range, stated = Range(options.range, label), options.header_row
        texts, merged = self.range.cut(self._texts(book.cells(sheet))), self.range.spans(merged)
        first = list(islice(texts, max(self.range.top - 1 + LOOKED, stated or 0)))
        width = max(map(len, first), default=0)
        padded = [row + [""] * (width - len(row)) for row in first]
        self.stated = (
            stated_header(padded, options.header_rows, "", "xlsx") if stated is not None else None
        )
        begins = next((number for number, row in enumerate(first, 1) if row), 1)
        self.header = begins if stated is None else stated
        if stated is None:
            rows, above = padded[self.header - 1 :], self.header - 1
            doubtful_header(rows, "", label, "xlsx", above, merged)
        refuse_data_among_names(padded, options.header_rows, label, "xlsx")
        if not options.names and not merged:
            refuse_centred(padded, options.header_rows, label, "xlsx")
        self.notes = note_on_stated(self.stated)
        top = self.header - len(options.header_rows or [0]) - 1  # the row above the names
        self._above = first[top] if 0 <= top < len(first) else []
        self.names = self._named(first, width, read, options, convert, merged)
        self._rest = chain(first[self.header :], texts)
        self._dated = dated_columns(self.names, convert, label)
        self._mixed, self.filled = Mixed(self.names), FillDown(self.names, convert)
        self.written_as = written_numbers(self.names, convert, read.decimal)

    def _named(
        self,
        first: Sequence[list[str]],
        width: int,
        read: FileRead,
        options: Xlsx,
        convert: Convert,
        merged: Sequence[Merged],
    ) -> list[str]:
        """Return the names of columns; notes on them are added to ``notes``."""
        row = self.header
        numbers = options.header_rows or [row]
        header = first[row - 1] if row and len(first) >= row else None
        self._again = Header.of([first[number - 1] for number in numbers if header])
        above = first[row - 2] if header and row > 1 else []
        if len(options.header_rows) > 1 and header:
            header = joined_names([first[number - 1] for number in numbers], numbers, merged)
            above = []
        if not row and first:
            header = [""] * width  # its columns are numbered
        if header:  # its last cells may be empty
            header = [*header, *[""] * (len(options.names) - len(header))]
        shown = () if options.names or not row else header or ()
        names = column_names(header, row, options.names, self.label, "xlsx", above=above)
        names = spelled_names(names, read.names, self.label)
        bare = list(filter(convert.takes, bare_columns(names, shown, first[row:])))
        self.notes += (*note_on(shown), *notes_on_cells([], bare, 0))
        named = next((at for at, name in enumerate(names) if name not in bare), 0)
        between = [at for at, name in enumerate(names) if name in bare and at > named]
        self._sides = Sides(names, between)
        return names

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Yield the rows, each as wide as the header."""
        rows = self._filled()
        while some := list(islice(rows, BATCH)):
            by_column = list(zip(*some, strict=True))
            self._mixed.take(by_column)
            filled = ([cell or None for cell in column] for column in by_column)
            yield pa.RecordBatch.from_arrays([texts_of(column) for column in filled], schema=schema)
        self.notes += (*note_on_marks(self._marked), *self._mixed.notes())
        self.notes += tuple(note for dated in self._dated.values() for note in dated.notes())

    def _texts(self, rows: Iterable[Sequence[SheetCell]]) -> Iterator[list[str]]:
        for row in rows:
            self.seen += any(self._holds(cell.value) for cell in row)
            texts = [cell_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            self._marked += [text for text in texts if isinstance(text, Marked)]
            yield texts

    def _filled(self) -> Iterator[list[str]]:
        width = len(self.names)
        left_out: list[tuple[int, list[str]]] = []
        known = Kept()
        below = Below(width, self.label, "xlsx", self.names)
        numbered: Iterator[tuple[int, list[str]]] = enumerate(self._rest, self.header + 1)
        if self.footer:
            filled = (pair for pair in numbered if pair[1])
            numbered = above_footer(filled, self.footer, self.label, "xlsx", left_out)
        blocks, lines = Blocks(self._again, self.header, self._above), LinesInCells(self.names)
        for number, row in numbered:
            blocks.add(number, row)
            if self._again.is_again(row):
                self.repeated += 1
                continue
            if len(row) > width:
                place = (number, self.written)
                row = within(row, width, place, self.range, self.label)
            below.add(number, row)
            if row:
                self._sides.add(row)
                is_totals = self._totals.get(number) == self.header
                self._from_totals += bool(self._from_totals or is_totals)
                self.written += 1
                known.add(row)
                lines.add(row)
                self._void += not any(map(str.strip, row))
                self._spell(row, number)
                yield self.filled.row(row + [""] * (width - len(row)))
        self._verify_end(blocks, lines, below)
        if left_out:
            verify_footer(known, [row for _, row in left_out], self.label, "xlsx")
            self.notes = (*self.notes, told([row for _, row in left_out]))

    def _verify_end(self, blocks: Blocks, lines: LinesInCells, below: Below) -> None:
        """Refuse rows that are none of the table, once all have passed; note what is odd."""
        refuse_side_by_side(self._sides, self.range, self.label)
        blocks.verify(self.label, "xlsx", {}, self.footer)
        self._refuse_totals()
        if self.stated is None:
            lines.verify(self.label, self.header)
        if self.footer is None:
            below.verify()
            self.notes += below.notes()
        self.notes += (*note_on_repeated(self.repeated), *self.range.notes(), *self.filled.notes())
        self.notes += notes_on_cells([], [], self._void)

    def _refuse_totals(self) -> None:
        """Refuse the row that ends the table with its totals, as the workbook says."""
        if self._from_totals and self.footer != 0:
            count = self._from_totals + (self.footer or 0)
            found = "the last row of its table is that of the totals, as the workbook says"
            fix = f"leave it out, `xlsx: {{footer: {count}}}`; or state that all are rows of one "
            raise FooterError(self.label, found, f"{fix}table, `xlsx: {{footer: 0}}`")

    def _spell(self, row: list[str], number: int) -> None:
        """Write dates and numbers of a row as their columns say that texts are written."""
        for at, dated in self._dated.items():
            if at < len(row):
                row[at] = dated.spelled(row[at], number)
        for at, written in self.written_as.items():
            if at < len(row) and isinstance(cell := row[at], Numeric):
                row[at] = cell.shown_as(written.of(cell))

"""Read delimited text as DuckDB relations whose columns are all text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from diffusion.config.reading import ApiRead, Csv, FileRead
from diffusion.convert.delimited_text import Text, csv_errors, open_text
from diffusion.convert.header_names import column_names
from diffusion.convert.joined_headers import joined_names
from diffusion.convert.names import note_on
from diffusion.convert.odd_cells import (
    formula_columns,
    notes_on_cells,
    unwrapped,
    without_formulas,
)
from diffusion.convert.relation import Held, Named, RawTable, Record, Scan, Told, Types
from diffusion.convert.repeated_headers import Header, counted_rows, note_on_repeated
from diffusion.convert.spelling import spelled_names
from diffusion.convert.stated_headers import note_on_stated
from diffusion.convert.swallowed import lines_in_values, refuse_swallowed
from diffusion.convert.text_ends import Table, verify_end
from diffusion.files.encodings import stated_encoding
from diffusion.files.lines import LONGEST
from diffusion.tables.sql import identifier, literal

SAMPLE = 50  # rows that show what the columns hold


@dataclass(frozen=True)
class Head:
    """The first rows of a text.

    Attributes:
        first: up to the one that has the names.
        header: that row; None if there is none.
        record: the first row below it.
        sample: it and some more.
        width: of the first record, or of the header; 0 if nothing has names.
        again: the rows that have names, which may come again.
    """

    first: list[list[str]]
    header: list[str] | None
    record: list[str]
    sample: list[list[str]]
    width: int
    again: Header

    def names(self, options: Csv) -> tuple[list[str] | None, Sequence[str]]:
        """Return the names as they stand, of several rows together, and the row above them."""
        numbers = options.header_rows
        if len(numbers) > 1 and self.header:
            return joined_names([self.first[number - 1] for number in numbers], numbers), ()
        return self.header, self.first[-2] if len(self.first) > 1 else ()


def read_csv(
    path: Path, read: ApiRead | FileRead, encoding: str, label: str, place: Path
) -> RawTable:
    """Read delimited text; every column is text.

    Args:
        encoding: a codec of Python, or ``auto``.
        place: folder for a copy, where DuckDB does not read the file as it is.

    Raises:
        DiffusionError: not in the declared encoding, no header, two columns of one name, or in
            doubt (see ``dialect``).
    """
    known = encoding if encoding != "auto" else stated_encoding(path) or "utf-8"
    with csv_errors(label):
        text = open_text(path, read.csv, encoding, label, place)
        head = _head(text)
        cut = (text.path, text.dialect.delimiter, text.options.quote, text.header)
        count = partial(counted_rows, *cut, head.again)
        repeated = count()[1] if head.again.rows and text.lines.headers > 1 else 0
        _verify(text, head, label)
        ends = [head.record, *text.last_row()]
    options, dialect = text.options, text.dialect
    shown, above = head.names(options)
    names = column_names(shown, dialect.header, options.names, label, width=head.width, above=above)
    names = spelled_names(names, read.names, label)
    formulas = formula_columns(head.sample, names)
    # a blank line holds nothing, as in pandas; where there is one column, `""` is a record
    blank = f"{identifier(names[0])} IS NOT NULL" if len(names) == 1 and text.lines.blank else ""
    where = head.again.sql(names) if repeated else blank
    scan = Scan("read_csv", _settings(text, names), without_formulas(formulas), where=where)
    ends = [unwrapped(row, names, formulas) for row in ends]
    held = Held(
        text.lines.records - sum(map(bool, head.first[: dialect.header])),
        lambda: count()[0],
        _comparable(ends, names, head.again, options.quote),
    )
    is_stated = options.delimiter and options.header is not None
    found = "" if is_stated else dialect.words(known, options.header_rows)
    bare = _bare(names, shown or (), text, head.sample)
    cells = notes_on_cells(formulas, bare, text.lines.empty if len(names) > 1 else 0)
    on_names = () if options.names else note_on(shown or ())
    on_header = note_on_stated(dialect.stated)
    notes = (*on_names, *on_header, *text.told, *note_on_repeated(repeated), *cells)
    replaced = tuple(shown or ()) if options.names and dialect.header else ()
    named = Named(replaced, dialect.stated)
    filed = (label, text.path, scan, names, Types(frozenset(names)), frozenset({"csv"}))
    return RawTable(*filed, held=held, named=named, told=Told(found, notes))


def _head(text: Text) -> Head:
    rows = text.rows()
    first = list(islice(rows, max(text.header, 1)))
    header = first[-1] if len(first) == max(text.header, 1) else None
    record = next(filter(None, rows), []) if text.header else header or []
    width = len(record or header or []) if text.header else 0
    if header and record and width and not any(map(str.strip, header[width:])):
        header = header[:width]
    numbers = text.options.header_rows or [text.header]
    again = Header.of([first[n - 1] for n in numbers if text.header and header])
    return Head(first, header, record, [record, *islice(rows, SAMPLE)], width, again)


def _verify(text: Text, head: Head, label: str) -> None:
    """Refuse rows that stray quotes have made part of a value, and what is no row at the end."""
    cut = (text.path, text.dialect.delimiter, text.options.quote)
    if text.within and (within := lines_in_values(*cut)):
        refuse_swallowed(within, head.sample, text.dialect.delimiter, label)
    if head.header and text.options.footer_of(label) is None:
        table = Table(*cut, text.header, head.header, head.again)
        verify_end(table, text.lines.gaps, label)


def _settings(text: Text, names: Sequence[str]) -> str:
    """Return what DuckDB is told, so that it guesses nothing."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    sign = literal(text.options.quote)
    return f"""columns={{{columns}}}, header=false, skip={text.header},
        delim={literal(text.dialect.delimiter)}, quote={sign}, escape={sign},
        new_line={literal(_escaped(text.lines.end or ""))}, encoding='utf-8', auto_detect=false,
        compression='none', max_line_size={LONGEST}, buffer_size={2 * LONGEST}, nullstr='',
        allow_quoted_nulls={len(names) > 1}, null_padding=false, hive_partitioning=false"""


def _bare(
    names: Sequence[str], shown: Sequence[str], text: Text, sample: Sequence[Sequence[str]]
) -> list[str]:
    """Return the columns without a name in the file, and without a value in the first rows."""
    if not text.header or text.options.names:
        return []
    return [
        name
        for name, cell, at in zip(names, shown, range(len(names)), strict=False)
        if not cell.strip() and not any(row[at : at + 1] != [""] for row in sample)
    ]


def _comparable(
    ends: Sequence[list[str]], names: Sequence[str], header: Header, quote: str
) -> list[Record]:
    """Return the first and the last row as records, where readers can be compared by them."""
    # blanks before a quote are read in two ways, each of them as good: nothing to compare by
    unclear = re.compile(rf"\s+{re.escape(quote)}.*", re.DOTALL) if quote else None
    return [
        {
            name: ... if unclear and unclear.fullmatch(cell) else cell or None
            for name, cell in zip(names, row, strict=True)
        }
        for row in ends
        if len(row) == len(names) and not header.is_again(row)
    ]


def _escaped(end: str) -> str:
    return end.replace("\r", "\\r").replace("\n", "\\n")

"""Read delimited text as DuckDB relations whose columns are all text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from diffusion.config.reading import Convert, FileRead
from diffusion.config.rows import Csv
from diffusion.convert.filled import FillDown
from diffusion.convert.given import Given
from diffusion.convert.headers.blocks import Blocks, verify_blocks
from diffusion.convert.headers.joined import joined_names
from diffusion.convert.headers.names import column_names
from diffusion.convert.headers.repeated import Header, counted_rows, note_on_repeated
from diffusion.convert.headers.sides import refuse_sides
from diffusion.convert.headers.stated import note_on_stated
from diffusion.convert.names import note_on
from diffusion.convert.relation import Held, Named, RawTable, Record, Told, Types, with_note
from diffusion.convert.scan import Scan
from diffusion.convert.spelling import spelled_names
from diffusion.convert.text.delimited_text import Text, csv_errors, filled_text, open_text
from diffusion.convert.text.odd_cells import (
    bare_columns,
    formula_columns,
    note_on_blanks,
    notes_on_cells,
    unwrapped,
    without_formulas,
)
from diffusion.convert.text.swallowed import lines_in_values, refuse_swallowed
from diffusion.convert.text.text_ends import SMALL, Table, note_on_cut, verify_end
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


def read_csv(given: Given) -> RawTable:
    """Read delimited text; every column is text.

    Raises:
        DiffusionError: not in the declared encoding, no header, two columns of one name, or in
            doubt (see ``dialect``).
    """
    label, encoding, convert = given.label, given.encoding, given.convert
    with csv_errors(label):
        text = open_text(given.path, given.read.csv.of(label), encoding, label, given.place)
        head = _head(text)
        comes_again = _comes_again(text, head, label)
        names = _names(text, head, given.read, label)
        _refuse_sides(text, head, names, convert, label)
        filled = filled_text(text, FillDown(names, convert), head.again, given.place)
        text, head = filled, head if filled is text else _head(filled)
        cut = (text.path, text.dialect.delimiter, text.options.quote, text.header)
        count = partial(counted_rows, *cut, head.again)
        repeated = count()[1] if comes_again else 0
        ends = [head.record, *text.last_row()] if head.record else []
    options, dialect = text.options, text.dialect
    formulas = formula_columns(head.sample, names)
    where = head.again.sql(names) if repeated else _blank(text, names)
    scan = Scan("read_csv", _settings(text, names), without_formulas(formulas), where=where)
    bare = [unwrapped(row, names, formulas) for row in ends]
    records = text.lines.records - sum(map(bool, head.first[: dialect.header]))
    both = _comparable(bare, names, head.again, options.quote)
    held = Held(records, lambda: count()[0], both)
    replaced = tuple(head.names(options)[0] or ()) if options.names and dialect.header else ()
    filed = (label, text.path, scan, names, Types(frozenset(names)), frozenset({"csv"}))
    codec = encoding if encoding != "auto" else stated_encoding(given.path) or "utf-8"
    told = _told(text, head, names, formulas, repeated, codec)
    raw = RawTable(*filed, held=held, named=Named(replaced, dialect.stated), told=told)
    return with_note(raw, *note_on_cut(given.path, text.lines.ended))


def _names(text: Text, head: Head, read: FileRead, label: str) -> list[str]:
    """Return the names of columns."""
    options = text.options
    shown, above = head.names(options)
    given = (shown, text.header, options.names, label)
    return spelled_names(column_names(*given, width=head.width, above=above), read.names, label)


def _blank(text: Text, names: Sequence[str]) -> str:
    """SQL that leaves out blank lines, as pandas does; in one column `""` is a record."""
    return f"{identifier(names[0])} IS NOT NULL" if len(names) == 1 and text.lines.blank else ""


def _told(
    text: Text,
    head: Head,
    names: Sequence[str],
    formulas: Sequence[str],
    repeated: int,
    encoding: str,
) -> Told:
    """Return how a text is read, and what is odd in it; ``repeated``: headers that come again."""
    options, dialect = text.options, text.dialect
    is_stated = options.delimiter and options.header is not None
    found = "" if is_stated else dialect.words(encoding, options.header_rows)
    shown = () if options.names else head.names(options)[0] or ()
    bare = bare_columns(names, shown, head.sample) if text.header else []
    above = sum(len(row) > 1 and not any(row) for row in head.first[: text.dialect.header])
    empty = max(text.lines.empty - above, 0) if len(names) > 1 else 0
    cells = notes_on_cells(formulas, bare, empty)
    if text.header and not options.trim:
        cells += note_on_blanks(names, head.sample, options.quote)
    on_header = (*note_on(shown), *note_on_stated(dialect.stated))
    return Told(found, (*on_header, *text.told, *note_on_repeated(repeated), *cells))


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


def _comes_again(text: Text, head: Head, label: str) -> bool:
    """Say whether rows have the names again, none of them above another table."""
    may_come = bool(head.again.rows) and text.lines.headers > 1
    if not (_verify(text, head, label) or may_come):
        return False
    _verify_blocks(text, head, label)
    return True


def _verify(text: Text, head: Head, label: str) -> bool:
    """Refuse rows that stray quotes have made part of a value, and what is no row at the end.

    Returns:
        Whether rows that were looked at have the names again, in whatever order.
    """
    cut = (text.path, text.dialect.delimiter, text.options.quote)
    if text.within and (within := lines_in_values(*cut)):
        refuse_swallowed(within, head.sample, text.dialect.delimiter, label)
    if head.header and text.options.footer_of(label) is None:
        table = Table(*cut, text.header, head.header, head.again)
        return verify_end(table, text.lines.gaps, label, text.told)
    return bool(head.again.rows) and text.path.stat().st_size <= SMALL


def _verify_blocks(text: Text, head: Head, label: str) -> None:
    """Refuse names that come again below a title, or in another order."""
    above = len(head.again.rows) + 1
    blocks = Blocks(head.again, text.header, head.first[-above] if len(head.first) >= above else [])
    rows = islice(enumerate(text.rows(), 1), text.header, None)
    verify_blocks(rows, blocks, label, text.dialect.delimiter, text.options.footer_of(label))


def _refuse_sides(
    text: Text, head: Head, names: Sequence[str], convert: Convert, label: str
) -> None:
    """Refuse tables side by side."""
    shown = () if text.options.names else head.names(text.options)[0] or ()
    bare = [*filter(convert.takes, bare_columns(names, shown, head.sample))] if text.header else []
    named = next((at for at, name in enumerate(names) if name not in bare), 0)
    between = [at for at, name in enumerate(names) if name in bare and at > named]
    if between and between != [*range(len(names) - len(between), len(names))]:
        refuse_sides(names, between, islice(text.rows(), text.header, None), label)


def _settings(text: Text, names: Sequence[str]) -> str:
    """Return what DuckDB is told, so that it guesses nothing."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    sign = literal(text.options.quote)
    return f"""columns={{{columns}}}, header=false, skip={text.header},
        delim={literal(text.dialect.delimiter)}, quote={sign}, escape={sign},
        new_line={literal(_escaped(text.lines.end or ""))}, encoding='utf-8', auto_detect=false,
        compression='none', max_line_size={LONGEST}, buffer_size={2 * LONGEST}, nullstr='',
        allow_quoted_nulls={len(names) > 1}, null_padding=false, hive_partitioning=false"""


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

"""Read delimited text as DuckDB relations whose columns are all text."""

import csv
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from diffusion.config.reading import ApiRead, Csv, FileRead
from diffusion.convert.dialect import Dialect, find_dialect
from diffusion.convert.header_names import column_names, spelled_names
from diffusion.convert.joined_headers import joined_names
from diffusion.convert.loose_text import evened, uncommented, with_groups
from diffusion.convert.names import note_on
from diffusion.convert.odd_cells import (
    formula_columns,
    notes_on_cells,
    unwrapped,
    without_formulas,
)
from diffusion.convert.relation import Held, Named, RawTable, Record, Scan, Told, Types
from diffusion.convert.repeated_headers import Header, counted_rows, note_on_repeated
from diffusion.convert.swallowed import lines_in_values, refuse_swallowed
from diffusion.convert.text_ends import Table, verify_end, without_footer
from diffusion.errors import DiffusionError
from diffusion.files.encodings import as_utf8, stated_encoding
from diffusion.files.escapes import unescaped
from diffusion.files.lines import (
    LONGEST,
    NAMES,
    Lines,
    LongLineError,
    ends_in_spaces,
    last_row,
    quoting,
    rows_of_text,
    survey,
)
from diffusion.tables.sql import identifier, literal

logger = logging.getLogger(__name__)
LONG = "ask its publisher for shorter values (shapes as GeoPackage or GeoParquet) or for Parquet, "
LONG += "and then set a new `vintage`"
SAMPLE = 50  # rows that show what the columns hold
MARK = "\ufeff"  # the byte order mark


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
    stated = encoding if encoding != "auto" else stated_encoding(path) or "utf-8"
    options = read.csv
    footer = options.footer_of(label)
    with csv_errors(label):
        told: list[str] = []
        path = as_utf8(path, encoding, place, label)
        path, options, dialect = _prepared(path, options, label, place, told)
        lines = survey(path, options.quote, dialect.text, dialect.delimiter)
        within = lines.within
        _refuse_nul(path, lines, label)
        # DuckDB does not see a quote after a mark: it would skip lines of the header, not the row
        marked = lines.marked and "\n" in dialect.text.replace("\r", "\n")
        spaces = dialect.delimiter in dialect.text and ends_in_spaces(path)
        if lines.end is None or lines.marks or lines.closed or marked or spaces:
            path = _plain_copy(path, lines, options, dialect, place, label, spaces)
            lines = survey(path, options.quote, dialect.text)
        rows = rows_of_text(path, dialect.delimiter, options.quote)
        first = list(islice(rows, max(dialect.header, 1)))
        header = first[-1] if len(first) == max(dialect.header, 1) else None
        record = next(filter(None, rows), []) if dialect.header else header or []
        width = len(record or header or []) if dialect.header else 0
        if header and record and width and not any(map(str.strip, header[width:])):
            header = header[:width]
        sample = [record, *islice(rows, SAMPLE)]
        given_rows = options.header_rows or [dialect.header]
        again = Header.of([first[n - 1] for n in given_rows if dialect.header and header])
        cut = (path, dialect.delimiter, options.quote, dialect.header, again)
        repeated = counted_rows(*cut)[1] if again.rows and lines.headers > 1 else 0
        told += note_on_repeated(repeated)
        if within and (within := lines_in_values(path, dialect.delimiter, options.quote)):
            refuse_swallowed(within, sample, dialect.delimiter, label)
        ends = [record] + (
            [] if lines.open else [last_row(path, lines, dialect.delimiter, options.quote)]
        )
        if footer is None and header:
            table = Table(path, dialect.delimiter, options.quote, dialect.header, header, again)
            verify_end(table, lines.gaps, label)
    shown, above = header, first[-2] if len(first) > 1 else ()
    if len(options.header_rows) > 1 and header:
        numbers = options.header_rows
        shown, above = joined_names([first[number - 1] for number in numbers], numbers), ()
    names = column_names(shown, dialect.header, options.names, label, width=width, above=above)
    names = spelled_names(names, read.names, label)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    sign = literal(options.quote)
    settings = f"""columns={{{columns}}}, header=false, skip={dialect.header},
        delim={literal(dialect.delimiter)}, quote={sign}, escape={sign},
        new_line={literal(_escaped(lines.end or ""))}, encoding='utf-8', auto_detect=false,
        compression='none', max_line_size={LONGEST}, buffer_size={2 * LONGEST}, nullstr='',
        allow_quoted_nulls={len(names) > 1}, null_padding=false, hive_partitioning=false"""
    # a blank line holds nothing, as in pandas; where there is one column, `""` is a record
    blank = f"{identifier(names[0])} IS NOT NULL" if len(names) == 1 and lines.blank else ""
    formulas = formula_columns(sample, names)
    ends = [unwrapped(row, names, formulas) for row in ends]
    blanks = [not cell.strip() for cell in shown or ()]
    bare = [
        name
        for at, name in enumerate(names)
        if dialect.header
        and not options.names
        and blanks[at : at + 1] == [True]
        and not any(row[at : at + 1] != [""] for row in sample)
    ]
    told += notes_on_cells(formulas, bare, lines.empty if len(names) > 1 else 0)
    selected = without_formulas(formulas)
    scan = Scan("read_csv", settings, selected, where=again.sql(names) if repeated else blank)
    is_stated = options.delimiter and options.header is not None
    found = "" if is_stated else dialect.words(stated, options.header_rows)
    records = lines.records - sum(map(bool, first[: dialect.header]))
    replaced = tuple(shown or ()) if options.names and dialect.header else ()
    held = Held(
        records, lambda: counted_rows(*cut)[0], _comparable(ends, names, again, options.quote)
    )
    notes = (*(() if options.names else note_on(shown or ())), *told)
    named = Named(replaced, dialect.stated)
    filed = (label, path, scan, names, Types(frozenset(names)), frozenset({"csv"}))
    return RawTable(*filed, held=held, named=named, told=Told(found, notes))


def _prepared(
    path: Path, options: Csv, label: str, place: Path, told: list[str]
) -> tuple[Path, Csv, Dialect]:
    """Return a text as its options have it made ready, and how it is cut; notes go to ``told``."""
    if options.escape:
        path = _unescaped(path, options, place, label, told)
    if options.comment:
        path = uncommented(path, options, place, told)
    dialect = find_dialect(path, options, label)
    if footer := options.footer_of(label):
        given = (dialect.delimiter, options.quote, dialect.header, footer, label)
        path, below = without_footer(path, *given, place / f"{path.name}.table")
        told.append(below)
    if options.repeat:
        options = with_groups(path, dialect, options, label)
    if options.pad or options.trim:
        path, dialect = evened(path, dialect, options, label, place, told)
    return path, options, dialect


def _unescaped(path: Path, options: Csv, place: Path, label: str, told: list[str]) -> Path:
    """Copy a text with its quotes doubled; what is to be noted is added to ``told``."""
    sign = options.escape
    target = place / f"{path.name}.doubled"
    path, alone = unescaped(path, options.quote, sign, target, label)
    if alone:
        told.append(f"`{sign}` before other signs than quotes is kept as it is: {alone:,} times")
    return path


def _comparable(
    ends: Sequence[list[str]], names: Sequence[str], header: Header, quote: str
) -> list[Record]:
    """Return the first and the last row as records, where readers can be compared by them."""
    # blanks before a quote are read in two ways, each of them as good: nothing to compare by
    unclear = re.compile(rf"\s+{re.escape(quote)}.*", re.DOTALL) if quote else None
    return [
        {
            name: ... if unclear and unclear.fullmatch(cell) else cell
            for name, cell in zip(names, row, strict=True)
        }
        for row in ends
        if len(row) == len(names) and not header.is_again(row)
    ]


def _refuse_nul(path: Path, lines: Lines, label: str) -> None:
    if lines.nul < 0:
        return
    number = _line_of(path, lines.nul)
    found = f"line {number} has a NUL (0x00), which no text has: it is damaged, or UTF-16"
    fix = "state `encoding: utf-16-le` (or `utf-16-be`) if every other byte is a NUL; else ask the "
    fix += "publisher for an undamaged file, and once it is there set a new `vintage`"
    raise DiffusionError(label, found, fix)


def _line_of(path: Path, offset: int) -> int:
    """Return the number of the line in which a byte stands, holding one line at a time."""
    with path.open("rb") as file:
        return next(number for number, _ in enumerate(file, 1) if file.tell() > offset)


def _plain_copy(
    path: Path, lines: Lines, options: Csv, dialect: Dialect, place: Path, label: str, spaces: bool
) -> Path:
    """Copy a text row by row: one line end, no mark within, no end-of-file character.

    ``spaces``: also without lines of blanks alone.
    """
    ends = [f"{count:,} {NAMES[end]}" for end, count in lines.ends.items() if count]
    what = [f"lines end in {' and '.join(ends)}"] if lines.end is None else []
    what += ["byte order marks stand within"] if lines.marks else []
    what += ["it ends in DOS's end-of-file character"] if lines.closed else []
    what = what or ["its last lines are blanks"]
    logger.info("%s: %s: read all the same", label, ", ".join(what))
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{path.name}.plain"
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(
            out, delimiter=dialect.delimiter, lineterminator="\n", **quoting(options.quote)
        )
        for row in rows_of_text(path, dialect.delimiter, options.quote):
            if row and row[0].startswith(MARK):
                row[0] = row[0].removeprefix(MARK)
            if row != ["\x1a"] and not (spaces and len(row) == 1 and not row[0].strip()):
                writer.writerow(row)
    return target


@contextmanager
def csv_errors(label: str) -> Iterator[None]:
    try:
        yield
    except LongLineError as error:
        raise DiffusionError(label, str(error), LONG) from error
    except csv.Error as error:
        fix = "see `csv:`; or set a new `vintage` once the publisher has corrected the file"
        raise DiffusionError(label, f"cannot be read: {error}", fix) from error


def _escaped(end: str) -> str:
    return end.replace("\r", "\\r").replace("\n", "\\n")

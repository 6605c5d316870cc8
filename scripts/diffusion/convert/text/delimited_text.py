"""A delimited text made ready to be read: in UTF-8, as its options have it, and surveyed."""

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from diffusion.config.rows import Csv
from diffusion.convert.filled import FillDown
from diffusion.convert.headers.repeated import Header
from diffusion.convert.loose_text import evened, uncommented, with_groups
from diffusion.convert.text.dialect import Dialect, find_dialect
from diffusion.convert.text.text_ends import without_footer
from diffusion.errors import DialectError
from diffusion.files.encodings import as_utf8
from diffusion.files.escapes import unescaped
from diffusion.files.lines import (
    NAMES,
    Lines,
    LongLineError,
    ends_in_spaces,
    last_row,
    quoting,
    rows_of_text,
    survey,
)

logger = logging.getLogger(__name__)
LONG = "ask its publisher for shorter values (shapes as GeoPackage or GeoParquet) or for Parquet, "
LONG += "and then set a new `vintage`"
MARK = "\ufeff"  # the byte order mark


@dataclass(frozen=True)
class Text:
    """A text that can be read.

    Attributes:
        path: of the text, or of a copy that can be read.
        within: lines within quotes that have as many delimiters as the header.
        told: notes on what was done to it.
    """

    path: Path
    options: Csv
    dialect: Dialect
    lines: Lines
    within: list[str]
    told: list[str]

    @property
    def header(self) -> int:
        """The row of the names, 0 for none."""
        return self.dialect.header

    def rows(self) -> Iterator[list[str]]:
        """Yield all rows as Python's own reader sees them."""
        return rows_of_text(self.path, self.dialect.delimiter, self.options.quote)

    def last_row(self) -> list[list[str]]:
        """Return the last row; nothing where quotes do not tell where it begins."""
        if self.lines.open:
            return []
        return [last_row(self.path, self.lines, self.dialect.delimiter, self.options.quote)]


def open_text(path: Path, options: Csv, encoding: str, label: str, place: Path) -> Text:
    """Make a text ready to be read.

    Args:
        encoding: a codec of Python, or ``auto``.
        place: a folder for copies.

    Raises:
        DiffusionError: not in the declared encoding, a NUL in it, or in doubt (see ``dialect``).
    """
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
    return Text(path, options, dialect, lines, within, told)


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


def _refuse_nul(path: Path, lines: Lines, label: str) -> None:
    if lines.nul < 0:
        return
    number = _line_of(path, lines.nul)
    found = f"line {number} has a NUL (0x00), which no text has: it is damaged, or UTF-16"
    fix = "state `encoding: utf-16-le` (or `utf-16-be`) if every other byte is a NUL; else ask the "
    fix += "publisher for an undamaged file, and once it is there set a new `vintage`"
    raise DialectError(label, found, fix)


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


def filled_text(text: Text, fill: FillDown, again: Header, place: Path) -> Text:
    """Copy a text row by row with its empty cells filled; itself where none is to be.

    Args:
        again: the rows that have names, which fill nothing where they come again.
    """
    if not fill.at:
        return text
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{text.path.name}.filled"
    options, delimiter, rows = text.options, text.dialect.delimiter, text.rows()
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", **quoting(options.quote))
        writer.writerows(islice(rows, text.header))
        writer.writerows(row if again.is_again(row) else fill.row(row) for row in rows)
    lines = survey(target, options.quote, text.dialect.text, delimiter)
    return replace(text, path=target, lines=lines, told=[*text.told, *fill.notes()])


@contextmanager
def csv_errors(label: str) -> Iterator[None]:
    try:
        yield
    except LongLineError as error:
        raise DialectError(label, str(error), LONG) from error
    except csv.Error as error:
        fix = "see `csv:`; or set a new `vintage` once the publisher has corrected the file"
        raise DialectError(label, f"cannot be read: {error}", fix) from error

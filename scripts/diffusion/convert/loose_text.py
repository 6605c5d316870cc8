"""Delimited text that is written more loosely than readers take it: comments, blanks, short rows.

What is left out or filled is counted and told. A copy is made, row by row, only where it is asked
for: ``csv: {comment, trim, pad}``.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import msgspec

from diffusion.config.rows import Csv
from diffusion.convert.text.dialect import Dialect
from diffusion.convert.text.short_rows import ShortRows
from diffusion.errors import RowsError
from diffusion.files.lines import END_OF_FILE, lines_of_text, quoting, rows_of_text

LONGEST = 70  # characters that a note shows


def uncommented(path: Path, options: Csv, place: Path, told: list[str]) -> Path:
    """Copy a text without its lines of comments; what is to be noted is added to ``told``.

    A line within quotes is part of a value, whatever it begins with.
    """
    place.mkdir(parents=True, exist_ok=True)
    target, first, count, is_open = place / f"{path.name}.uncommented", "", 0, False
    with target.open("w", encoding="utf-8", newline="") as out:
        for line in lines_of_text(path):
            if line.startswith(options.comment) and not is_open:
                first, count = first or line.strip(), count + 1
                continue
            if options.quote and line.count(options.quote) % 2:
                is_open = not is_open
            out.write(line)
    if count:
        told.append(
            f"{count:,} lines of comments are left out (`comment`), from `{first[:LONGEST]}` on"
        )
        return target
    return path


def with_groups(path: Path, dialect: Dialect, options: Csv, label: str) -> Csv:
    """Return options with the names of all columns: the header has those of the first group only.

    The last names come again for each further group, with its number: `Voix`, `Voix_2`.

    Raises:
        DiffusionError: a row ends within a group, or the header has fewer names.
    """
    rows = rows_of_text(path, dialect.delimiter, options.quote)
    header = [cell.strip() for cell in list(islice(rows, dialect.header))[-1]]
    size, fixed, widest = options.repeat, len(header) - options.repeat, len(header)
    if fixed < 0:
        found = f"the header has {len(header)} names, of which {size} are to come again"
        raise RowsError(label, found, "correct `csv.repeat`")
    for number, row in enumerate(rows, 1):
        if row and (len(row) - fixed) % size:
            found = (
                f"row {number} below the header has {len(row)} cells: not {fixed} and groups of "
            )
            found += f"{size}"
            fix = "correct `csv.repeat`, or ask its publisher to correct the file"
            raise RowsError(label, found, fix)
        widest = max(widest, len(row))
    further = range(2, (widest - fixed) // size + 1)
    names = [*header, *(f"{name}_{n}" for n in further for name in header[fixed:])]
    return msgspec.structs.replace(options, names=names, pad=True)


def evened(
    path: Path, dialect: Dialect, options: Csv, label: str, place: Path, told: list[str]
) -> tuple[Path, Dialect]:
    """Copy a text with rows as wide as its header, or without the blanks around values.

    Returns:
        The copy, and the dialect with the text of the header as it stands there.

    Raises:
        DiffusionError: a row is wider than the header, or a shorter one is none of the table.
    """
    place.mkdir(parents=True, exist_ok=True)
    sign = quoting(options.quote)
    reader = csv.reader(
        lines_of_text(path), delimiter=dialect.delimiter, skipinitialspace=options.trim, **sign
    )
    given = (_trimmed(row) for row in reader) if options.trim else reader
    above = list(islice(given, dialect.header))
    header = above[-1] if above else []
    # where comments were left out, lines are no longer those of the file
    first = reader.line_num if options.comment else 0
    place_of = "row {} below the header" if options.comment else "line {}"
    short = ShortRows(len(options.names) or len(header), options.quote, label, place_of)
    rows = _Even(given, header, options, short, lambda: reader.line_num - first)
    with (target := place / f"{path.name}.even").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator="\n", **sign)
        writer.writerows(above)
        writer.writerows(rows)
    short.verify()
    told += short.notes()
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=dialect.delimiter, lineterminator="", **sign).writerow(header)
    return target, replace(dialect, text=text.getvalue())


def _trimmed(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


class _Even:
    """Rows as wide as the header."""

    def __init__(
        self,
        rows: Iterable[list[str]],
        header: Sequence[str],
        options: Csv,
        short: ShortRows,
        line: Callable[[], int],
    ):
        self.rows, self.header, self.options = rows, header, options
        self.short, self.line = short, line

    def __iter__(self) -> Iterator[list[str]]:
        width = self.short.width
        for number, row in enumerate(self.rows, 1):
            if row == [END_OF_FILE.decode()]:
                continue
            if row and self.options.pad and row != self.header:
                if len(row) > width:
                    found = f"row {number} below the header has {len(row)} cells, there are "
                    found += f"{width} names"
                    fix = "name all columns, `csv: {names: […]}`"
                    raise RowsError(self.short.label, found, fix)
                self.short.add(self.line(), row)
                row = row + [""] * (width - len(row))
            yield row

"""Texts that are looked at, or cut, where their table ends: see ``footers``."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from diffusion.convert.headers.footers import KNOWN, Below
from diffusion.convert.headers.left_out import Kept, above_footer, told, verify_footer
from diffusion.convert.headers.repeated import Header
from diffusion.errors import DiffusionError
from diffusion.files.lines import END_OF_FILE, lines_of_text, quoting, rows_of_text

SMALL = 8 * 1024 * 1024  # bytes: larger files take long to read twice
BLOCK = 4096  # bytes; disks and buffers have such
LOOKED = 64 * 1024  # bytes of those that are looked at, at their end and after each gap


@dataclass(frozen=True)
class Table:
    """A text in UTF-8, and how it is cut.

    Attributes:
        header: row of the names, 0 for none.
        names: of the columns, as they are in the file.
        again: the rows that have them: where they come again they are left out.
    """

    path: Path
    delimiter: str
    quote: str
    header: int
    names: Sequence[str]
    again: Header

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows below the header, with their numbers."""
        rows = enumerate(rows_of_text(self.path, self.delimiter, self.quote), 1)
        yield from islice(rows, self.header, None)

    def has_names(self, row: Sequence[str]) -> bool:
        """Whether a row has the names again, in whatever order, or most of them."""
        again = self.again
        return again.is_again(row) or again.is_shuffled(row) or again.is_other(row)

    def rows_at(self, offset: int) -> Iterator[list[str]]:
        """Yield the rows from a line on, or from the middle of one, for as long as is looked at."""
        with self.path.open("rb") as file:
            file.seek(offset)
            text = file.read(LOOKED).decode("utf-8", "replace")
        yield from csv.reader(
            text.splitlines(True), delimiter=self.delimiter, **quoting(self.quote)
        )


def verify_end(table: Table, gaps: Sequence[int], label: str, told: list[str]) -> bool:
    """Refuse a text some of whose rows may be none of its table.

    Of a large one its beginning is read, what follows on lines without a value, and its end; the
    whole where these are in doubt.

    Args:
        gaps: offsets of lines without a value.
        told: notes go there.

    Returns:
        Whether rows that were looked at have the names again, in whatever order.
    """
    below = Below(len(table.names), label, "csv", table.names)
    if table.path.stat().st_size > SMALL and not _is_in_doubt(table, gaps):
        return False
    has_names = False
    for number, row in table.rows():
        if table.has_names(row):
            has_names = True
        else:
            below.add(number, row)
    below.verify()
    told += below.notes()
    return has_names


def _is_in_doubt(table: Table, gaps: Sequence[int]) -> bool:
    below = Below(len(table.names), "", "csv", table.names)
    for _, row in islice(table.rows(), KNOWN):
        if table.has_names(row):
            return True
        below.add(0, row)
    end = table.path.stat().st_size - LOOKED
    parts = [table.rows_at(gap) for gap in gaps if gap < end]
    parts.append(islice(table.rows_at(end), 1, None))  # the first line is cut
    for row in chain.from_iterable(parts):
        below.add(0, row)
    try:
        below.verify()
    except DiffusionError:
        return True
    return bool(below.notes())


def note_on_cut(path: Path, has_end: bool) -> tuple[str, ...]:
    """Return the note on a file that may be cut within its last value, which no reader can see.

    Args:
        has_end: whether its last line has an end.
    """
    size = path.stat().st_size
    if has_end or not size or size % BLOCK:
        return ()
    what = (
        f"its last line has no end, and it has {size:,} bytes, a multiple of {BLOCK:,}, as files "
    )
    return (f"{what}that were cut off while they were written: compare its last row",)


def without_footer(
    path: Path, delimiter: str, quote: str, header: int, footer: int, label: str, target: Path
) -> tuple[Path, str]:
    """Copy a text without its last rows, blank ones not counted; say what is left out.

    Raises:
        DiffusionError: it has fewer rows below its header, or others than notes.
    """
    reader = csv.reader(lines_of_text(path), delimiter=delimiter, **quoting(quote))
    for _ in islice(reader, header):
        pass
    kept = reader.line_num  # lines, up to the end of the last row that is not left out
    rows = ((reader.line_num, row) for row in reader if row != [END_OF_FILE.decode()])
    left_out: list[tuple[int, list[str]]] = []
    held = (pair for pair in rows if any(map(str.strip, pair[1])))
    known = Kept()
    for end, row in above_footer(held, footer, label, "csv", left_out):
        kept = end
        known.add(row)
    verify_footer(known, [row for _, row in left_out], label, "csv")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as out:
        out.writelines(islice(lines_of_text(path), kept))
    return target, told([row for _, row in left_out])

"""What stands below a table that was made by hand: notes, or a second table.

Both would be rows of it. What may be either is an error that shows the rows, and the keys that
state what they are: ``footer`` is how many rows at the end are left out, 0 that none is.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from diffusion.convert.headers.words import named
from diffusion.convert.looks import NUMBER, SECRET, YEAR
from diffusion.errors import DiffusionError

Row = TypeVar("Row")
KNOWN = 2000  # rows whose first cells are compared
COUNTED = 50  # rows that tell which columns are numbers
CODES = 3  # shapes of codes, such as 01001 and 2A004
MOST = 10  # notes without a word that says so: more are rows that lack values
SHOWN = 5  # rows that an error shows
LONGEST = 70  # characters of each
LETTER = re.compile(r"[^\W\d_]")
NOTE = re.compile(
    r"""(sources?|champ|notes?(\ de\ lecture)?|lecture|remarques?|avertissements?|précisions?
    |définitions?|mise\ à\ jour|copyright|©|n\.?\s?[dsc]\.?|[spcer])\s*[:=].*\S
    | \([a-z\d]{1,3}\)\s+\S.* | [*¹²³]+\s*\w.*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class FooterError(DiffusionError):
    """Rows that may be none of the table."""

    def among_others(self) -> "FooterError":
        """Return the error where there are other files, whose last rows are rows of the table."""
        name = self.where.replace("\\", "\\\\").replace('"', '\\"')
        fix = re.sub(r"footer: (\d+)", lambda n: f'footer: {{"{name}": {n[1]}}}', self.fix)
        return FooterError(self.where, self.found, fix)


class Below:
    """Looks at the rows of a table, one after the other, for those that may be none.

    Args:
        width: columns of the table.
        section: of the configuration, that has ``footer``.
    """

    def __init__(self, width: int, label: str, section: str):
        self.width, self.label, self.section = width, label, section
        self.rows = self.body = 0  # that hold something; those of the table
        self.start = 0  # the first row after the last one of the table
        self.lone = self.gaps = self.blank = self.spaced = self.keyless = False
        self.block: list[tuple[int, str]] = []  # the last rows, in which only one cell is
        self.shapes: set[str] = set()
        self.numbers: list[bool | None] = [None] * width
        self.titled = False  # its last rows are a title, after a row without a value
        self.names: tuple[int, int, list[str]] | None = None  # what may be another header
        self.second: tuple[int, int, list[str]] | None = None

    def add(self, number: int, row: Sequence[str]) -> None:
        """Take the next row; ``number``: of the line or the row of the sheet."""
        cells = [cell.strip() for cell in row]
        if not any(cells):
            self.blank = self.body > 0
            return
        self.rows += 1
        if self.second:
            return
        if not self.block and not self.names:
            self.start, self.spaced = self.rows, self.blank
        self.spaced, self.blank = self.spaced or self.blank, False
        filled = [cell for cell in cells if cell]
        if len(filled) == 1 and (cells[0] or not self.keyless):  # a label has a key
            self.block.append((number, filled[0]))
            return
        if self.names and self._has_values(self.names[2], cells):
            self.second = self.names
        self.titled = self.spaced and bool(self.block)
        is_names = self.spaced and not self.names and self._has_names(cells)
        self.names = (number, self.start, cells) if is_names else None
        if not is_names:
            self._take(cells)

    def _take(self, cells: Sequence[str]) -> None:
        self.lone, self.block, self.spaced = self.lone or bool(self.block), [], False
        self.gaps = self.gaps or len(cells) < self.width or "" in cells
        self.keyless = self.keyless or not cells[0]
        self.body += 1
        if self.body <= KNOWN:
            self.shapes.add(_shape(cells[0]))
        if self.body <= COUNTED:
            for at, cell in enumerate(cells[: self.width]):
                if cell and cell.lower() not in SECRET:
                    is_number = NUMBER.fullmatch(cell) is not None
                    self.numbers[at] = is_number and self.numbers[at] is not False

    def _has_names(self, cells: Sequence[str]) -> bool:
        filled = [cell for cell in cells if cell]
        words = [c for c in filled if not NUMBER.fullmatch(c) and c.lower() not in SECRET]
        is_header = all(c in words or YEAR.fullmatch(c) for c in filled) and len(filled) > 1
        return is_header and (
            any(cell in words and number for cell, number in zip(cells, self.numbers, strict=False))
            or (cells[0] in words and self._is_new(cells[0]))
        )

    def _is_new(self, cell: str) -> bool:
        """Whether a first cell is below a title, or looks like no other where those are codes."""
        are_codes = not any(shape.isalpha() for shape in self.shapes)
        is_other = are_codes and len(self.shapes) <= CODES and _shape(cell) not in self.shapes
        return self.titled or is_other

    def _has_values(self, names: Sequence[str], cells: Sequence[str]) -> bool:
        if self._is_new(names[0]) and [bool(cell) for cell in cells] == [bool(n) for n in names]:
            return True
        return any(
            is_number and name and NUMBER.fullmatch(cell)
            for name, cell, is_number in zip(names, cells, self.numbers, strict=False)
        )

    def verify(self) -> None:
        """Refuse what may be no rows of the table.

        Raises:
            DiffusionError: with the rows, and the keys that state each reading.
        """
        if self.second:
            number, start, names = self.second
            found = f"from {named(number, self.section)} on there seems to be another table:"
            shown = f"\n  {named(number, self.section)}: {' · '.join(names)[:LONGEST]}"
            keep = "take the first one"
            raise self._doubt(found + shown, self.rows - start + 1, keep)
        if self.width > 1 and self.body and self._are_notes():
            found = "its last rows may be notes below the table:"
            for number, text in self.block[:SHOWN]:
                place = named(number, self.section) if number else "at the end"
                found += f"\n  {place}: {text[:LONGEST]}"
            raise self._doubt(found, len(self.block), "leave them out")

    def _are_notes(self) -> bool:
        if any(NOTE.fullmatch(text) for _, text in self.block):
            return True
        if not self.block or self.lone or len(self.block) > MOST:
            return False
        if not any(LETTER.search(text) for _, text in self.block):
            return False  # numbers are values, whatever else is missing
        are_keys = any(_shape(text) in self.shapes for _, text in self.block)
        return self.spaced or not (self.gaps or are_keys)

    def _doubt(self, found: str, rows: int, keep: str) -> DiffusionError:
        fix = f"{keep}, `{self.section}: {{footer: {rows}}}`; or state that all are rows of one "
        return FooterError(self.label, found, f"{fix}table, `{self.section}: {{footer: 0}}`")


def _shape(cell: str) -> str:
    """Return what a cell looks like: digits as 9, words as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", cell))


def above_footer(
    rows: Iterable[Row], footer: int, label: str, section: str, left_out: list[Row]
) -> Iterator[Row]:
    """Yield all rows but the last ones, which end in ``left_out``.

    Raises:
        DiffusionError: there are fewer.
    """
    held: deque[Row] = deque()
    for row in rows:
        held.append(row)
        if len(held) > footer:
            yield held.popleft()
    if len(held) < footer:
        found = f"has {len(held)} rows below its header, {footer} are to be left out at its end"
        raise DiffusionError(label, found, f"correct `{section}.footer`")
    left_out += held


class Kept:
    """What is kept in mind of the rows of a table: its first ones, and the last one."""

    def __init__(self) -> None:
        self.first: list[Sequence[str]] = []
        self.last: Sequence[str] = ()

    def add(self, row: Sequence[str]) -> None:
        """Take the next row."""
        if len(self.first) < COUNTED:
            self.first.append(row)
        self.last = row


def verify_footer(kept: Kept, left_out: Sequence[Sequence[str]], label: str, section: str) -> None:
    """Refuse a footer that is stated of other rows: a new vintage may have a note more, or less.

    Raises:
        FooterError: a note is kept, or a row of a code like the others is left out.
    """
    if not kept.last or not left_out:
        return
    last = [cell.strip() for cell in kept.last]
    first = [cell.strip() for cell in left_out[0]]
    if not any(last[1:]) and NOTE.fullmatch(last[0]):
        found = f"the last row that is kept looks like a note: {last[0][:LONGEST]}"
        fix = f"correct it: `{section}: {{footer: {len(left_out) + 1}}}`"
        raise FooterError(label, found, fix)
    codes = {_shape(row[0].strip()) for row in kept.first if row}
    are_codes = len(codes) <= CODES and all(any(map(str.isdigit, shape)) for shape in codes)
    if are_codes and all(first) and _shape(first[0]) in codes:
        shown = " · ".join(first)[:LONGEST]
        found = f"the first row that is left out (`footer`) looks like one of the table: {shown}"
        fix = f"correct it: `{section}: {{footer: {len(left_out) - 1}}}`"
        raise FooterError(label, found, fix)


def told(rows: Sequence[Sequence[str]]) -> str:
    """Return a note of rows that are left out."""
    shown = " · ".join(cell for cell in rows[0] if cell.strip())[:LONGEST]
    return f"the last {len(rows)} rows are left out (`footer`), from `{shown}` on"

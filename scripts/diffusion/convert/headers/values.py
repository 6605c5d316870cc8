"""Whether the first row of a table is one of its rows, as it is of the same make as those below."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from diffusion.convert.looks import SECRET, is_text, kind_of

EVIDENCE = 3  # years below a year: fewer show nothing
ALIKE = 2  # rows below that have a code of the same shape as the first one, at least
WHOLE = re.compile(r"[+-]?\d+")
TOKEN = (*SECRET, r"\n")  # what stands for no value may be a name, but speaks for none
LETTER = re.compile(r"[^\W\d_]")
GROWING, REGULAR, CONSECUTIVE = 1, 2, 3  # how orderly numbers are


@dataclass(frozen=True)
class _Column:
    """A cell of the first row, and those below it that hold a value."""

    at: int
    cell: str
    below: list[str]

    @property
    def kinds(self) -> set[str]:
        return set(map(kind_of, self.below))

    def is_name(self) -> bool:
        """Whether a word stands above numbers, dates or the like, or above codes."""
        if kind_of(self.cell) != "text" or not self.below:
            return False
        if "text" not in self.kinds:
            return True
        codes = {_shape(cell) for cell in self.below}
        return len(self.below) >= ALIKE and len(codes) == 1 and "9" in codes.pop() and self._is_word

    def is_value(self, is_above: bool) -> bool:
        """Whether a cell is what no name is, and those below are like it.

        Args:
            is_above: whether there are rows below.
        """
        kind, kinds = kind_of(self.cell), self.kinds
        if kind == "text":
            alike = {_shape(cell) for cell in (self.cell, *self.below)}
            return len(self.below) >= ALIKE and len(alike) == 1 and not self._is_word
        if kind in ("year", "number"):
            first = self.at == 0 and bool(self.below) and self._has_numbers()
            years = kind == "year" and len(self.below) >= EVIDENCE and kinds == {kind}
            negative = self.cell.startswith("-") and "text" not in kinds and bool(self.below)
            return first or years or (negative and self.is_number)
        like = {kind, "number", "long", "year"} if kind == "code" else {kind}
        return kinds <= like and (bool(self.below) or not is_above)

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number, no year, above numbers."""
        is_whole = kind_of(self.cell) == "number" and WHOLE.fullmatch(self.cell) is not None
        return is_whole and bool(self.below) and "text" not in self.kinds

    @property
    def _is_word(self) -> bool:
        return not any(map(str.isdigit, self.cell))

    def _has_numbers(self) -> bool:
        """Whether a whole number stands above numbers, or codes: a table begins with its labels."""
        texts = sum(kind_of(cell) == "text" for cell in self.below)
        return WHOLE.fullmatch(self.cell) is not None and 2 * texts < len(self.below)


def is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is of the same make as those below, and holds what no name does.

    A name above numbers, dates or codes speaks for a header, whatever else there is. Without one,
    these speak against it: a decimal above decimals, a code above codes of its shape, a number that
    begins the table, or words that come again in their columns.
    """
    first = [cell.strip() for cell in rows[0]]
    below = [[cell.strip() for cell in row] for row in rows[1:] if len(row) == len(first)]
    columns = [
        _Column(at, cell, [row[at] for row in below if row[at] and row[at].lower() not in SECRET])
        for at, cell in enumerate(first)
    ]
    names = [column for column in columns if column.is_name()]
    if any(column.cell.lower() not in TOKEN for column in names):
        return False
    words = [column for column in columns if is_text(column.cell)]
    again = sum(column.below.count(column.cell) for column in words)
    again -= len(words) * below.count(first)  # files put together
    if again > 1 or any(column.is_value(bool(below)) for column in columns):
        return True
    numbers = [column for column in columns if column.is_number]
    return not names and bool(numbers) and not _are_names(numbers, below)


def is_crosstab(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first row has years beside a cell for no name, above rows with labels and values.

    Pivot tables are written so: the column of the labels has no name.
    """
    first = [cell.strip() for cell in rows[0]]
    below = [[cell.strip() for cell in row] for row in rows[1:] if any(map(str.strip, row))]
    years = first[1:]
    if first[0] or len(years) < 2 or len(set(years)) < len(years) or not below:
        return False
    if any(kind_of(year) != "year" for year in years):
        return False
    values = [{kind_of(row[at]) for row in below if row[at:]} for at in range(1, len(first))]
    return all(row[0] for row in below) and {"year"} not in values


def _are_names(columns: Sequence[_Column], below: Sequence[Sequence[str]]) -> bool:
    """Whether whole numbers are names: ages, months, classes, which grow as no row below does."""
    numbers = [column.cell for column in columns]
    if columns[-1].at - columns[0].at >= len(columns):
        return False  # they do not stand side by side
    if len(numbers) == 1:  # pandas calls a column without a name 0
        return numbers == ["0"] and "0" not in columns[0].below
    order = _order(numbers)
    if len(numbers) == 2 and order < CONSECUTIVE:
        lengths = {len(cell) for column in columns for cell in (column.cell, *column.below)}
        if len(lengths) == 1:
            return False
    others = [_order([row[column.at] for column in columns]) for row in below]
    return order > min(others, default=0)


def _order(numbers: Sequence[str]) -> int:
    """Return how orderly numbers grow; 0: not at all, or too few of them do."""
    if not all(map(str.isdecimal, numbers)):
        return 0
    given = list(map(int, numbers))
    steps = [after - before for before, after in pairwise(given)]
    if all(step % 100 == 1 for step in steps):  # years of two digits begin again at 00
        return CONSECUTIVE
    if min(steps) <= 0:
        return 0
    if len(given) == 2:
        return 0 if any(number % 5 for number in given) else REGULAR
    if len(set(steps)) == 1:
        return REGULAR
    return GROWING if len(given) > 3 or given[0] < 2 else 0


def _shape(cell: str) -> str:
    """Return what a cell looks like: a digit or several as 9, letters as A or a."""
    letters = LETTER.sub(lambda letter: "A" if letter[0].isupper() else "a", cell)
    return re.sub(r"\d+", "9", letters)

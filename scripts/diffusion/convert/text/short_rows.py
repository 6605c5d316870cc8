"""Rows of a text that are shorter than its header: filled, or pieces of a row that was cut."""

import re
from collections.abc import Sequence

from diffusion.convert.headers.notes import RULER
from diffusion.convert.looks import shape_of
from diffusion.errors import DialectError, DiffusionError

SHOWN = 5  # numbers of rows that a note shows
LONGEST = 70  # characters of a row that an error shows
KNOWN = 2000  # rows whose keys are compared
SHAPES = 3  # of codes, such as 01001 and 2A004
PIECES = 20  # rows that may be pieces, and are looked at once the keys are known
WHOLE = "ask its publisher to put values of several lines in quotes, and once they are set a new "
WHOLE += "`vintage`; no key of `csv` puts the pieces together"


class ShortRows:
    """Looks at the rows of a text, one after the other.

    Args:
        width: cells of a whole row.
        quote: the sign of quotes; empty for none.
        place: says where a row stands: ``line {}``, or ``row {} below the header``.
    """

    def __init__(self, width: int, quote: str, label: str, place: str):
        self.width, self.quote, self.label, self.place = width, quote, label, place
        self.filled = 0
        self._numbers: list[int] = []  # of the first ones
        self._shapes: set[str] = set()  # of the keys of whole rows
        self._whole = 0
        self._before: list[str] = []  # the row before
        self._pieces: list[tuple[int, list[str], list[str]]] = []

    def add(self, number: int, row: list[str]) -> None:
        """Take the next row that holds something.

        Raises:
            DiffusionError: it is a ruler, or the end of a value that a line break cut.
        """
        before, self._before = self._before, row
        if len(row) >= self.width:
            self._whole += 1
            if self._whole <= KNOWN:
                self._shapes.add(shape_of(row[0].strip()))
            return
        self.filled += 1
        self._numbers += [number] if self.filled <= SHOWN else []
        if RULER.fullmatch(text := "".join(row)):
            raise self._ruler(number, text)
        if self._is_odd(before) and self._is_odd(row):
            raise self._cut(number, before, row)
        is_second = len(before) < self.width == len(before) + len(row) - 1
        if is_second and len(self._pieces) < PIECES:
            self._pieces.append((number, before, row))

    def verify(self) -> None:
        """Refuse two short rows that make a whole one, the second of which has no key.

        Raises:
            DiffusionError: with both.
        """
        are_codes = 0 < len(self._shapes) <= SHAPES and all("9" in shape for shape in self._shapes)
        for number, before, row in self._pieces if are_codes else []:
            if (
                shape_of(before[0].strip()) in self._shapes
                and shape_of(row[0].strip()) not in self._shapes
            ):
                raise self._cut(number, before, row)

    def notes(self) -> list[str]:
        """Return what is told of rows that were filled."""
        if not self.filled:
            return []
        numbers = ", ".join(map(str, self._numbers)) + (", …" if self.filled > SHOWN else "")
        what = "1 row is" if self.filled == 1 else f"{self.filled:,} rows are"
        found = f"{what} shorter than the header: nothing fills them (`pad`)"
        place = self.place if self.filled == 1 else self.place.replace(" ", "s ", 1)
        return [f"{found}: {place.format(numbers)}"]

    def _is_odd(self, row: Sequence[str]) -> bool:
        return bool(self.quote) and sum(cell.count(self.quote) for cell in row) % 2 == 1

    def _ruler(self, number: int, text: str) -> DiffusionError:
        sign = re.match(r"\W{1,3}", text)
        found = f"a line to rule off is no row ({self.place.format(number)}): {text[:LONGEST]}"
        comment = sign[0] if sign else "-"
        fix = f'leave such lines out: `csv: {{comment: "{comment}"}}`'
        return DialectError(self.label, found, fix)

    def _cut(self, number: int, before: Sequence[str], row: Sequence[str]) -> DiffusionError:
        shown = "\n".join(f"  {' · '.join(cells)[:LONGEST]}" for cells in (before, row))
        found = (
            f"a line break within a value cut a row in two, it seems ({self.place.format(number)}):"
        )
        return DialectError(self.label, f"{found}\n{shown}", WHOLE)

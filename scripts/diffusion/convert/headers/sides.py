"""Tables side by side: between them is a column without a name and without a value."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from diffusion.config.remedies import in_line
from diffusion.errors import DiffusionError, RowsError
from diffusion.tables.sql import identifier

FEWEST = 2  # rows of the shorter one of two tables, of which one has one column
LONGEST = 70  # characters of the names that an error shows


class Sides:
    """Looks at the rows below a header, one after the other.

    Args:
        names: of all columns.
        empty: places of the columns that may be between tables.
    """

    def __init__(self, names: Sequence[str], empty: Sequence[int]):
        self.names, self.empty, self._rows = names, list(empty), 0
        self._last, self._filled = [0] * len(names), [0] * len(names)

    def add(self, row: Sequence[str]) -> None:
        """Take the next row that holds something."""
        if not self.empty:
            return
        self._rows += 1
        self.empty = [at for at in self.empty if at >= len(row) or not row[at].strip()]
        for at, cell in enumerate(row[: len(self.names)]):
            if cell.strip():
                self._last[at] = self._rows
                self._filled[at] += 1

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The first and the last column of each of them."""
        edges = [-1, *self.empty, len(self.names)]
        return [(a + 1, b - 1) for a, b in pairwise(edges) if b > a + 1]

    def have_columns(self) -> bool:
        """Whether two of them have several columns."""
        return sum(b > a for a, b in self.parts) > 1

    def end_apart(self) -> bool:
        """Whether one has a value in each row up to its last one, and another has more rows."""
        if not self.empty or not self.names:
            return False
        ends = [max(self._last[a : b + 1]) for a, b in self.parts]
        full = [max(self._filled[a : b + 1]) for a, b in self.parts]
        return any(
            FEWEST <= last < self._rows and last == count
            for last, count in zip(ends, full, strict=True)
        )

    def shown(self, part: tuple[int, int]) -> str:
        """Return the names of one of them."""
        return " · ".join(self.names[part[0] : part[1] + 1])[:LONGEST]

    def as_one(self) -> str:
        """Return the key that states that they are one table."""
        return f"`drop: {in_line([self.names[at] for at in self.empty])}`"


def doubt(sides: Sides, called: Sequence[str], ways: Sequence[str], label: str) -> DiffusionError:
    """Return the error for tables side by side.

    Args:
        called: where each of them is.
        ways: the key that takes each of them.
    """
    shown = "\n".join(
        f"  {place}: {sides.shown(part)}" for place, part in zip(called, sides.parts, strict=True)
    )
    found = f"a column without a name and a value is between others: tables side by side?\n{shown}"
    fix = f"take one, {' or '.join(ways)}; or state that they are one table, {sides.as_one()}"
    return RowsError(label, found, fix)


def refuse_sides(
    names: Sequence[str], empty: Sequence[int], rows: Iterable[Sequence[str]], label: str
) -> None:
    """Refuse a text that holds tables side by side, as one of them ends before another one.

    Args:
        empty: places of the columns that may be between tables.
        rows: all below the header.

    Raises:
        DiffusionError: with the keys that take each of them.
    """
    sides = Sides(names, empty)
    for row in rows:
        sides.add(row)
    if not sides.end_apart():
        return
    ways, places = [], []
    for a, b in sides.parts:
        others = in_line([name for at, name in enumerate(names) if not a <= at <= b])
        kept = in_line(f"{identifier(names[a])} IS NOT NULL")
        ways.append(f"`drop: {others}` with `where: {kept}`")
        places.append(f"column {a + 1}" if a == b else f"columns {a + 1} to {b + 1}")
    raise doubt(sides, places, ways, label)

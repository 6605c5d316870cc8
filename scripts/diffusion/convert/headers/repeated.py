"""Rows that repeat the names of columns, as files put together and page breaks have: left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from diffusion.files.lines import rows_of_text
from diffusion.tables.sql import identifier, literal

FEWEST = 3  # names: of fewer, a value may be one by chance
NUMBER = re.compile(r"[-+]?[\d\s.,]+%?")
ENOUGH = 20  # cells that tell a header that comes again: expressions of thousands need gigabytes


@dataclass(frozen=True)
class Header:
    """The rows that have names, as they stand; rows of one cell are never taken for names again.

    Attributes:
        rows: without their last cells where these are empty.
    """

    rows: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> "Header":
        """Return it; a row of one cell could be a value."""
        return cls(tuple(_short(row) for row in rows if len(row) > 1 and any(row)))

    @cached_property
    def _bare(self) -> list[list[str]]:
        return [list(map(_bare, row)) for row in self.rows]

    @cached_property
    def _names(self) -> frozenset[str]:
        """All names of the only header row: where each is another one, they tell it apart."""
        names = self._bare[0] if len(self.rows) == 1 else []
        return frozenset(names if len(set(names)) == len(names) and all(names) else [])

    def is_again(self, row: Sequence[str]) -> bool:
        """Whether a row of the table is one of them; in other letters, or with blanks, too."""
        begin = _bare(row[0]) if row else None
        return any(
            begin == one[0]
            and list(map(_bare, row[: len(one)])) == one
            and not any(row[len(one) :])
            for one in self._bare
        )

    def is_shuffled(self, row: Sequence[str]) -> bool:
        """Whether a row has the names of the only header row in another order."""
        width = len(self._names)
        return (
            len(row) >= width > 0
            and _bare(row[0]) in self._names
            and self._names == frozenset(map(_bare, row[:width]))
            and not any(row[width:])
            and not self.is_again(row)
        )

    def is_other(self, row: Sequence[str]) -> bool:
        """Whether a row has most names of the only header row, in their places, and others too."""
        one = self._bare[0] if len(self.rows) == 1 else []
        if len(one) < FEWEST or len(row) < len(one) or _bare(row[0]) != one[0]:
            return False
        cells = list(map(_bare, row[: len(one)]))
        same = sum(cell == name for cell, name in zip(cells, one, strict=True))
        is_named = all(cell and not NUMBER.fullmatch(cell) for cell in cells)
        return is_named and 2 * same >= len(one) > same and not any(row[len(one) :])

    def sql(self, names: Sequence[str]) -> str:
        """Return SQL that leaves them out; empty if there are none.

        Args:
            names: of the columns.
        """
        conditions = []
        for row in self.rows:
            padded = [*row, *[""] * (len(names) - len(row))]
            same = (
                f"lower(trim({identifier(name)}, ' ')) = {literal(_bare(cell))}"
                if cell
                else f"{identifier(name)} IS NULL"
                for name, cell in list(zip(names, padded, strict=False))[:ENOUGH]
            )
            conditions.append(f"({' AND '.join(same)}) IS NOT TRUE")
        return " AND ".join(conditions)


def _bare(cell: str) -> str:
    return cell.strip(" ").lower()


def _short(row: Sequence[str]) -> tuple[str, ...]:
    filled = max((at for at, cell in enumerate(row, 1) if cell), default=0)
    return tuple(row[:filled])


def note_on_repeated(count: int) -> tuple[str, ...]:
    """Return the note that so many rows repeat the names, if any does."""
    if not count:
        return ()
    what = "1 row repeats" if count == 1 else f"{count:,} rows repeat"
    return (f"{what} the names of columns: left out",)


def counted_rows(
    path: Path, delimiter: str, quote: str, above: int, header: Header
) -> tuple[int, int]:
    """Count rows with Python's own reader: those that hold something, and repeated names.

    Args:
        above: rows up to the last one of the names.
    """
    count = again = 0
    for row in islice(rows_of_text(path, delimiter, quote), above, None):
        if header.is_again(row):
            again += 1
        elif row:
            count += 1
    return count, again

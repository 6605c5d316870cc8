"""Cells that are empty as the one above holds for them, too (``columns: {…: {fill: down}}``).

Merged cells, pivot tables and printed lists have a group's label in its first row only. Rows are
filled in their order and within one file or sheet; what is filled is counted and told.
"""

from collections.abc import Sequence

from diffusion.config.reading import Convert

SHOWN = 5  # columns that a note names


class FillDown:
    """Fills the rows of one table, one after the other.

    A new value ends what holds in the filled columns right of it: the first row of a new region has
    not the last department of the one before. A row without any value is none, and stays empty.
    """

    def __init__(self, names: Sequence[str], convert: Convert):
        """Args: names of all columns; what is declared of them."""
        wanted = {s.source or name for name, s in convert.columns.items() if s.fill == "down"}
        self.at = [at for at, name in enumerate(names) if name in wanted]
        self._names = names
        self._above: dict[int, str] = {}
        self._filled, self._left = dict.fromkeys(self.at, 0), dict.fromkeys(self.at, 0)

    def row(self, row: list[str]) -> list[str]:
        """Return a row with its empty cells filled."""
        if not self.at or not any(map(str.strip, row)):
            return row
        row = list(row)
        for at in self.at:
            if at >= len(row):
                continue
            if row[at].strip():
                if row[at] != self._above.get(at):
                    self._above = {n: value for n, value in self._above.items() if n < at}
                self._above[at] = row[at]
            elif at in self._above:
                row[at] = self._above[at]
                self._filled[at] += 1
            else:
                self._left[at] += 1
        return row

    def notes(self) -> tuple[str, ...]:
        """Return what is told of the cells that were filled, and of those that were not."""
        notes = [
            f"empty cells of `{self._names[at]}` that have the value above (`fill: down`): "
            f"{count:,}"
            for at, count in self._filled.items()
        ]
        left = [f"{count:,} of `{self._names[at]}`" for at, count in self._left.items() if count]
        if left:
            found = f"cells stay empty, as nothing in their group stands above them: {left[0]}"
            notes.append(", ".join([found, *left[1:SHOWN]]))
        return tuple(notes)

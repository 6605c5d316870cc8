"""The part of a sheet that is read, as spreadsheets write it: ``A1:C20``, or ``A:C``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from diffusion.convert.headers.sides import Sides, doubt
from diffusion.errors import WorkbookError
from diffusion.files.workbook import Merged

LONGEST = 70  # characters of a row that a note shows
EVERY = 1 << 14  # columns, more than any sheet has


def within(
    row: Sequence[str], width: int, place: tuple[int, int], given: "Range", label: str
) -> list[str]:
    """Return the cells of a row as wide as the names; blanks behind them are left out.

    Args:
        place: number of the row in the sheet, and of the rows above it that are as wide.

    Raises:
        DiffusionError: something else stands behind them.
    """
    number, above = place
    if any(map(str.strip, row[width:])):
        from openpyxl.utils.cell import get_column_letter

        found = f"row {number} of the sheet has {len(row)} cells, the header has {width}"
        fix = "see `xlsx.header`, or give the column a name"
        if width > 1 and above > 1:  # the others say how wide the table is
            first, last = (get_column_letter(given.first + at) for at in (1, width))
            fix += f"; if it is none of the table, read `xlsx: {{range: {first}:{last}}}`"
        raise WorkbookError(label, found, fix)
    return list(row[:width])


class Range:
    """Cuts the rows of a sheet; rows keep the numbers that they have in it.

    Args:
        text: as it is configured; empty for the whole sheet.
    """

    def __init__(self, text: str, label: str):
        self.is_stated, self.top, self.bottom = bool(text), 1, 0
        self.first, self.last = 0, EVERY
        self._below = 0  # rows
        self._shown = ""
        if text:
            from openpyxl.utils.cell import range_boundaries

            first, top, last, bottom = range_boundaries(text)
            if first > last or (bottom or top or 1) < (top or 1):
                fix = "write the cell at the upper left first: `A1:C20`, or `A:C`"
                raise WorkbookError(label, f"`xlsx.range: {text}` holds no cell", fix)
            self.first, self.last = first - 1, last - 1
            self.top, self.bottom = top or 1, bottom or 0

    def cut(self, rows: Iterable[list[str]]) -> Iterator[list[str]]:
        """Yield rows up to the last one of the range, those above it empty; read all."""
        for number, row in enumerate(rows, 1):
            if self.is_stated:
                row = row[self.first : self.last + 1]
                while row and not row[-1]:
                    row.pop()
            if self.bottom and number > self.bottom:
                self._below += bool(row)
                self._shown = self._shown or " · ".join(filter(None, row))[:LONGEST]
            else:
                yield row if number >= self.top else []

    def spans(self, merged: Sequence[Merged]) -> list[Merged]:
        """Return the merged cells of a sheet by their places in the range."""
        return [
            replace(each, first=max(0, each.first - self.first), last=each.last - self.first)
            for each in merged
            if each.last >= self.first and each.first <= self.last
        ]

    def ends(self, ends: Sequence[Mapping[int, object]]) -> list[Mapping[int, object]]:
        """Return what a second reader sees of the first and the last row, where they are of it."""
        given = [
            {at - self.first: cell for at, cell in row.items() if self.first <= at <= self.last}
            for row in ends[: 1 if self.bottom else None]
        ]
        if not self.is_stated:
            return list(given)
        return [row for row in given if any(cell not in (None, "") for cell in row.values())]

    def notes(self) -> tuple[str, ...]:
        """Return what is told of rows below, once all are read."""
        if not self._below:
            return ()
        what = "1 row" if self._below == 1 else f"{self._below:,} rows"
        return (f"{what} below the range: left out (`range`), from `{self._shown}` on",)


def refuse_side_by_side(sides: Sides, given: Range, label: str) -> None:
    """Refuse columns without a name and a value between tables: these are of several columns each,
    or one of them ends before another one.

    Raises:
        DiffusionError: with the range of each table.
    """
    if not sides.have_columns() and not sides.end_apart():
        return
    from openpyxl.utils.cell import get_column_letter

    letters = [[get_column_letter(at + given.first + 1) for at in part] for part in sides.parts]
    ranges = [":".join(pair) for pair in letters]
    raise doubt(sides, ranges, [f"`xlsx: {{range: {cells}}}`" for cells in ranges], label)

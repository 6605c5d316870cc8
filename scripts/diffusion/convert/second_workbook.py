"""A workbook as calamine reads it: a second opinion on rows and their first and last one.

It is not the first one, as it says of no cell that it is an error, and of no number how it is
shown: 01001 would come as 1001.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.convert.book import Look
from diffusion.convert.cells import MOST
from diffusion.convert.relation import Number
from diffusion.errors import DiffusionError
from diffusion.files.workbook_ends import KEPT

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

DURATION = re.compile(r"-?PT[0-9HMS.,]+")  # it has no other name for one in .ods


class Second:
    """The second reader of one workbook, opened when it is first asked."""

    def __init__(self, path: Path, label: str):
        self._path, self._label = path, label

    def look(self, sheet: str, uncalculated: int, merged: int) -> Look:
        """Return what it sees of a sheet: rows that have a value which is no error.

        Args:
            uncalculated, merged: as the first reader knows them.
        """
        rows, first, last = 0, list[tuple[int, list]](), (0, list[object]())
        for number, row in enumerate(self._rows(sheet), 1):
            if any(value != "" for value in row):
                rows, last = rows + 1, (number, row)
                if len(first) < KEPT:
                    first.append(last)

        def ends(header: int) -> list[Mapping[int, object]]:
            below = [row for number, row in (*first, last) if number > header]
            return [dict(enumerate(map(_comparable, row))) for row in (below[:1] + below[-1:])]

        return Look(rows, uncalculated, merged, ends)

    def _rows(self, sheet: str) -> Iterator[list]:
        from python_calamine import CalamineError

        try:
            opened = self._opened(sheet)
            blank = opened.start[0] if opened.start else 0  # it begins with the first value
            left = opened.start[1] if opened.start else 0
            yield from ([] for _ in range(blank))
            for row in opened.iter_rows():
                yield [""] * left + row
        except CalamineError as error:
            found = f"the second reader (calamine) cannot read it: {error}"
            fix = "open it in a spreadsheet, and save it as .xlsx"
            raise DiffusionError(self._label, found[:400], fix) from error

    def _opened(self, sheet: str) -> "CalamineSheet":
        from python_calamine import CalamineWorkbook

        with self._path.open("rb") as file:
            # a file and not its path, whose extension it would judge by
            return CalamineWorkbook.from_filelike(file).get_sheet_by_name(sheet)


def _comparable(value: object) -> object:
    """Return a value as a record has it: what depends on its format is not compared."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
        return ...
    if isinstance(value, str):
        return ... if DURATION.fullmatch(value) else value
    is_whole = float(value).is_integer() and abs(value) < MOST
    return Number(int(value) if is_whole else repr(value))

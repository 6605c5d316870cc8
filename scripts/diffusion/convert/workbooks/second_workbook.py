"""A workbook as calamine reads it: a second opinion on rows and their first and last one.

It is not the first one, as it says of no cell that it is an error, and of no number how it is
shown: 01001 would come as 1001.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.convert.relation import Number
from diffusion.convert.workbooks.book import Look
from diffusion.convert.workbooks.cells import MOST
from diffusion.errors import WorkbookError
from diffusion.files.workbook_ends import KEPT

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# a duration of .ods as it stands there; what BIFF5 has in a code page that is not decoded
ITS_OWN = re.compile(r"-?PT[0-9HMS.,]+|.*[\x80-\x9f\ufffd].*", re.DOTALL)


class Second:
    """The second reader of one workbook, opened when it is first asked."""

    def __init__(self, path: Path, label: str):
        self._path, self._label = path, label

    def look(self, sheet: str, uncalculated: int, merged: Sequence[int]) -> Look:
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

    def names(self) -> list[str]:
        """Return the names of all sheets, hidden ones too."""
        with self._reading() as book:
            return book.sheet_names

    def hidden(self) -> set[str]:
        """Return the names of the sheets that a spreadsheet does not show."""
        from python_calamine import SheetVisibleEnum

        with self._reading() as book:
            shown = SheetVisibleEnum.Visible
            return {sheet.name for sheet in book.sheets_metadata if sheet.visible != shown}

    def _rows(self, sheet: str) -> Iterator[list]:
        with self._reading() as book:
            found = book.get_sheet_by_name(sheet)
            # rows come from the first one on, each from the first column that has a value on
            before = [""] * (found.start[1] if found.start else 0)
            for row in found.iter_rows():
                yield [*before, *row]

    @contextmanager
    def _reading(self) -> Iterator["CalamineWorkbook"]:
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            with self._path.open("rb") as file:
                # a file and not its path, whose extension it would judge by
                yield CalamineWorkbook.from_filelike(file)
        except CalamineError as error:
            found = f"the workbook cannot be read by its second reader (calamine): {error}"
            fix = "open it in a spreadsheet, and save it as .xlsx"
            raise WorkbookError(self._label, found[:400], fix) from error


def _comparable(value: object) -> object:
    """Return a value as a record has it: what depends on its format is not compared."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or value == "":
        return ...
    if isinstance(value, str):
        return ... if ITS_OWN.fullmatch(value) else value
    is_whole = float(value).is_integer() and abs(value) < MOST
    return Number(int(value) if is_whole else repr(value))

"""OpenDocument spreadsheets (.ods): the values that they state, and the codes that they show."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from diffusion.convert.headers.doubtful import LOOKED
from diffusion.convert.workbooks.book import EMPTY, Book, Cell, Look
from diffusion.convert.workbooks.cells import Fault, Plain
from diffusion.convert.workbooks.raised import Marked, text_of_runs
from diffusion.convert.workbooks.second_workbook import Second
from diffusion.errors import WorkbookError
from diffusion.files.ods import MOST_ROWS, OdsCell, OdsRow, refuse_locked, rows_of_sheet
from diffusion.files.workbook import Merged

DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?")
SIGNS = re.compile(r"[\s./-]")  # between the digits of a telephone number
CODE = re.compile(r"0\d+")
# what a formula shows whose value is stored as 1 or 0
WORDS = {
    **dict.fromkeys(("TRUE", "VRAI", "WAHR", "VERDADERO", "VERO", "VERDADEIRO"), True),
    **dict.fromkeys(("FALSE", "FAUX", "FALSCH", "FALSO"), False),
}
NUMBERS = ("float", "percentage", "currency")


def open_ods(path: Path, label: str) -> Book:
    """Open a workbook.

    Raises:
        DiffusionError: it is protected by a password, or no valid XML.
    """
    refuse_locked(path, label)
    second = Second(path, label)
    names = second.names()
    sheets = {name: _Sheet(path, name, label) for name in names}
    return Book(
        names,
        names,
        cells=lambda name: sheets[name].cells(),
        spans=lambda name: sheets[name].spans(),
        look=lambda name: sheets[name].look(),
        is_empty=lambda name: sheets[name].is_empty(),
        holds=lambda value: value not in (None, "") and not isinstance(value, Fault),
        hidden=second.hidden(),
    )


class _Sheet:
    """A sheet; what is counted is known once all of its cells are read."""

    def __init__(self, path: Path, name: str, label: str):
        self._rows = lambda: rows_of_sheet(path, name, label)
        self._name, self._label, self._second = name, label, Second(path, label)
        self._merged = list[int]()
        self._uncalculated = self._hidden = 0
        self._has_tabs = False  # or raised characters: the second reader leaves them out of texts

    def is_empty(self) -> bool:
        return all(row.is_blank for row in self._rows())

    def cells(self) -> Iterator[Sequence[Cell]]:
        """Yield rows up to the last one with a value."""
        self._merged = list[int]()
        self._uncalculated = self._hidden = 0
        blank = written = 0
        for row in self._rows():
            self._count(row, blank + written + 1)
            if row.is_blank:
                blank += row.repeated
                continue
            cells = list(_row(row))
            times = blank + row.repeated
            written += times
            if written > MOST_ROWS:
                raise WorkbookError(self._label, f"has more than {MOST_ROWS:,} rows", "see `sheet`")
            yield from ([] for _ in range(blank))
            yield from (cells for _ in range(row.repeated))
            blank = 0

    def spans(self) -> list[Merged]:
        """Return the cells of several columns among the first rows, where the header is."""
        found, number = [], 1
        for row in self._rows():
            at = 0
            for cell in row.cells:
                if cell.columns > 1:
                    last = at + cell.columns - 1
                    found.append(Merged(number, number + cell.rows - 1, at, last))
                at += cell.repeated
            number += row.repeated
            if number > LOOKED:
                break
        return found

    def look(self) -> Look:
        look = self._second.look(self._name, self._uncalculated, self._merged)
        look = replace(look, hidden_rows=self._hidden)
        return replace(look, ends=lambda header: []) if self._has_tabs else look

    def _count(self, row: OdsRow, number: int) -> None:
        self._hidden += row.repeated * (row.is_hidden and not row.is_blank)
        for cell in row.cells:
            self._merged += [number + cell.rows - 1] if cell.rows > 1 else []
            self._has_tabs |= bool(cell.raised)  # which it does not tell
            self._has_tabs |= any("\t" in text or "\n" in text for text in cell.texts)
            if cell.is_uncalculated:
                self._uncalculated += cell.repeated * row.repeated


def _row(row: OdsRow) -> Iterator[Cell]:
    cells = list(row.cells)
    while cells and cells[-1].is_blank:
        cells.pop()
    for cell in cells:
        made = EMPTY if cell.is_blank else _cell(cell)
        yield from (made for _ in range(cell.repeated))


def _cell(cell: OdsCell) -> Cell:
    if cell.is_error:
        return Cell(Fault(cell.text))
    if cell.raised and len(cell.texts) == 1 and cell.value is None:
        return Cell(_raised(cell))
    if cell.kind == "string" or cell.value is None:
        text = cell.value if cell.kind == "string" and cell.value is not None else cell.text
        return Cell(Plain(text) if text else None)
    if cell.kind in NUMBERS:
        return _number(cell)
    if cell.kind == "boolean":
        return Cell(cell.value == "true")
    if cell.kind == "date":
        return _moment(cell.value, cell.has_time)
    return Cell(_time(cell.value))


def _raised(cell: OdsCell) -> str:
    places = sorted({0, len(cell.text), *(at for run in cell.raised for at in run)})
    starts = {start for start, _ in cell.raised}
    runs = [(cell.text[at:end], at in starts) for at, end in pairwise(places)]
    made = text_of_runs(runs)
    return made if isinstance(made, Marked) else Plain(made)


def _number(cell: OdsCell) -> Cell:
    """Return a number, in as many digits as a code is shown in."""
    value, shown = float(cell.value or "nan"), cell.text.strip()
    if cell.kind == "float" and value in (0, 1) and shown in WORDS:
        return Cell(WORDS[shown])
    code = SIGNS.sub("", shown) if value else shown
    if cell.kind == "float" and CODE.fullmatch(code) and int(code) == value:
        return Cell(Plain(code))
    return Cell(value)


def _moment(text: str, has_time: bool) -> Cell:
    """Return a day or a moment; of midnight its file has the day alone (LibreOffice)."""
    try:
        if "T" not in text and not has_time:
            return Cell(datetime.date.fromisoformat(text))
        return Cell(datetime.datetime.fromisoformat(text), "h")
    except ValueError:  # before the year 1, or after 9999
        return Cell(Plain(text))


def _time(text: str) -> object:
    """Return a time of a day, or a duration of more than one."""
    found = DURATION.fullmatch(text)
    if not found:
        return Plain(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    micros = int((found[4] or "").ljust(6, "0")[:6])
    time = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    is_of_day = time < datetime.timedelta(days=1)
    return (datetime.datetime.min + time).time() if is_of_day else time

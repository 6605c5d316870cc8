"""A workbook of any family, as the rest of the project sees it: sheets, cells, a second opinion."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from diffusion.files.workbook import Merged


class SheetCell(Protocol):
    """A cell: its value as its type has it, and the number format that it is shown by."""

    @property
    def value(self) -> object: ...
    @property
    def number_format(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a family that this project reads itself; text is a ``Plain``, errors ``Fault``."""

    value: object = None
    number_format: str | None = None


EMPTY = Cell()


@dataclass(frozen=True)
class Look:
    """A sheet by other means than its reader.

    Attributes:
        rows: those with a value, as ``Book.holds`` tells it.
        uncalculated: formulas without a value.
        merged: the last row of each cell that several rows have in common.
        ends: gives, for the row of the header, the first row below it and the last one: column →
            text, ``Number``, None, or ``...`` for what cannot be compared.
        hidden_rows: those that hold something, and that a spreadsheet does not show.
        hidden_columns: those that it does not show, first and last of each group, from 0 on.
    """

    rows: int
    uncalculated: int
    merged: Sequence[int]
    ends: Callable[[int], list[Mapping[int, object]]]
    hidden_rows: int = 0
    hidden_columns: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Book:
    """An open workbook.

    Attributes:
        names: of all sheets, in their order; ``tables``: of those that have cells, no charts.
        cells: gives the rows of a sheet, from its first one on.
        spans: gives the cells of several columns of a sheet, those of its first rows at least.
        look: gives the second opinion on a sheet, once its rows are read.
        is_empty: whether a sheet has no value.
        holds: whether a value of a cell is one for both readers.
        totals: gives the tables of a sheet that end in a row of totals: that row → their first one.
        hidden: names of the sheets that a spreadsheet does not show.
    """

    names: Sequence[str]
    tables: Sequence[str]
    cells: Callable[[str], Iterable[Sequence[SheetCell]]]
    spans: Callable[[str], Sequence[Merged]]
    look: Callable[[str], Look]
    is_empty: Callable[[str], bool]
    holds: Callable[[object], bool]
    totals: Callable[[str], Mapping[int, int]] = lambda _: {}
    hidden: Collection[str] = ()

"""Blocks of rows, each below names of its own: what their titles say would be in no column.

Names that come again alone are left out (see ``repeated``). Below a title, such as a year or a
unit, or in another order, they begin another table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from diffusion.convert.headers.repeated import Header
from diffusion.convert.headers.words import named, reading
from diffusion.errors import DiffusionError, RowsError

SHOWN = 6  # blocks that an error shows
LONGEST = 60  # characters of a title
TITLES = 3  # rows of a title, at most


@dataclass(frozen=True)
class Block:
    """``row``: of its names, in the file. ``start``: rows that hold something above its title."""

    row: int
    start: int
    title: str


class Blocks:
    """Looks at the rows below a header, one after the other.

    Args:
        header: the rows that have names.
        row: of the last one of them, in the file.
        above: the row above them.
        is_sure: whether titles are no rows of the table, as they have one cell and no other.
    """

    def __init__(self, header: Header, row: int, above: Sequence[str], is_sure: bool = False):
        self.header, self.is_sure, self.filled = header, is_sure, 0
        self.first = Block(row, 0, _title(above))
        self.titled: list[Block] = []
        self.shuffled: list[Block] = []
        self._title: list[str] = []  # of the rows above that have one cell alone
        self._blank = self._gap = False
        self._order = False  # whether names come again in another order
        self._again = self._lone = 0  # names that come again; rows of one cell within the table

    def add(self, number: int, row: Sequence[str]) -> None:
        """Take the next row; ``number``: in the file."""
        if not any(map(str.strip, row)):
            self._blank = True
            return
        self.filled += 1
        is_lone = sum(bool(cell.strip()) for cell in row) == 1
        if self.header.is_again(row):
            self._take_names(number)
        elif self.header.is_shuffled(row) or self.header.is_other(row):
            self._order = self._order or self.header.is_shuffled(row)
            self.shuffled.append(Block(number, self.filled - 1, ""))
        elif is_lone and len(self._title) < TITLES:
            self._gap = self._gap or self._blank
            self._title.append(_title(row))
            self._blank = False
            return
        else:
            self._lone += len(self._title)
        self._title, self._gap, self._blank = [], False, False

    def _take_names(self, number: int) -> None:
        below_names = not self._title and bool(self.titled) and self._blank is False
        self._again += not (below_names and len(self.header.rows) > 1)
        if self._title:
            last = number + len(self.header.rows) - 1
            start = self.filled - 1 - len(self._title)
            self.titled.append(Block(last, start, " · ".join(self._title) + ("\n" * self._gap)))

    def verify(self, label: str, section: str, keys: Mapping, footer: int | None) -> None:
        """Refuse blocks below titles, or of names in another order, or of some others.

        Args:
            keys: of the configuration that are stated with each reading.
            footer: as it is stated; 0 states that all rows are of one table.

        Raises:
            DiffusionError: with the blocks, and the keys that take each of them.
        """
        if self.shuffled and footer != 0:
            row = named(self.shuffled[0].row, section)
            found = f"{row} has the names " + (
                "in another order: what stands below it would be in other columns"
                if self._order
                else "again, and others among them: what stands below these is of other columns"
            )
            raise self._doubt(label, section, keys, footer or 0, found, self.shuffled, row)
        are_all = self._again == len(self.titled) and not self._lone
        are_some = self.first.title or any(block.title.endswith("\n") for block in self.titled)
        if self.titled and (are_all or are_some) and (footer != 0 or self.is_sure):
            shown = self.titled[0].title.strip()[:LONGEST]
            found = f"above {named(self._first_row(self.titled[0]), section)}, where the names "
            found += f"come again, stands a title, `{shown}`: what it says would be in no column"
            at_will = "" if self.is_sure else f"`{shown}`"
            raise self._doubt(label, section, keys, footer or 0, found, self.titled, at_will)

    def _first_row(self, block: Block) -> int:
        return block.row - len(self.header.rows) + 1

    def _doubt(
        self,
        label: str,
        section: str,
        keys: Mapping,
        footer: int,
        found: str,
        blocks: Sequence[Block],
        at_will: str = "",
    ) -> DiffusionError:
        every = [self.first, *blocks]
        ends = [*(block.start for block in blocks), self.filled]
        fix = "take each block as a source of its own, and put them together in SQL"
        fix += ", with what their titles say in a column:" if blocks[0].title else ":"
        for block, end in list(zip(every, ends, strict=True))[:SHOWN]:
            rows = [*range(self._first_row(block), block.row + 1)]
            left_out = self.filled - end + footer
            given = {**keys, "header": rows if len(rows) > 1 else rows[0]}
            given |= {"footer": left_out} if left_out else {}
            fix += "\n" + reading(given, [], section).split(" gives")[0]
            fix += f" is `{block.title.strip()[:LONGEST]}`" if block.title else ""
        fix += "\n  …" if len(every) > SHOWN else ""
        if at_will:
            fix += f"\nor state that {at_will} is a row of the table, `{section}: {{footer: 0}}`"
        return RowsError(label, found, fix)


def _title(row: Sequence[str]) -> str:
    filled = [cell.strip() for cell in row if cell.strip()]
    return filled[0] if len(filled) == 1 else ""


def begins_blocks(rows: Sequence[Sequence[str]]) -> int:
    """Return the first row below a title whose cells come again below another one; or 0."""
    below = [
        at
        for at, row in enumerate(rows)
        if at and len(row) > 1 and all(map(str.strip, row)) and _title(rows[at - 1])
    ]
    return next((at for at in below if any(rows[at] == rows[n] for n in below if n > at)), 0)


def verify_blocks(
    rows: Iterable[tuple[int, Sequence[str]]],
    blocks: Blocks,
    label: str,
    delimiter: str,
    footer: int | None,
) -> None:
    """Refuse a text of several blocks; ``rows``: those below the header.

    Raises:
        DiffusionError: see ``Blocks.verify``.
    """
    for number, row in rows:
        blocks.add(number, row)
    blocks.verify(label, "csv", {"delimiter": delimiter}, footer)

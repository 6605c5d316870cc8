"""Rows at the end of a table that ``footer`` leaves out: are they those that it meant?"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from diffusion.convert.headers.footers import CODES, COUNTED, LONGEST
from diffusion.convert.headers.notes import AGAIN, BROKEN, CUT, ENDED, NOTE
from diffusion.convert.headers.words import FooterError
from diffusion.convert.looks import shape_of
from diffusion.errors import RowsError

Row = TypeVar("Row")


def above_footer(
    rows: Iterable[Row], footer: int, label: str, section: str, left_out: list[Row]
) -> Iterator[Row]:
    """Yield all rows but the last ones, which end in ``left_out``.

    Raises:
        DiffusionError: there are fewer.
    """
    held: deque[Row] = deque()
    for row in rows:
        held.append(row)
        if len(held) > footer:
            yield held.popleft()
    if len(held) < footer:
        found = f"has {len(held)} rows below its header, {footer} are to be left out at its end"
        raise RowsError(label, found, f"correct `{section}.footer`")
    left_out += held


class Kept:
    """What is kept in mind of the rows of a table: its first ones, and the last one."""

    def __init__(self) -> None:
        self.first: list[Sequence[str]] = []
        self.last: Sequence[str] = ()

    def add(self, row: Sequence[str]) -> None:
        """Take the next row."""
        if len(self.first) < COUNTED:
            self.first.append(row)
        self.last = row


def verify_footer(kept: Kept, left_out: Sequence[Sequence[str]], label: str, section: str) -> None:
    """Refuse a footer that is stated of other rows: a new vintage may have a note more, or less.

    Raises:
        FooterError: a note is kept, a row of a code like the others is left out, or an error that
            ended the file.
    """
    if not kept.last or not left_out:
        return
    last = [cell.strip() for cell in kept.last]
    width = max(map(len, kept.first))
    for row in (last, *left_out):
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(filled) < width and BROKEN.fullmatch(text := next(iter(filled), "")):
            raise FooterError(label, f"{ENDED}\n  {text[:LONGEST]}", AGAIN)
    first = [cell.strip() for cell in left_out[0]]
    above = [row[0] for row in kept.first if row and row is not kept.last]
    is_cut = CUT.fullmatch(last[0]) and not any(map(CUT.fullmatch, above))
    if is_cut or (not any(last[1:]) and NOTE.fullmatch(last[0])):
        found = f"the last row that is kept looks like a note: {last[0][:LONGEST]}"
        fix = f"correct it: `{section}: {{footer: {len(left_out) + 1}}}`"
        raise FooterError(label, found, fix)
    codes = {shape_of(row[0].strip()) for row in kept.first if row}
    are_codes = len(codes) <= CODES and all(any(map(str.isdigit, shape)) for shape in codes)
    if are_codes and all(first) and shape_of(first[0]) in codes:
        shown = " · ".join(first)[:LONGEST]
        found = f"the first row that is left out (`footer`) looks like one of the table: {shown}"
        fix = f"correct it: `{section}: {{footer: {len(left_out) - 1}}}`"
        raise FooterError(label, found, fix)


def told(rows: Sequence[Sequence[str]]) -> str:
    """Return a note of rows that are left out."""
    shown = " · ".join(cell for cell in rows[0] if cell.strip())[:LONGEST]
    if len(rows) == 1:
        return f"the last row is left out (`footer`): `{shown}`"
    return f"the last {len(rows)} rows are left out (`footer`), from `{shown}` on"

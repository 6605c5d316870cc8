"""The first rows of a text as one delimiter cuts them."""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from diffusion.files.lines import quoting

NO_SIGN = "\x1e"  # ASCII's record separator: text of one column does not have it
ROWS = 200
LOOKED = 30  # rows among which a header is looked for
IN_WORDS = frozenset(".-_/'’\"()&@+%°*")  # signs of texts and numbers, which hardly cut any
MOST = 0.9  # of the rows that are cut alike, where the others are damaged: they are told later


@dataclass(frozen=True)
class Cut:
    """The first rows as one delimiter cuts them; ``clean``: quotes stand at edges of cells only."""

    delimiter: str
    rows: list[list[str]]
    clean: bool

    def fits(self, start: int) -> bool:
        """Whether rows from one on are as wide as that one, and have several cells."""
        widths = [len(row) for row in self.rows[start:] if row]
        return len(widths) > 0 and widths[0] > 1 and widths.count(widths[0]) >= MOST * len(widths)

    def has_names(self, start: int) -> bool:
        """Whether each cell of a row has something: a sign may end all lines, as `?` does."""
        return len(self.rows) > start and all(map(str.strip, self.rows[start]))

    def wider(self, start: int) -> int:
        """Return how wide the rows right below one are, if all are so, and wider; else 0."""
        below = self.rows[start + 1 :]
        widths = {len(row) for row in below if row} if below and below[0] else set()
        wide = max(widths, default=0)
        return wide if len(widths) == 1 and wide > len(self.rows[start]) else 0

    def begins(self) -> int:
        """Return the first row below the first from which on it fits, 0 if there is none."""
        rows = range(1, min(LOOKED, len(self.rows) - 1))
        return next((row for row in rows if self.rows[row] and self.fits(row)), 0)


def cut_by(lines: Sequence[str], delimiter: str, quote: str) -> Cut:
    """Return the first rows of lines as a delimiter cuts them."""
    try:
        strict = csv.reader(lines, delimiter=delimiter, strict=True, **quoting(quote))
        rows = _plain(list(islice(strict, ROWS)))
        return Cut(delimiter, rows, not quote or not _within(lines, delimiter, quote))
    except csv.Error:
        loose = csv.reader(lines, delimiter=delimiter, **quoting(quote))
        return Cut(delimiter, list(islice(loose, ROWS)), clean=False)


def quotes_at_edges(lines: Sequence[str], signs: Sequence[str], quote: str) -> list[str]:
    """Return lines to be looked at without the blanks that stand before quotes."""
    any_sign = "".join(map(re.escape, signs))
    before = re.compile(rf"(^|[{any_sign}]) +(?={re.escape(quote)})")
    return [before.sub(r"\1", line) for line in lines]


def other_signs(lines: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the signs of the first line that are neither letters nor digits, nor in words.

    Args:
        known: signs that are tried anyway.
    """
    first = dict.fromkeys(lines[0].rstrip("\r\n")) if lines else {}
    out = IN_WORDS.union(known)
    return [sign for sign in first if sign not in out and unicodedata.category(sign)[0] in "PS"]


def cut_by_another(
    lines: Sequence[str], known: Sequence[str], cuts: Sequence[Cut], quote: str, start: int
) -> Cut | None:
    """Return the cut by an unusual sign that has names, where the usual ones cut values alone.

    Decimal commas cut all lines but the names of `code¬nom¬v`.

    Args:
        known: unusual signs that are tried, whatever the names hold.
        cuts: by the usual ones.
    """
    if not cuts or any(len(cut.rows) > start and len(cut.rows[start]) > 1 for cut in cuts):
        return None
    controls = [sign for sign in lines[0].rstrip("\r\n") if unicodedata.category(sign) == "Cc"]
    signs = dict.fromkeys([*known, *other_signs(lines, known), *controls])
    others = [cut_by(lines, sign, quote) for sign in signs if sign not in " :"]
    fitting = [cut for cut in others if cut.fits(start) and cut.has_names(start) and cut.clean]
    return fitting[0] if len(fitting) == 1 else None


def _plain(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows; a delimiter that ends the header, and no other row, begins no column."""
    widths = {len(row) for row in rows[1:] if row}
    if rows and widths == {len(rows[0]) - 1} and not rows[0][-1].strip():
        return [rows[0][:-1], *rows[1:]]
    return rows


def _within(lines: Sequence[str], delimiter: str, quote: str) -> bool:
    """Whether a cell without quotes around it has one inside."""
    sign, mark = re.escape(delimiter), re.escape(quote)
    opens = re.compile(rf"(?:^|{sign})(?:(?!{sign}|{mark}).)+{mark}")
    quotes = 0  # before: odd within a cell that is quoted, which may have begun lines above
    for line in lines:
        at = 0
        for found in opens.finditer(line):
            quotes += line.count(quote, at, found.start())
            at = found.start()
            if quotes % 2 == 0:
                return True
        quotes += line.count(quote, at)
    return False

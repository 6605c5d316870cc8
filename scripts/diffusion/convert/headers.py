"""Whether the first row of a table is its header; in doubt, an error with the possible readings."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from diffusion.convert.joined_headers import joined_names
from diffusion.convert.looks import CODE, NUMBER, YEAR, kind_of
from diffusion.convert.second_headers import (
    EVIDENCE,
    are_names,
    lacks_names,
    levels_of_names,
    may_be_names,
    may_have_names,
    numbers_columns,
)
from diffusion.errors import DiffusionError
from diffusion.files.workbook import Merged

SHOWN = 4  # rows that an error shows
LONGEST = 70  # characters of each, and of the names of a reading
LOOKED = 30  # rows among which a header is looked for
WORDS = {"csv": "line", "xlsx": "row"}  # what a file, and a sheet, is made of
CELLS = " · "  # between those that no delimiter stands between
WHOLE = re.compile(r"[+-]?\d+")
COMMENT = re.compile(r"(#\s|//|--\s|%\s)")


def doubtful_header(
    rows: Sequence[Sequence[str]],
    delimiter: str,
    label: str,
    section: str = "csv",
    above: int = 0,
    merged: Sequence[Merged] = (),
) -> None:
    """Refuse a first row that may not be the header: a title, a comment, or data.

    Args:
        rows: the first ones.
        delimiter: as it is declared or was found; empty for one column.
        section: of the configuration, that has ``header``.
        above: rows of the file above these.
        merged: cells of the sheet, if that is known.

    Raises:
        DiffusionError: with the rows, and the keys that state each reading.
    """
    if not rows or not rows[0]:
        return
    line, second = (named(above + number, section) for number in (1, 2))
    doubt = partial(_doubt, Shown(rows, delimiter, section, above, merged), label)
    if levels := levels_of_names(rows):
        found = f"{WORDS[section]}s {above + 1} to {above + levels} look like names"
        raise doubt(found, levels - 1, joined=[range(levels)], both=True)
    if numbers_columns(rows):
        raise doubt(f"{second} looks like numbers of the columns", 1, both=True)
    filled = [cell.strip() for cell in rows[0] if cell.strip()]
    numbers = filled and all(NUMBER.fullmatch(cell) or CODE.fullmatch(cell) for cell in filled)
    both = ([(0, 1)], [(0, 1), (0, 1, 2)])[lacks_names([rows[0], *rows[2:]])]
    if numbers and lacks_names(rows):  # years above the columns of each
        raise doubt(f"{line} and {second} both look like names", 1, joined=both, both=True)
    if numbers or is_data(rows):
        raise doubt(f"{line} looks like data, not like names", 0)
    rows = list(rows[:LOOKED])
    alone = len(filled) == 1 and bool(rows[0][0].strip()) and len(rows[0]) > 1
    spare = alone or 2 * len(filled) < len(rows[0])
    later = _fuller(rows, len(filled), any_cells=alone) if spare else 0
    if later:
        more = may_have_names(rows[later:]) or lacks_names(rows[later:])
        further = [later + 1] if more else []
        below = (later, later + 1) if further else (later,)
        joined = [] if alone else [(0, *below)]  # a title holds no columns together
        joined += [below] if further else []
        raise doubt(f"{line} looks like a title, not like names", later, *further, joined=joined)
    if COMMENT.match(rows[0][0]) and not COMMENT.match(rows[1][0] if rows[1:] and rows[1] else "#"):
        after = next(i for i, row in enumerate(rows) if row and not COMMENT.match(row[0]))
        raise doubt(f"{line} looks like a comment, not like names", after)
    if are_names(rows) or lacks_names(rows):
        raise doubt(f"{line} and {second} both look like names", 1, joined=both, both=True)


def _fuller(rows: Sequence[Sequence[str]], least: int, any_cells: bool) -> int:
    """Return the first row below the first that has more names, or cells, than a title has."""
    for index, row in enumerate(rows[1:], 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        names = (not NUMBER.fullmatch(cell) or YEAR.fullmatch(cell) for cell in cells)
        if len(cells) > least and (any_cells or all(names)):
            return index
    return 0


def is_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is of the same make as those below, and holds what no name does.

    A name above numbers, dates or the like speaks for a header, whatever else there is. Without
    one, a decimal above decimals speaks against it, or words that come again in their columns.
    """
    first = [cell.strip() for cell in rows[0]]
    below = [[cell.strip() for cell in row] for row in rows[1:] if len(row) == len(first)]
    columns = [[cell for cell in column if cell] for column in zip(*below, strict=True)]
    columns = columns or [[] for _ in first]
    values = again = seen = 0
    numbers: list[str] = []
    for cell, column in zip(first, columns, strict=True):
        kind, kinds = kind_of(cell), set(map(kind_of, column))
        if kind == "text" and column and "text" not in kinds:
            return False
        if kind == "year":
            values += len(column) >= EVIDENCE and kinds == {kind}
        elif kind not in ("text", "number"):
            alike = {kind, "number", "long", "year"} if kind == "code" else {kind}
            values += kinds <= alike and (column or not below) != []
        elif kind == "text":
            again += column.count(cell)
        elif WHOLE.fullmatch(cell) and column and "text" not in kinds:
            values += cell.startswith("-")
            seen += len(column)
            numbers.append(cell)
    again -= sum(cell != "" for cell in first) * below.count(first)  # files put together
    return bool(values) or again > 1 or (seen >= EVIDENCE and not may_be_names(numbers))


@dataclass(frozen=True)
class Shown:
    """Rows that an error shows; ``above``: how many rows of the file there are before them.

    ``merged``: cells of the sheet, if that is known.
    """

    rows: Sequence[Sequence[str]]
    delimiter: str
    section: str
    above: int
    merged: Sequence[Merged] = ()

    def joined(self, numbers: Sequence[int]) -> tuple[Mapping, Sequence[str]]:
        """Return the keys that join the names of several of these rows, and the columns."""
        given = [self.above + number + 1 for number in numbers]
        names = joined_names([self.rows[number] for number in numbers], given, self.merged)
        return {"header": given}, names


def _doubt(
    first: Shown,
    label: str,
    found: str,
    other: int,
    *further: int,
    joined: Sequence[Sequence[int]] = (),
    both: bool = False,
) -> DiffusionError:
    rows, above, section = first.rows, first.above, first.section
    sign = {"delimiter": first.delimiter} if first.delimiter else {}
    ways: list[tuple[Mapping, Sequence[str], str]] = []
    lower = further[0] if further else other  # the last row that may have names
    if not both:
        ways.append(({"header": above + 1}, rows[0], ""))
    if not other and section == "csv":
        ways.append(({"header": 0}, [f"c{i + 1}" for i in range(len(rows[0]))], ""))
    if other and 2 * sum(map(bool, map(str.strip, rows[lower]))) >= len(rows[lower]):
        ways.append(({"header": above + lower + 1}, rows[lower], ""))
    names = rows[lower - 1] if both or further else [""]
    if all(map(str.strip, names)):  # the next may be units, then left out
        ways.append(({"header": above + lower + 1, "names": list(names)}, names, ""))
    ways += [(*first.joined(numbers), "") for numbers in joined]
    if both:
        after = f", and has {named(above + 2, section)} among its rows"
        ways.append(({"header": above + 1}, rows[0], after))
    fix = f"state which {WORDS[section]} has the names:\n" + "\n".join(
        reading({**sign, **keys}, given, section) + after
        for keys, given, after in ways
        if not (both and _come_again(given))  # it would be refused
    )
    seen = shown(rows, first.delimiter or CELLS, above, section, max(SHOWN, lower + 2))
    found = f"{found}:\n{seen}"
    return DiffusionError(label, found, fix)


def _come_again(names: Sequence[str]) -> bool:
    given = [name for name in names if name.strip()]
    return len(set(given)) < len(given)


def reading(keys: Mapping, names: Sequence[str], section: str = "csv") -> str:
    """Return a line that shows keys of the configuration, and the columns they give."""
    listed = ", ".join(f"{key}: {json.dumps(value)}" for key, value in keys.items())
    columns = CELLS.join(name.strip() for name in names)
    return f"  `{section}: {{{listed}}}` gives the columns {columns[:LONGEST]}"


def named(number: int, section: str = "csv") -> str:
    """Return what a number of ``header`` counts: the lines of a file, or the rows of a sheet."""
    return f"{WORDS[section]} {number}"


def shown(
    rows: Sequence[Sequence[str]],
    delimiter: str,
    above: int = 0,
    section: str = "csv",
    most: int = SHOWN,
) -> str:
    """Return the first rows, numbered; ``above``: how many there are before them."""
    lines = (delimiter.join(row) for row in rows[:most])
    return "\n".join(
        f"  {named(n, section)}: {line[:LONGEST]}" for n, line in enumerate(lines, above + 1)
    )

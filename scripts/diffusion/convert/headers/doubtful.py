"""Whether the first row of a table is its header; in doubt, an error with the possible readings."""

import re
from collections.abc import Sequence

from diffusion.convert.headers.described import describing
from diffusion.convert.headers.second import (
    is_ruled_off,
    lacks_names,
    levels_of_names,
    may_have_names,
    numbers_columns,
)
from diffusion.convert.headers.values import is_crosstab, is_data
from diffusion.convert.headers.words import Shown, header_doubt, marked, spanned
from diffusion.convert.looks import CODE, NUMBER, YEAR, is_text, kind_of
from diffusion.errors import DiffusionError
from diffusion.files.workbook import Merged

LOOKED = 30  # rows among which a header is looked for
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
    first = Shown(rows, delimiter, section, above, merged)
    for look in (_levels, _data, _title, _comment, _second_names):
        if problem := look(first, label):
            raise problem


def _levels(first: Shown, label: str) -> DiffusionError | None:
    rows = first.rows
    if levels := levels_of_names(rows):
        found = spanned(first.above + 1, first.above + levels, first.section) + " look like names"
        return header_doubt(first, label, found, levels - 1, joined=[range(levels)], both=True)
    if is_ruled_off(rows):
        found = f"{first.named(1)} is a line to rule off, and no row"
        return header_doubt(first, label, found, 1, both=True)
    if numbers_columns(rows):
        found = f"{first.named(1)} looks like numbers of the columns"
        return header_doubt(first, label, found, 1, both=True)
    return None


def _data(first: Shown, label: str) -> DiffusionError | None:
    filled = first.filled
    numbers = filled and all(NUMBER.fullmatch(cell) or CODE.fullmatch(cell) for cell in filled)
    if numbers and lacks_names(first.rows):  # years above the columns of each
        return _both(first, label)
    if is_crosstab(first.rows):
        return None
    if numbers or is_data(first.rows):
        return header_doubt(first, label, f"{first.named(0)} looks like data, not like names", 0)
    return None


def _title(first: Shown, label: str) -> DiffusionError | None:
    filled, rows = first.filled, list(first.rows[:LOOKED])
    alone = len(filled) == 1 and bool(rows[0][0].strip()) and len(rows[0]) > 1
    spare = alone or 2 * len(filled) < len(rows[0])
    later = _fuller(rows, len(filled), any_cells=alone) if spare else 0
    if not later:
        return None
    later = _below_a_gap(rows, later) or later
    more = may_have_names(rows[later:]) or lacks_names(rows[later:])
    below = max(describing(rows[later:]), int(more))
    names = range(later, later + below + 1)
    further = [names[-1]] if below else []
    joined: list[Sequence[int]] = (
        [] if alone else [(0, *names)]
    )  # a title holds no columns together
    joined += [names] if below else []
    every = [at for at in range(names[-1] + 1) if any(map(str.strip, rows[at]))]
    joined += [every] if not alone and every not in ([0, *names], [*names]) else []
    found = f"{first.named(0)} looks like a title, not like names"
    return header_doubt(first, label, found, later, *further, joined=joined)


def _comment(first: Shown, label: str) -> DiffusionError | None:
    rows = first.rows
    second = rows[1][0] if rows[1:] and rows[1] else "#"
    if not COMMENT.match(rows[0][0]) or COMMENT.match(second):
        return None
    if not _is_above_values(rows):
        after = next(i for i, row in enumerate(rows) if row and not COMMENT.match(row[0]))
        found = f"{first.named(0)} looks like a comment, not like names"
        return header_doubt(first, label, found, after)
    is_share = rows[0][0].startswith("%")  # `% H`
    return None if is_share else marked(first, label)


def _second_names(first: Shown, label: str) -> DiffusionError | None:
    below = describing(first.rows)
    return _both(first, label, below) if below or lacks_names(first.rows) else None


def _both(first: Shown, label: str, below: int = 1) -> DiffusionError:
    """Return the error that so many rows below the first have names, too; 0: groups are above."""
    others = spanned(first.above + 2, first.above + max(below, 1) + 1, first.section)
    found = f"{first.named(0)} and {others} both look like names"
    is_third = below < 2 and lacks_names([first.rows[0], *first.rows[2:]])
    joined = [range(max(below, 1) + 1)] + ([range(3)] if is_third else [])
    return header_doubt(first, label, found, max(below, 1), joined=joined, both=True)


def _is_above_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has a word for each column, and numbers stand in the next."""
    if len(rows) < 2 or len(rows[1]) != len(rows[0]) or not all(map(str.strip, rows[0])):
        return False
    return len(rows[0]) > 1 and any(kind_of(cell.strip()) != "text" for cell in rows[1])


def _below_a_gap(rows: Sequence[Sequence[str]], later: int) -> int:
    """Return the first row below a blank one that has words alone, and more than those above."""
    most = max(map(_filled, rows[: later + 1]))
    for index, row in enumerate(rows[later + 1 :], later + 1):
        if _filled(row) > most:
            words = all(is_text(cell.strip()) for cell in row if cell.strip())
            return index if words and not _filled(rows[index - 1]) else 0
    return 0


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _fuller(rows: Sequence[Sequence[str]], least: int, any_cells: bool) -> int:
    """Return the first row below the first that has more names, or cells, than a title has."""
    for index, row in enumerate(rows[1:], 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        names = (not NUMBER.fullmatch(cell) or YEAR.fullmatch(cell) for cell in cells)
        if len(cells) > least and (any_cells or all(names)):
            return index
    return 0

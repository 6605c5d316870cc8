"""Several header rows as one: groups stand above the names that they hold together.

A merged cell has its text in its first column only, in workbooks and in the CSV made of them: it is
carried to the right. Where the merged cells are known they say how far; a text in a cell that is
not merged is carried as far as nothing else stands.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from diffusion.files.workbook import Merged

JOINT = "_"  # between the names of several rows


def joined_names(
    rows: Sequence[Sequence[str]], numbers: Sequence[int], merged: Iterable[Merged] = ()
) -> list[str]:
    """Return the names of columns that several rows give together, such as ``2020_H``.

    Args:
        rows: the rows with names, from top to bottom.
        numbers: of these rows, from 1 on.
        merged: cells of the sheet, if that is known.
    """
    width = max(map(len, rows), default=0)
    cells = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    ends: list[list[int]] = [[] for _ in cells]
    for span in (span for span in merged if span.last > span.first):
        for at, (row, number) in enumerate(zip(cells, numbers, strict=True)):
            if span.first_row == number and span.first < width:
                last = min(span.last + 1, width)
                row[span.first : last] = [row[span.first]] * (last - span.first)
                ends[at].append(last)
    return [_joined(column) for column in zip(*_carried(cells, ends), strict=True)]


def centred_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names where groups stand amid the names that they hold together, not above the
    first one; empty if they do not.

    The names come again for each group, `H F H F`, which shows where it begins.

    Args:
        rows: with names, from top to bottom; two, or nothing is returned.
    """
    if len(rows) != 2:
        return []
    width = max(map(len, rows))
    above, below = ([*map(str.strip, row), *[""] * (width - len(row))] for row in rows)
    for start, size in _cycles(below):
        count = _times(below, start, size)
        parts = [range(at, at + size) for at in range(start, start + count * size, size)]
        groups = [[at for at in part if above[at]] for part in parts]
        if all(len(g) == 1 for g in groups) and any(
            g[0] > part[0] for g, part in zip(groups, parts, strict=True)
        ):
            for part, (at, *_) in zip(parts, groups, strict=True):
                text, above[at] = above[at], ""
                for column in part:
                    below[column] = f"{text}{JOINT}{below[column]}"
            return [_joined(column) for column in zip(above, below, strict=True)]
    return []


def _cycles(names: Sequence[str]) -> list[tuple[int, int]]:
    """Return where names begin that come again at once, and how many they are: most cells first."""
    found = [
        (start, size)
        for start in range(len(names))
        for size in range(2, (len(names) - start) // 2 + 1)
        if all(names[start : start + size]) and len({*names[start : start + size]}) == size
        if _times(names, start, size) > 1
    ]
    return sorted(found, key=lambda each: -each[1] * _times(names, *each))


def _times(names: Sequence[str], start: int, size: int) -> int:
    """Return how often names come, one time after the other."""
    first, count = names[start : start + size], 1
    while names[start + count * size : start + (count + 1) * size] == first:
        count += 1
    return count


def _carried(rows: list[list[str]], ends: Sequence[Sequence[int]]) -> list[list[str]]:
    """Carry what has names below it to the right, up to the next cell with a text.

    Args:
        ends: of each row, the columns right of its merged cells: these hold nothing further.
    """
    carried = [list(row) for row in rows]
    for at, row in enumerate(rows[:-1]):
        group = ""
        for column, cell in enumerate(row):
            below = any(other[column] for other in rows[at + 1 :])
            begins = cell or any(other[column] for other in rows[:at])  # or a group above it does
            if begins or column in ends[at]:
                group = cell if below else ""  # a name alone in its column holds nothing together
            elif below:
                carried[at][column] = group
    return carried


def _joined(parts: Iterable[str]) -> str:
    return JOINT.join(name for name, _ in groupby(filter(None, parts)))

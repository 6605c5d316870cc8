"""Several header rows as one: groups stand above the names that they hold together.

A merged cell has its text in its first column only, in workbooks and in the CSV made of them: it is
carried to the right. Where the merged cells are known they say how far; else as far as nothing else
stands.
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
    spans = [span for span in merged if _is_among(span, numbers)]
    filled = _by_spans(cells, numbers, spans) if spans else _by_blanks(cells)
    return [_joined(column) for column in zip(*filled, strict=True)]


def _is_among(span: Merged, numbers: Sequence[int]) -> bool:
    return span.last > span.first and any(span.first_row <= n <= span.last_row for n in numbers)


def _by_spans(
    rows: list[list[str]], numbers: Sequence[int], spans: Iterable[Merged]
) -> list[list[str]]:
    for span in spans:
        for row, number in zip(rows, numbers, strict=True):
            if span.first_row == number and span.first < len(row):
                last = min(span.last + 1, len(row))
                row[span.first : last] = [row[span.first]] * (last - span.first)
    return rows


def _by_blanks(rows: list[list[str]]) -> list[list[str]]:
    """Carry what has names below it to the right, up to the next cell with a text."""
    carried = [list(row) for row in rows]
    for at, row in enumerate(rows[:-1]):
        group = ""
        for column, cell in enumerate(row):
            below = any(other[column] for other in rows[at + 1 :])
            begins = cell or any(other[column] for other in rows[:at])  # or a group above it does
            if begins:
                group = cell if below else ""  # a name alone in its column holds nothing together
            elif below:
                carried[at][column] = group
    return carried


def _joined(parts: Iterable[str]) -> str:
    return JOINT.join(name for name, _ in groupby(filter(None, parts)))

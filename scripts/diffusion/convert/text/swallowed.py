"""Rows that stray quotes have made part of a value: two readers agree on them, and both are wrong.

A quote that begins one value and another one that ends a value lines below make one value of all
that stands between them.
"""

from collections.abc import Sequence
from pathlib import Path

from diffusion.convert.looks import kind_of
from diffusion.errors import DialectError
from diffusion.files.lines import rows_of_text

WIDE = 4  # columns: lines of a text rarely have as many delimiters
SHOWN = 70  # characters of a line


def lines_in_values(path: Path, delimiter: str, quote: str) -> list[str]:
    """Return the lines within values of several lines that have as many cells as their row.

    Quotes that begin no value count for nothing here, as for the reader.
    """
    found: list[str] = []
    for row in rows_of_text(path, delimiter, quote):
        for cell in row:
            if "\n" in cell or "\r" in cell:
                found += [li for li in cell.splitlines()[1:] if li.count(delimiter) + 1 == len(row)]
    return found


def refuse_swallowed(
    within: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str, label: str
) -> None:
    """Refuse a text in which a value of several lines holds lines that are cut like rows.

    Args:
        within: lines within quotes that have as many delimiters as the header.
        rows: some below the header.

    Raises:
        DiffusionError: shows such a line, and the key that reads quotes as signs like others.
    """
    if not within:
        return
    width = within[0].count(delimiter) + 1
    columns = list(zip(*(row for row in rows if len(row) == width), strict=True))
    are_values = [_are_values(column) for column in columns]
    for line in within:
        cells = line.split(delimiter)
        if any(cell[:1].isspace() for cell in cells[1:]):  # a sentence
            continue
        alike = [
            kind_of(cell.strip('" \r')) != "text"
            for cell, is_value in zip(cells, are_values, strict=False)
            if is_value
        ]
        if all(alike) and (alike or width >= WIDE):
            found = "a value of several lines holds lines that are cut like rows of the table: "
            found += f"stray quotes have made one value of them, it seems:\n  {line[:SHOWN]}"
            fix = 'if quotes are signs like others in this file, write `csv: {quote: ""}`; else '
            fix += "ask its publisher to correct it, and set a new `vintage` once it is corrected"
            raise DialectError(label, found, fix)


def _are_values(column: Sequence[str]) -> bool:
    given = [cell.strip() for cell in column if cell.strip()]
    return len(given) > 1 and all(kind_of(cell) != "text" for cell in given)

"""Whether the first row of a table is its header; in doubt, an error with the possible readings."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial

from diffusion.errors import DiffusionError

SHOWN = 4  # rows that an error shows
LONGEST = 70  # characters of each, and of the names of a reading
LOOKED = 30  # rows among which a header is looked for
EVIDENCE = 3  # rows of numbers below words: fewer show nothing
COMMENT = re.compile(r"(#\s|//|--\s|%\s)")
NUMBER = re.compile(r"[+-]?[\d.,\s/:%-]*\d[\d.,\s/:%-]*")  # or a date
CODE = re.compile(r"\d[\dA-Z]*")


def doubtful_header(
    rows: Sequence[Sequence[str]], delimiter: str | None, label: str, section: str = "csv"
) -> None:
    """Refuse a first row that may not be the header: a title, a comment, or data.

    Args:
        rows: the first ones.
        delimiter: as it is declared or was found; None for one column.
        section: of the configuration, that has ``header``.

    Raises:
        DiffusionError: with the rows, and the keys that state each reading.
    """
    rows = list(rows[:LOOKED])
    if not rows or not rows[0]:
        return
    doubt = partial(_doubt, rows, delimiter, label, section)
    filled = [cell.strip() for cell in rows[0] if cell.strip()]
    if filled and all(NUMBER.fullmatch(cell) or CODE.fullmatch(cell) for cell in filled):
        raise doubt("row 1 looks like data, not like names", 0)
    alone = len(filled) == 1 and rows[0][0].strip() and len(rows[0]) > 1
    later = _fuller(rows, len(filled)) if alone or 2 * len(filled) < len(rows[0]) else 0
    if later:
        raise doubt("row 1 looks like a title, not like names", later)
    if COMMENT.match(rows[0][0]) and not COMMENT.match(rows[1][0] if rows[1:] and rows[1] else "#"):
        after = next(i for i, row in enumerate(rows) if row and not COMMENT.match(row[0]))
        raise doubt("row 1 looks like a comment, not like names", after)
    if _two_headers(rows):
        raise doubt("rows 1 and 2 both look like names", 1)


def _fuller(rows: Sequence[Sequence[str]], least: int) -> int:
    """Return the first row below the first that has more names than a title has."""
    for index, row in enumerate(rows[1:], 1):
        words = [cell for cell in row if cell.strip()]
        if len(words) > least and not any(map(NUMBER.fullmatch, words)):
            return index
    return 0


def _two_headers(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row has only words where all rows below have numbers."""
    if len(rows) < 2 + EVIDENCE or len(rows[1]) != len(rows[0]):
        return False
    words = [cell.strip() for cell in rows[1]]
    if any(len(word) < EVIDENCE or any(map(str.isdigit, word)) for word in words):
        return False  # nothing, or a token such as `s` or `nd`
    below = [row for row in rows[2:] if len(row) == len(words)]
    numbers = [all(NUMBER.fullmatch(row[i].strip()) for row in below) for i in range(len(words))]
    return len(below) >= EVIDENCE and any(numbers)


def _doubt(
    rows: Sequence[Sequence[str]],
    delimiter: str | None,
    label: str,
    section: str,
    found: str,
    other: int,
) -> DiffusionError:
    sign = {"delimiter": delimiter} if delimiter else {}
    readings = [{**sign, "header": 1}, {**sign, "header": other + 1 if other else 0}]
    names = [rows[0], rows[other] if other else [f"c{i + 1}" for i in range(len(rows[0]))]]
    if section == "xlsx" and not other:
        readings, names = readings[:1], names[:1]
    listed = (reading(keys, given, section) for keys, given in zip(readings, names, strict=True))
    fix = "state which row has the names:\n" + "\n".join(listed)
    return DiffusionError(label, f"{found}:\n{shown(rows, delimiter or '')}", fix)


def reading(keys: Mapping, names: Sequence[str], section: str = "csv") -> str:
    """Return a line that shows keys of the configuration, and the columns they give."""
    listed = ", ".join(f"{key}: {json.dumps(value)}" for key, value in keys.items())
    columns = " · ".join(name.strip() for name in names)
    return f"  `{section}: {{{listed}}}` gives the columns {columns[:LONGEST]}"


def shown(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Return the first rows, numbered."""
    lines = (delimiter.join(row) for row in rows[:SHOWN])
    return "\n".join(f"  row {n}: {line[:LONGEST]}" for n, line in enumerate(lines, 1))

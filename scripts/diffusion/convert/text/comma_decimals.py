"""Numbers with a decimal comma in a text that commas cut: which of them are one cannot be told."""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

WHOLE, DECIMALS = re.compile(r"\s*[+-]?\d{1,15}"), re.compile(r"\d{1,15}\s*")
MOST = 4  # pairs: there are more ways than are worth a look


def comma_decimals(rows: Sequence[Sequence[str]], names: Sequence[str], delimiter: str) -> str:
    """Return what to do if pairs of cells are numbers, or nothing where they cannot be.

    Args:
        rows: below the header, all as wide, and wider than it.
    """
    rows = [row for row in rows if row]
    spare = len(rows[0]) - len(names) if rows else 0
    if delimiter != "," or not 0 < spare <= MOST:
        return ""
    pairs = [
        at
        for at in range(len(rows[0]) - 1)
        if all(WHOLE.fullmatch(row[at]) and DECIMALS.fullmatch(row[at + 1]) for row in rows)
    ]
    ways = combinations(pairs, spare)
    apart = (way for way in ways if all(second - first > 1 for first, second in pairwise(way)))
    if (way := next(apart, None)) is None:
        return ""
    shown = ",".join(rows[0][way[0] : way[0] + 2]).strip()
    fix = f"if `{shown}` is one number with a decimal comma, no option puts it together: ask the "
    fix += "publisher for a file with quotes or with another delimiter, and set a new `vintage` "
    return fix + "once it is there; if they are two, "

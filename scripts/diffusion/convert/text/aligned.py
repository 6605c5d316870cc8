"""Columns that stand one below the other, names above them, as in Excel's .prn and of SQL*Plus."""

import re
from collections.abc import Sequence

from diffusion.config.remedies import in_line
from diffusion.convert.headers.notes import RULER
from diffusion.convert.headers.words import shown
from diffusion.errors import DialectError
from diffusion.tables.sql import identifier, literal

FEWEST = 3  # lines, the names included
GAP = re.compile(r"\S {2,}\S")
DASHES = re.compile(r"[-=]+")
MOST = 0.5  # of the lines below the names have several blanks within them


def refuse_aligned(lines: Sequence[str], signs: Sequence[str], label: str) -> None:
    """Refuse lines whose columns are told by their positions alone, and not by a sign.

    Args:
        signs: delimiters, none of which the names have.

    Raises:
        DiffusionError: with the keys that read them by these positions.
    """
    rows = [line.rstrip() for line in lines if line.strip()]
    if len(rows) < FEWEST or not GAP.search(rows[0]) or any(sign in rows[0] for sign in signs):
        return
    if sum(bool(GAP.search(row)) for row in rows[1:]) < MOST * len(rows[1:]) or not _gutter(rows):
        return
    found = "its columns stand at fixed places, one below the other, and no sign cuts them:\n"
    fix = _by_ruler(rows) or (
        "state the positions of its columns, counted from 1, and leave out the line of the names: "
        "`format: fixed`, `fixed: {columns: {code: [1, 5], …}}` and `where: code <> 'code'`"
    )
    fix += "; or ask its publisher for CSV; or take each line as it is, `csv: {delimiter: "
    fix += '"none"}`, and cut it in SQL'
    raise DialectError(label, found + shown([[row] for row in rows], ""), fix)


def _gutter(rows: Sequence[str]) -> bool:
    """Whether a position is blank in all lines, and none of them begins or ends there."""
    inner = range(max(len(row) - len(row.lstrip()) for row in rows), min(map(len, rows)))
    return any(all(row[at] == " " for row in rows) for at in inner)


def _by_ruler(rows: Sequence[str]) -> str:
    """Return the keys that read the columns which a line of dashes shows; empty without one."""
    places = [run.span() for run in DASHES.finditer(rows[1])] if RULER.fullmatch(rows[1]) else []
    names = [rows[0][a:b].strip() for a, b in places]
    if len(names) < 2 or not all(names) or len(set(names)) < len(names):
        return ""
    columns = {name: [a + 1, b] for name, (a, b) in zip(names, places, strict=True)}
    dashes = rows[1][slice(*places[0])]
    where = f"coalesce({identifier(names[0])}, '') NOT IN ({literal(names[0])}, '{dashes}')"
    return (
        f"read them by the places of the dashes: `format: fixed`, `fixed: {{pad: true, columns: "
        f"{in_line(columns)}}}` and `where: {in_line(where)}`"
    )

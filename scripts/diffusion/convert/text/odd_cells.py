"""Cells that are written in a way that few readers undo: told, undone, or in doubt."""

import re
from collections.abc import Sequence

from diffusion.config.remedies import in_line
from diffusion.convert.headers.words import reading, shown
from diffusion.convert.text.cuts import Cut, cut_by, quotes_at_edges
from diffusion.errors import DialectError
from diffusion.tables.sql import identifier, literal

FORMULA = re.compile(r'="(.*)"', re.DOTALL)  # a text that Excel is not to take for a number
WHOLE = f"^{FORMULA.pattern}$"
APOSTROPHE = "'"
BLANKS = " \t"
SHOWN = 5  # columns that a note names, lines that an error shows
FIXED = "`format: fixed`, `fixed: {columns: {…: [1, 5]}}`"
RUN = re.compile(r"(?=(?:\D*\d){6})[0-9A-Z ]{16,}")  # longer than any usual code
LONGEST = 80  # characters of each
ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,6}|[a-z]{2,8});", re.IGNORECASE)  # `&ocirc;`
MOST = 0.9  # of the cells of a column
ENOUGH = 3  # rows: so many have a sign beside each delimiter by no chance


def formula_columns(rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """Return the columns all whose first cells are texts that are written as Excel's formulas."""
    found = []
    for at, name in enumerate(names):
        cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
        if cells and all(map(FORMULA.fullmatch, cells)):
            found.append(name)
    return found


def without_formulas(names: Sequence[str]) -> str:
    """Return SQL of all columns, the text of such formulas in place of them."""
    made = (
        f"regexp_replace({identifier(name)}, {literal(WHOLE)}, '\\1', 's') AS {identifier(name)}"
        for name in names
    )
    return f"* REPLACE ({', '.join(made)})" if names else "*"


def unwrapped(row: list[str], names: Sequence[str], formulas: Sequence[str]) -> list[str]:
    """Return a row with the texts of such formulas in some columns."""
    if not formulas or len(row) != len(names):
        return row
    return [
        FORMULA.sub(r"\1", cell) if name in formulas and FORMULA.fullmatch(cell) else cell
        for name, cell in zip(names, row, strict=True)
    ]


def bare_columns(
    names: Sequence[str], header: Sequence[str], sample: Sequence[Sequence[str]]
) -> list[str]:
    """Return the columns without a name in the file, and without a value in its first rows."""
    return [
        name
        for at, (name, cell) in enumerate(zip(names, header, strict=False))
        if not cell.strip() and not any(any(row[at : at + 1]) for row in sample)
    ]


def note_on_blanks(
    names: Sequence[str], sample: Sequence[Sequence[str]], quote: str
) -> tuple[str, ...]:
    """Return the note that most of the first values of some columns have blanks around them."""
    found = []
    for at, name in enumerate(names):
        cells = [row[at] for row in sample if at < len(row) and row[at].strip(BLANKS)]
        padded = [c for c in cells if c != (bare := c.strip(BLANKS)) and bare[0] != (quote or None)]
        if len(padded) > 1 and 2 * len(padded) >= len(cells):
            found.append(f"`{name}`")
    if not found:
        return ()
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"values of {', '.join(found[:SHOWN])}{more} have blanks around them, and keep them: "
        "`csv: {trim: true}` leaves them out",
    )


def notes_on_cells(formulas: Sequence[str], bare: Sequence[str], empty: int) -> tuple[str, ...]:
    """Return what is told of odd cells.

    Args:
        formulas: columns of texts that were written as formulas.
        bare: columns without a name, and without a value in the first rows.
        empty: how many rows have no value.
    """
    notes = [
        f'`{name}` is written as formulas of texts, `="…"`: read as texts' for name in formulas
    ]
    if bare:
        listed = ", ".join(bare)
        drop = f"`drop: {in_line(list(bare))}`"
        notes.append(f"{listed}: no name and hardly a value; to leave it out, {drop}")
    if empty:
        what = "1 row" if empty == 1 else f"{empty:,} rows"
        notes.append(f"{what} of the table without any value")
    return tuple(notes)


def refuse_apostrophes(cut: Cut, other: Cut, start: int, label: str) -> None:
    """Refuse values that all stand in apostrophes, as another sign of quotes.

    Args:
        cut: the first rows, as the sign of quotes that holds cuts them.
        other: with apostrophes as that sign.
        start: the first row that counts.

    Raises:
        DiffusionError: with the key that states it.
    """
    rows = [row for row in cut.rows[start + 1 :] if row]
    columns = range(len(rows[0]) if rows else 0)
    width = len(cut.rows[start]) if len(cut.rows) > start else 0
    others = [len(row) for row in other.rows[start + 1 :] if row]
    is_held = any(len(row) != width for row in rows) and set(others) == {width}
    for column in columns:
        cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        quoted = sum(len(c) > 1 and c[0] == c[-1] == APOSTROPHE for c in cells)
        enough = len(cells) > 1 or not cut.fits(start)
        is_quoted = enough and quoted >= MOST * len(cells)
        if cells and (is_quoted or (is_held and quoted)) and other.fits(start):
            found = f"values stand in apostrophes:\n{shown(cut.rows, cut.delimiter)}"
            keys = {"delimiter": cut.delimiter, "quote": APOSTROPHE}
            fix = f"state that they are quotes:\n{reading(keys, other.rows[start])}"
            raise DialectError(label, found, fix)


def refuse_longer_sign(cut: Cut, start: int, label: str) -> None:
    """Refuse rows in which the delimiter has the same sign beside it everywhere: `a~|~b`.

    Raises:
        DiffusionError: it would stand in each value.
    """
    rows = [row for row in cut.rows[start:] if row]
    if len(rows) < ENOUGH or min(map(len, rows)) < 2:
        return
    before = _only({cell[-1:] for row in rows for cell in row[:-1]})
    after = _only({cell[:1] for row in rows for cell in row[1:]})
    at_ends = {row[-1][-1:] for row in rows} == {before} or {r[0][:1] for r in rows} == {after}
    is_both = bool(before and after)
    if at_ends or not (is_both or ((before or after) and min(map(len, rows)) > 2)):
        return  # `#ff0000` may stand in one column
    sign = f"{before}{cut.delimiter}{after}"
    found = f"values are parted by several signs, `{sign}`:\n{shown(cut.rows, cut.delimiter)}"
    fix = "a delimiter is one sign: put one in its place that stands in no value, and publish that "
    fix += "as a file of your own, or ask its publisher for it"
    raise DialectError(label, found, fix)


def _only(signs: set[str]) -> str:
    """Return the sign that all are, if it is no letter, digit, blank or sign of a number."""
    sign = next(iter(signs)) if len(signs) == 1 else ""
    return "" if sign.isalnum() or sign.isspace() or sign in "+-.,()%" else sign


def refuse_quotes_after_blanks(
    lines: Sequence[str], signs: Sequence[str], quote: str, label: str
) -> None:
    """Refuse a text in which blanks before quotes decide how its names are cut.

    A quote that does not begin a cell is a sign like others, and delimiters behind it cut. Values
    are read without such blanks anyway.

    Raises:
        DiffusionError: with the key that leaves these blanks out.
    """
    even = quotes_at_edges(lines, signs, quote)
    if even == list(lines):
        return
    for sign in signs:
        bare, cut = cut_by(even, sign, quote), cut_by(lines, sign, quote)
        same = [len(row) for row in bare.rows[:1]] == [len(row) for row in cut.rows[:1]]
        others = (cut_by(lines, other, quote).fits(0) for other in signs if other != sign)
        if bare.fits(0) and bare.clean and (not same or any(others)):
            found = "quotes stand behind blanks, and hold the delimiter:\n"
            found += "\n".join(
                f"  line {n}: {line.rstrip()}"[:LONGEST] for n, line in _first(lines)
            )
            way = reading({"delimiter": sign, "trim": True}, bare.rows[0])
            fix = f"leave these blanks out:\n{way}"
            raise DialectError(label, found, fix)


def _first(lines: Sequence[str]) -> list[tuple[int, str]]:
    return list(enumerate(lines[:SHOWN], 1))


def refuse_fixed_width(cut: Cut, label: str, *, is_stated: bool = False) -> None:
    """Refuse lines of one column that several blanks cut into the same number of parts.

    And lines of one length the first of which is no name.

    Args:
        is_stated: where the names are, or that there are none.

    Raises:
        DiffusionError: with the key that takes them as they are.
    """
    lines = [row[0].strip() for row in cut.rows if row and row[0].strip()]
    is_run = not is_stated and len(set(map(len, lines))) == 1 and RUN.fullmatch(lines[0])
    if len(lines) > 2 and is_run:
        found = f"its lines have {len(lines[0])} characters each, and the first one no names: its "
        found += f"columns may stand at fixed places:\n{shown(cut.rows, '')}"
        fix = f"state these, {FIXED}; or that each line is one value:\n"
        fix += reading({"delimiter": "none", "header": 0}, ["c1"])
        raise DialectError(label, found, fix)
    parts = {len(re.split(r" {2,}", line)) for line in lines}
    if len(lines) > 2 and len(parts) == 1 and parts.pop() > 1:
        found = "its columns stand at fixed places, or between several blanks, and no sign cuts "
        found += f"them:\n{shown(cut.rows, '')}"
        keys = {"delimiter": "none"}
        fix = f"ask its publisher for CSV; where no line has names, state the positions, {FIXED}; "
        fix += "or take each line as it is, and cut it in SQL:\n"
        raise DialectError(label, found, fix + reading(keys, cut.rows[0]))

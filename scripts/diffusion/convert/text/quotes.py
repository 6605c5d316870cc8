"""How quotes are meant in a delimited text: what its first rows show against what is stated."""

from collections.abc import Sequence

from diffusion.config.rows import Csv
from diffusion.convert.headers.words import reading, shown
from diffusion.convert.text.cuts import Cut, cut_by
from diffusion.errors import DialectError
from diffusion.files.escapes import BACKSLASH, EscapeError, doubled_quotes

SHOWN = 3  # lines
QUOTED = 0.9  # of a column's cells that are in quotes, where some others are damaged


def refuse_escaped(
    lines: Sequence[str], delimiters: Sequence[str], options: Csv, label: str
) -> None:
    r"""Refuse a text whose quotes are right only if those within values have a backslash.

    Args:
        lines: the first ones.
        delimiters: those that may cut them.

    Raises:
        DiffusionError: with the key that states it.
    """
    text, quote, start = "".join(lines), options.quote, max((options.header_row or 1) - 1, 0)
    signs = [sign for sign in delimiters if sign in text]
    if BACKSLASH + quote not in text:
        return
    plain = [cut_by(lines, sign, quote) for sign in signs]
    if any(cut.clean and cut.fits(start) for cut in plain):
        return
    try:
        doubled = list(doubled_quotes(lines, quote, BACKSLASH))
    except EscapeError:
        return
    for cut in (cut_by(doubled, sign, quote) for sign in signs):
        if cut.clean and cut.fits(start):
            number = next(n for n, line in enumerate(lines) if BACKSLASH + quote in line)
            found = f"quotes within its values are written `{BACKSLASH}{quote}`, as R's "
            found += f"`write.table` and MySQL do:\n  line {number + 1}: {lines[number].strip()}"
            keys = {"delimiter": cut.delimiter, "escape": BACKSLASH}
            fix = f"state that sign:\n{reading(keys, cut.rows[start])}"
            raise DialectError(label, found, fix)


def refuse_quoted_lines(
    lines: Sequence[str], delimiters: Sequence[str], quote: str, label: str
) -> None:
    """Refuse a text each line of which is in quotes, as if it were one value.

    Args:
        lines: the first ones.
        delimiters: those that may cut what is in the quotes.

    Raises:
        DiffusionError: with what takes these quotes away.
    """
    given = [line.strip() for line in lines if line.strip()]
    if len(given) < 2 or not all(_is_one(line, quote) for line in given):
        return
    inner = [line[1:-1].replace(quote * 2, quote) + "\n" for line in given]
    for cut in (cut_by(inner, sign, quote) for sign in delimiters):
        if cut.clean and cut.fits(0) and len({len(row) for row in cut.rows}) == 1:
            found = "each of its lines is in quotes, as if it were one value:\n"
            found += "\n".join(f"  {line}" for line in given[:SHOWN])
            fix = "take them away, and publish that as a file of your own, or ask its publisher "
            fix += "for one: `sed -e 's/^\"//' -e 's/\"[[:space:]]*$//' -e 's/\"\"/\"/g' file`; "
            fix += "if each line is one value indeed, `csv: {delimiter: none}`"
            raise DialectError(label, found, fix)


def _is_one(line: str, quote: str) -> bool:
    """Whether a line is one value in quotes."""
    inner = line[1:-1].replace(quote * 2, "")
    return len(line) > 1 and line[0] == line[-1] == quote and quote not in inner


def refuse_quoted(cut: Cut, start: int, label: str) -> None:
    """Refuse values in quotes where the quotes are declared to be signs like others.

    Args:
        cut: the first rows, cut without regard to quotes.
        start: the first row that counts.

    Raises:
        DiffusionError: shows the rows, and the key to remove.
    """
    rows = [row for row in cut.rows[start:] if row]
    for column in range(len(rows[0]) if rows else 0):
        cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
        quoted = [len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells]
        values = quoted[1:]
        if sum(values) >= max(QUOTED * len(values), 1 if quoted[:1] == [True] else 2):
            found = 'values stand in quotes, which `quote: ""` would publish:\n'
            found += shown(cut.rows, cut.delimiter)
            fix = (
                "leave `csv.quote` out; if quotes within the values are written with a backslash, "
            )
            fix += f'state it: `csv: {{escape: "{BACKSLASH * 2}"}}`'
            raise DialectError(f"{label} (`csv.quote`)", found, fix)

"""Tables within other text: framed by rulers, as terminals and Markdown show them, or by prose."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from diffusion.config.reading import ONE_COLUMN
from diffusion.config.remedies import in_line
from diffusion.convert.headers.words import reading, shown
from diffusion.convert.looks import is_text
from diffusion.convert.text.cuts import NO_SIGN, Cut
from diffusion.errors import DialectError

RULER = re.compile(r"\s*[|+]?\s*:?[-=]{2,}:?\s*(?:[|+]\s*:?[-=]{2,}:?\s*)*[|+]?\s*")
DASHES = re.compile(r"\s*-{5,}\s*")  # above and below lines between `|`, as SAP lists them
FIRST = 2  # lines among which the first ruler stands
LOOKED = 20  # lines among which that of dashes stands
FEWEST = 3  # rows of a table between lines of text, its names included


def refuse_ruled(lines: Sequence[str], label: str, above: int) -> None:
    """Refuse a table with rulers, such as `+----+-----+`: these would be rows.

    Args:
        above: lines of the file above these.

    Raises:
        DiffusionError: with the keys that read it.
    """
    plain = [line.rstrip("\r\n") for line in lines]
    _refuse_dashed(plain, label, above)
    at = next((at for at, line in enumerate(plain[:FIRST]) if _is_ruler(line)), None)
    if at is None or len(plain) <= FIRST or "|" not in plain[1 - at]:
        return
    names = [cell.strip() for cell in plain[1 - at].split("|")]
    bare = [f"c{number}" for number, name in enumerate(names, 1) if not name]
    names = [name or f"c{number}" for number, name in enumerate(names, 1)]
    keys: dict[str, object] = {"delimiter": "|", "trim": True}
    if plain[at].startswith("+"):
        keys |= {"comment": "+", "header": above + 1}
    elif at == 1:  # it takes the place of the header
        keys |= {"header": above + 2, "names": names}
    else:
        return
    filled = [line for line in plain if line.strip()]
    below = next(n for n, line in enumerate(reversed(filled)) if "|" in line or _is_ruler(line))
    keys |= {"footer": below} if below else {}
    found = (
        f"it is a table with rulers, as a terminal or Markdown shows it:\n{_shown(plain, above)}"
    )
    fix = f"leave them out:\n{reading(keys, names)}"
    fix += f"; with `drop: {in_line(list(bare))}`, for its edges" if bare else ""
    raise DialectError(label, found, fix)


def _refuse_dashed(plain: Sequence[str], label: str, above: int) -> None:
    """Refuse a list of SAP: lines of dashes between others that begin and end with `|`."""
    pairs = enumerate(pairwise(plain[:LOOKED]))
    at = next((n for n, (one, next_) in pairs if DASHES.fullmatch(one) and _is_edged(next_)), None)
    if at is None:
        return
    names = [cell.strip() for cell in plain[at + 1].strip().split("|")]
    bare = [f"c{number}" for number, name in enumerate(names, 1) if not name]
    names = [name or f"c{number}" for number, name in enumerate(names, 1)]
    keys = {"delimiter": "|", "trim": True, "comment": "-", "header": above + at + 1}
    last = max(n for n, line in enumerate(plain) if _is_edged(line) or DASHES.fullmatch(line))
    footer = sum(bool(line.strip()) for line in plain[last + 1 :])
    keys |= {"footer": footer} if footer else {}
    found = f"it is a list between lines of dashes, as SAP writes it:\n{_shown(plain, above)}"
    fix = f"leave them out:\n{reading(keys, names)}; with `drop: {in_line(list(bare))}`, for its "
    fix += "edges"
    raise DialectError(label, found, fix)


def _is_edged(line: str) -> bool:
    bare = line.strip()
    return len(bare) > 2 and bare[0] == bare[-1] == "|"


def _is_ruler(line: str) -> bool:
    return RULER.fullmatch(line) is not None and ("|" in line or "+" in line)


def _shown(lines: Sequence[str], above: int) -> str:
    return shown([[line] for line in lines], "", above)


def refuse_surrounded(cut: Cut, rows: Iterable[Sequence[str]], label: str, above: int) -> None:
    """Refuse a text of which some rows are a table, between lines that no delimiter cuts.

    Args:
        cut: the first rows.
        rows: all of the file.

    Raises:
        DiffusionError: with the keys that take the table, and those that take all as one column.
    """
    table = _table(cut)
    if not table:
        return
    filled = [bool(any(map(str.strip, row))) for row in rows]
    footer = sum(filled[above + table.stop :])
    found = f"lines {above + table[0] + 1} to {above + table.stop} look like a table between lines "
    found += f"of text:\n{shown(cut.rows[table.start :], cut.delimiter, above + table.start)}"
    keys = {"delimiter": cut.delimiter, "header": above + table.start + 1, "footer": footer}
    fix = f"state what it is:\n{reading(keys, cut.rows[table.start])}\n"
    name = cut.rows[0]
    fix += reading({"delimiter": ONE_COLUMN, "header": above + 1, "footer": 0}, name)
    raise DialectError(label, found, fix)


def _table(cut: Cut) -> range:
    """Return the rows that are cut alike, where no other row is cut, and a column has numbers."""
    several = [at for at, row in enumerate(cut.rows) if len(row) > 1]
    if cut.delimiter == NO_SIGN or len(several) < FEWEST or several[0] == 0 or not cut.clean:
        return range(0)
    table = range(several[0], several[-1] + 1)
    widths = {len(cut.rows[at]) for at in table}
    if len(table) != len(several) or len(widths) > 1 or table.stop == len(cut.rows):
        return range(0)
    names, *below = (cut.rows[at] for at in table)
    columns = zip(*below, strict=True)
    has_numbers = any(
        any(column) and not any(map(is_text, map(str.strip, column))) for column in columns
    )
    return table if has_numbers and all(map(str.strip, names)) else range(0)

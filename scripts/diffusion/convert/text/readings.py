"""How a doubt about the delimiter of a text, or about the widths of its rows, is told."""

import re
from collections.abc import Mapping, Sequence
from math import gcd

from diffusion.config.reading import ONE_COLUMN
from diffusion.convert.headers.doubtful import doubtful_header
from diffusion.convert.headers.values import is_data
from diffusion.convert.headers.words import reading, shown
from diffusion.convert.looks import is_text, kind_of
from diffusion.convert.text.comma_decimals import comma_decimals
from diffusion.convert.text.cuts import NO_SIGN, Cut
from diffusion.convert.text.odd_cells import FIXED
from diffusion.errors import DialectError, DiffusionError

COMMAS = re.compile(r"-?\d{1,15}(,\d+)?")


def refuse_narrow(cut: Cut, header: int, label: str, above: int) -> None:
    """Refuse a header that all rows below are wider than, as R writes it above names of rows."""
    names, wide = cut.rows[header - 1], cut.wider(header - 1)
    if not names or not wide:
        return
    spare = [f"c{number + 1}" for number in range(wide)][: wide - len(names)]
    rows = [row for row in cut.rows[header:] if row]
    ended = all(cell == "" for row in rows for cell in row[len(names) :])
    readings = (
        [[*names, *spare]] if ended or len(spare) > 1 else [[*spare, *names], [*names, *spare]]
    )
    found = f"its header has {len(names)} cells, the lines below have {wide}:\n"
    keys = {**_stated(cut.delimiter), "header": header + above}
    ways = [reading({**keys, "names": each}, each) for each in readings]
    ways = in_groups(cut, header - 1, keys) + ways
    fix = comma_decimals(rows, names, cut.delimiter)
    fix += "state the names of all columns:\n" + "\n".join(ways)
    raise DialectError(label, found + shown(cut.rows, cut.delimiter, above), fix)


def in_groups(cut: Cut, start: int, keys: Mapping | None = None) -> list[str]:
    """Return the reading in which the last names come again for further groups of cells.

    As many make a group as rows are wider by, with cells of the same kinds in each of them; one
    cell more may be a part of the last one.
    """
    names = [cell.strip() for cell in cut.rows[start]]
    keys = keys or _stated(cut.delimiter)
    rows = [row for row in cut.rows[start + 1 :] if row]
    steps = {len(row) - len(names) for row in rows}
    step = gcd(*steps)
    if min(steps) < 0 or not step or not all(map(is_text, names)):
        return []
    for size in (n for n in range(2, min(step, len(names) - 1) + 1) if step % n == 0):
        if not all(
            _is_alike(rows, at, size, len(names)) for at in range(len(names) - size, len(names))
        ):
            continue
        again = [f"{name}_{n}" for n in range(2, max(steps) // size + 2) for name in names[-size:]]
        return [reading({**keys, "repeat": size}, [*names, *again])]
    return []


def _is_alike(rows: Sequence[Sequence[str]], at: int, size: int, width: int) -> bool:
    """Whether cells of further groups are of the kinds that a column of the first one has."""
    first = {kind_of(row[at].strip()) for row in rows if row[at].strip()}
    places = range(at + size, max(map(len, rows)), size)
    further = {
        kind_of(row[n].strip()) for row in rows for n in places if n < len(row) and row[n].strip()
    }
    return _plain_kinds(further) <= _plain_kinds(first)


def _plain_kinds(kinds: set[str]) -> set[str]:
    return {"number" if kind in ("year", "long", "decimal") else kind for kind in kinds}


def several(cuts: Sequence[Cut], start: int, label: str) -> DiffusionError:
    ways = "can be cut in several ways" if len(cuts) > 1 else "are cut by no usual delimiter"
    found = f"its lines {ways}:\n{shown(cuts[0].rows, cuts[0].delimiter)}"
    fix = "state which one is right:\n" + "\n".join(
        reading(_stated(cut.delimiter), cut.rows[start]) for cut in cuts
    )
    if (
        " " in {cut.delimiter for cut in cuts}
        and len({len(" ".join(r)) for r in cuts[-1].rows}) == 1
    ):
        fix += f"\nor, where columns stand at fixed places, state these: {FIXED}"
    return DialectError(label, found, fix)


def later_header(cuts: Sequence[Cut], label: str, above: int) -> DiffusionError:
    cut, starts = cuts[0], [(cut, cut.begins()) for cut in cuts]
    values = [cut.delimiter.join(row) for row in cut.rows[1:] if row]
    if cut.delimiter == "," and all(map(COMMAS.fullmatch, values)):
        found = "each of its lines is one number with a decimal comma, it seems:\n"
        keys = {"delimiter": ONE_COLUMN, "decimal": ","}
        fix = f"state that it has one column:\n{reading(keys, cut.rows[0])}"
        return DialectError(label, found + shown(cut.rows, cut.delimiter, above), fix)
    kinds = [cut for cut, at in starts if len(cut.rows[0]) > 1 and is_data(cut.rows[at:])]
    if kinds:
        raise _of_kinds(kinds[0], label, above)
    found = f"line {above + 1} is no header, it seems: those from line {above + starts[0][1] + 1} "
    found += f"on are cut alike:\n{shown(cut.rows, cut.delimiter, above)}"
    fix = "state where the header is, and the delimiter:\n"
    fix += "\n".join(way for cut, first in starts for way in _ways_from(cut, first, above))
    if len(cut.rows[0]) == 1 and cut.rows[0][0].strip() and starts[0][1] == 1:
        fix += f"\n{reading({'delimiter': ONE_COLUMN}, cut.rows[0])}"  # of addresses, say
    if other := _table_above(cut, starts[0][1]):
        lines = f"lines {above + other[0] + 1} to {above + other[-1] + 1}"
        found += f"\n{lines} may be another table, of other columns"
        fix += f"\n{lines} are then left out, unsaid: they are a source of their own by "
        fix += f"`csv: {{header: {above + other[0] + 1}, footer: …}}`"
    return DialectError(label, found, fix)


def _table_above(cut: Cut, first: int) -> range:
    """Return the longest run of rows above a table that have several cells, as many in each."""
    longest = start = 0
    found = range(0)
    for at in range(first + 1):
        width = len(cut.rows[at])
        if at == first or width < 2 or width != len(cut.rows[start]):
            if len(cut.rows[start]) > 1 and at - start > max(longest, 2):
                found, longest = range(start, at), at - start
            start = at
    return found


def _of_kinds(cut: Cut, label: str, above: int) -> DiffusionError:
    """Return the error for rows of several kinds and widths, none of which has names."""
    widest = max(map(len, cut.rows))
    names = [f"c{number + 1}" for number in range(widest)]
    found = f"its rows are of several kinds, it seems, without names ({_widths(cut)} cells):\n"
    found += shown(cut.rows, cut.delimiter, above)
    keys = {**_stated(cut.delimiter), "header": 0, "pad": True, "names": names}
    first = cut.rows[-1][0].replace("'", "''")
    fix = f"state that all are rows, and name the columns:\n{reading(keys, names)}\n"
    fix += f"with the rows of one kind kept by `where`, such as `where: \"c1 = '{first}'\"`"
    return DialectError(label, found, fix)


def _ways_from(cut: Cut, first: int, above: int) -> list[str]:
    """Return the readings of a table that begins at a row, which may be in doubt as well."""
    try:
        doubtful_header(cut.rows[first:], cut.delimiter, "", above=above + first)
    except DiffusionError as doubt:
        return doubt.fix.splitlines()[1:]
    keys = {**_stated(cut.delimiter), "header": above + first + 1}
    return [reading(keys, cut.rows[first])]


def none(alone: Cut, cuts: Sequence[Cut], start: int, label: str, above: int = 0) -> DiffusionError:
    widths = [f"{cut.delimiter!r} cuts them into {_widths(cut)} cells" for cut in cuts]
    found = f"no delimiter cuts its lines alike ({'; '.join(widths)}):\n"
    found += shown(alone.rows, alone.delimiter, above)
    fix = (
        "state the delimiter, the line of the header, or the sign of quotes: `csv: {delimiter: …, "
    )
    fix += "header: …, quote: …}`"
    named = sorted(
        (cut for cut in cuts if len(cut.rows) > start and len(cut.rows[start]) > 1),
        key=lambda cut: -len(cut.rows[start]),
    )
    for way in (way for cut in named for way in in_groups(cut, start)):
        fix += f"\n{way}"
    for cut in named or [alone]:
        fix += "\n" + reading(_stated(cut.delimiter), cut.rows[start])
    return DialectError(label, found, fix)


def _widths(cut: Cut) -> str:
    return ", ".join(str(width) for width in sorted({len(row) for row in cut.rows if row})[:4])


def _stated(delimiter: str) -> dict:
    return {"delimiter": ONE_COLUMN if delimiter == NO_SIGN else delimiter}

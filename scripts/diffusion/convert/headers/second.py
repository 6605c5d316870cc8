"""Whether rows below the first have names too, or units, or types."""

import re
import string
from collections.abc import Sequence
from itertools import pairwise

from diffusion.convert.looks import SECRET, kind_of

EVIDENCE = 3  # numbers below words: fewer show nothing
SHORT = 3  # letters: shorter words may stand for a missing value
KNOWN = ("id", "nb", "ha", "km", "kg", "mm", "cm")  # short names and units
RANGE = re.compile(r"\d+\s?[-–/]\s?\d+")  # of ages, of years
RULED = re.compile(r"-{2,}|={2,}|_{2,}")
LEVELS = 4  # rows that have names together, at most
FEWEST = 3  # columns that are numbered: two are no evidence
NAME = re.compile(r"[^\W\d_]|[(\[]\s*\w|[%‰°€$]")  # how a name, a unit or a type begins


def are_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row has words only, some of them where all rows below have numbers.

    Names of columns for machines are such words (`P20_POP`), and so are units, types and `(1)`.
    """
    if len(rows) < 4 or len(rows[1]) != len(rows[0]):
        return False
    words = [cell.strip() for cell in rows[1]]
    if words == [cell.strip() for cell in rows[0]]:
        return False  # they come twice, and are left out
    if any(word and (kind_of(word) != "text" or word.lower() in SECRET) for word in words):
        return False  # a row of values
    below = [[cell.strip() for cell in row] for row in rows[2:] if len(row) == len(words)]
    found = numbers = 0
    for word, column in zip(words, zip(*below, strict=True), strict=False):
        given = [cell for cell in column if cell and cell.lower() not in SECRET]
        if word and given and all(kind_of(cell) != "text" for cell in given):
            if not _is_name(word):
                return False
            found, numbers = found + 1, numbers + len(given)
    # a row of a label alone, such as a total without values, is found where labels are numbers
    return numbers >= EVIDENCE and (all(words) or 2 * found > sum(map(bool, words)))


def may_have_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row may have names: words alone, one of them above a number or more.

    Less evidence than ``are_names`` asks for, where it is in doubt already which row has them.
    """
    if len(rows) < 3 or len(rows[1]) != len(rows[0]):
        return False
    words = [cell.strip() for cell in rows[1]]
    if words == [cell.strip() for cell in rows[0]] or not any(words):
        return False
    if any(word and (kind_of(word) != "text" or word.lower() in SECRET) for word in words):
        return False
    below = [row[at].strip() for row in rows[2:4] for at in range(min(len(row), len(words)))]
    return any(cell and kind_of(cell) != "text" for cell in below)


def _is_name(word: str) -> bool:
    is_known = len(word) >= SHORT or not word.isalpha() or word.lower() in KNOWN
    return NAME.match(word) is not None and is_known


def lacks_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row lacks names which the second has, as merged cells leave them."""
    if len(rows) < 3 or all(cell.strip() for cell in rows[0][1:]):
        return False
    width = max(map(len, rows[:2]))
    rows = [*([*row, *[""] * (width - len(row))] for row in rows[:2]), *rows[2:]]
    if _repeats_below(rows[0], rows[1]) or _fills_groups(rows):
        return True
    words = [cell.strip() for cell in rows[1]]
    first = [cell.strip() for cell in rows[0]]
    if any(not name and not word for name, word in zip(first, words, strict=True)):
        return False
    if any(word and _kind(word) not in ("text", "year", "range") for word in words):
        return False
    below = [row for row in rows[2:] if len(row) == len(words)]
    columns = zip(words, zip(*below, strict=True), strict=False)
    return any(
        word and all(_kind(cell.strip()) not in ("text", "range") for cell in column)
        for word, column in columns
    )


def _kind(cell: str) -> str:
    return "range" if RANGE.fullmatch(cell) else kind_of(cell)


def _groups(first: Sequence[str]) -> list[range]:
    """Return the columns of each group: a name, and those without one right of it."""
    names = [cell.strip() for cell in first]
    starts = [at for at, name in enumerate(names) if name] + [len(names)]
    return [range(start, end) for start, end in pairwise(starts) if end - start > 1]


def _repeats_below(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the same cells, such as ages, stand below each of several groups."""
    groups = [[second[at].strip() for at in g] for g in _groups(first)]
    cells = groups[0] if groups else []
    is_whole = len(groups) > 1 and all(cells) and len(set(cells)) == len(cells)
    return is_whole and all(group == cells for group in groups)


def _fills_groups(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row has cells below groups alone, where all rows below have labels."""
    second = [cell.strip() for cell in rows[1]]
    grouped = {at for group in _groups(rows[0]) for at in group}
    filled = {at for at, cell in enumerate(second) if cell}
    labels = [at for at in range(len(second)) if at not in grouped]
    below = [row for row in rows[2:] if len(row) == len(second)]
    if not grouped or filled != grouped or not labels or len(below) < 2:
        return False
    return len(set(second)) > 1 and all(row[at].strip() for row in below for at in labels)


def levels_of_names(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows have names together, as pandas writes columns of several levels; or 0.

    Below the levels stands a row with the names of the index alone, if it has any. Without it,
    names come again in the first row, and words or years below tell them apart.
    """
    for last in range(2, min(LEVELS + 1, len(rows) - 1)):
        filled = [bool(cell.strip()) for cell in rows[last]]
        names = filled.index(False) if False in filled else 0
        if not names or any(filled[names:]) or any(len(r) != len(filled) for r in rows[:last]):
            continue
        have_none = not any(cell.strip() for row in rows[:last] for cell in row[:names])
        above = [[*row[:names], *_carried(row[names:])] for row in rows[:last]]
        if all(cell.strip() for row in above for cell in row[names:]) and (
            have_none
            or _come_again(above[0][names:])
            or (names == 1 and _tell_apart(above, rows[last + 1 :]))
        ):
            return last + 1
    if len(rows) > 2 and rows[1] and not rows[0][0].strip() and not rows[1][0].strip():
        years = [kind_of(cell.strip()) for cell in rows[1][1:]]
        if set(years) == {"year"} and _tell_apart(rows[:2], rows[2:]):
            return 2
    for last in range(2, min(LEVELS + 1, len(rows))):
        if _come_again(rows[0][1:]) and _tell_apart(rows[:last], rows[last:]):
            return last
    return 0


def _carried(cells: Sequence[str]) -> list[str]:
    """Return cells with blank ones filled from the left, as merged cells have them."""
    carried: list[str] = []
    for cell in cells:
        carried.append(cell if cell.strip() or not carried else carried[-1])
    return carried


def _come_again(names: Sequence[str]) -> bool:
    return all(map(str.strip, names)) and len(set(names)) < len(names)


def _tell_apart(levels: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> bool:
    """Whether all cells below the first row are words or years above values of another kind."""
    if any(len(row) != len(levels[0]) for row in levels):
        return False
    columns = list(zip(*levels, strict=True))[1:]
    if len(set(columns)) < len(columns):
        return False
    for at, column in enumerate(columns, 1):
        kinds = {kind_of(row[at].strip()) for row in rows if len(row) > at and row[at].strip()}
        own = {kind_of(cell.strip()) for cell in column[1:]}
        if not kinds or not own <= {"text", "year"} or own & kinds:
            return False
    return True


def is_ruled_off(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row has dashes alone, as terminals show; a `-` may stand for no value."""
    cells = [cell.strip() for cell in rows[1]] if len(rows) > 1 else []
    ruled = bool(cells) and len(cells) == len(rows[0]) and all(map(RULED.fullmatch, cells))
    return ruled and any(len(cell) > SHORT for cell in cells)


def numbers_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the second row numbers the columns, `1;2;3` or `A;B;C`: some have words below."""
    if len(rows) < 4 or len(rows[1]) != len(rows[0]) or len(rows[1]) < FEWEST:
        return False
    given = [cell.strip() for cell in rows[1]]
    numbers = [str(number) for number in range(1, len(given) + 1)]
    if given != numbers and given != list(string.ascii_uppercase[: len(given)]):
        return False
    below = [[cell.strip() for cell in row] for row in rows[2:] if len(row) == len(given)]
    is_word = given != numbers
    return any(
        all(cell and (kind_of(cell) == "text") != is_word for cell in column)
        for column in zip(*below, strict=True)
    )

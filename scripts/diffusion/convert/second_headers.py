"""Whether the second row has names too, or units, or types; whether numbers can be names at all."""

import re
from collections.abc import Sequence
from itertools import pairwise

from diffusion.convert.looks import SECRET, kind_of

EVIDENCE = 3  # numbers below words: fewer show nothing
SHORT = 3  # letters: shorter words may stand for a missing value
KNOWN = ("id", "nb", "ha", "km", "kg", "mm", "cm")  # short names and units
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


def _is_name(word: str) -> bool:
    is_known = len(word) >= SHORT or not word.isalpha() or word.lower() in KNOWN
    return NAME.match(word) is not None and is_known


def may_be_names(numbers: Sequence[str]) -> bool:
    """Whether whole numbers of a first row may be names: ages, months, classes, which grow."""
    if not all(map(str.isdecimal, numbers)):
        return False
    given = list(map(int, numbers))
    if len(given) < 2:
        return given in ([], [0], [1])  # pandas calls a column without a name 0
    steps = [after - before for before, after in pairwise(given)]
    if all(step % 100 == 1 for step in steps):  # years of two digits begin again at 00
        return True
    if min(steps) <= 0:
        return False
    if len(given) == 2:
        return not any(number % 5 for number in given)
    return len(given) > 3 or given[0] < 2 or len(set(steps)) == 1


def lacks_names(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row lacks names which the second has, as merged cells leave them."""
    if len(rows) < 3 or all(cell.strip() for cell in rows[0][1:]):
        return False
    words = [cell.strip() for cell in rows[1]]
    first = [cell.strip() for cell in rows[0]] + [""] * (len(words) - len(rows[0]))
    if any(not name and not word for name, word in zip(first, words, strict=False)):
        return False
    if any(word and kind_of(word) not in ("text", "year") for word in words):
        return False
    below = [row for row in rows[2:] if len(row) == len(words)]
    columns = zip(words, zip(*below, strict=True), strict=False)
    return any(
        word and all(kind_of(cell.strip()) != "text" for cell in column) for word, column in columns
    )

"""Rows between the names and the data that say more of the columns: labels, codes, units, types."""

import re
from collections.abc import Sequence

from diffusion.convert.headers.second import are_names
from diffusion.convert.looks import SECRET, kind_of

MOST = 12  # rows below the names that describe columns
EVIDENCE = 3  # values below, at least
NUMERIC = ("number", "long", "decimal", "year")
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")
ZERO = re.compile(r"0\d+")  # a code, beside decimals
MARKED = re.compile(r"[<>≤≥~±]?\s*\d[\d.,\s]*\W*\w{0,2}\W*")  # a number with a mark


def describing(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows below the first describe its columns, as no row of data does; or 0.

    Where all rows below them have numbers, dates or codes, they have other cells or none.
    """
    given = [[cell.strip() for cell in row] for row in rows]
    wide = [row for row in given if len(row) == len(given[0])]
    known = 0
    for count in range(1, min(MOST, len(wide) - 2) + 1):
        if wide[: count + 1] != given[: count + 1] or wide[count] in wide[:count]:
            break  # names that come twice are left out
        if _describe(wide[1 : count + 1], wide[count + 1 :]):
            known = count
    return known or int(are_names(rows))


def _describe(rows: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool:
    columns = [
        [cell for cell in column if not _is_missing(cell)] for column in zip(*below, strict=True)
    ]
    kinds = [set(map(_kind, column)) for column in columns]
    typed = [at for at, found in enumerate(kinds) if found and "text" not in found]
    if sum(len(columns[at]) for at in typed) < EVIDENCE:
        return False
    other = [[at for at in typed if not _is_missing(row[at])] for row in rows]
    for row, found in zip(rows, other, strict=True):
        if any(_is_like(row[at], columns[at], kinds[at]) for at in found):
            return False
    if len(rows) > 1 and any(other) and 0 not in typed and _are_labels(rows, below):
        return True
    if len(rows) == 1:
        return _lacks_label(rows[0], below, typed) or _is_strange(rows[0], other[0], below)
    if not all(other):
        return False
    if 0 in typed:  # labels stand where the table has numbers, dates or codes
        return all(not row[0] or _is_word(row[0]) for row in rows)
    cells = [[row[at] for row in rows if row[at]] for at in typed]
    has_words = any(_is_word(cell) for column in cells for cell in column)
    return has_words and all(len(set(column)) == len(column) for column in cells)


def _are_labels(rows: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool:
    """Whether rows begin with words, and those below with periods or codes: a series' own facts.

    Statistical offices write a title, an identifier and a date above the values of a series.
    """
    above = all(LETTER.search(row[0]) and not DIGIT.search(row[0]) for row in rows)
    return above and all(DIGIT.search(row[0]) for row in below)


def _lacks_label(row: Sequence[str], below: Sequence[Sequence[str]], typed: Sequence[int]) -> bool:
    """Whether a row has no label where all below have one, and words where they have values."""
    has_words = any(row[at] and kind_of(row[at]) == "text" for at in typed)
    return not row[0] and len(below) > 1 and all(other[0] for other in below) and has_words


def _is_strange(row: Sequence[str], other: Sequence[int], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row is more than a label beside signs for no value: its cells differ, say."""
    cells, inner = [row[at] for at in other], [row[at] for at in other if at]
    if len(cells) < 2 or not all(kind_of(cell) == "text" for cell in cells):
        return False
    is_varied = len(set(cells)) == len(cells)
    if 0 in other:
        return any(map(_is_word, inner)) or (is_varied and not _is_word(row[0]))
    has_digits = any(map(str.isdigit, row[0]))
    is_label = any(any(map(str.isdigit, other[0])) == has_digits for other in below)
    return is_varied and (not is_label or all(map(_is_word, cells)))


def _is_word(cell: str) -> bool:
    """Whether a cell is no sign, and no number with a mark, such as `12 (p)`."""
    return LETTER.search(cell) is not None and not MARKED.fullmatch(cell)


def _is_missing(cell: str) -> bool:
    return not cell or cell.lower() in SECRET


def _kind(cell: str) -> str:
    kind = kind_of(cell)
    return "number" if kind in NUMERIC else kind


def _is_like(cell: str, column: Sequence[str], kinds: set[str]) -> bool:
    """Whether a cell is of the kinds of those below; a code such as 001759970 is no decimal."""
    is_code = ZERO.fullmatch(cell) and all(kind_of(other) == "decimal" for other in column)
    return _kind(cell) in kinds and not is_code

"""What a table could mean as well: told beside it, where it is no reason to stop."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from diffusion.check.declarations import better_declaration, in_their_own_way
from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.convert.looked_at import looked_at
from diffusion.convert.looks import SECRET, kind_of
from diffusion.tables.codes import is_code, is_measured
from diffusion.tables.other_readings import CODES, in_thousands, other_reading
from diffusion.tables.sql import identifier

MOST = 500  # columns that are looked at: more take DuckDB longer than the conversion
FEW_WORDS = 20  # values for each word that is no number
COMMA = re.compile(r"-?\d{1,15},\d+")
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")
NUMBER = re.compile(r"-?\d{1,15}(,\d+)?")
PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})([.,]\d+)?")  # no code
LONG_ZERO = re.compile(r"\d+[.]\d+0")
FINE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.]\d{7,}(Z|[+-]\d\d:?\d\d)?")
DAY = re.compile(
    r"(\d{1,2}([/.-])\d{1,2}\2\d{4}|\d{4}/\d\d/\d\d)([ T]\d{1,2}:\d\d(:\d\d)?( [AP]M)?)?"
)
LONG_CODE = re.compile(r"0\d+|\d{16,}")
FLOAT = re.compile(r"[+\u2212-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?")  # that a declared one reads
DIGITS = re.compile(r"[+-]?\d+([.,]\d+)?")  # of any script
FOREIGN = re.compile(r"(?![0-9])\d")  # a digit of another script
SWAP = str.maketrans(",.", ".,")
MISSING = frozenset((*SECRET, "infinity", "-infinity", "-inf", "n/d", "n.c.", "n.a.", r"\n"))
SIGN = re.compile(r"[^\w\s]{1,5}|#[A-Z0-9/!?]+|[.][a-z_]", re.IGNORECASE)  # `:`, `///`, `#REF!`


@dataclass(frozen=True)
class TextDoubts:
    """Columns that are text, and whose first values are numbers but for how they are written.

    Attributes:
        commas: those with decimal commas. Not where each has three digits after it, and so may be a
            number with its thousands apart.
        tokens: those with words for a missing value among them, such as `NaN`; column → {words:
            word → how often, of: how many values were looked at; 0 if words stand behind these}.
        notes: what is told of those that may be codes, or have their thousands apart.
    """

    commas: list[str] = field(default_factory=list)
    tokens: dict[str, dict] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def text_doubts(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], decimal: str
) -> TextDoubts:
    """Return which columns of text may be meant as numbers.

    Args:
        relation: SQL of a relation.
        names: its columns that are text because no type is declared or proven.
        decimal: the decimal separator of the source.
    """
    found = TextDoubts()
    if not names or len(names) > MOST:
        return found
    for name, values, odd in looked_at(con, relation, names):
        given = [value for value in (*values, *odd) if value is not None]
        numbers = [value for value in given if not _is_missing(value)]
        if decimal == "." and len(numbers) == len(given) and _has_commas(given):
            found.commas.append(name)
        elif given and all(map(FINE.fullmatch, given)):
            found.notes.append(
                f"`{name}` is text: moments such as `{max(given, key=len)}` would be cut to "
                f"microseconds; if that is meant, declare `columns: {{{in_line(name)}: timestamp}}`"
            )
        elif given and all(map(DAY.fullmatch, given)) and (fix := _as_days(name, given)):
            found.notes.append(
                f"`{name}` is text; if days such as `{given[0]}` are to be dates, {fix}"
            )
        elif not is_code(name):
            note = _two_signs(name, numbers) or _other_reading(name, given, decimal)
            found.notes.extend(filter(None, [note]))
        if not is_code(name) and (note := _as_numbers(name, given, decimal)):
            found.notes.append(note)
        words = sorted(set(given) - set(numbers))
        if words and numbers and not is_code(name) and all(map(PLAIN.fullmatch, numbers)):
            counts = Counter(given)
            found.tokens[name] = {
                "words": {w: counts[w] for w in words},
                "of": 0 if odd else len(values),
            }
    return found


def unused_decimal(decimal: str, columns: Sequence[Column]) -> list[str]:
    """Return what is told where the decimal separator of the source is in no column."""
    if decimal == "." or any(column.takes_decimal for column in columns):
        return []
    return [
        f'`csv: {{decimal: "{decimal}"}}` changes nothing: it is for numbers that are written as '
        "text, and no column of text is declared to be one (numbers that are no text in the data "
        "are read as they are)"
    ]


def decimals_or_thousands(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], read: Sequence[str]
) -> list[str]:
    """Return what is told of columns that were read as decimals, and may be thousands.

    Args:
        names: columns of text that are proven to be floats.
        read: what was found of the files: where commas cut cells, decimals have points.
    """
    if any("`,`" in words for words in read):
        return []
    unnamed = [name for name in names if not is_measured(name)]
    return [
        f"each number of `{name}` has three digits behind a point, such as `{shown}`, and is read "
        "as a decimal; if the point stands between thousands, declare "
        f'`columns: {{{in_line(name)}: {{type: int, decimal: ",", thousands: "."}}}}`'
        for name, shown in in_thousands(con, relation, unnamed[:MOST]).items()
    ]


def _is_missing(value: str) -> bool:
    return value.lower() in MISSING or SIGN.fullmatch(value) is not None


def _as_numbers(name: str, given: Sequence[str], decimal: str) -> str:
    """Return what is told of numbers that are written in a way of their own, or have marks."""
    if foreign := next(filter(FOREIGN.search, given), ""):
        return _in_digits_of_another_script(name, foreign, given)
    others = [value for value in given if not PLAIN.fullmatch(value)]
    marked = [value for value in others if not _is_missing(value)]
    if not marked or any(map(LONG_CODE.fullmatch, marked)):
        return ""
    shown = f"`{name}` is text: `{marked[0]}`"
    if not any(map(str.isdecimal, "".join(marked))):  # words: of some, numbers may be labels
        are_few = FEW_WORDS * len(marked) <= len(given)
        return f"{shown} is no number, and most of its values are" if are_few else ""
    if all(map(FLOAT.fullmatch, marked)) and len(marked) == len(others):
        return (
            f"{shown} is no plain number; if it is to be one, declare `columns: "
            f"{{{in_line(name)}: float}}`"
        )
    fix = in_their_own_way(name, others)
    is_read = decimal == "." or not any("." in value for value in others)
    if fix and is_read and not ("unit:" in fix and len(others) < len(given)):
        return f"{shown} is no plain number; if it is to be one, {fix}"
    are_days = any(kind_of(value) == "date" for value in marked)
    if not are_days and 2 * len(others) <= len(given):
        return f"{shown} is no number, and most of its values are"
    return ""


def _in_digits_of_another_script(name: str, shown: str, given: Sequence[str]) -> str:
    """Return what is told of digits that no type reads, if all values are numbers in them."""
    if not all(DIGITS.fullmatch(value) or _is_missing(value) for value in given):
        return ""
    digit = next(sign for sign in shown if FOREIGN.match(sign))
    zero = ord(digit) - unicodedata.digit(digit)
    digits = "".join(chr(zero + n) for n in range(10))
    return (
        f"`{name}` is text: `{shown}` is written in digits of another script, which no type reads; "
        f"a derived table makes numbers of them: `translate({identifier(name)}, '{digits}', "
        "'0123456789')`"
    )


def _two_signs(name: str, numbers: Sequence[str]) -> str:
    """Return what is told of decimal commas beside decimal points, as two files have them."""
    comma, point = (
        next((v for v in numbers if sign in v and not v.endswith(sign)), "") for sign in ",."
    )
    if not (comma and point and all(map(PLAIN.fullmatch, numbers))):
        return ""
    return (
        f"`{name}` is text: `{comma}` has a comma, and `{point}` a point; where they are decimal "
        "signs of two kinds of files, have each kind in a source of its own"
    )


def _as_days(name: str, given: Sequence[str]) -> str:
    """Return how days, or moments, are declared; nothing where no usual format reads all."""
    kind = "TIMESTAMP" if any(":" in value for value in given) else "DATE"
    declared = better_declaration(name, kind, given)
    return declared if "format:" in declared else ""


def _other_reading(name: str, given: Sequence[str], decimal: str) -> str:
    """Return what is told of numbers that are text as they may be something else."""
    swapped = [value.translate(SWAP) if decimal == "," else value for value in given]
    kind = other_reading(swapped, name)
    if kind == CODES:
        shown = next(v for v, s in zip(given, swapped, strict=True) if LONG_ZERO.fullmatch(s))
        found = f"`{name}` is text: `{shown}` ends in a 0, and others have one digit behind the "
        found += f"`{decimal}`, as months, versions and codes do"
        return f"{found}; if they are numbers, declare `columns: {{{in_line(name)}: float}}`"
    if kind:
        shown, plain = (
            next(v for v in given if (decimal in v) is has_sign) for has_sign in (True, False)
        )
        other = "," if decimal == "." else "."
        keys = f'{{type: int, decimal: "{other}", thousands: "{decimal}"}}'
        found = f"`{name}` is text: `{shown}`, beside `{plain}`, may be a thousand or have decimals"
        found += f"; declare `columns: {{{in_line(name)}: {keys}}}`, or `columns: "
        found += f"{{{in_line(name)}: float}}`"
        return found
    return ""


def _has_commas(given: Sequence[str]) -> bool:
    commas = [value for value in given if "," in value]
    if all(map(THOUSANDS.fullmatch, commas)):
        return False  # 1,234 may be a thousand: no remedy is better than a wrong one
    return any(map(COMMA.fullmatch, given)) and all(map(NUMBER.fullmatch, given))

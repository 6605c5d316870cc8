"""What a table could mean as well: told beside it, where it is no reason to stop."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from diffusion.convert.looks import SECRET
from diffusion.tables.codes import is_code
from diffusion.tables.sql import identifier

MOST = 500  # columns that are looked at: more take DuckDB longer than the conversion
LOOKED = 1000  # values of a column
COMMA = re.compile(r"-?\d{1,15},\d+")
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")
NUMBER = re.compile(r"-?\d{1,15}(,\d+)?")
PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})([.,]\d+)?")  # no code
MISSING = frozenset((*SECRET, "infinity", "-infinity", "-inf"))


@dataclass(frozen=True)
class TextDoubts:
    """Columns that are text, and whose first values are numbers but for how they are written.

    Attributes:
        commas: those with decimal commas. Not where each has three digits after it, and so may be a
            number with its thousands apart.
        tokens: those with words for a missing value among them, such as `NaN`; column → words.
    """

    commas: list[str] = field(default_factory=list)
    tokens: dict[str, list[str]] = field(default_factory=dict)


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
    columns = ", ".join(map(identifier, names))
    rows = con.execute(f"SELECT {columns} FROM ({relation}) LIMIT {LOOKED}").fetchall()
    for name, values in zip(names, zip(*rows, strict=True), strict=False):
        given = [value for value in values if value is not None]
        numbers = [value for value in given if value.lower() not in MISSING]
        if decimal == "." and len(numbers) == len(given) and _has_commas(given):
            found.commas.append(name)
        words = sorted(set(given) - set(numbers))
        if words and numbers and not is_code(name) and all(map(PLAIN.fullmatch, numbers)):
            found.tokens[name] = words
    return found


def _has_commas(given: Sequence[str]) -> bool:
    commas = [value for value in given if "," in value]
    if all(map(THOUSANDS.fullmatch, commas)):
        return False  # 1,234 may be a thousand: no remedy is better than a wrong one
    return any(map(COMMA.fullmatch, given)) and all(map(NUMBER.fullmatch, given))

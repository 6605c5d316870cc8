"""Null tokens among numbers that are text in their file: numbers are compared as numbers.

``-999`` is also ``-999.0``, as in Parquet (``own_types``), where a column is a number: by what is
declared, by the file's own types, or as all its values prove.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from diffusion.tables.sql import identifier, literal

if TYPE_CHECKING:
    from diffusion.convert.columns import Column

WHOLE = re.compile(r"-?\d+")
# what shows nothing: DuckDB's own `trim` leaves line breaks and tabs
BLANK = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def trimmed(text: str) -> str:
    """Return SQL of a text without what shows nothing at its ends."""
    return f"trim({text}, {literal(BLANK)})"


def is_whole_sql(text: str, nulls: Sequence[str], decimal: str) -> str:
    """Return SQL that tells whether a text is a null token that has decimals which are 0.

    Args:
        text: SQL of a number's text, without blanks around it.
        nulls: the null tokens; nothing is returned where none is a whole number.
        decimal: the decimal separator.
    """
    whole = [token for token in nulls if WHOLE.fullmatch(token)]
    if not whole:
        return ""
    shown = rf"regexp_replace({text}, '^(-?\d+)[{decimal}]0+$', '\1')"
    return f"{shown} IN ({', '.join(map(literal, whole))})"


def is_proven_token(column: "Column", kind: str, decimal: str) -> str:
    """Return SQL that tells whether the text of a column is such a token, once its type is proven.

    Nothing where it cannot be: a column that is proven to be whole has no decimals.
    """
    if column.kind is not None or kind != "float":
        return ""
    return is_whole_sql(trimmed(identifier(column.name)), column.nulls, column.sign(decimal))


def count_proven(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence["Column"],
    proven: Mapping[str, str],
    decimal: str,
) -> dict[str, dict[str, int]]:
    """Return column → {token: count} of what ``is_proven_token`` makes null.

    Args:
        relation: SQL of the typed parts, in which these columns are text.
    """
    asked = [
        (column.name, token, is_proven_token(replace(column, nulls=[token]), "float", decimal))
        for column in columns
        if is_proven_token(column, proven.get(column.name, ""), decimal)
        for token in column.nulls
        if WHOLE.fullmatch(token)
    ]
    if not asked:
        return {}
    counted = ", ".join(f"count(*) FILTER (WHERE {test})" for *_, test in asked)
    [counts] = con.execute(f"SELECT {counted} FROM ({relation})").fetchall()
    found: dict[str, dict[str, int]] = {}
    for (name, token, _), count in zip(asked, counts, strict=True):
        if count:
            found.setdefault(name, {})[token] = count
    return found


def added_up(*many: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return the sum of several column → {token: count}."""
    total: dict[str, dict[str, int]] = {}
    for nulls in many:
        for name, tokens in nulls.items():
            known = total.setdefault(name, {})
            for token, count in tokens.items():
                known[token] = known.get(token, 0) + count
    return total

"""Values that are not text by the types of their file, as those of Parquet and of layers.

What `columns:` and `nulls` say is said of text: a value is compared as the text that it shows.
"""

from collections.abc import Collection, Sequence

import duckdb

from diffusion.convert.null_tokens import trimmed
from diffusion.tables.sql import literal

BYTES = "BLOB"
FLOATS = frozenset(("FLOAT", "DOUBLE"))
WORDS = ("nan", "inf", "-inf")  # as DuckDB writes them
NO_NUMBERS = ("BLOB", "BOOLEAN", "ENUM", "JSON", "UUID", "VARCHAR")
NESTED = ("STRUCT", "MAP", "UNION")
# -999.0 and -999.00 are -999; midnight is its day
SHORT = r"^(-?\d+)\.0+$|^(\d+-\d\d-\d\d) 00:00:00(\+00)?$"


def own_types(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Collection[str]
) -> dict[str, str]:
    """Return the types, of DuckDB, of some columns of a relation."""
    if not columns:
        return {}
    described = con.execute(f"DESCRIBE {relation}").fetchall()
    return {name: kind for name, kind, *_ in described if name in columns}


def text_sql(value: str, own: str = "") -> str:
    """Return SQL of the text of a value that is not text: a whole float is ``1001``.

    Args:
        own: its type, where NaN must be told from a text.
    """
    text = rf"regexp_replace({value}::VARCHAR, '^(-?\d+)\.0$', '\1')"
    if own not in FLOATS:
        return text
    # DuckDB writes an exponent from 1e16 on, where every float is whole
    digits = f"WHEN abs({value}) >= 1e16 AND abs({value}) < 1e38 THEN {value}::HUGEINT::VARCHAR"
    return f"CASE {digits} WHEN NOT isnan({value}) THEN {text} END"


def is_nested(own: str) -> bool:
    """Return whether values of a type hold others."""
    return own.startswith(NESTED) or own.endswith("]")


def decoded(value: str) -> str:
    """Return SQL of the text of bytes; NULL where they are no UTF-8."""
    return f"try(decode({value}))"


def own_tokens(nulls: Sequence[str], own: str, kind: str | None) -> list[str]:
    """Return the null tokens that a value of a type can be.

    Args:
        kind: what is declared; bytes are text only where something is.
    """
    if not own or is_nested(own) or own.startswith("GEOMETRY") or (own == BYTES and kind is None):
        return []
    # most tokens are words, which no number is: they would cost the text of every value
    words = WORDS if own in FLOATS else ()
    may_be_any = own.startswith(NO_NUMBERS)
    return [t for t in nulls if may_be_any or t in words or any(map(str.isdigit, t))]


def own_is_null(column: str, own: str, tokens: Sequence[str]) -> str:
    """Return SQL that tells whether a value is one of some null tokens."""
    listed = ", ".join(map(literal, tokens))
    if own == BYTES:
        return f"{trimmed(decoded(column))} IN ({listed})"
    text = f"{column}::VARCHAR"
    return rf"({text} IN ({listed}) OR regexp_replace({text}, '{SHORT}', '\1\2') IN ({listed}))"


def own_value(column: str, own: str, tokens: Sequence[str], *, is_declared: bool) -> str:
    """Return SQL of a value, null tokens turned to NULL.

    Args:
        is_declared: whether its type is: NaN is then no value. Else it stays as it came.
    """
    if is_declared and own == BYTES:
        tokens = ["", *tokens]  # as of every text
    nothing = [own_is_null(column, own, tokens)] if tokens else []
    if is_declared and own in FLOATS:
        nothing.append(f"isnan({column})")
    return f"CASE WHEN {' OR '.join(nothing)} THEN NULL ELSE {column} END" if nothing else column

"""Values by which it is told why a column is text: the first ones, and odd ones behind them."""

import re
from collections.abc import Iterator, Sequence

import duckdb

from diffusion.tables.codes import are_identifiers, is_code
from diffusion.tables.sql import identifier, literal

LOOKED = 1000  # values of a column
ODD = 100  # further ones that are no plain numbers, where all of those are
NUMBER = r"-?(0|[1-9]\d{{0,14}})({sign}\d+)?"  # of one decimal sign


def looked_at(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]
) -> Iterator[tuple[str, list[str | None], list[str]]]:
    """Yield each column of text with its first values, and with odd ones further on.

    A column of a million numbers is text because of one value, which may be in the last of many
    files.
    """
    columns = ", ".join(map(identifier, names))
    rows = con.execute(f"SELECT {columns} FROM ({relation}) LIMIT {LOOKED}").fetchall()
    for name, values in zip(names, zip(*rows, strict=True), strict=False):
        yield name, list(values), _odd(con, relation, name, values)


def _odd(
    con: duckdb.DuckDBPyConnection, relation: str, name: str, values: Sequence[str | None]
) -> list[str]:
    given = [value for value in values if value is not None]
    if not given or len(values) < LOOKED or is_code(name) or are_identifiers(given):
        return []
    pattern = NUMBER.format(sign="," if any("," in value for value in given) else "[.]")
    column = identifier(name)
    is_odd = f"NOT regexp_full_match({column}, {literal(pattern)})"
    if not all(map(re.compile(pattern, re.ASCII).fullmatch, given)):
        return []  # the first values tell
    sql = f"SELECT {column} FROM ({relation}) WHERE {column} IS NOT NULL AND {is_odd} LIMIT {ODD}"
    return [value for (value,) in con.execute(sql).fetchall()]

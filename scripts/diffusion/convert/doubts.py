"""What a table could mean as well: told beside it, where it is no reason to stop."""

import re
from collections.abc import Sequence

import duckdb

from diffusion.tables.sql import identifier

MOST = 500  # columns that are looked at: more take DuckDB longer than the conversion
LOOKED = 1000  # values of a column
COMMA = re.compile(r"-?\d{1,15},\d+")
NUMBER = re.compile(r"-?\d{1,15}(,\d+)?")


def decimal_commas(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]
) -> list[str]:
    """Return the columns of text whose first values are all numbers with a decimal comma.

    Args:
        relation: SQL of a relation.
        names: its columns that are text because no type is declared or proven.
    """
    if not names or len(names) > MOST:
        return []
    columns = ", ".join(map(identifier, names))
    rows = con.execute(f"SELECT {columns} FROM ({relation}) LIMIT {LOOKED}").fetchall()
    found = []
    for name, values in zip(names, zip(*rows, strict=True), strict=False):
        given = [value for value in values if value is not None]
        if any(map(COMMA.fullmatch, given)) and all(map(NUMBER.fullmatch, given)):
            found.append(name)
    return found

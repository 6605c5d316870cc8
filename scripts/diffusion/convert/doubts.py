"""What a table could mean as well: told beside it, where it is no reason to stop."""

import re
from collections.abc import Sequence

import duckdb

from diffusion.tables.sql import identifier

MOST = 500  # columns that are looked at: more take DuckDB longer than the conversion
LOOKED = 1000  # values of a column
COMMA = re.compile(r"-?\d{1,15},\d+")
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+")
NUMBER = re.compile(r"-?\d{1,15}(,\d+)?")


def decimal_commas(
    con: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str]
) -> list[str]:
    """Return the columns of text whose first values are all numbers with a decimal comma.

    Not where each has three digits after it, and so may be a number with its thousands apart.

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
        commas = [value for value in given if "," in value]
        if all(map(THOUSANDS.fullmatch, commas)):
            continue  # 1,234 may be a thousand: no remedy is better than a wrong one
        if any(map(COMMA.fullmatch, given)) and all(map(NUMBER.fullmatch, given)):
            found.append(name)
    return found

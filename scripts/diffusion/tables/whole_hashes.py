"""Hashes of whole values of any type, by DuckDB: equal ones share theirs, others by chance alone.

Those of ``hashes`` cost less, and are of parts of long texts.
"""

from collections.abc import Sequence
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa

from diffusion.tables.sql import identifier

GIVEN = "given"


def hashes_of_columns(table: pa.Table, asked: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Return for each of some lists of columns one hash of their values in each row."""
    if not table.num_rows:
        return [np.empty(0, np.uint64) for _ in asked]
    hashed = (
        f"hash({', '.join(_hashable(table, name) for name in names)}) AS c{number}"
        for number, names in enumerate(asked)
    )
    con = _hashing()
    con.register(GIVEN, table)
    found = con.sql(f"SELECT {', '.join(hashed)} FROM {GIVEN}").to_arrow_table()
    con.unregister(GIVEN)
    # by DLPack, as `to_numpy` imports pandas
    return [np.from_dlpack(column.combine_chunks()) for column in found.columns]


def _hashable(table: pa.Table, name: str) -> str:
    """Return SQL of a column; nested values as text, as an empty list has the hash of none."""
    is_nested = pa.types.is_nested(table.schema.field(name).type)
    return f"{identifier(name)}::VARCHAR" if is_nested else identifier(name)


@cache
def _hashing() -> duckdb.DuckDBPyConnection:
    """One connection for all who hash in this process: to open it takes as long as most tables."""
    return duckdb.connect(config={"threads": 1})

"""Many small files: opening them takes longer than reading them does."""

from collections.abc import Sequence

import duckdb

from diffusion.convert.relation import OURS, RawTable, ordered_sql

MANY = 50  # files
FEW_BYTES = 8 << 20  # of all files together: compressed ones may hold twenty times that
ALL_ROWS = f'"{OURS}rows of all files"'


def read_once(con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable]) -> str:
    """Keep the rows of many small files, as all of them are looked at some five times.

    Returns:
        their SELECT, in order, with the number of each row's file as FILE; empty if none are kept.
    """
    paths = [raw.path for raw in raws]
    is_many = len(paths) >= MANY and all(path.is_file() for path in paths)
    if not is_many or sum(path.stat().st_size for path in paths) > FEW_BYTES:
        return ""
    con.execute(f"CREATE TEMP TABLE {ALL_ROWS} AS {ordered_sql(raws, with_files=True)}")
    return f"SELECT * FROM {ALL_ROWS}"

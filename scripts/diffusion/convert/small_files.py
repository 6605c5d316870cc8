"""Many small files: opening them takes longer than reading them does."""

from collections.abc import Iterable, Sequence

import duckdb

from diffusion.convert.relation import FILE, OURS, RawTable, ordered_sql
from diffusion.tables.sql import identifier

MANY = 50  # files
FEW_BYTES = 8 << 20  # of all files together: compressed ones may hold twenty times that
ALL_ROWS = f'"{OURS}rows of all files"'


def read_once(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], columns: Iterable[str], relation: str
) -> tuple[str, str]:
    """Keep the rows of many small files, as all of them are looked at some five times.

    Args:
        columns: raw ones that are looked at.
        relation: SQL of all files, see ``ordered_sql``.

    Returns:
        SQL of the rows, and of those that are kept, with the number of each row's file as FILE;
        the relation, and nothing, where none are.
    """
    paths = [raw.path for raw in raws]
    is_many = len(paths) >= MANY and all(path.is_file() for path in paths)
    if not is_many or sum(path.stat().st_size for path in paths) > FEW_BYTES:
        return relation, ""
    names = ", ".join(map(identifier, dict.fromkeys(columns)))
    rows = f"SELECT {names}, {FILE} FROM ({ordered_sql(raws, with_files=True)})"
    con.execute(f"CREATE TEMP TABLE {ALL_ROWS} AS {rows}")
    return f"SELECT {names} FROM {ALL_ROWS}", f"SELECT * FROM {ALL_ROWS}"

"""No row is lost or doubled unseen: what the raw files hold is counted beside what came of them.

The first count is never the reader's own: lines are counted in the bytes, records as the API gave
them, rows as Parquet's footer or the layer states them.
"""

import logging
from collections.abc import Sequence

import duckdb

from diffusion.convert.relation import FILE, RawTable, numbered_sql
from diffusion.errors import DiffusionError, RowsError

logger = logging.getLogger(__name__)


def verify_rows(con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], rows: int) -> None:
    """Refuse a table that has not as many rows as its raw files hold records.

    Args:
        raws: all raw files of the table.
        rows: how many came of them.

    Raises:
        DiffusionError: names the file, with both numbers.
    """
    held = ((raw.held.records, raw.skipped) for raw in raws)
    counted = [records - skipped for records, skipped in held if records is not None]
    if len(counted) == len(raws) and sum(counted) == rows:
        return
    came = _rows_by_file(con, raws)
    for number, raw in enumerate(raws):
        got = came.get(number, 0) + raw.skipped
        if raw.held.records is not None and raw.held.records != got:
            _verify_file(raw, got)
    if sum(came.values()) != rows:
        found = f"the raw files hold {sum(came.values()):,} rows, {rows:,} came of them"
        raise readers_disagree("the table", found)


def verify_parts(parts: Sequence[int], rows: int) -> None:
    """Refuse a table that has not as many rows as its parts together."""
    if sum(parts) != rows:
        found = f"its {len(parts):,} parts hold {sum(parts):,} rows, {rows:,} came of them"
        raise readers_disagree("the table", found)


def _verify_file(raw: RawTable, came: int) -> None:
    """Compare once more with a count that takes longer, and knows blank lines and stray quotes."""
    held = raw.held.recount() if raw.held.recount else raw.held.records
    if held != came:
        raise readers_disagree(raw.label, f"holds {held:,} records, {came:,} rows came of them")
    logger.info("%s: %d lines, %d of them records", raw.label, raw.held.records, held)


def _rows_by_file(con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable]) -> dict[int, int]:
    sql = f"SELECT {FILE}, count(*) FROM ({numbered_sql(raws)}) GROUP BY {FILE}"
    return dict(con.execute(sql).fetchall())


def readers_disagree(where: str, found: str) -> DiffusionError:
    """Return the error where two readers see different things in one file."""
    fix = "two readers disagree about this file: look at its quotes and line ends, and report it "
    fix += "with the file; nothing was published"
    return RowsError(where, found, fix)

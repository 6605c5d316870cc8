"""Rows sorted by the few columns that tell them apart, and by all only where these are equal.

A key of all columns is written, compared and read again for each row; a key of few is not.
"""

from collections.abc import Iterable, Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.order import OutOfOrder, compares_alike, equal, is_ordered
from diffusion.tables.rows import BATCH_ROWS, Rows
from diffusion.tables.sql import identifier, order_by
from diffusion.tables.texts import mask_of, places_of

# rows that are equal in the few, and their bytes, which are held in memory together
MOST, MOST_BYTES = 4 * BATCH_ROWS, 64 << 20
BEHIND = 1  # column
PLACE = "\x01place"


def telling(sample: pa.Table, keys: Sequence[str]) -> Sequence[str]:
    """Return the first columns in which no two rows of a sample are equal.

    Nothing where that takes all columns, or where DuckDB would not sort by what Arrow holds as it
    does by what it holds itself.
    """
    kinds = {name: sample.schema.field(name).type for name in keys}
    if not all(compares_alike(kind) or pa.types.is_floating(kind) for kind in kinds.values()):
        return ()
    rows: list[tuple] = [()] * sample.num_rows
    for number, key in enumerate(keys[:-1], 1):
        if not compares_alike(kinds[key]):
            break
        # of each value a number: Python has no year 10000, which Arrow has
        values = sample[key].combine_chunks().dictionary_encode().indices.to_pylist()
        rows = [(*row, value) for row, value in zip(rows, values, strict=True)]
        if len(set(rows)) == len(rows):
            return keys[:number]
    return ()


def sorted_by(sql: str, few: Sequence[str], schema: pa.Schema) -> str:
    """Return a SELECT sorted by few columns.

    Args:
        schema: of all columns, in the order in which they count.
    """
    # the next column: most rows that are equal in the few are in order at once; texts: the sort
    # holds a key column in its key alone, where a text takes two bytes more than it has, not 16
    behind = schema.names[len(few) : len(few) + BEHIND]
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    return sql + order_by(map(identifier, dict.fromkeys([*few, *behind, *texts])))


def settled(
    con: duckdb.DuckDBPyConnection, rows: Rows, few: Sequence[str], keys: Sequence[str]
) -> Rows:
    """Return rows in the order of all their columns.

    Args:
        con: sorts the rows that are equal in the few.
        rows: those of ``sorted_by``.
        few: the first of the keys, which compare in Arrow as they do in DuckDB.
        keys: all columns, in the order in which they count.

    Raises (as the rows are read):
        OutOfOrder: too many rows are equal in the few; sort by all.
    """
    return Rows(rows.schema, _settled(con.cursor(), rows.batches, few, keys), is_sorted=True)


def _settled(
    con: duckdb.DuckDBPyConnection,
    batches: Iterable[pa.RecordBatch],
    few: Sequence[str],
    keys: Sequence[str],
) -> Iterator[pa.RecordBatch]:
    held: pa.RecordBatch | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        if held is not None:
            first = held.num_rows  # of the rows at its end that are equal to the batch's first
            if _ties(held.slice(held.num_rows - 1), batch.slice(0, 1), few):
                first = _last(held, few)
            tail = held.slice(first)
            if tail.num_rows > MOST or tail.nbytes > MOST_BYTES:
                raise OutOfOrder
            if first:
                yield _in_order(con, held.slice(0, first), few, keys)
            if tail.num_rows:
                batch = pa.concat_batches([tail, batch])
        held = batch
    if held is not None:
        yield _in_order(con, held, few, keys)


def _ties(
    before: pa.RecordBatch, after: pa.RecordBatch, few: Sequence[str]
) -> pa.BooleanArray | None:
    """Say where two rows are equal in some columns; None if nowhere."""
    ties: pa.BooleanArray | None = None
    for key in reversed(few):  # the last was needed to tell rows apart: it tells most
        same = equal(before[key], after[key])
        ties = same if ties is None else pc.and_(ties, same)
        if not ties.true_count:
            return None
    return ties


def _next_to(batch: pa.RecordBatch, few: Sequence[str]) -> pa.BooleanArray | None:
    """Say where a row is equal to the next one."""
    return _ties(batch.slice(0, batch.num_rows - 1), batch.slice(1), few)


def _last(batch: pa.RecordBatch, few: Sequence[str]) -> int:
    """Return where the last rows that are equal to each other begin."""
    ties = _next_to(batch, few)
    if ties is None:
        return batch.num_rows - 1
    others = pc.indices_nonzero(pc.invert(ties))
    return others[-1].as_py() + 1 if len(others) else 0


def _in_order(
    con: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, few: Sequence[str], keys: Sequence[str]
) -> pa.RecordBatch:
    """Sort the rows that are equal to the one before or behind them, each within its place."""
    ties = _next_to(batch, few)
    if ties is None:
        return batch
    no = mask_of(np.zeros(1, bool))
    tied = pc.or_(pa.concat_arrays([no, ties]), pa.concat_arrays([ties, no]))
    places = pc.indices_nonzero(tied).cast(pa.int64())
    rows = batch.take(places)
    if is_ordered(rows.slice(0, rows.num_rows - 1), rows.slice(1), keys):
        return batch
    con.register("tied", pa.Table.from_batches([rows]).append_column(PLACE, places))
    order = order_by(map(identifier, [*keys, PLACE]))
    found = con.sql(f"SELECT {identifier(PLACE)} FROM tied{order}").to_arrow_table()[PLACE]
    con.unregister("tied")
    found = found.combine_chunks()
    if found == places:
        return batch
    every = places_of(np.arange(batch.num_rows))
    return batch.take(pc.replace_with_mask(every, tied, found))

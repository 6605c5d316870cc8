"""Rows that come in their final order already: proven as they pass, so that they need no sort."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.rows import Rows


class OutOfOrder(Exception):
    """A row does not come after the one before it, or that cannot be told."""


def in_order(rows: Rows, keys: Sequence[str]) -> Rows:
    """Return the rows as they come, each proven to be no smaller than the one before.

    The order is that of DuckDB's ``ORDER BY`` with nulls last. Where columns compare otherwise in
    Arrow (floating point, nested values), nothing is proven.

    Args:
        keys: the columns to order by, all that there are, so that equal rows are identical.

    Raises (as the rows are read):
        OutOfOrder: sort them.
    """
    return Rows(rows.schema, _proven(rows.batches, keys), is_sorted=True)


def prove_order(rows: Rows, keys: Sequence[str]) -> None:
    """Read rows, and raise `OutOfOrder` where ``in_order`` would."""
    for _ in _proven(rows.batches, keys):
        pass


def _proven(batches: Iterable[pa.RecordBatch], keys: Sequence[str]) -> Iterator[pa.RecordBatch]:
    last: pa.RecordBatch | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        pairs = [(batch.slice(0, batch.num_rows - 1), batch.slice(1))]
        if last is not None:
            pairs.append((last, batch.slice(0, 1)))
        if not all(is_ordered(before, after, keys) for before, after in pairs):
            raise OutOfOrder
        last = batch.slice(batch.num_rows - 1)
        yield batch


def is_ordered(before: pa.RecordBatch, after: pa.RecordBatch, keys: Sequence[str]) -> bool:
    """Say whether each row of ``before`` is provably no greater than the same row of ``after``."""
    ties: pa.BooleanArray | None = None  # rows that no key has told apart yet; None: all
    for key in keys:
        left, right = before[key], after[key]
        if not compares_alike(left.type):
            return False
        no_greater, equal = _compared(left, right)
        if ties is not None:
            no_greater, equal = pc.or_(no_greater, pc.invert(ties)), pc.and_(equal, ties)
        if no_greater.false_count:
            return False
        if not equal.true_count:
            return True
        ties = equal
    return True


def _compared(left: pa.Array, right: pa.Array) -> tuple[pa.BooleanArray, pa.BooleanArray]:
    """Say where the one is no greater than the other, and where they are equal; nulls are last."""
    # a comparison with nothing is null: nothing is no greater than nothing, and greater than all
    no_greater = pc.coalesce(pc.less_equal(left, right), pc.is_null(right))
    return no_greater, equal(left, right)


def equal(left: pa.Array, right: pa.Array) -> pa.BooleanArray:
    """Say where two columns are equal, or both are null."""
    none = pc.and_(pc.is_null(left), pc.is_null(right))
    return pc.coalesce(pc.equal(left, right), none)


def compares_alike(kind: pa.DataType) -> bool:
    """Whether values of a type compare in Arrow as they do in DuckDB."""
    known = (pa.types.is_integer, pa.types.is_string, pa.types.is_boolean, pa.types.is_date)
    return any(is_kind(kind) for is_kind in (*known, pa.types.is_timestamp, pa.types.is_decimal))

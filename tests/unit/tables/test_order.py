"""Rows that come in order: what is taken for ordered is what DuckDB would have sorted it to."""

import datetime
import random

import duckdb
import pyarrow as pa
import pytest

from diffusion.tables.order import OutOfOrder, in_order
from diffusion.tables.rows import Rows

VALUES = {
    "integer": [None, -1, 0, 7],
    "text": [None, "", "a", "A", "é", "z", "01001", "2A004", "\U0001f600", "\uffff"],
    "date": [None, datetime.date(1969, 1, 1), datetime.date(2024, 2, 29)],
    "yes": [None, True, False],
}


def rows_of(table: pa.Table, size: int) -> Rows:
    return Rows(table.schema, table.to_batches(max_chunksize=size))


def passes(table: pa.Table, keys: list[str], size: int = 3) -> bool:
    try:
        found = list(in_order(rows_of(table, size), keys).batches)
    except OutOfOrder:
        return False
    assert pa.Table.from_batches(found, table.schema) == table
    return True


@pytest.mark.parametrize("seed", range(20))
def test_sorted_rows_pass_and_any_others_do_not(seed):
    dice = random.Random(seed)
    keys = dice.sample(list(VALUES), len(VALUES))
    given = pa.table({k: [dice.choice(VALUES[k]) for _ in range(40)] for k in VALUES})
    order = ", ".join(f"{key} NULLS LAST" for key in keys)
    with duckdb.connect() as con:
        con.register("given", given)
        ordered = con.sql(f"FROM given ORDER BY {order}").to_arrow_table()
    for size in (1, 3, 100):
        assert passes(ordered, keys, size)
    at = dice.randrange(39)
    while ordered.slice(at, 1) == ordered.slice(at + 1, 1):
        at = (at + 1) % 39
    swapped = [*range(at), at + 1, at, *range(at + 2, 40)]
    for size in (1, 3, 100):
        assert not passes(ordered.take(swapped), keys, size)


def test_what_cannot_be_told_is_sorted():
    floats = pa.table({"x": [1.0, 2.0], "n": [1, 2]})
    assert not passes(floats, ["x", "n"])
    assert passes(floats, ["n", "x"]), "no two rows have the same n"
    assert not passes(pa.table({"x": [1.0, 2.0], "n": [1, 1]}), ["n", "x"])


def test_no_rows():
    assert passes(pa.table({"n": pa.array([], pa.int64())}), ["n"])

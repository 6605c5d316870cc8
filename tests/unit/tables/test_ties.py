"""Rows sorted by few columns: they come out as DuckDB would have sorted them by all."""

import random
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest

from diffusion.tables import ties
from diffusion.tables.order import OutOfOrder
from diffusion.tables.rows import Rows
from diffusion.tables.sql import order_by
from diffusion.tables.ties import settled, sorted_by, telling

VALUES = {
    "code": [None, "", "01001", "2A004", "é", "e", "a\0b"],
    "n": [None, -1, 0, 7],
    "x": [None, -1.5, 0.0, float("nan"), float("inf")],
    "text": [None, "z", "A", "a"],
}
KEYS = list(VALUES)


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def by_all(con: duckdb.DuckDBPyConnection, given: pa.Table) -> pa.Table:
    con.register("given", given)
    return con.sql(f"FROM given{order_by(KEYS)}").to_arrow_table()


@pytest.fixture(autouse=True, params=[0, ties.BEHIND])
def _behind(request, monkeypatch):
    monkeypatch.setattr(ties, "BEHIND", request.param)


def by_few(
    con: duckdb.DuckDBPyConnection, given: pa.Table, few: list[str], size: int
) -> list[pa.RecordBatch]:
    con.register("given", given)
    first = con.sql(sorted_by("FROM given", few, given.schema)).to_arrow_table()
    rows = Rows(first.schema, first.to_batches(max_chunksize=size))
    return list(settled(con, rows, few, KEYS).batches)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_that_of_all_columns(con, seed):
    dice = random.Random(seed)
    given = pa.table({k: [dice.choice(v) for _ in range(120)] for k, v in VALUES.items()})
    expected = by_all(con, given)
    for few in (KEYS[:1], KEYS[:2]):
        for size in (1, 7, 120):
            found = pa.Table.from_batches(by_few(con, given, few, size), given.schema)
            assert repr(found.to_pylist()) == repr(expected.to_pylist()), (few, size)


def test_rows_that_differ_in_the_few_are_passed_on_as_they_are(con):
    given = pa.table({"code": ["a", "b", None], "n": [3, 2, 1], "x": [1.0] * 3, "text": ["t"] * 3})
    rows = Rows(given.schema, given.to_batches())
    [batch] = settled(con, rows, ["code"], KEYS).batches
    assert batch["text"].buffers()[2].address == given["text"].chunk(0).buffers()[2].address


def test_too_many_that_are_equal_are_not_held(con, monkeypatch):
    monkeypatch.setattr(ties, "MOST", 10)
    rows = {"n": [1, 2] * 15, "x": [1.0] * 30, "text": ["t"] * 30}
    with pytest.raises(OutOfOrder):
        by_few(con, pa.table({"code": ["a"] * 30} | rows), ["code"], 4)
    pairs = pa.table({"code": [f"{number // 2:02}" for number in range(30)]} | rows)
    found = pa.Table.from_batches(by_few(con, pairs, ["code"], 3))
    assert found == by_all(con, pairs)


def test_long_texts_that_are_equal_are_not_held(con, monkeypatch):
    """Of 200,000 rows with texts of 1,800 bytes, a conversion held half a gigabyte."""
    monkeypatch.setattr(ties, "MOST_BYTES", 5_000)
    rows = {"n": [1, 2] * 15, "x": [1.0] * 30, "text": ["t" * 500] * 30}
    with pytest.raises(OutOfOrder):
        by_few(con, pa.table({"code": ["a"] * 30} | rows), ["code"], 4)
    pairs = pa.table({"code": [f"{number // 2:02}" for number in range(30)]} | rows)
    found = pa.Table.from_batches(by_few(con, pairs, ["code"], 20))
    assert found == by_all(con, pairs), "what is told apart counts for nothing"


def test_few_are_those_that_tell_the_rows_of_a_sample_apart():
    plain = {"code": ["a", "a", "b"], "n": [1, 2, 1], "text": ["x", "y", "z"]}
    sample = pa.table(plain)
    assert telling(sample, ["code", "n", "text"]) == ["code", "n"]
    assert telling(sample, ["text", "code", "n"]) == ["text"]
    assert not telling(sample, ["code", "n"]), "that takes all columns"
    late = pa.array([3_000_000, None, 3_000_001], pa.int32()).cast(pa.date32())
    assert telling(sample.append_column("day", late), ["code", "day", "n"]) == ["code", "day"]
    floats = sample.append_column("x", pa.array([1.0, 2.0, 3.0]))
    assert telling(floats, ["code", "n", "x", "text"]) == ["code", "n"]
    assert not telling(floats, ["code", "x", "n", "text"]), "not a number is no tie in Arrow"
    nested = sample.append_column("list", pa.array([[1], [2], [3]]))
    assert not telling(nested, ["code", "n", "text", "list"])


def test_pandas_is_not_imported_to_settle_them():
    code = """
import sys, duckdb
from diffusion.tables.rows import Rows
from diffusion.tables.ties import settled
con = duckdb.connect()
rows = con.sql("SELECT i // 3 AS k, (7 - i) % 5 AS n FROM range(9) t(i) ORDER BY k")
given = rows.to_arrow_reader(4)
found = settled(con, Rows(given.schema, given), ["k"], ["k", "n"]).batches
assert sum(batch.num_rows for batch in found) == 9
assert "pandas" not in sys.modules"""
    path = {"PYTHONPATH": ":".join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], check=True, env=path)

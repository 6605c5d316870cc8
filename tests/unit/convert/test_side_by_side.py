"""Rows that are the same, counted side by side, are those that a count of all of them finds."""

import math
import random
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import Converter
from diffusion.tables import doubles, side_by_side
from diffusion.tables.side_by_side import SideBySide

KINDS = {
    "text": ["", "a", "é" * 30, None],
    "number": [1.5, math.nan, 0.0, -math.inf, None],
    "whole": [*range(40), None],
    "day": [pa.scalar(n, pa.date32()).as_py() for n in (0, 19_000, -4)],
    "money": [Decimal("1.10"), Decimal("-3.00"), None],
    "list": [[1, None], [], None],
    "fields": [{"x": 1, "y": None}, {"x": None, "y": "b"}, None],
    "yes": [True, False, None],
    "bytes": [b"\0", b"", None],
}


def counted(table: pa.Table, cuts: list[int]) -> SideBySide:
    found = SideBySide(table.column_names)
    for first, end in pairwise([0, *cuts, len(table)]):
        if end > first:
            found.add(pa.Table.from_batches(table.slice(first, end - first).to_batches())
                      .combine_chunks().to_batches()[0])  # fmt: skip
    return found


def a_table(chance: random.Random) -> pa.Table:
    names = chance.sample(sorted(KINDS), chance.randint(1, 4))
    rows = [{n: chance.choice(KINDS[n]) for n in names} for _ in range(chance.randint(1, 80))]
    rows *= chance.choice([1, 1, 2, 3])
    keys = ", ".join(f'"{name}"' for name in names)
    with duckdb.connect() as con:
        con.register("given", pa.Table.from_pylist(rows))
        return con.sql(f"FROM given ORDER BY {keys}").to_arrow_table()


@pytest.mark.parametrize("seed", range(150))
def test_as_a_count_of_all_rows_finds(seed):
    chance = random.Random(seed)
    table = a_table(chance)
    cuts = sorted(chance.sample(range(len(table) + 1), min(3, len(table))))
    found = counted(table, cuts)
    counts = Counter(map(repr, table.to_pylist()))
    assert (found.different, found.doubled) == (len(counts), len(table) - len(counts))
    assert found.times() == (math.gcd(*counts.values()), max(counts.values()))
    assert (found.place is None) == (found.doubled == 0)
    if found.place is not None:
        rows = [repr(row) for row in table.to_pylist()]
        first = next(n for n, (one, other) in enumerate(pairwise(rows)) if one == other)
        assert found.place == first
        assert repr(found.row.to_pylist()[0]) == rows[first]


def test_an_empty_list_is_not_none():
    lists = pa.table({"x": pa.array([[], None], pa.list_(pa.int64()))})
    assert counted(lists, []).doubled == 0


def test_not_a_number_is_the_same_as_another():
    numbers = [*map(float, range(500)), math.nan, math.nan]
    assert counted(pa.table({"x": numbers}), []).doubled == 1


def told(converter: Converter) -> list[str]:
    return [n for n in converter.notes().get("notes", []) if "the same as another one" in n]


@pytest.mark.parametrize("arrives_sorted", [True, False])
def test_a_sorted_table_is_counted_to_the_row(converter, arrives_sorted, monkeypatch):
    """Beyond what is held of others, whichever way it was sorted."""
    monkeypatch.setattr(doubles, "EXACT", 1_000)
    numbers = [n // 2 if n < 30_001 else n for n in range(60_000)]
    if not arrives_sorted:
        random.Random(3).shuffle(numbers)
    path = converter.folder / "given.parquet"
    pq.write_table(pa.table({"n": numbers, "v": [n % 7 for n in numbers]}), path)
    converter.convert(path, sort_by=["v"])
    [note] = told(converter)
    assert note.startswith("15,000 rows are the same as another one in all columns, such as rows 1")
    converter.convert(path)
    assert told(converter)[0].startswith("about ")


@pytest.mark.parametrize("of", [lambda x: [x], lambda x: {"f": x}, lambda x: {"l": [{"f": x}]}])
def test_zeros_of_two_signs_in_lists_do_not_part_others(converter, of):
    """A sort takes one for the other, and leaves them in any order."""
    rows = [{"n": n % 5, "x": of(-0.0 if n % 3 else 0.0)} for n in range(3_000)]
    path = converter.folder / "given.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    converter.convert(path, sort_by=["n"])
    assert told(converter)[0].startswith("2,990 rows are the same")


def test_most_rows_are_told_apart_by_few_columns(monkeypatch):
    """Whole rows are hashed only where those are equal."""
    hashed = []
    whole = side_by_side.hashes_of_columns
    monkeypatch.setattr(
        side_by_side, "hashes_of_columns", lambda t, asked: hashed.append(len(t)) or whole(t, asked)
    )
    table = pa.table({"a": [0] * 1_000, "n": [*range(999), 998], "t": ["x"] * 1_000})
    assert counted(table, []).doubled == 1
    assert hashed == [1, 1]

"""Databases that are files, by the keys of those that are servers: SQLite and DuckDB."""

import datetime
import sqlite3
import tracemalloc
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from database_tables import Tables
from diffusion.base.progress import Progress
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError
from diffusion.fetch.database.receive import receive_rows
from diffusion.raw.inputs import raw_inputs
from diffusion.run.doctor import examine


@pytest.fixture
def sqlite(tmp_path) -> Tables:
    path = tmp_path / "rents.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (i INTEGER, r REAL, code TEXT, b BLOB, mixed, blank)")
        rows = [(2**63 - 1, 1e300, "01", b"\x00\xff", 1, None), (None, 1, "", None, "a", None)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", rows)
    (tmp_path / "tables").mkdir()
    return Tables(tmp_path / "tables", {"url": f"sqlite:///{path}", "table": "t"})


@pytest.fixture
def duck(tmp_path) -> Tables:
    path = tmp_path / "rents.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT 1::UTINYINT AS u, 1.50::DECIMAL(5, 2) AS n, true AS b, "
            "DATE '2024-01-01' AS d, TIMESTAMPTZ '2024-01-01 10:00+02' AS tz, '' AS e, "
            "'\\x00\\xFF'::BLOB AS bl, [1, 2] AS l, {'a': 1} AS s, 'NaN'::DOUBLE AS nan"
        )
    (tmp_path / "tables").mkdir()
    return Tables(tmp_path / "tables", {"url": f"duckdb:///{path}", "table": "t"})


def test_columns_of_sqlite_are_what_their_values_are(sqlite):
    found = sqlite.table(drop=["blank"])
    assert found.to_pydict() == {
        "i": [2**63 - 1, None], "r": [1e300, 1.0], "code": ["01", None],
        "b": [b"\x00\xff", None], "mixed": ["1", "a"],
    }  # fmt: skip
    (provenance,) = sqlite.fetch()["partitions"].values()
    assert [column["type"] for column in provenance["columns"]] == [
        "integer", "real", "text", "blob", "mixed", "null",
    ]  # fmt: skip


def test_text_comes_out_as_it_went_in_whatever_signs_it_has(sqlite, tmp_path):
    odd = ["a\r\nb", "\r", '"', ",", '""', "\\", "\\.", " x ", "NULL", "\\N", '"\n"', "\ufeffz"]
    odd += ['a\n"b",c\nd,e\n', "é😀", "\u2028", '","', '\n"', '"\n', "'; --", "-- {x}", "%s"]
    with sqlite3.connect(tmp_path / "rents.db") as connection:
        connection.execute("CREATE TABLE odd (i INTEGER, text TEXT)")
        connection.executemany("INSERT INTO odd VALUES (?, ?)", enumerate(odd))
    found = sqlite.table(table="odd", sort_by=["i"])
    assert found["text"].to_pylist() == [text if text.strip() else None for text in odd]


def test_a_row_that_is_longer_than_is_read_is_told_before_it_is_frozen(sqlite):
    query = "SELECT replace(hex(zeroblob(5000000)), '0', 'x') AS t"  # 10 MB
    with pytest.raises(DiffusionError, match=r"a row has 10\.0 MB") as caught:
        sqlite.fetch(table=None, query=query)
    assert "shorten in the query" in caught.value.fix


def test_rows_that_the_server_counted_and_that_did_not_come_are_missed(duck):
    receipt = duck.fetch()
    (item,) = raw_inputs(receipt, duck.store, duck.folder / "cache")
    counted = replace(item, records=item.records + 1)
    with pytest.raises(DiffusionError, match="holds 2 records, 1 rows came"):
        convert_table("t", duck.source(), [counted], duck.target, duck.limits)
    assert not duck.target.exists()


def test_types_of_duckdb_are_kept(duck):
    (row,) = duck.table().to_pylist()
    assert str(row.pop("nan")) == "nan"
    assert row.pop("tz") == datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)
    assert row == {
        "u": 1, "n": Decimal("1.50"), "b": True, "d": datetime.date(2024, 1, 1), "e": None,
        "bl": b"\x00\xff", "l": "[1,2]", "s": '{"a":1}',
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite", "duck"])
def test_axes_are_bound(kind, request):
    tables = request.getfixturevalue(kind)
    column = "u" if kind == "duck" else "mixed"
    query = f"SELECT {column}, {{v}} AS same FROM t WHERE {column} = 1 AND {{v}} <> ''"
    value = "x'; DROP TABLE t; --"
    found = tables.table(table=None, query=query, partitions={"v": [value]}).to_pydict()
    assert (found[column], found["same"]) == ([1], [value])


@pytest.mark.parametrize("kind", ["sqlite", "duck"])
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"table": "no"}, ["sources.t.table", "no", "nothing was frozen"]),
        ({"url": "{url}x"}, ["there is no file", "check the path"]),
        ({"query": "SELECT 1 AS a; ", "table": None}, []),
        (
            {"query": "SELECT count(*) AS n FROM {endless}", "timeout": 0.2},
            ["more than 0.2 seconds"],
        ),
    ],
)
def test_what_is_refused_is_told(kind, keys, expected, request):
    tables = request.getfixturevalue(kind)
    endless = "range(1000000000000)"
    if kind == "sqlite":
        endless = (
            "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c)"
        )
    keys = {
        name: value.replace("{endless}", endless).replace("{url}", tables.base["url"])
        if isinstance(value, str) else value
        for name, value in keys.items()
    }  # fmt: skip
    if "query" in keys:
        keys |= {"table": None}
    if not expected:
        assert tables.table(**keys).to_pydict() == {"a": [1]}
        return
    with pytest.raises(DiffusionError) as caught:
        tables.table(**keys)
    assert all(part in str(caught.value) for part in expected), caught.value


def test_a_file_that_is_no_database_and_a_value_that_is_no_text(sqlite, tmp_path):
    other = tmp_path / "other.db"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(DiffusionError, match="file is not a database"):
        sqlite.table(url=f"sqlite:///{other}")
    with pytest.raises(DiffusionError, match="holds a NUL"):
        sqlite.table(table=None, query="SELECT 'a' || char(0) || 'b' AS x")


@pytest.mark.parametrize("kind", ["sqlite", "duck"])
def test_the_doctor_looks_at_the_statement(kind, request):
    tables = request.getfixturevalue(kind)

    def found(**keys: object) -> str:
        source = {"from": "database", "vintage": "2025", **tables.base, **keys}
        config = resolve_config({"project": {"name": "t"}, "sources": {"t": source}})
        return str(next(f for f in examine(config, Path()) if f.name == "sources.t"))

    assert found().startswith("✓ sources.t: " + tables.base["url"].split(":")[0])
    assert found(table="no").startswith("✗ sources.t: table: ")


def test_memory_does_not_grow_with_the_rows(duck):
    tracemalloc.start()
    duck.fetch(table=None, query="SELECT repeat('x', 2000) || i AS t FROM range(12000) AS r (i)")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000_000  # of 24 MB


@pytest.mark.parametrize("most", [None, 5])
@pytest.mark.parametrize("kind", ["sqlite", "duck"])
def test_two_columns_of_one_name_are_refused(kind, most, request):
    """Within another query, both databases give the second one a name that nobody wrote."""
    base = request.getfixturevalue(kind)
    query = "SELECT * FROM (SELECT 1 AS a) AS x JOIN (SELECT 2 AS a) AS b"
    fetch = base.source(table=None, query=query if kind == "sqlite" else f"{query} ON true").fetch
    with pytest.raises(DiffusionError, match=r"called `a` \[database\]\n.*such as `b\.a AS b_a`"):
        receive_rows("sources.t", fetch, {}, base.folder, Progress("t", "rows"), most)

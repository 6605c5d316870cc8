"""Rows wait in memory while there is room, then in a file; either way all are read, in order."""

import duckdb
import pyarrow as pa
import pytest

from diffusion.convert.json.waiting import MOST, Waiting
from diffusion.convert.relation import RawTable, Types, ordered_sql

BATCHES = [
    pa.record_batch({"n": [3 * number, 3 * number + 1, 3 * number + 2]}) for number in range(4)
]


def keep(waiting: Waiting, file) -> RawTable:
    scan, path = waiting.keep(iter(BATCHES), BATCHES[0].schema, file)
    return RawTable("layer", path, scan, ["n"], Types())


@pytest.mark.parametrize("batches_held", [0, 1, 2, 3, 4])
def test_rows_that_wait(tmp_path, batches_held):
    file = tmp_path / "spool.parquet"
    with duckdb.connect() as con:
        waiting = Waiting(con, batches_held * BATCHES[0].nbytes)
        raw = keep(waiting, file)
        assert [row[0] for row in con.execute(ordered_sql([raw])).fetchall()] == list(range(12))
    assert file.exists() == (batches_held < 4)


def test_what_one_layer_takes_the_next_has_not(tmp_path):
    files = [tmp_path / f"{number}.parquet" for number in range(3)]
    with duckdb.connect() as con:
        waiting = Waiting(con, 2 * 4 * BATCHES[0].nbytes)
        raws = [keep(waiting, file) for file in files]
        assert con.execute(ordered_sql(raws)).fetchall() == 3 * [(n,) for n in range(12)]
    assert [file.exists() for file in files] == [False, False, True]


def test_few_tables_wait_in_memory(tmp_path):
    files = [tmp_path / f"{number}.parquet" for number in range(MOST + 2)]
    with duckdb.connect() as con:
        waiting = Waiting(con, 1 << 30)
        raws = [keep(waiting, file) for file in files]
        assert len(con.execute(ordered_sql(raws)).fetchall()) == 12 * len(files)
    assert sum(file.exists() for file in files) == 2

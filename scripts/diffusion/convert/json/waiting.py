"""Rows of layers that wait to be sorted: in memory while there is room, else in files on disk."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.convert.scan import Scan
from diffusion.tables.sql import identifier

# What DuckDB takes from memory as it takes it from Parquet; durations, for one, it does not
ALIKE = {
    pa.string(), pa.binary(), pa.bool_(), pa.int64(), pa.float32(), pa.float64(), pa.date32(),
    pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.time32("ms"),
}  # fmt: skip
MOST = 20  # tables in memory: each is a SELECT of its own, where one reads any number of files


Keep: TypeAlias = Callable[[Iterable[pa.RecordBatch], pa.Schema], tuple[Scan, Path]]
# the same, with the file that they are written to where memory has no room
KeepIn: TypeAlias = Callable[[Iterable[pa.RecordBatch], pa.Schema, Path], tuple[Scan, Path]]


@dataclass
class Waiting:
    """The layers of one job.

    ``room``: bytes of memory that are left for them. ``held``: how many are in memory.
    """

    con: duckdb.DuckDBPyConnection
    room: int
    held: int = 0

    def keep(
        self, batches: Iterable[pa.RecordBatch], schema: pa.Schema, file: Path
    ) -> tuple[Scan, Path]:
        """Return how the rows are read, and ``file``: written only where memory has no room."""
        fits = self.held < MOST and all(map(_is_alike, schema.types))
        room = self.room if fits else 0
        rest, held = iter(batches), deque[pa.RecordBatch]()
        for batch in rest:
            held.append(batch)
            room -= batch.nbytes
            if room < 0:
                _spool(held, rest, schema, file)
                return Scan("read_parquet", "hive_partitioning=false"), file
        self.room, self.held = room, self.held + 1
        name = f"layer {self.held}"
        self.con.register(name, pa.Table.from_batches(held, schema))
        return Scan(identifier(name)), file


def _is_alike(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return all(_is_alike(field.type) for field in kind)
    return kind in ALIKE


def _spool(
    held: deque[pa.RecordBatch], rest: Iterable[pa.RecordBatch], schema: pa.Schema, file: Path
) -> None:
    with pq.ParquetWriter(file, schema, compression="zstd", compression_level=1) as writer:
        while held:
            writer.write_batch(held.popleft())
        for batch in rest:
            writer.write_batch(batch)

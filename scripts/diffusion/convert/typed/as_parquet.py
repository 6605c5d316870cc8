"""Files whose values have types of their own, copied to Parquet: one set of rules reads them all.

Each format's own library streams its rows; how many they are, the file says by other means, too.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.convert.completeness import readers_disagree
from diffusion.convert.given import Given

FORMATS = ("arrow", "orc", "sqlite", "duckdb")
ROWS = 10_000  # of a batch
GROUP_BYTES = 64 << 20  # of rows that wait to be written together


@dataclass(frozen=True)
class Copied:
    """Rows as Parquet.

    Attributes:
        numbers: columns that are written as text, as no type holds each value of theirs.
        notes: what readers of the table should know.
    """

    path: Path
    numbers: Collection[str] = ()
    notes: tuple[str, ...] = ()


def copy_to_parquet(given: Given) -> Copied:
    """Return the rows of a file as Parquet.

    Raises:
        DiffusionError: it is damaged, or has several tables, or what no table holds.
    """
    given.place.mkdir(parents=True, exist_ok=True)
    return _readers(given.form)(given)


def _readers(form: str) -> Callable[[Given], Copied]:
    # each imports a library that few jobs need
    if form in ("arrow", "orc"):
        from diffusion.convert.typed.arrow_files import copy_arrow, copy_orc

        return copy_arrow if form == "arrow" else copy_orc
    if form == "sqlite":
        from diffusion.convert.typed.sqlite_file import copy_sqlite

        return copy_sqlite
    from diffusion.convert.typed.duckdb_file import copy_duckdb

    return copy_duckdb


def write_rows(
    given: Given, schema: pa.Schema, batches: Iterable[pa.RecordBatch], stated: int | None
) -> Path:
    """Write batches as they come, and compare their rows with what the file says it has.

    Raises:
        DiffusionError: they are fewer, or more.
    """
    target, rows = given.place / "rows.parquet", 0
    options: Mapping = {"compression": "zstd", "compression_level": 1}
    with pq.ParquetWriter(target, schema, **options) as writer:
        for table in _grouped(batches, schema):
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            rows += table.num_rows
    if stated is not None and rows != stated:
        found = f"states {stated:,} records, {rows:,} came"
        raise readers_disagree(given.label, found)
    return target


def _grouped(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield batches together: small row groups are read slowly."""
    held, size = list[pa.RecordBatch](), 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size > GROUP_BYTES:
            yield pa.Table.from_batches(held, schema)
            held, size = [], 0
    yield pa.Table.from_batches(held, schema)

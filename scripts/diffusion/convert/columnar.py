"""Read Parquet without geometries as DuckDB relations; columns keep their types."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diffusion.convert.relation import RawTable, Scan, distinct, reading_error, without_twins
from diffusion.convert.waiting import Keep
from diffusion.tables.engine import duckdb_errors

MOST_DIGITS = 38  # of a decimal of DuckDB
RENAME = "have the publisher name them apart, and once they are set a new `vintage`"


def read_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, label: str, keep: Keep, dropped: Collection[str]
) -> RawTable:
    """Read Parquet; columns keep their types, decimals beyond 38 digits become text.

    Args:
        keep: keeps rows that DuckDB does not read from the file exactly.
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: two columns of one name, or a damaged file.
    """
    with duckdb_errors(label, reading_error):
        file = pq.ParquetFile(path)
        schema, records = file.schema_arrow, file.metadata.num_rows
        names, twins = without_twins(schema.names, dropped)
        distinct(names, label, RENAME, may_drop=True)
        schema = pa.schema(field for field in schema if field.name not in twins)
        long = [field.name for field in schema if _is_long(field.type)]
        scan = Scan("read_parquet", "hive_partitioning=false")
        if long or twins:
            fields = [pa.field(f.name, pa.string()) if f.name in long else f for f in schema]
            scan, path = keep(_exact(file, names, long), pa.schema(fields))
        origin = scan.origin([path])
        described = con.execute(f"DESCRIBE SELECT * FROM {origin}").fetchall()
    text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
    seen = frozenset({"parquet"})
    empty = {field.name for field in schema if pa.types.is_null(field.type)}
    kinds = {row[0]: row[1] for row in described if row[0] not in empty}
    raw = RawTable(label, path, scan, schema.names, text, text, seen, kinds=kinds)
    return replace(raw, records=records, twins=twins)


def _is_long(kind: pa.DataType) -> bool:
    return pa.types.is_decimal(kind) and kind.precision > MOST_DIGITS


def _exact(
    file: pq.ParquetFile, names: Sequence[str], long: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield some columns, long decimals as text: DuckDB would read them as floats."""
    for batch in file.iter_batches(columns=names):
        columns = {
            name: pc.cast(batch[name], pa.string()) if name in long else batch[name]
            for name in names
        }
        yield pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

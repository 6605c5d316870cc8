"""Write Parquet the same way everywhere: same rows, same bytes.

Row groups hold an exact number of rows whatever the batches that come in, settings are pinned, and
nothing of the machine or the clock goes into the file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

KEY = b"diffusion"
SETTINGS = {
    "compression": "zstd",
    "compression_level": 3,
    "version": "2.6",
    "data_page_version": "1.0",
    "write_page_index": True,
    "write_statistics": True,
    "coerce_timestamps": "us",
}


def write_parquet(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    path: Path,
    *,
    row_group_rows: int,
    metadata: Mapping[bytes, bytes],
    sorted_by: Sequence[str] = (),
) -> int:
    """Write record batches to one Parquet file, atomically; return the number of rows.

    Args:
        batches: in their final order.
        schema: of the file; batches are cast to it.
        row_group_rows: rows of each row group but the last.
        metadata: key-value metadata of the file.
        sorted_by: columns the rows are sorted by (ascending, nulls last), noted in the file.
    """
    order = [pq.SortingColumn(_leaf(schema, c)) for c in sorted_by if c in schema.names]
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    schema = schema.with_metadata(dict(metadata))
    try:
        with pq.ParquetWriter(part, schema, sorting_columns=order or None, **SETTINGS) as writer:
            for table in _row_groups(batches, schema, row_group_rows):
                writer.write_table(table, row_group_size=row_group_rows)
                rows += table.num_rows
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _leaf(schema: pa.Schema, column: str) -> int:
    """Return the position of a column among the file's leaves: each field of a struct is one."""
    return sum(_count_leaves(kind) for kind in schema.types[: schema.names.index(column)])


def _count_leaves(kind: pa.DataType) -> int:
    if not pa.types.is_nested(kind):
        return 1
    return sum(_count_leaves(kind.field(index).type) for index in range(kind.num_fields))


def _row_groups(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, size: int
) -> Iterator[pa.Table]:
    """Gather batches into tables of exactly ``size`` rows."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        while count + batch.num_rows >= size:
            need = size - count
            yield _table([*held, batch.slice(0, need)], schema)
            held, count, batch = [], 0, batch.slice(need)
        if batch.num_rows:
            held.append(batch)
            count += batch.num_rows
    if count:
        yield _table(held, schema)


def _table(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    # one chunk a column: dictionary encoding would otherwise depend on how batches were cut
    return pa.Table.from_batches(batches).cast(schema).combine_chunks()


def read_metadata(path: Path) -> dict:
    """Return what this project noted in a table: source, vintage, licence, cast failures …"""
    found = (pq.read_schema(path).metadata or {}).get(KEY)
    return json.loads(found) if found else {}


def dump_metadata(facts: Mapping) -> dict[bytes, bytes]:
    """Return key-value metadata for ``write_parquet``, in a stable order."""
    return {KEY: json.dumps(dict(facts), sort_keys=True, ensure_ascii=False).encode()}


def describe(path: Path) -> dict:
    """Return rows, columns and their types, for the manifest."""
    file = pq.ParquetFile(path)
    columns = [{"name": field.name, "type": str(field.type)} for field in file.schema_arrow]
    return {"rows": file.metadata.num_rows, "columns": columns}

"""Write Parquet the same way everywhere: same rows, same bytes.

Row groups hold an exact number of rows whatever the batches that come in, settings are pinned, and
nothing of the machine or the clock goes into the file.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diffusion.tables.ground import extent
from diffusion.tables.ranges import count_leaves, plain_leaves, ranges

METADATA_KEY = b"diffusion"
ZSTD_LEVEL = 3  # of zstd
Look: TypeAlias = Callable[[pa.Table], Mapping[str, int]]
MIN_ROWS_TO_JUDGE = 500  # rows: too few to judge how often values repeat
SETTINGS = {
    "compression": "zstd",
    "version": "2.6",
    "data_page_version": "1.0",
    "write_page_index": True,
    "write_statistics": True,
    "coerce_timestamps": "us",
    "store_schema": False,  # it is, with the metadata that are known last
}


def write_parquet(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    path: Path,
    *,
    row_group_rows: int,
    metadata: Mapping[bytes, bytes],
    sorted_by: Sequence[str] = (),
    final_metadata: Callable[[], Mapping[bytes, bytes]] = dict,
    level: int = ZSTD_LEVEL,
    look: Look | None = None,
) -> int:
    """Write record batches to one Parquet file, atomically; return the number of rows.

    Args:
        batches: in their final order.
        schema: of the file; batches are cast to it.
        row_group_rows: rows of each row group but the last.
        metadata: key-value metadata of the file.
        sorted_by: columns the rows are sorted by (ascending, nulls last), recorded in the file.
        final_metadata: gives the metadata that are known only once all rows are written.
        level: of zstd; geometries deserve a higher one.
        look: is shown each row group, while the one before is written; returns how many different
            values it has of some columns.
    """
    order = [pq.SortingColumn(_leaf(schema, c)) for c in sorted_by if c in schema.names]
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = schema.remove_metadata()
    groups, dictionary = _judged(_row_groups(batches, schema, row_group_rows), look)
    options = SETTINGS | {"use_dictionary": dictionary, "compression_level": level}
    try:
        with pq.ParquetWriter(part, schema, sorting_columns=order or None, **options) as writer:
            rows = _write_all(writer, groups, row_group_rows)
            footer = {**metadata, **final_metadata()}
            writer.add_key_value_metadata(footer | _arrow_schema(schema.with_metadata(footer)))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _arrow_schema(schema: pa.Schema) -> dict[bytes, bytes]:
    """Return the schema as Arrow's readers look for it: they take the metadata from it alone."""
    return {b"ARROW:schema": base64.b64encode(schema.serialize())}


def _write_all(writer: pq.ParquetWriter, tables: Iterable[pa.Table], size: int) -> int:
    """Write row groups, each while the next one is read; return the number of rows."""
    rows = 0
    with ThreadPoolExecutor(1) as pool:
        last: Future | None = None
        for table in tables:
            if last:
                last.result()
            last = pool.submit(writer.write_table, table, row_group_size=size)
            rows += table.num_rows
        if last:
            last.result()
    return rows


def _judged(
    tables: Iterator[pa.Table], look: Look | None
) -> tuple[Iterator[pa.Table], list[str] | bool]:
    """Return the row groups, which are looked at, and the leaves a dictionary makes smaller."""
    groups = ((table, look(table) if look else {}) for table in tables)
    first = next(groups, None)
    if first is None:
        return tables, True
    rest = (table for table, _ in groups)
    return chain([first[0]], rest), _dictionary_columns(*first)


def _dictionary_columns(first: pa.Table, counted: Mapping[str, int]) -> list[str] | bool:
    """Return the leaves that a dictionary makes smaller, judged by the first row group.

    Where most values differ, Parquet's dictionary costs time and room.

    Args:
        counted: how many different values some of its columns have.
    """
    if first.num_rows < MIN_ROWS_TO_JUDGE:
        return True
    plain = {
        name: column
        for name, column in zip(first.column_names, first.columns, strict=True)
        if not pa.types.is_nested(column.type) and not pa.types.is_dictionary(column.type)
    }
    missing = {n: pc.count_distinct(c).as_py() for n, c in plain.items() if n not in counted}
    known = {**missing, **counted}
    distinct = {name for name in plain if known[name] > first.num_rows / 2}
    if not distinct:
        return True
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_batches([], first.schema), sink)  # empty_table imports pandas
    leaves = pq.read_metadata(pa.BufferReader(sink.getvalue())).schema
    paths = [leaves.column(index).path for index in range(len(leaves))]
    return [path for path in paths if path not in distinct]


def _leaf(schema: pa.Schema, column: str) -> int:
    """Return the position of a column among the file's leaves: each field of a struct is one."""
    return sum(map(count_leaves, schema.types[: schema.names.index(column)]))


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
    # one chunk a column: dictionary encoding would otherwise depend on how batches were cut;
    # combined first, as unifying the dictionaries of several chunks is costly
    return pa.Table.from_batches(batches).combine_chunks().cast(schema)


def read_metadata(path: Path) -> dict:
    """Return what this project recorded in a table: source, vintage, licence, cast failures …"""
    found = (pq.read_schema(path).metadata or {}).get(METADATA_KEY)
    return json.loads(found) if found else {}


def dump_metadata(facts: Mapping) -> dict[bytes, bytes]:
    """Return key-value metadata for ``write_parquet``, in a stable order."""
    return {METADATA_KEY: json.dumps(dict(facts), sort_keys=True, ensure_ascii=False).encode()}


def rows_in(path: Path) -> int:
    """Return the number of rows that the footer of a table states."""
    return pq.read_metadata(path).num_rows


def describe(path: Path) -> dict:
    """Return rows, columns and their types, and how many values of each are missing.

    ``missing`` has the plain columns of which any are, as the statistics of the row groups say.
    ``ranges`` has the lowest and highest value of those that have any. A table with geometries has
    ``geo``: their ``crs``, their ``types`` and their extent.
    """
    file = pq.ParquetFile(path)
    columns = [{"name": field.name, "type": str(field.type)} for field in file.schema_arrow]
    return {
        "rows": file.metadata.num_rows,
        "columns": columns,
        "missing": _missing(file),
        "ranges": ranges(file),
    } | _geo(file.schema_arrow)


def _geo(schema: pa.Schema) -> dict:
    """Return the CRS (``EPSG:2154``, its name where it has no code) and types of geometries."""
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    if not geo:
        return {}
    column = geo["columns"][geo["primary_column"]]
    crs = column.get("crs") or {}
    known = crs.get("id")
    name = f"{known['authority']}:{known['code']}" if known else crs.get("name", "unknown")
    return {"geo": {"crs": name, "types": sorted(column["geometry_types"])} | extent(schema)}


def _missing(file: pq.ParquetFile) -> dict[str, int]:
    plain, metadata = plain_leaves(file.schema_arrow), file.metadata
    found: dict[str, int] = {}
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for name, place in plain.items():
            known = group.column(place).statistics
            if known and known.null_count:
                found[name] = found.get(name, 0) + known.null_count
    return found

"""Read Parquet without geometries as DuckDB relations; columns keep their types."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.json.waiting import Keep
from diffusion.convert.names import RENAME, composed, distinct, note_on, without_twins
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.relation import Held, Named, RawTable, Types, with_note
from diffusion.convert.scan import Scan
from diffusion.convert.typed.pandas_index import hidden_index
from diffusion.errors import FileFormatError
from diffusion.tables.engine import duckdb_errors

BUFFER = 1 << 20  # bytes that pyarrow reads of a column at once, where it reads record by record
MOST_DIGITS = 38  # of a decimal of DuckDB
UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
EXTENSION, PARAMETERS = b"ARROW:extension:name", b"ARROW:extension:metadata"  # of Arrow's format


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
        file = pq.ParquetFile(path, buffer_size=BUFFER)
        schema, records = file.schema_arrow, _count_rows(file.metadata)
        index = hidden_index(schema, records)
        known = [*schema.names, *([index.name] if index else [])]
        names, twins = without_twins(known, dropped)
        distinct([composed(name) for name in names], label, RENAME, may_drop=True)
        # DuckDB reads some damaged files that pyarrow refuses: its reader looks at the first record
        next(file.iter_batches(1, use_threads=False), None)
        schema = pa.schema(field for field in schema if field.name not in twins)
        given = schema.names
        schema = pa.schema(field.with_name(composed(field.name)) for field in schema)
        long = [field.name for field in schema if _is_long(field.type)]
        scan = Scan("read_parquet", "hive_partitioning=false")
        if index or long or twins or given != schema.names or _is_split(file.metadata):
            fields = [pa.field(f.name, pa.string()) if f.name in long else f for f in schema]
            exact, kept = _exact(file, given, long, pa.schema(fields)), pa.schema(fields)
            if index and index.name not in twins:
                exact, kept = index.added(exact), kept.append(index.field)
                schema = schema.append(index.field)
            scan, path = keep(exact, kept)
        described = con.execute(f"DESCRIBE SELECT * FROM {scan.origin([path])}").fetchall()
    text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
    empty = {field.name for field in schema if pa.types.is_null(field.type)}
    kinds = {row[0]: row[1] for row in described if row[0] not in empty}
    raw = RawTable(label, path, scan, schema.names, Types(text, text, own=kinds))
    raw = replace(raw, seen=frozenset({"parquet"}), held=Held(records), named=Named(twins=twins))
    return with_note(raw, *note_on(given))


def verify_units(schema: pa.Schema, label: str, convert: Convert) -> None:
    """Refuse durations and periods, which DuckDB reads as numbers without their unit.

    Raises:
        DiffusionError: such a column is kept, and no type is declared for it.
    """
    if convert.keep == "declared":
        return
    declared = {spec.source or name for name, spec in convert.columns.items()}
    for field in schema:
        counted = _counted(field)
        if counted and field.name not in declared and field.name not in convert.drop:
            what, unit = counted
            found = f"`{field.name}` holds {what} of {unit}: as numbers they would lose their unit"
            fix = f"leave them out: `drop: [{in_line(field.name)}]`"
            if not pa.types.is_nested(field.type):
                number = f"take their number of {unit}: `columns: {{{in_line(field.name)}: int}}`"
                fix = f"{number}; or {fix}"
            raise FileFormatError(label, found, fix)


def _counted(field: pa.Field) -> tuple[str, str] | None:
    """Return what a column counts, and its unit: of a period, since 1970."""
    kind, noted = field.type, field.metadata or {}
    name, said = noted.get(EXTENSION, b"").decode(), noted.get(PARAMETERS, b"")
    if isinstance(kind, pa.ExtensionType):  # known to pyarrow once pandas is loaded
        name, said = kind.extension_name, kind.__arrow_ext_serialize__()
    if name == "pandas.period":
        return "periods", f"pandas' frequency `{json.loads(said)['freq']}` since 1970"
    if pa.types.is_duration(kind):
        return "durations", UNITS[kind.unit]
    inner = (kind.field(n) for n in range(kind.num_fields))
    return next((counted for child in inner if (counted := _counted(child))), None)


def _count_rows(metadata: pq.FileMetaData) -> int:
    """Return the rows of all row groups: what the footer says of the whole may be wrong."""
    return sum(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))


def _is_split(metadata: pq.FileMetaData) -> bool:
    """Whether values of fixed length are split into streams, which DuckDB does not read."""
    if not metadata.num_row_groups:
        return False
    group = metadata.row_group(0)
    columns = (group.column(number) for number in range(group.num_columns))
    return any(
        column.physical_type == "FIXED_LEN_BYTE_ARRAY" and "BYTE_STREAM_SPLIT" in column.encodings
        for column in columns
    )


def _is_long(kind: pa.DataType) -> bool:
    return pa.types.is_decimal(kind) and kind.precision > MOST_DIGITS


def _exact(
    file: pq.ParquetFile, given: Sequence[str], long: Sequence[str], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield some columns under their names here, long decimals as text: DuckDB makes floats.

    Args:
        given: their names in the file.
    """
    for batch in file.iter_batches(columns=given):
        columns = [
            pc.cast(batch[name], pa.string()) if field.name in long else batch[name]
            for name, field in zip(given, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, names=schema.names)

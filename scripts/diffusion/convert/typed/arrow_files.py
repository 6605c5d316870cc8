"""Arrow files and streams, Feather, and ORC, by pyarrow: batch by batch, each value verified.

Formats: the Arrow columnar format (IPC), ORC v1; GeoArrow's names of extension types.
"""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.given import Given
from diffusion.convert.typed.as_parquet import ROWS, Copied, write_rows
from diffusion.errors import DiffusionError, FileFormatError

FILE, FEATHER_1 = b"ARROW1", b"FEA1"  # an Arrow file (Feather 2), and the first Feather
END = b"\xff\xff\xff\xff\0\0\0\0"  # of a stream
NO_END = "the stream has no mark at its end: that {:,} rows are all, only its publisher knows"
SHAPES = (b"geoarrow.", b"ogc.wkb")  # names of types of geometries begin so
NAME, SAID = b"ARROW:extension:name", b"ARROW:extension:metadata"
DAMAGED = "see `format:`; or fetch it again under a new `vintage`; if it comes back the same, ask "
DAMAGED += "its publisher for an undamaged file"
LATER = "ask its publisher for Parquet, which has such moments, and set a new `vintage` then"


def copy_arrow(given: Given) -> Copied:
    """Copy an Arrow file, a stream, or Feather.

    Raises:
        DiffusionError: it is damaged or cut off, or has a column of a type that no table holds.
    """
    with given.path.open("rb") as file:
        start = file.read(len(FILE))
    with _errors(given.label), pa.memory_map(str(given.path)) as file:
        if start == FILE:
            reader = pa.ipc.open_file(file)
            batches = (reader.get_batch(n) for n in range(reader.num_record_batches))
            return _copied(given, reader.schema, batches, reader.count_rows())
        if start.startswith(FEATHER_1):
            table = _first_feather(given.path)
            return _copied(given, table.schema, iter(table.to_batches(ROWS)), table.num_rows)
        stream = pa.ipc.open_stream(file)
        copied = _copied(given, stream.schema, iter(stream), None)
        if rest := file.size() - file.tell():
            found = (
                f"goes on behind the end of its stream, by {rest:,} bytes: several streams in one"
            )
            fix = "ask its publisher for one stream, or for several files; then set a new `vintage`"
            raise FileFormatError(given.label, found, fix)
    if _is_ended(given.path):
        return copied
    import pyarrow.parquet as pq

    return Copied(copied.path, notes=(NO_END.format(pq.read_metadata(copied.path).num_rows),))


def copy_orc(given: Given) -> Copied:
    """Copy an ORC file, stripe by stripe.

    Raises:
        DiffusionError: it is damaged, or has a column of a type that no table holds.
    """
    from pyarrow import orc

    with _errors(given.label):
        file = orc.ORCFile(given.path)
        batches = (file.read_stripe(number) for number in range(file.nstripes))
        return _copied(given, file.schema, batches, file.nrows)


@contextmanager
def _errors(label: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the trouble is the disk's
        words = " ".join(str(error).split())[:300]
        fix = LATER if "out of range" in words else DAMAGED
        raise FileFormatError(label, f"cannot be read: {words}", fix) from error


def _first_feather(path: Path) -> pa.Table:
    """Return a table of the first Feather, which is read whole."""
    from pyarrow import feather

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return feather.read_table(path, memory_map=True)


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(8, path.stat().st_size), 2)
        return file.read().endswith(END)


def _copied(
    given: Given, schema: pa.Schema, batches: Iterator[pa.RecordBatch], stated: int | None
) -> Copied:
    if not schema.names:
        raise FileFormatError(given.label, "has no column", "check `url`, or `member`")
    fields = []
    for field in schema:
        held = _held_as(field.type)
        if held is None and given.wanted(field.name):
            raise _no_type(field, given)
        fields.append(field.with_type(held or pa.null()))  # a column that will not be in the table
    target = pa.schema(fields, _described(schema))
    return Copied(write_rows(given, target, _plain(batches, target, given.label), stated))


def _plain(
    batches: Iterator[pa.RecordBatch], target: pa.Schema, label: str
) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        try:
            batch.validate(full=True)  # bytes that no pyarrow wrote may be any
        except pa.ArrowInvalid as error:
            found = f"is damaged, in records {rows + 1:,} to {rows + batch.num_rows:,}: {error}"
            raise FileFormatError(label, found, DAMAGED) from error
        columns = [_cast(column, f) for column, f in zip(batch.columns, target, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=target)
        rows += batch.num_rows


def _cast(column: pa.Array, field: pa.Field) -> pa.Array:
    if pa.types.is_null(field.type):
        return pa.nulls(len(column))
    if pa.types.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    return column if column.type == field.type else column.cast(field.type)


def _held_as(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in Parquet: values of a dictionary stand for themselves; None for none."""
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _held_as(kind.value_type)
    if pa.types.is_union(kind) or pa.types.is_interval(kind):
        return None
    if pa.types.is_struct(kind):
        fields = [(f, _held_as(f.type)) for f in kind]
        if not fields or any(held is None for _, held in fields):
            return None
        return pa.struct([f.with_type(held) for f, held in fields])
    if pa.types.is_map(kind):
        key, item = _held_as(kind.key_type), _held_as(kind.item_type)
        return None if key is None or item is None else pa.map_(key, item)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        held = _held_as(kind.value_type)
        return None if held is None else pa.list_(kind.value_field.with_type(held))
    return kind


def _no_type(field: pa.Field, given: Given) -> DiffusionError:
    found = f"`{field.name}` is {field.type}, a type that no table holds"
    return FileFormatError(given.label, found, f"leave it out: `drop: [{in_line(field.name)}]`")


def _described(schema: pa.Schema) -> dict[bytes, bytes] | None:
    """Return the metadata, with those of GeoParquet where a column says that it has geometries."""
    noted = dict(schema.metadata or {})
    if b"geo" in noted:
        return noted
    columns = {}
    for field in schema:
        said = field.metadata or {}
        name = said.get(NAME, b"")
        if name.startswith(SHAPES):
            more = json.loads(said.get(SAID) or b"{}")
            encoding = "WKB" if name.endswith(b".wkb") else name.decode()
            described = {"crs": more.get("crs"), "edges": more.get("edges") or "planar"}
            columns[field.name] = {"encoding": encoding} | described
    if columns:
        geo = {"primary_column": next(iter(columns)), "columns": columns}
        noted[b"geo"] = json.dumps(geo).encode()
    return noted or None

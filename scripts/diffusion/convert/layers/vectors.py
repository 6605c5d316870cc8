"""Read vector files in batches; ``shapes`` works on their geometries.

The result is a plain relation with WKB and bounding boxes, which then goes the way of every table;
``geoparquet`` adds order and metadata at the end.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from diffusion.config.parts import Geometry
from diffusion.config.vector_formats import LAYERS
from diffusion.convert.agreement import ZONED
from diffusion.convert.given import Given
from diffusion.convert.layers.geojson import stated_crs
from diffusion.convert.layers.geoparquet import GeometryColumn
from diffusion.convert.layers.layer_keys import Key
from diffusion.convert.layers.layer_opened import BATCH_ROWS, open_layer, reading
from diffusion.convert.layers.layer_text import Texts
from diffusion.convert.names import RENAME, composed, distinct, note_on, without_twins
from diffusion.convert.relation import Held, Named, RawTable, Record, Told, Types
from diffusion.convert.scan import Scan
from diffusion.convert.spelling import in_snake_case
from diffusion.convert.typed.pandas_index import hidden_index
from diffusion.tables.boxes import BBOX, BOX, GEOMETRY
from diffusion.tables.crs import known_crs
from diffusion.tables.shapes import Shapes
from diffusion.tables.texts import text_columns
from diffusion.tables.wkb import as_binary

ARCS = "edges between points are arcs on the globe there: they are straight lines in the table"
EPOCH = "coordinates are of the epoch {} there, which the table does not state"
# keeps rows of a schema until they are sorted; see ``Waiting``
Keep = Callable[[Iterable[pa.RecordBatch], pa.Schema], tuple[Scan, Path]]
# whose types are compared with those of other files; GDAL has text for what is empty throughout
KINDS = {
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", "UTC"): ZONED,
}
PLAIN = {
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.int16(): pa.int64(),  # GDAL takes the smallest that holds the values of the day
    pa.int32(): pa.int64(),
}


def read_vector(given: Given, keep: Keep) -> RawTable:
    """Return a layer as a relation; memory does not grow beyond what ``keep`` has room for.

    Raises:
        DiffusionError: several layers, no CRS, another CRS than declared, another family.
    """
    options, label, form = given.read.geometry, given.label, given.form
    opened = open_layer(given)
    with reading(opened) as (meta, reader):
        stated, written = opened.crs or meta["crs"], opened.written
        stated = stated_crs(written, stated, options.crs, label) if written else stated
        crs = known_crs(stated, options.crs, label, what=LAYERS[form].called)
        wkb = meta["geometry_name"] or "wkb_geometry"
        is_guess = written is not None and written.is_silent and crs != CRS("EPSG:4326")
        work = Shapes(options, crs, label, is_guess=is_guess, is_stated=bool(stated))
        batches, schema = reader, reader.schema
        if opened.times:
            batches, schema = opened.times.typed(reader, schema), opened.times.schema(schema)
        rows = (batches, schema, wkb, LAYERS[form].left_out)
        raw = _kept(*rows, work, opened.texts, opened.dropped, keep)
        key = opened.key or Key()
        of_times = opened.times.notes if opened.times else ()
        notes = tuple(filter(None, (key.note, *opened.notes, *of_times, *raw.told.notes)))
        ends = [_comparable(end, raw.types.text) for end in opened.ends]
        named, told = replace(raw.named, left_out=key.left_out), Told(notes=notes)
        held, seen = Held(*opened.count, ends), frozenset({form, "geometry"})
        raw = replace(raw, seen=seen, held=held, named=named, told=told)
    return in_snake_case(raw) if given.read.spelling == "snake" else raw


def read_geoparquet(
    path: Path,
    column: GeometryColumn,
    options: Geometry,
    label: str,
    keep: Keep,
    dropped: Collection[str],
) -> RawTable:
    """Return a Parquet file with geometries as a relation; its box covering is recomputed.

    Args:
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: bytes that are no geometry, no CRS, another CRS than declared, another
            family.
    """
    with pq.ParquetFile(path) as file:
        crs = known_crs(column.stated, options.crs, label)
        batches, schema = file.iter_batches(BATCH_ROWS), file.schema_arrow
        if index := hidden_index(schema, file.metadata.num_rows):
            batches, schema = index.added(batches), schema.append(index.field)
        work = Shapes(options, crs, label, is_stated=bool(column.stated))
        given = (batches, schema, column.name, column.left_out)
        raw = _kept(*given, work, Texts(label), dropped, keep)
        seen = frozenset({"parquet", "geometry"})
        notes = [*raw.told.notes, *([ARCS] if column.is_spherical else [])]
        if column.epoch is not None:
            notes.append(EPOCH.format(column.epoch))
        told = replace(raw.told, notes=tuple(notes))
        return replace(raw, seen=seen, held=Held(file.metadata.num_rows), told=told)


def _comparable(record: Record, text: Collection[str]) -> Record:
    """Return a record by the names of columns; of those that GDAL takes for text."""
    named = ((_free(name), value) for name, value in record.items())
    return {name: value if name in text else ... for name, value in named}


def _kept(
    batches: Iterable[pa.RecordBatch],
    given: pa.Schema,
    wkb: str,
    left_out: Iterable[str],
    work: Shapes,
    texts: Texts,
    dropped: Collection[str],
    keep: Keep,
) -> RawTable:
    attributes = [name for name in given.names if name != wkb and name not in left_out]
    given_names = texts.names(attributes)
    decoded = [composed(name) for name in given_names]
    names, twins = without_twins(decoded, dropped)
    attributes = [a for a, name in zip(attributes, decoded, strict=True) if name not in twins]
    distinct(names, work.where, RENAME, may_drop=True)
    schema = _schema(
        [given.field(name).with_name(new) for name, new in zip(attributes, names, strict=True)]
    )
    scan, file = keep(_worked(batches, schema, attributes, wkb, work, texts), schema)
    text = frozenset(text_columns(schema))
    own = {f.name: KINDS[f.type] for f in schema if f.type in KINDS}
    given_rows = (work.where, file, scan, schema.names, Types(text, text, own=own))
    told = Told(notes=(*note_on(given_names), *work.notes, *texts.notes()))
    return RawTable(*given_rows, geo=work.facts(), named=Named(twins=twins), told=told)


def _worked(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    attributes: Sequence[str],
    wkb: str,
    work: Shapes,
    texts: Texts,
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        given = as_binary(batch.column(wkb))
        worked = work.of_wkb(given, texts.rows)
        columns = [
            texts.column(batch.column(name), field.name).cast(field.type)
            for name, field in zip(attributes, schema, strict=False)
        ]
        texts.next(len(batch))
        yield pa.RecordBatch.from_arrays([*columns, *worked], schema=schema)


def _schema(fields: Iterable[pa.Field]) -> pa.Schema:
    fields = [pa.field(_free(f.name), plain_type(f.type)) for f in fields]
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, BOX)])


def _free(name: str) -> str:
    """Return the name of an attribute: those that are ours get a ``_`` behind."""
    return name + "_" * (name.lower() in (GEOMETRY, BBOX))


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return how a column is kept: GDAL says JSON also where words stand among numbers."""
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    if pa.types.is_timestamp(kind):  # as every other one of a table
        return pa.timestamp("us", "UTC" if kind.tz else None)
    return PLAIN.get(kind, kind)

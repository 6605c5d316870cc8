"""What GDAL reads: layers, and tables without geometries, a .dbf or of a File Geodatabase."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pyarrow as pa

from diffusion.config.reading import Convert
from diffusion.convert.given import Given
from diffusion.convert.layers.alone import beside
from diffusion.convert.layers.dbf import write_as_text
from diffusion.convert.layers.dbf_values import values_of
from diffusion.convert.layers.gdal import pyogrio
from diffusion.convert.layers.gdal_doubts import no_lossy_values
from diffusion.convert.layers.layer_keys import key_of
from diffusion.convert.layers.layer_opened import Opened, reading
from diffusion.convert.layers.layer_text import Texts
from diffusion.convert.layers.shapefile import dbf_text
from diffusion.convert.layers.shapefile_parts import not_deleted, rows_beyond, rows_of
from diffusion.convert.layers.vectors import KINDS, Keep, plain_type, read_vector
from diffusion.convert.names import RENAME, composed, distinct, without_twins
from diffusion.convert.relation import Held, Named, RawTable, Told, Types
from diffusion.convert.spelling import as_spelled
from diffusion.convert.typed.own_tables import table_of
from diffusion.errors import LayerError
from diffusion.tables.texts import text_columns

# formats whose values are looked at by other means, which know better what GDAL changes
LOOKED_AT = ("shp", "dbf", "mif", "gpkg", "geojson", "geojsonseq", "topojson")


def read_layer(given: Given, keep: Keep) -> RawTable:
    """Return a layer, or a table of those formats that has no geometries."""
    given = replace(given, convert=as_spelled(given.convert, given.read.spelling))
    is_looked_at = given.form in LOOKED_AT
    with nullcontext() if is_looked_at else no_lossy_values(given.convert, given.label):
        if given.form == "dbf":
            return read_dbf(given, keep)
        if given.form == "gdb" and given.read.table is not None:
            return read_gdb_table(given, keep)
        return read_vector(given, keep)


def read_dbf(given: Given, keep: Keep) -> RawTable:
    """Return a .dbf that is no part of a shapefile; records that are deleted are none.

    Raises:
        DiffusionError: a field whose values are binary, or a value that is none of its field's.
    """
    path, label, convert = given.path, given.label, given.convert
    folder = given.place / "alone"
    folder.mkdir(parents=True)
    dbf = folder / "table.dbf"
    dbf.symlink_to(path.absolute())
    if cpg := beside(path, ".cpg"):
        shutil.copyfile(cpg, dbf.with_suffix(".cpg"))
    rows = rows_of(dbf, label)
    beyond: list[str] = []
    if more := rows_beyond(dbf):
        found = f"its header counts {rows:,} records, and {more:,} more are behind them, which no "
        beyond = [f"{found}reader shows: ask its publisher which number is right"]
    texts = dbf_text(dbf, given.encoding, label)
    values = values_of(dbf, texts, convert)
    if values.as_text:
        write_as_text(dbf, values.as_text)
    opened = Opened(str(dbf), dbf.stem, texts, (not_deleted(dbf), None), times=values.numbers)
    return _kept(replace(opened, notes=[*values.notes, *beyond]), "dbf", convert, keep)


def read_gdb_table(given: Given, keep: Keep) -> RawTable:
    """Return a table of a File Geodatabase that has no geometries.

    Raises:
        DiffusionError: there is no such table, or it is a layer.
    """
    path, wanted, label = given.path, given.read.table, given.label
    found = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    tables = [name for name, kind in found.items() if kind is None]
    if wanted in found and wanted not in tables:
        fix = f"read it as one: `layer: {wanted}`, in place of `table`"
        raise LayerError(label, f"`{wanted}` is a layer, with geometries", fix)
    table = table_of(wanted, tables, [], label)
    stated = int(pyogrio.read_info(path, layer=table)["features"])
    key = key_of(str(path), table, given.convert)
    opened = Opened(str(path), table, Texts(label), (stated, None), key=key)
    return _kept(opened, "gdb", given.convert, keep)


def _kept(opened: Opened, form: str, convert: Convert, keep: Keep) -> RawTable:
    texts, key = opened.texts, opened.key
    with reading(opened) as (_, reader):
        batches, schema = reader, reader.schema
        if opened.times:
            batches, schema = opened.times.typed(reader, schema), opened.times.schema(schema)
        names, twins = without_twins([composed(n) for n in texts.names(schema.names)], convert.drop)
        distinct(names, texts.label, RENAME, may_drop=True)
        at = [n for n, name in enumerate(texts.names(schema.names)) if composed(name) not in twins]
        kinds = [plain_type(schema.field(n).type) for n in at]
        target = pa.schema(list(zip(names, kinds, strict=True)))
        scan, file = keep(_worked(batches, at, target, texts), target)
    text = frozenset(text_columns(target))
    own = {f.name: KINDS[f.type] for f in target if f.type in KINDS}
    notes = (*((key.note,) if key and key.note else ()), *opened.notes, *texts.notes())
    records, recount = opened.count
    named = Named(twins=twins, left_out=key.left_out if key else frozenset())
    given = (texts.label, file, scan, target.names, Types(text, text, own=own), frozenset({form}))
    return RawTable(*given, held=Held(records, recount), named=named, told=Told(notes=notes))


def _worked(
    batches: pa.RecordBatchReader, at: list[int], target: pa.Schema, texts: Texts
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        columns = [
            texts.column(batch.column(number), field.name).cast(field.type)
            for number, field in zip(at, target, strict=True)
        ]
        texts.next(len(batch))
        yield pa.RecordBatch.from_arrays(columns, schema=target)

"""Read vector files in batches; ``shapes`` works on their geometries.

The result is a plain relation with WKB and bounding boxes, which then goes the way of every table;
``geoparquet`` adds order and metadata at the end.
"""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyproj import CRS

from diffusion.config.parts import Geometry
from diffusion.config.reading import FileRead
from diffusion.convert.features import stated_features
from diffusion.convert.gdal import pyogrio
from diffusion.convert.geojson import look_at, rewrite
from diffusion.convert.relation import RawTable, Scan, distinct
from diffusion.convert.shapefile import dbf_encoding
from diffusion.errors import DiffusionError
from diffusion.files.sniff import sniff
from diffusion.files.vector_formats import LAYERS
from diffusion.tables.crs import known_crs
from diffusion.tables.shapes import BBOX, BOX, GEOMETRY, Shapes
from diffusion.tables.wkb import from_wkb

logger = logging.getLogger(__name__)
BATCH_ROWS = 10_000
# keeps rows of a schema until they are sorted; see ``Waiting``
Keep = Callable[[Iterable[pa.RecordBatch], pa.Schema], tuple[Scan, Path]]
PLAIN = {
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.int16(): pa.int64(),  # GDAL takes the smallest that holds the values of the day
    pa.int32(): pa.int64(),
    # as every other timestamp of a table
    pa.timestamp("ms"): pa.timestamp("us"),
    pa.timestamp("ms", "UTC"): pa.timestamp("us", "UTC"),
}


def read_vector(
    path: Path, read: FileRead, label: str, form: str, keep: Keep, place: Path
) -> RawTable:
    """Return a layer as a relation; memory does not grow beyond what ``keep`` has room for.

    Args:
        place: a folder for copies.

    Raises:
        DiffusionError: several layers, no CRS, another CRS than declared, another family.
    """
    name, options = _gdal_name(path, form, label), read.geometry
    layer = _layer(name, read.layer, label)
    records, recount = stated_features(path, form, name, layer, label)
    is_silent = False  # about its CRS
    stated: str | None = None
    if form in ("geojson", "geojsonseq"):
        written = look_at(path)
        is_silent = not written.states_crs
        if written.is_lossy:
            stated = pyogrio.read_info(name, layer=layer)["crs"]
            copy = rewrite(path, form, place / "features.json")
            name = _gdal_name(copy, "geojsonseq", label)
            layer = _layer(name, None, label)
    encoding = dbf_encoding(path, read.encoding_of(label), label) if form == "shp" else None
    with pyogrio.open_arrow(
        name,
        layer=layer,
        batch_size=BATCH_ROWS,
        encoding=encoding,
        use_pyarrow=True,
        **LAYERS[form].options,
    ) as (meta, reader):
        stated = None if is_silent and options.crs else stated or meta["crs"]
        crs = known_crs(stated, options.crs, label)
        wkb = meta["geometry_name"] or "wkb_geometry"
        work = Shapes(options, crs, label, is_guess=is_silent and crs != CRS("EPSG:4326"))
        raw = _kept(reader, reader.schema, wkb, LAYERS[form].left_out, work, keep)
        seen = frozenset({form, "geometry"})
        return replace(raw, seen=seen, records=records, recount=recount)


def read_geoparquet(
    path: Path, options: Geometry, label: str, keep: Keep, dropped: Collection[str]
) -> RawTable:
    """Return a GeoParquet file as a relation; its box covering is recomputed.

    Args:
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: several columns of geometries, no WKB, no CRS, another CRS than declared,
            another family.
    """
    with pq.ParquetFile(path) as file:
        geo = json.loads(file.schema_arrow.metadata[b"geo"])
        wkb = geo["primary_column"]
        column = geo["columns"][wkb]
        if further := sorted(geo["columns"].keys() - {wkb} - set(dropped)):
            fix = f"a table has one column of geometries: leave out the others, `drop: {further}`"
            found = f"several columns of geometries: {', '.join([wkb, *further])}"
            raise DiffusionError(label, found, fix.replace("'", '"'))
        if column["encoding"] != "WKB":
            fix = "ask the publisher for WKB, the encoding that every reader knows"
            raise DiffusionError(label, f"geometries are encoded as {column['encoding']}", fix)
        stated = column.get("crs", "OGC:CRS84")  # the specification's default; null is unknown
        crs = known_crs(stated, options.crs, label)
        left_out = {path[0] for path in column.get("covering", {}).get("bbox", {}).values()}
        batches = file.iter_batches(BATCH_ROWS)
        work = Shapes(options, crs, label)
        raw = _kept(batches, file.schema_arrow, wkb, left_out, work, keep)
        seen = frozenset({"parquet", "geometry"})
        return replace(raw, seen=seen, records=file.metadata.num_rows)


def _kept(
    batches: Iterable[pa.RecordBatch],
    given: pa.Schema,
    wkb: str,
    left_out: Iterable[str],
    work: Shapes,
    keep: Keep,
) -> RawTable:
    attributes = [name for name in given.names if name != wkb and name not in left_out]
    fix = "have the publisher name them apart, and once they are set a new `vintage`"
    distinct(attributes, work.where, fix)
    schema = _schema(given, attributes)
    scan, file = keep(_worked(batches, schema, attributes, wkb, work), schema)
    text = frozenset(field.name for field in schema if pa.types.is_string(field.type))
    return RawTable(work.where, file, scan, schema.names, text, strings=text, geo=work.facts())


def _worked(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    attributes: Sequence[str],
    wkb: str,
    work: Shapes,
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        shapes = from_wkb(batch.column(wkb), work.where)
        worked = work.arrays(shapes, batch.column(wkb))
        columns = [
            _text(batch.column(name)).cast(field.type)
            for name, field in zip(attributes, schema, strict=False)
        ]
        yield pa.RecordBatch.from_arrays([*columns, *worked], schema=schema)


def _schema(given: pa.Schema, attributes: Iterable[str]) -> pa.Schema:
    """Attributes keep their names, but those that are ours get a ``_`` behind."""
    fields = [given.field(name) for name in attributes]
    ours = (GEOMETRY, BBOX)
    fields = [pa.field(f.name + "_" * (f.name.lower() in ours), _plain(f.type)) for f in fields]
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, BOX)])


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return how a column is kept: GDAL says JSON also where words stand among numbers."""
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return PLAIN.get(kind, kind)


def _text(column: pa.Array) -> pa.Array:
    """Return valid UTF-8: GDAL passes on characters that are cut at the width of a field."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        values = column.cast(pa.binary()).to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in values])
    return column


def _gdal_name(path: Path, form: str, label: str) -> str:
    """Return the name by which GDAL opens a file as the format that it is, and as no other.

    By default GDAL looks at the content: an untrusted file could claim to be a VRT or a GDAL
    pipeline, which read other files of this machine, or addresses. pyogrio reads what follows a
    ``!`` as another path, and a name in .zip as an archive.
    """
    if "!" in str(path) or path.suffix.lower() == ".zip":
        fix = "give it another name (and its folder, if that holds a `!`)"
        raise DiffusionError(label, f"{path} would be read as an archive", fix)
    # no other driver reads those signatures
    if not LAYERS[form].prefix and not path.is_dir() and (kind := sniff(path)) != form:
        raise DiffusionError(label, f"is {kind}, not {form}", "correct `format:`")
    return LAYERS[form].prefix + str(path)


def _layer(path: str, wanted: str | None, label: str) -> str:
    """Return the declared layer, or the only one with geometries."""
    try:
        found = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    except pyogrio.errors.DataSourceError as error:
        raise DiffusionError(label, f"cannot be read: {error}", "see `format:`") from error
    layers = [name for name, kind in found.items() if kind is not None]
    if wanted in layers or (wanted is None and len(layers) == 1):
        return wanted or layers[0]
    names = ", ".join(layers) or "none has geometries"
    raise DiffusionError(label, f"layers: {names}", "write the name of one: `layer: …`")

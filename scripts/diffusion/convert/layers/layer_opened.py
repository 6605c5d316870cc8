"""A layer as GDAL gets it: looked at before, and a copy in its place where GDAL would change it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from diffusion.config.reading import TEXT_TYPES, Convert, FileRead
from diffusion.convert.given import Given
from diffusion.convert.layers.alone import alone, gdal_name, layer_of, readable
from diffusion.convert.layers.dbf import text_ends as dbf_ends
from diffusion.convert.layers.dbf import write_as_text
from diffusion.convert.layers.dbf_values import values_of
from diffusion.convert.layers.esrijson import verify_attributes, verify_esrijson
from diffusion.convert.layers.features import stated_features
from diffusion.convert.layers.gdal import pyogrio
from diffusion.convert.layers.geojson import Written, look_at
from diffusion.convert.layers.geojson_ends import ends_of_geojson, notes_beside, records_of
from diffusion.convert.layers.geojson_ids import rewrite
from diffusion.convert.layers.geojson_times import ZONES_LOST, Times, times_of, zoned_times
from diffusion.convert.layers.geopackage import text_ends, verify_moments
from diffusion.convert.layers.geopackage_values import verify_values
from diffusion.convert.layers.gml import one_crs
from diffusion.convert.layers.kml import links_of, namesakes, verify_places, without_empty
from diffusion.convert.layers.layer_keys import Key, key_of
from diffusion.convert.layers.layer_text import Texts
from diffusion.convert.layers.mapinfo import mapinfo_text, verify_decimals
from diffusion.convert.layers.mid_values import verify_rows
from diffusion.convert.layers.shapefile import dbf_text
from diffusion.convert.layers.shapefile_parts import Count, count_shapes
from diffusion.convert.layers.topojson import topology_as_geojson
from diffusion.convert.names import composed
from diffusion.convert.relation import Record
from diffusion.convert.spelling import as_in_file
from diffusion.errors import LayerError
from diffusion.files.encodings import as_utf8

BATCH_ROWS = 10_000
GEOJSON = ("geojson", "geojsonseq")


@dataclass(frozen=True)
class Opened:
    """A layer as GDAL gets it.

    ``layer``: empty for the only one. ``count``: of its features. ``written``: what its bytes
    show, of GeoJSON. ``crs``: what GDAL says of the file, where ``name`` is a copy that states
    none.
    """

    name: str
    layer: str
    texts: Texts
    count: Count
    written: Written | None = None
    crs: str | None = None
    key: Key | None = None
    times: Times | None = None
    ends: Sequence[Record] = ()
    notes: Sequence[str] = ()
    dropped: Sequence[str] = ()


def open_layer(given: Given) -> Opened:
    """Look at a file before GDAL reads it, and choose the layer."""
    path, read, label, form = given.path, given.read, given.label, given.form
    place, convert, encoding, spelling = given.place, given.convert, given.encoding, read.spelling
    if form == "topojson":
        path = as_utf8(path, encoding, place, label)
        path = topology_as_geojson(path, read.layer, place / "topology.geojson", label)
        read, form, encoding = FileRead(), "geojson", "auto"
    if form in (*GEOJSON, "esrijson"):
        path = as_utf8(path, encoding, place, label)
    if form == "kml":
        path = without_empty(path, place / "filled")
    if form == "gpx":
        verify_places(path, label)
    path = alone(path, form, place, label)
    name = gdal_name(path, form, label)
    # before GDAL finds it unreadable, or reads a part of it
    shapes = count_shapes(path, label) if form == "shp" else None
    if form == "esrijson":
        verify_esrijson(path, label)
        verify_attributes(path, convert, label)
    # GDAL reads a GeoJSON from end to end to open it, and finds one layer
    layer = "" if form in GEOJSON and not read.layer else layer_of(name, read.layer, label)
    texts = _texts(path, form, encoding, label)
    if spelling != "as_is":
        convert = as_in_file(convert, _names(name, layer, texts), spelling)
    opened = Opened(name, layer, texts, shapes or stated_features(path, form, name, layer, label))
    opened = replace(opened, dropped=convert.drop)
    opened = _verified(opened, path, form, convert)
    if form in ZONES_LOST:
        opened = replace(opened, times=zoned_times(path, form, name, layer, convert, label))
    if form not in GEOJSON:
        return replace(opened, key=key_of(name, layer, convert))
    ends = ends_of_geojson(path)
    opened = replace(opened, ends=records_of(ends), notes=notes_beside(ends, convert, label))
    return _as_written(opened, path, form, place, convert)


def _names(name: str, layer: str, texts: Texts) -> list[str]:
    """Return the names of a layer's columns, its key among them."""
    with readable(name, texts.label):
        info = pyogrio.read_info(name, layer=layer or None, encoding=texts.gdal)
    found = [composed(each) for each in texts.names([str(field) for field in info["fields"]])]
    return [*found, *filter(None, [info["fid_column"]])]


def _verified(opened: Opened, path: Path, form: str, convert: Convert) -> Opened:
    """Look at the values that GDAL would change, and at what it does not say."""
    label = opened.texts.label
    if form == "shp":
        opened = _by_own_values(opened, path, convert)
    if form == "gpkg":
        notes = verify_values(path, opened.name, opened.layer, convert, label)
        notes += verify_moments(path, opened.layer, convert, label)
        opened = replace(opened, ends=text_ends(path, opened.layer), notes=notes)
    if form == "mif":
        opened = replace(opened, notes=verify_rows(path, opened.name, opened.layer, convert, label))
    if form == "tab":
        verify_decimals(path, opened.texts, convert)
    if form == "kml":
        opened = replace(opened, notes=[*links_of(path), *namesakes(opened.name, opened.layer)])
    if form == "gml":
        opened = replace(opened, crs=one_crs(path, label))
    return opened


def _by_own_values(opened: Opened, path: Path, convert: Convert) -> Opened:
    """Have GDAL read the fields of a .dbf as text that it would change."""
    dbf = path.with_suffix(".dbf")
    values, ends = values_of(dbf, opened.texts, convert), dbf_ends(dbf, opened.texts)
    if values.as_text:
        write_as_text(dbf, values.as_text)
    return replace(opened, times=values.numbers, notes=values.notes, ends=ends)


def _as_written(opened: Opened, path: Path, form: str, place: Path, convert: Convert) -> Opened:
    """Look for what GDAL would change of GeoJSON, and have it read something else then."""
    name, layer, label = opened.name, opened.layer, opened.texts.label
    written = look_at(path, form, label, partial(layer_of, name, layer or None, label))
    opened = replace(opened, written=written)
    is_text = any(spec.type in TEXT_TYPES for spec in convert.columns.values())
    has_times = written.has_times or (written.has_days and is_text)
    if written.is_lossy or (has_times and form == "geojsonseq"):
        with readable(name, label):
            crs = pyogrio.read_info(name, layer=layer or None)["crs"]
        name = gdal_name(
            rewrite(path, form, place / "features.json", written.mixed), "geojson", label
        )
        opened = replace(opened, name=name, layer=layer_of(name, None, label), crs=crs)
    if not has_times:
        return opened
    with readable(opened.name, label):
        return replace(opened, times=times_of(opened.name, opened.layer, convert, label))


def _texts(path: Path, form: str, wanted: str, label: str) -> Texts:
    if form in ("tab", "mif"):
        return mapinfo_text(path, wanted, label)
    return dbf_text(path, wanted, label) if form == "shp" else Texts(label)


@contextmanager
def reading(opened: Opened) -> Iterator[tuple[dict, pa.RecordBatchReader]]:
    """Open a layer: what GDAL says of it, and its batches.

    Raises:
        DiffusionError: a column's name is not UTF-8.
    """
    options: dict = {"batch_size": BATCH_ROWS, "encoding": opened.texts.gdal, "use_pyarrow": True}
    options |= {"return_fids": bool(opened.key and opened.key.is_kept)}
    options |= opened.times.options if opened.times else {}
    try:
        with (
            readable(opened.name, opened.texts.label),
            pyogrio.open_arrow(opened.name, layer=opened.layer or None, **options) as given,
        ):
            yield given
    except UnicodeDecodeError as error:
        found = f"a column's name is not UTF-8: {error.object!r}"
        fix = "ask its publisher for names in UTF-8, and once they are there set a new `vintage`"
        raise LayerError(opened.texts.label, found, fix) from error

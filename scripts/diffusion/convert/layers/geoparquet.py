"""Columns of geometries in Parquet: as GeoParquet's metadata describe them, or as bytes alone."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.config.parts import Geometry
from diffusion.config.remedies import CORRECT, in_line
from diffusion.errors import DiffusionError, LayerError

DEFAULT = "OGC:CRS84"
TYPES = ("Geometry", "Geography")
SHOWN = 12  # bytes that an error shows


@dataclass(frozen=True)
class GeometryColumn:
    """A column of geometries.

    Attributes:
        stated: its CRS, None where nothing states it.
        left_out: columns of its boxes.
        is_spherical: edges are arcs on the globe; they are read as straight lines.
        epoch: of coordinates in a CRS that moves, as a decimal year; a table does not keep it.
    """

    name: str
    stated: object
    left_out: Collection[str] = ()
    is_spherical: bool = False
    epoch: float | None = None


def described_column(
    metadata: Mapping[bytes, bytes], dropped: Collection[str], label: str
) -> GeometryColumn:
    """Return the column of geometries that GeoParquet's metadata describe.

    Raises:
        DiffusionError: several columns of geometries, or another encoding than WKB; the metadata
            describe none.
    """
    geo = json.loads(metadata[b"geo"])
    name, described = geo.get("primary_column"), geo.get("columns") or {}
    if name not in described:
        found = f"its metadata (`geo`) say that `{name}` has the geometries, but describe "
        found += ", ".join(f"`{other}`" for other in described) or "no column"
        raise LayerError(label, found, CORRECT)
    column = described[name]
    if further := sorted(described.keys() - {name} - set(dropped)):
        raise _several([name, *further], label)
    if column["encoding"] != "WKB":
        fix = "ask the publisher for WKB, the encoding that every reader knows"
        raise LayerError(label, f"geometries are encoded as {column['encoding']}", fix)
    left_out = {path[0] for path in column.get("covering", {}).get("bbox", {}).values()}
    # the specification's default; null is unknown
    is_spherical = column.get("edges", "planar") != "planar"
    return GeometryColumn(
        name, column.get("crs", DEFAULT), left_out, is_spherical, column.get("epoch")
    )


def typed_column(path: Path, dropped: Collection[str], label: str) -> GeometryColumn | None:
    """Return the column that has Parquet's own type GEOMETRY or GEOGRAPHY; None if none has.

    Its CRS is a text: of an authority, ``srid:5070``, ``projjson:KEY`` (a key of the file's
    metadata), or PROJJSON itself; without one it is OGC:CRS84 (Parquet 2.11, Geospatial.md).

    Args:
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: several columns are geometries.
    """
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema, file.metadata.metadata or {}
        columns = [schema.column(number) for number in range(len(schema.names))]
    kinds = {c.name: json.loads(c.logical_type.to_json()) for c in columns if c.path == c.name}
    found = {n: k for n, k in kinds.items() if k["Type"] in TYPES and n not in dropped}
    if len(found) > 1:
        raise _several(list(found), label)
    for name, kind in found.items():
        return GeometryColumn(name, _crs(kind.get("crs"), metadata), (), kind["Type"] == TYPES[1])
    return None


def _crs(text: str | None, metadata: Mapping[bytes, bytes]) -> object:
    if not text:
        return DEFAULT
    scheme, _, rest = text.partition(":")
    if scheme == "srid":
        return f"EPSG:{rest}"
    if scheme == "projjson":
        text = metadata.get(rest.encode(), b"").decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text or None


def bare_column(
    path: Path, options: Geometry, dropped: Collection[str], label: str
) -> GeometryColumn | None:
    """Return the column of bytes that are geometries, though no metadata say so; None if none is.

    Published as they are, they would be bytes without a CRS, and without a check.

    Args:
        options: what is declared of the geometries.
        dropped: columns that will not be in the table.

    Raises:
        DiffusionError: geometries are declared, but the bytes are none; they are geometries, but
            nothing is declared; or several columns are.
    """
    with pq.ParquetFile(path) as file:
        names = [f.name for f in file.schema_arrow if _is_bytes(f.type) and f.name not in dropped]
        first = _first_values(file, names)
    if not names:
        return None
    import shapely

    from diffusion.tables.wkb import no_curves

    with no_curves(label):
        shapes = {n: shapely.from_wkb(v, on_invalid="ignore") for n, v in first.items() if v}
    found = [name for name in names if shapes.get(name) is not None]
    if len(found) > 1:
        raise _several(found, label)
    if found and not options.crs and not shapely.get_srid(shapes[found[0]]):
        fix = "state the CRS, `geometry: {crs: …}` (such as EPSG:4326, or EPSG:2154 for Lambert-93)"
        fix += f"; or leave the column out, `drop: {in_line([found[0]])}`"
        what = f"the bytes of `{found[0]}` are geometries (WKB), and nothing states their CRS"
        raise LayerError(label, what, fix)
    if found:
        srid = int(shapely.get_srid(shapes[found[0]]))
        return GeometryColumn(found[0], f"EPSG:{srid}" if srid else None)
    if options != Geometry():
        raise _no_geometries(first, label)
    return None


def _first_values(file: pq.ParquetFile, names: Sequence[str]) -> dict[str, bytes | None]:
    """Return a value of each column that is not null, None where there is none."""
    values: dict[str, bytes | None] = dict.fromkeys(names)
    for name in names:
        for batch in file.iter_batches(columns=[name]):
            if known := batch.column(0).drop_null().slice(0, 1).to_pylist():
                values[name] = known[0]
                break
    return values


def _is_bytes(kind: pa.DataType) -> bool:
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view()


def _several(names: Sequence[str], label: str) -> DiffusionError:
    fix = f"a table has one column of geometries: leave out the others, `drop: {list(names[1:])}`"
    found = f"several columns of geometries: {', '.join(names)}"
    return LayerError(label, found, fix.replace("'", '"'))


def _no_geometries(first: Mapping[str, bytes | None], label: str) -> DiffusionError:
    shown = (f"`{name}` begins {value[:SHOWN].hex(' ')}" for name, value in first.items() if value)
    found = "`geometry` is declared, but no column of bytes holds geometries (WKB): "
    found += "; ".join(shown) or "all are null"
    fix = f"leave the bytes out, `drop: {in_line(list(first))}`, and remove `geometry`; or ask its "
    return LayerError(label, found, f"{fix}publisher for GeoParquet")

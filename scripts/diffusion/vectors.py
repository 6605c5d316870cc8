"""Read vector files in batches: CRS checked, geometries repaired and counted, boxes computed.

The result is a plain Parquet file with WKB and bounding boxes, which then goes the way of every
table; ``geoparquet`` adds order and metadata at the end.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS, Transformer

from diffusion.errors import DiffusionError
from diffusion.tables import RawTable
from diffusion.types import literal

logger = logging.getLogger(__name__)
BATCH_ROWS = 10_000
GEOMETRY, BBOX = "geometry", "bbox"
BOX = pa.struct([pa.field(side, pa.float32()) for side in ("xmin", "ymin", "xmax", "ymax")])
# shapely type ids of each family: single and multi
FAMILIES = {"point": (0, 4), "line": (1, 2, 5), "polygon": (3, 6)}
MULTI = {
    "point": shapely.multipoints,
    "line": shapely.multilinestrings,
    "polygon": shapely.multipolygons,
}


def read_vector(path: Path, source: Mapping, label: str, form: str, spool: Path) -> RawTable:
    """Copy a layer to a Parquet spool and return it as a relation; memory does not grow.

    Raises:
        DiffusionError: several layers, no CRS, another CRS than declared, another family.
    """
    layer = _layer(path, source, label)
    options = source["geometry"]
    encoding = dbf_encoding(path) if form == "shp" else None
    facts = {"repaired": 0, "area_before": 0.0, "area_after": 0.0, "types": set()}
    with pyogrio.open_arrow(
        path, layer=layer, batch_size=BATCH_ROWS, encoding=encoding, use_pyarrow=True
    ) as (meta, reader):
        crs = _source_crs(meta["crs"], options["crs"], label)
        target = CRS.from_user_input(options["to_crs"]) if options["to_crs"] else crs
        move = None if crs == target else Transformer.from_crs(crs, target, always_xy=True)
        wkb = meta["geometry_name"] or "wkb_geometry"
        schema = _spool_schema(reader.schema, wkb)
        with pq.ParquetWriter(spool, schema, compression="zstd", compression_level=1) as writer:
            for batch in reader:
                shapes = shapely.from_wkb(batch.column(wkb).to_numpy(zero_copy_only=False))
                shapes = _repaired(shapes, options, facts, label)
                shapes = _reprojected(shapes, move)
                facts["types"] |= set(
                    np.unique(
                        shapely.get_type_id(shapes[shapely.get_type_id(shapes) >= 0])
                    ).tolist()
                )
                columns = [
                    c for n, c in zip(batch.schema.names, batch.columns, strict=True) if n != wkb
                ]
                arrays = [*columns, pa.array(shapely.to_wkb(shapes), pa.binary()), _boxes(shapes)]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    _tell(label, facts)
    geo = facts | {"crs": target.to_json_dict(), "types": sorted(facts["types"])}
    names = schema.names
    text = frozenset(field.name for field in schema if pa.types.is_string(field.type))
    sql = f"SELECT * FROM read_parquet({literal(str(spool))})"
    return RawTable(label, sql, names, text, strings=text, geo=geo)


def dbf_encoding(path: Path) -> str | None:
    """Return UTF-8 when the attribute bytes of a shapefile are, else ISO-8859-1.

    A missing .cpg means Latin-1 to GDAL and a lying one gives ``RhÃ´ne``; the bytes do not lie:
    Latin-1 text with accents is practically never valid UTF-8.
    """
    dbf = next(
        (f for f in path.parent.iterdir() if f.stem == path.stem and f.suffix.lower() == ".dbf"),
        None,
    )
    if dbf is None:
        return None
    data = dbf.read_bytes()
    body = data[int.from_bytes(data[8:10], "little") :]
    cpg = next(
        (f for f in path.parent.iterdir() if f.stem == path.stem and f.suffix.lower() == ".cpg"),
        None,
    )
    said = cpg.read_text("ascii", "replace").strip() if cpg else "nothing"
    try:
        body.decode("utf-8")
        found = "UTF-8"
    except UnicodeDecodeError:
        found = "ISO-8859-1"
    if not body.isascii() and cpg and found.replace("-", "") not in said.upper().replace("-", ""):
        logger.warning("%s says %s, but its text is %s: read as %s", cpg.name, said, found, found)
    return found


def _layer(path: Path, source: Mapping, label: str) -> str:
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    except pyogrio.errors.DataSourceError as error:
        raise DiffusionError(label, f"cannot be read: {error}", "see `format:`") from error
    wanted = source["layer"]
    if wanted in layers or (wanted is None and len(layers) == 1):
        return wanted or layers[0]
    raise DiffusionError(label, f"layers: {', '.join(layers)}", "write the name of one: `layer: …`")


def _source_crs(stated: str | None, declared: str | None, label: str) -> CRS:
    if not stated and not declared:
        fix = 'declare it: `geometry: {crs: "EPSG:4326"}` (or EPSG:2154 for Lambert-93)'
        raise DiffusionError(label, "the file states no CRS", fix)
    if (
        stated
        and declared
        and not CRS.from_user_input(stated).equals(
            CRS.from_user_input(declared), ignore_axis_order=True
        )
    ):
        fix = "correct geometry.crs, or remove it to trust the file"
        raise DiffusionError(
            label,
            f"the file states {CRS.from_user_input(stated).name}, declared is {declared}",
            fix,
        )
    return CRS.from_user_input(declared or stated)


def _spool_schema(schema: pa.Schema, wkb: str) -> pa.Schema:
    plain = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
    fields = [pa.field(f.name, plain.get(f.type, f.type)) for f in schema if f.name != wkb]
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, BOX)])


def _repaired(shapes: np.ndarray, options: Mapping, facts: dict, label: str) -> np.ndarray:
    """Repair invalid geometries, keep the declared family, count both."""
    bad = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if options["repair"] and bad.any():
        facts["repaired"] += int(bad.sum())
        facts["area_before"] += float(shapely.area(shapes[bad]).sum())
        repaired = shapely.make_valid(shapes[bad])
        shapes[bad] = [_of_family(shape, options["family"]) for shape in repaired]
        facts["area_after"] += float(shapely.area(shapes[bad]).sum())
    if options["family"] != "any":
        kinds = shapely.get_type_id(shapes)
        strange = ~np.isin(kinds, (*FAMILIES[options["family"]], -1))
        if strange.any():
            found = sorted({shapes[i].geom_type for i in np.flatnonzero(strange)})
            fix = "correct geometry.family, or set it to `any`"
            raise DiffusionError(
                label,
                f"{strange.sum()} geometries are {', '.join(found)}, not {options['family']}",
                fix,
            )
    return shapes


def _of_family(shape: shapely.Geometry, family: str) -> shapely.Geometry:
    """``make_valid`` may give a collection; keep its parts of the family that is declared."""
    if family == "any" or shape.geom_type != "GeometryCollection":
        return shape
    parts = [
        p
        for p in shapely.get_parts(shapely.get_parts(shape))
        if shapely.get_type_id(p) in FAMILIES[family]
    ]
    return parts[0] if len(parts) == 1 else MULTI[family](parts)


def _reprojected(shapes: np.ndarray, move: Transformer | None) -> np.ndarray:
    if move is None:
        return shapes
    return shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))


def _boxes(shapes: np.ndarray) -> pa.StructArray:
    """Return bounding boxes as float32, rounded outward so that they always cover."""
    bounds = shapely.bounds(shapes)
    missing = np.isnan(bounds[:, 0])
    sides = []
    for index, outward in enumerate((-np.inf, -np.inf, np.inf, np.inf)):
        exact = bounds[:, index]
        near = exact.astype(np.float32)
        inside = near > exact if outward < 0 else near < exact
        near[inside] = np.nextafter(near[inside], np.float32(outward))
        sides.append(pa.array(near, pa.float32(), mask=missing))
    return pa.StructArray.from_arrays(sides, fields=list(BOX), mask=pa.array(missing))


def _tell(label: str, facts: Mapping) -> None:
    if facts["repaired"]:
        logger.warning(
            "%s: %d invalid geometries repaired; their area was %.6g, is %.6g",
            label,
            facts["repaired"],
            facts["area_before"],
            facts["area_after"],
        )


def frame_to_arrow(frame, options: Mapping, where: str) -> tuple[pa.Table, dict]:  # noqa: ANN001 - a GeoDataFrame
    """Return a GeoDataFrame as a table with WKB and boxes, and what is known of its geometries."""
    if frame.crs is None:
        raise DiffusionError(where, "the GeoDataFrame has no CRS", "use `.set_crs(…)`")
    frame = frame.to_crs(options["to_crs"]) if options["to_crs"] else frame
    facts = {"repaired": 0, "area_before": 0.0, "area_after": 0.0}
    shapes = _repaired(frame.geometry.to_numpy().copy(), options, facts, where)
    plain = frame.drop(columns=frame.geometry.name)
    table = pa.Table.from_pandas(plain, preserve_index=False)
    table = table.append_column(
        pa.field(GEOMETRY, pa.binary()), pa.array(shapely.to_wkb(shapes), pa.binary())
    )
    table = table.append_column(pa.field(BBOX, BOX), _boxes(shapes))
    kinds = shapely.get_type_id(shapes)
    return table, facts | {
        "crs": frame.crs.to_json_dict(),
        "types": np.unique(kinds[kinds >= 0]).tolist(),
    }

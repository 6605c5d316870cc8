"""Geometries in what a query or a script gives: a layer like any other, or an error."""

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from diffusion.config.no_effect import no_effect
from diffusion.config.parts import Geometry
from diffusion.derive.inputs import PublishedTable
from diffusion.errors import CrsError

if TYPE_CHECKING:
    from pyproj import CRS

logger = logging.getLogger(__name__)
WORKED = "the rows with their geometries"


def has_geometries(
    schema: pa.Schema, options: Geometry, inputs: Mapping[str, PublishedTable], where: str
) -> bool:
    """Return whether rows have geometries: a column ``geometry`` of bytes, of inputs with a CRS.

    Raises:
        DiffusionError: ``geometry:`` is set where there are none.
    """
    is_binary = "geometry" in schema.names and _is_binary(schema.field("geometry").type)
    found = is_binary and (bool(options.crs) or any(map(_is_layer, inputs.values())))
    if not found and options != Geometry():
        raise no_effect(f"{where}.geometry", "the result has no column `geometry` of geometries")
    return found


def renamed_geometry(
    first: Mapping[str, bytes | None],
    names: Collection[str],
    inputs: Mapping[str, PublishedTable],
    where: str,
) -> str | None:
    """Return the column of geometries if it has another name than ``geometry``, else None.

    Under its own name it would be published as bytes, without a CRS.

    Args:
        first: a value of each column of bytes that has one.
        names: of all columns.

    Raises:
        DiffusionError: several columns hold geometries, or one beside a column ``geometry``.
    """
    if not any(map(_is_layer, inputs.values())):
        return None
    found = [n for n, v in first.items() if n != "geometry" and v is not None and _is_wkb(v)]
    if not found:
        return None
    if len(found) == 1 and "geometry" not in {name.lower() for name in names}:
        logger.warning(
            "%s: the geometries of `%s` are published as `geometry`, as those of every table",
            *(where, found[0]),
        )
        return found[0]
    fix = "a table has one column of geometries: leave out the others, or make them text "
    fix += "(in a script: `.to_wkt()`)"
    others = [name for name in names if name.lower() == "geometry"] or found[:-1]
    what = f"the column `{found[-1]}` holds geometries, and there is `{others[0]}` as well"
    raise CrsError(where, what, fix)


def binary_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns of bytes."""
    return [field.name for field in schema if _is_binary(field.type)]


def work_geometries(
    con: duckdb.DuckDBPyConnection,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    options: Geometry,
    inputs: Mapping[str, PublishedTable],
    where: str,
) -> tuple[list[str], Mapping]:
    """Put rows into the table ``WORKED``: geometries repaired, reprojected, with boxes.

    Returns:
        The names of its columns, and what is known of its geometries.

    Raises:
        DiffusionError: bytes that are no geometry; no CRS, or another than is declared.
    """
    from diffusion.tables.boxes import BBOX, BOX, GEOMETRY
    from diffusion.tables.shapes import Shapes

    work = Shapes(options, _crs(options, inputs, where), where)
    others = [name for name in schema.names if name not in (GEOMETRY, BBOX)]
    added = [pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, BOX)]
    schema = pa.schema([*(schema.field(name) for name in others), *added])
    table = '"' + WORKED + '"'
    con.register("batch", pa.Table.from_batches([], schema))
    con.execute(f"CREATE TABLE {table} AS SELECT * FROM batch")
    for batch in batches:
        wkb = batch.column(GEOMETRY).cast(pa.binary())
        worked = work.of_wkb(wkb)
        columns = [*(batch.column(name) for name in others), *worked]
        con.register("batch", pa.RecordBatch.from_arrays(columns, schema=schema))
        con.execute(f"INSERT INTO {table} SELECT * FROM batch")
    con.unregister("batch")
    return schema.names, work.facts()


def _crs(options: Geometry, inputs: Mapping[str, PublishedTable], where: str) -> "CRS":
    from pyproj import CRS

    from diffusion.tables.crs import known_crs

    stated = {name: CRS(table.crs) for name, table in inputs.items() if _is_layer(table)}
    if len(set(stated.values())) > 1 and not options.crs:
        shown = ", ".join(f"{name}: {crs.name}" for name, crs in stated.items())
        fix = "state that of the result: `geometry: {crs: …}`"
        raise CrsError(where, f"its inputs are in several CRSs ({shown})", fix)
    one = next(iter(stated.values())) if len(set(stated.values())) == 1 else None
    return known_crs(one, options.crs, where, what="its input")


def _is_layer(table: PublishedTable) -> bool:
    return {"geometry", "bbox"} <= set(table.columns) and table.crs is not None


def _is_binary(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or kind == pa.binary_view()


def _is_wkb(value: bytes) -> bool:
    import shapely

    try:
        return shapely.from_wkb(value, on_invalid="ignore") is not None
    except NotImplementedError:  # curves are shapes, and refused as such
        return True

"""What makes a Parquet file a GeoParquet 1.1 file: metadata, box covering, Hilbert order.

Format: GeoParquet specification 1.1.0 (Open Geospatial Consortium), `geo` file metadata.
"""

import json
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType
from pyproj import CRS

from diffusion.errors import DiffusionError


def merge_geo(many: Sequence[Mapping], where: str) -> dict:
    """Put together what is known of the geometries of several files.

    Raises:
        DiffusionError: they are not in one CRS.
    """
    first = many[0]
    for other in many[1:]:
        if other["crs"] != first["crs"]:
            names = f"{CRS(first['crs']).name} and {CRS(other['crs']).name}"
            fix = "set geometry.to_crs, so that all are reprojected to it"
            raise DiffusionError(where, f"the files are in {names}", fix)
    total = {
        key: sum(geo[key] for geo in many) for key in ("repaired", "area_before", "area_after")
    }
    heights = [z for geo in many for z in geo["heights"]]
    return total | {
        "crs": first["crs"],
        "types": sorted({kind for geo in many for kind in geo["types"]}),
        "heights": [min(heights), max(heights)] if heights else [],
    }


def hilbert_order(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, list[float]]:
    """Return SQL of a row's place on a Hilbert curve, and the bounds; empty without boxes."""
    from geopandas import GeoSeries

    bounds = con.execute(
        "SELECT min(bbox.xmin)::DOUBLE, min(bbox.ymin)::DOUBLE, max(bbox.xmax)::DOUBLE, "
        f"max(bbox.ymax)::DOUBLE FROM ({relation})"
    ).fetchall()[0]
    if bounds[0] is None:
        return "", []

    def hilbert(x: pa.Array, y: pa.Array) -> pa.Array:
        points = GeoSeries.from_xy(
            x.to_numpy(zero_copy_only=False), y.to_numpy(zero_copy_only=False)
        )
        return pa.array(points.hilbert_distance(total_bounds=bounds, level=16).to_numpy("int64"))

    con.create_function(
        "hilbert", hilbert, ["DOUBLE", "DOUBLE"], "BIGINT", type=PythonUDFType.ARROW
    )
    middle = "(bbox.{0}min::DOUBLE + bbox.{0}max::DOUBLE) / 2"
    return f"hilbert({middle.format('x')}, {middle.format('y')})", [side + 0.0 for side in bounds]


def geo_metadata(geo: Mapping, bounds: Sequence[float]) -> dict[bytes, bytes]:
    """Return the ``geo`` key of GeoParquet 1.1 for a column ``geometry`` with a ``bbox`` column."""
    sides = ("xmin", "ymin", "xmax", "ymax")
    column = {
        "encoding": "WKB",
        "geometry_types": geo["types"],
        "crs": geo["crs"],
        "covering": {"bbox": {side: ["bbox", side] for side in sides}},
    }
    if bounds:  # the range of each dimension: two for the ground, a third for heights
        low, high = list(bounds[:2]), list(bounds[2:])
        column["bbox"] = [*low, *geo["heights"][:1], *high, *geo["heights"][1:]]
    described = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": json.dumps(described, sort_keys=True).encode()}

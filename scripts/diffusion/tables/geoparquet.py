"""What makes a Parquet file a GeoParquet 1.1 file: metadata, box covering, Hilbert order.

Format: GeoParquet specification 1.1.0 (Open Geospatial Consortium), `geo` file metadata.
"""

import json
from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType
from pyproj import CRS

from diffusion.errors import CrsError
from diffusion.tables.boxes import BBOX, SIDES, merge_bounds
from diffusion.tables.crs import plainest, same_on_a_map

CURVE_BITS = 16  # of each coordinate: 65,536 cells a side


def merge_geo(many: Sequence[Mapping], where: str) -> dict:
    """Put together what is known of the geometries of several files.

    Raises:
        DiffusionError: they are not in one CRS.
    """
    # each that differs from the one before; none where all are alike
    known = [CRS(geo["crs"]) for n, geo in enumerate(many) if geo["crs"] != many[n - 1]["crs"]]
    for other in known[1:]:
        if not same_on_a_map(known[0], other):
            names = f"{known[0].name} and {other.name}"
            fix = "set geometry.to_crs, so that all are reprojected to it"
            raise CrsError(where, f"the files are in {names}", fix)
    counted = ("repaired", "reshaped", "unsound", "area_before", "area_after")
    total = {key: sum(geo[key] for geo in many) for key in counted}
    heights = [z for geo in many for z in geo["heights"]]
    boxes = [geo["bounds"] for geo in many if geo["bounds"]]
    return total | {
        "crs": plainest(known).to_json_dict() if known else many[0]["crs"],
        "types": sorted({kind for geo in many for kind in geo["types"]}),
        "heights": [min(heights), max(heights)] if heights else [],
        "bounds": merge_bounds(np.array(boxes)) if boxes else [],
        "doubts": [doubt for geo in many for doubt in geo["doubts"]],
    }


def hilbert_order(con: duckdb.DuckDBPyConnection, bounds: Sequence[float]) -> str:
    """Return SQL of a row's place on a Hilbert curve over the bounds, by the middle of its box."""
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    cells = (1 << CURVE_BITS) - 1
    scale = np.divide(cells, high - low, out=np.zeros(2), where=high > low)

    def hilbert(x: pa.ChunkedArray, y: pa.ChunkedArray) -> pa.Array:
        columns = [np.from_dlpack(side.combine_chunks()) for side in (x, y)]  # no pandas, no nulls
        cell = np.clip(np.nan_to_num((np.stack(columns, axis=1) - low) * scale), 0, cells)
        places = pa.py_buffer(_place(*cell.astype(np.int64).T))
        return pa.Array.from_buffers(pa.int64(), len(cell), [None, places])

    con.create_function(
        "hilbert", hilbert, ["DOUBLE", "DOUBLE"], "BIGINT", type=PythonUDFType.ARROW
    )
    middle = "(bbox.{0}min::DOUBLE + bbox.{0}max::DOUBLE) / 2"
    return f"hilbert({middle.format('x')}, {middle.format('y')})"


def _place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return how far along the curve cells are; the same as geopandas' ``hilbert_distance``."""
    place = np.zeros(len(x), np.int64)
    for bit in reversed(range(CURVE_BITS)):
        right, up = x >> bit & 1, y >> bit & 1
        place = place << 2 | (3 * right ^ up)
        # the lower quadrants are turned, so that the curve goes on where it left the last one
        mirror = -(right & (1 - up))
        x, y = x ^ mirror, y ^ mirror
        swap = (x ^ y) & -(1 - up)
        x, y = x ^ swap, y ^ swap
    return place


def geo_metadata(geo: Mapping) -> dict[bytes, bytes]:
    """Return the ``geo`` key of GeoParquet 1.1 for a column ``geometry`` with a ``bbox`` column."""
    column = {
        "encoding": "WKB",
        "geometry_types": geo["types"],
        "crs": geo["crs"],
        "covering": {"bbox": {side: [BBOX, side] for side in SIDES}},
    }
    if any("Polygon" in kind or "Collection" in kind for kind in geo["types"]):
        column["orientation"] = "counterclockwise"
    if bounds := geo[
        "bounds"
    ]:  # the range of each dimension: two for the ground, a third for heights
        low, high = list(bounds[:2]), list(bounds[2:])
        column["bbox"] = [*low, *geo["heights"][:1], *high, *geo["heights"][1:]]
    described = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": json.dumps(described, sort_keys=True).encode()}

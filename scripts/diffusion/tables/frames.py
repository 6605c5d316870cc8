"""GeoDataFrames as tables, with the names that geometries and their boxes have in every table."""

import pyarrow as pa
from geopandas import GeoDataFrame
from pyproj import CRS

from diffusion.config.parts import Geometry
from diffusion.errors import DiffusionError
from diffusion.tables.shapes import BBOX, BOX, GEOMETRY, Shapes


def frame_to_arrow(frame: GeoDataFrame, options: Geometry, where: str) -> tuple[pa.Table, dict]:
    """Return a GeoDataFrame as a table with WKB and boxes, and what is known of its geometries."""
    if frame.crs is None:
        raise DiffusionError(where, "the GeoDataFrame has no CRS", "use `.set_crs(…)`")
    work = Shapes(options, CRS.from_user_input(frame.crs), where)
    wkb, boxes = work.arrays(frame.geometry.to_numpy())
    plain = frame.drop(columns=[frame.geometry.name, BBOX], errors="ignore")
    table = pa.Table.from_pandas(plain, preserve_index=False)
    table = table.append_column(pa.field(GEOMETRY, pa.binary()), wkb)
    return table.append_column(pa.field(BBOX, BOX), boxes), work.facts()

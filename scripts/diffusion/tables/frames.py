"""GeoDataFrames as tables, with the names that geometries and their boxes have in every table."""

import pyarrow as pa
from geopandas import GeoDataFrame

from diffusion.config.parts import Geometry
from diffusion.errors import DerivedError
from diffusion.tables.boxes import BBOX, BOX, GEOMETRY
from diffusion.tables.crs import known_crs
from diffusion.tables.shapes import Shapes


def frame_to_arrow(frame: GeoDataFrame, options: Geometry, where: str) -> tuple[pa.Table, dict]:
    """Return a GeoDataFrame as a table with WKB and boxes, and what is known of its geometries."""
    crs = known_crs(frame.crs, options.crs, where, "use `.set_crs(…)`", "the GeoDataFrame")
    shapes = [name for name, kind in frame.dtypes.items() if str(kind) == "geometry"]
    if len(shapes) > 1:
        fix = "keep one: drop the others, or make them text with `.to_wkt()`"
        raise DerivedError(where, f"several geometry columns: {', '.join(shapes)}", fix)
    if frame.geometry.name != GEOMETRY and GEOMETRY in frame.columns:
        found = f"the geometries are in `{frame.geometry.name}`, and there is a column `{GEOMETRY}`"
        raise DerivedError(where, found, "rename or drop it: geometries have that name in tables")
    work = Shapes(options, crs, where)
    wkb, boxes = work.arrays(frame.geometry.to_numpy())
    plain = frame.drop(columns=[frame.geometry.name, BBOX], errors="ignore")
    table = pa.Table.from_pandas(plain, preserve_index=False)
    table = table.append_column(pa.field(GEOMETRY, pa.binary()), wkb)
    return table.append_column(pa.field(BBOX, BOX), boxes), work.facts()

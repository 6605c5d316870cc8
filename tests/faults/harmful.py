"""Layers and tables that are not as they should be, as bytes."""

import io
import tempfile
from pathlib import Path

import geopandas
from shapely import Point, Polygon, box

from archives import zip_of

NAMES = ["Rhône", "Île-de-France"]
SQUARES = [box(3, 46, 4, 47), box(5, 46, 6, 47)]
BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
POINT = Point(3, 46)


def layer(shapes: list | None = None, crs: int | None = 4326) -> geopandas.GeoDataFrame:
    columns = {"code": ["01", "2A"], "nom": NAMES}
    return geopandas.GeoDataFrame(columns, geometry=shapes or SQUARES, crs=crs)


def shapefile(without: str = "", cpg: str = "UTF-8", encoding: str = "UTF-8") -> bytes:
    """A zipped shapefile without one of its files, or with a .cpg that lies."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.shp"
        layer().to_file(path, encoding=encoding)
        path.with_suffix(".cpg").write_text(cpg)
        files = [(f.name, f.read_bytes()) for f in sorted(path.parent.iterdir())]
    return zip_of([(name, data) for name, data in files if not name.endswith(without or "?")])


def geoparquet(shapes: list | None = None, crs: int | None = 4326) -> bytes:
    buffer = io.BytesIO()
    layer(shapes, crs).to_parquet(buffer)
    return buffer.getvalue()

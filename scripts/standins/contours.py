"""The zipped shapefile of the departments that data.gouv.fr redirects to, generated.

The mainland and Corsica are the Voronoi cells of the departments' centres inside the real
outline, the overseas departments are irregular islands at their real places. Deterministic to
the byte. Heavy modules are imported only when the archive is asked for.
"""

import io
import math
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from standins.places import DATA, ISLAND_RADII, centres, contour_names

if TYPE_CHECKING:
    import shapely

NAME = "departements-20180101"
EXTENSIONS = ("shp", "shx", "dbf", "prj", "cpg")


@lru_cache
def departements_zip() -> bytes:
    """The archive, members at its root: 102 features, WGS84, UTF-8."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{NAME}.shp"
        _write_shapefile(path)
        members = {f"{NAME}.{ext}": path.with_suffix(f".{ext}").read_bytes() for ext in EXTENSIONS}
    return zip_of(members)


def zip_of(members: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on its members only (no time stamp)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2018, 1, 1, 0, 0, 0)), content, 8)
    return buffer.getvalue()


def shapes() -> dict[str, "shapely.Geometry"]:
    """The geometry of each of the 102 contours by code."""
    inland = {code: point for code, point in centres().items() if code not in ISLAND_RADII}
    cells = _voronoi(inland)
    islands = {code: _island(code) for code in ISLAND_RADII}
    return {code: (cells | islands)[code] for code in contour_names()}


def _voronoi(points: dict[str, tuple[float, float]]) -> dict[str, "shapely.Geometry"]:
    import shapely

    outline = shapely.from_wkt((DATA / "outline.wkt").read_text())
    seeds = {code: shapely.Point(point) for code, point in points.items()}
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(list(seeds.values())), extend_to=outline)
    tree = shapely.STRtree(list(seeds.values()))
    codes, cells = list(seeds), {}
    for cell in diagram.geoms:
        [index] = tree.query(cell, predicate="contains")
        cells[codes[index]] = shapely.set_precision(cell.intersection(outline), 1e-5).normalize()
    return cells


def _island(code: str) -> "shapely.Geometry":
    import shapely

    rng, (lon, lat) = Random(f"island {code}"), centres()[code]
    corners = []
    for step in range(24):
        angle = math.tau * step / 24
        radius = ISLAND_RADII[code] * rng.uniform(0.7, 1.1)
        corners.append((lon + radius * math.cos(angle), lat + radius * math.sin(angle)))
    return shapely.set_precision(shapely.Polygon(corners), 1e-5).normalize()


def _surface(shape: "shapely.Geometry") -> float:
    """km², near enough: a degree of latitude is 111.32 km."""
    return round(shape.area * 111.32**2 * math.cos(math.radians(shape.centroid.y)), 1)


def _write_shapefile(path: Path) -> None:
    import numpy
    import pyogrio.raw
    import shapely

    names, geometries = contour_names(), shapes()
    fields = {
        "code_insee": list(names),
        "nom": list(names.values()),
        "nuts3": [None] * len(names),  # often empty in OpenStreetMap
        "wikipedia": [f"fr:{name}" for name in names.values()],
    }
    columns = [numpy.array(values, dtype=object) for values in fields.values()]
    columns.append(numpy.array([_surface(shape) for shape in geometries.values()]))
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(list(geometries.values())),
        field_data=columns,
        fields=[*fields, "surf_km2"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver="ESRI Shapefile",
        encoding="UTF-8",
        DBF_DATE_LAST_UPDATE="2018-01-01",  # else today's date is inside
    )

"""The zipped shapefile of the departments that data.gouv.fr redirects to.

Its outlines are real ones, simplified; the Rhône is in two parts, as OpenStreetMap has it, along a
line that is none of theirs. Deterministic to the byte. Heavy modules are imported only when the
archive is asked for.
"""

import io
import math
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from standins.places import contour_names, contours

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
    import shapely

    return {code: shapely.from_wkt(contours()[code].wkt) for code in contour_names()}


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

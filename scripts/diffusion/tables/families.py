"""Families of geometries: points, lines, polygons; parts of one, and rings turned as is usual."""

import numpy as np
import shapely

from diffusion.errors import GeometryError

# shapely type ids of each family: single and multi
FAMILIES = {"point": (0, 4), "line": (1, 2, 5), "polygon": (3, 6)}
MULTI = {
    "point": shapely.multipoints,
    "line": shapely.multilinestrings,
    "polygon": shapely.multipolygons,
}
TYPE_NAMES = (
    "Point", "LineString", "LineString", "Polygon",
    "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
)  # fmt: skip


def orient(shapes: np.ndarray) -> None:
    """Turn outer rings counter-clockwise and holes clockwise; what is so stays the same object."""
    kinds = shapely.get_type_id(shapes)
    areas = np.flatnonzero(np.isin(kinds, FAMILIES["polygon"]))
    parts, shape_of = shapely.get_parts(shapes[areas], return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    is_outer = np.diff(part_of, prepend=-1) > 0
    wrong = kinds == 7
    wrong[areas[shape_of[part_of[shapely.is_ccw(rings) != is_outer]]]] = True
    shapes[wrong] = shapely.orient_polygons(shapes[wrong])


def types_of(shapes: np.ndarray) -> set[str]:
    """Return the types of shapes as GeoParquet names them: ``Polygon Z`` has heights."""
    pairs = zip(shapely.get_type_id(shapes), shapely.has_z(shapes), strict=True)
    return {TYPE_NAMES[kind] + (" Z" if tall else "") for kind, tall in set(pairs) if kind >= 0}


def made_valid(shapes: np.ndarray, family: str, where: str) -> list[shapely.Geometry]:
    """Return shapes that are not valid repaired, and of their family.

    Raises:
        DiffusionError: a coordinate is infinite, with which GEOS may never end.
    """
    if endless := int(np.isinf(shapely.bounds(shapes)).any(axis=1).sum()):
        fix = "correct them where they are made, and once they are correct set a new `vintage`"
        found = f"geometries have coordinates that are infinite: {endless:,}"
        raise GeometryError(where, found, fix)
    return [of_family(shape, family) for shape in shapely.make_valid(shapes)]


def of_family(shape: shapely.Geometry, family: str) -> shapely.Geometry:
    """``make_valid`` may give lines or a collection; keep the parts of the declared family."""
    if family == "any" or shapely.get_type_id(shape) in FAMILIES[family]:
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[np.isin(shapely.get_type_id(parts), FAMILIES[family])]
    return parts[0] if len(parts) == 1 else MULTI[family](parts)

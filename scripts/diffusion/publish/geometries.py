"""How the geometries of a new version differ from the published ones: their CRS, and what they are.

Their column has one name and one type whatever they are. Types within one family are no change: a
file has multipolygons as soon as one shape has two parts.
"""

from collections.abc import Iterable, Mapping

# GeoParquet 1.1 names a type with ` Z` behind it where there are heights
FAMILIES = {"Point": "points", "LineString": "lines", "Polygon": "polygons"}
SAME = {"OGC:CRS84": "EPSG:4326"}  # GeoParquet has longitudes first in either
MOVED = {
    "crs": "the CRS was {}, is {}",
    "geometries": "the geometries were {}, are {}",
}


def geometry_changes(known: Mapping | None, now: Mapping | None) -> dict[str, tuple[str, str]]:
    """Return what differs of ``crs`` and ``geometries``, before and now.

    Args:
        known, now: ``geo`` of the entries in the manifest; None of a table without geometries, and
            of an entry of an older version of Diffusion.
    """
    if not known or not now:
        return {}
    found = {}
    crs = known["crs"], now["crs"]
    if SAME.get(crs[0], crs[0]) != SAME.get(crs[1], crs[1]):
        found["crs"] = crs
    before, after = _families(known["types"]), _families(now["types"])
    if before and after and not before & after:
        found["geometries"] = ", ".join(sorted(before)), ", ".join(sorted(after))
    return found


def _families(types: Iterable[str]) -> set[str]:
    plain = (kind.removesuffix(" Z").removeprefix("Multi") for kind in types)
    return {FAMILIES.get(kind, "collections") for kind in plain}

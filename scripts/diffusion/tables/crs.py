"""Which CRS coordinates are in: what is stated, and what is declared."""

from collections.abc import Sequence

from pyproj import CRS
from pyproj.exceptions import CRSError

from diffusion.errors import CrsError

DECLARE = 'declare it: `geometry: {crs: "EPSG:4326"}` (or EPSG:2154 for Lambert-93)'
UNDEFINED = "undefined "  # GDAL's name of a GeoPackage's srs_id 0, and its next words


def known_crs(
    stated: object, declared: str | None, where: str, fix: str = DECLARE, what: str = "the file"
) -> CRS:
    """Return the one CRS that is stated, declared, or both.

    A CRS that has no place on the earth is none: the undefined ones of GeoPackage, drawings.

    Raises:
        DiffusionError: neither (``fix`` says what to do), or two that differ.
    """
    try:
        given = CRS.from_user_input(stated) if stated else None
        unplaced = given.name if given and not _is_on_earth(given) else ""
        given = None if unplaced else given
        known = CRS.from_user_input(declared) if declared else given
    except CRSError as error:
        raise CrsError(where, f"the CRS is not known: {error}", DECLARE) from error
    if known is None:
        found = f"{what} states no CRS" + (f", but `{unplaced}`" if unplaced else "")
        raise CrsError(where, found, fix)
    if given and not given.equals(known, ignore_axis_order=True):
        found = f"{what} states {name_of_crs(given)}, declared is {declared}"
        raise CrsError(where, found, "correct geometry.crs, or remove it to trust the file")
    return known


def same_on_a_map(one: CRS, other: CRS) -> bool:
    """Whether coordinates are the same in both, heights left aside."""
    return one == other or one.to_2d().equals(other.to_2d(), ignore_axis_order=True)


def plainest(many: Sequence[CRS]) -> CRS:
    """Return the one of several that are the same on a map which most software knows."""

    def rank(crs: CRS) -> tuple[int, bool]:
        return len(crs.axis_info), (crs.to_authority() or ("", ""))[0] != "EPSG"

    return min(many, key=rank)


def _is_on_earth(crs: CRS) -> bool:
    return not (crs.is_engineering or crs.name.lower().startswith(UNDEFINED))


def name_of_crs(crs: CRS) -> str:
    """Return the name of a CRS, and its code where it has one."""
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else crs.name

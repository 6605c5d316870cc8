"""Which CRS coordinates are in: what is stated, what is declared, and whether the numbers fit."""

import logging

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from diffusion.errors import DiffusionError

logger = logging.getLogger(__name__)
DECLARE = 'declare it: `geometry: {crs: "EPSG:4326"}` (or EPSG:2154 for Lambert-93)'
MARGIN = 1.0  # degrees around an area of use: coasts and buffers reach over its edge


def known_crs(
    stated: object, declared: str | None, where: str, fix: str = DECLARE, what: str = "the file"
) -> CRS:
    """Return the one CRS that is stated, declared, or both.

    Raises:
        DiffusionError: neither (``fix`` says what to do), or two that differ.
    """
    if not stated and not declared:
        raise DiffusionError(where, f"{what} states no CRS", fix)
    try:
        known = CRS.from_user_input(declared or stated)
        given = CRS.from_user_input(stated) if stated else known
    except CRSError as error:
        raise DiffusionError(where, f"the CRS is not known: {error}", DECLARE) from error
    if not given.equals(known, ignore_axis_order=True):
        found = f"{what} states {_shown(given)}, declared is {declared}"
        raise DiffusionError(where, found, "correct geometry.crs, or remove it to trust the file")
    return known


def _shown(crs: CRS) -> str:
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else crs.name


class Extent:
    """The bounds of coordinates, batch after batch, compared with their CRS.

    Args:
        is_guess: whether nothing else shows that this is the CRS: outside its area of use is then
            an error, not a warning.
    """

    def __init__(self, crs: CRS, where: str, is_guess: bool):
        self.crs, self.where, self.is_guess = crs, where, is_guess
        self.bounds = np.full(4, np.nan)  # xmin, ymin, xmax, ymax

    def add(self, bounds: np.ndarray) -> None:
        """Take the bounds of a batch; NaN where it has no coordinates.

        Raises:
            DiffusionError: beyond 180 degrees of longitude or 90 of latitude.
        """
        low, high = np.fmin(self.bounds, bounds), np.fmax(self.bounds, bounds)
        self.bounds = np.concatenate([low[:2], high[2:]])
        if not self.crs.is_geographic or np.isnan(self.bounds).any():
            return
        unit = self.crs.axis_info[0].unit_conversion_factor  # grads in some French CRSs
        most = np.degrees(np.abs(self.bounds) * unit) - (180, 90, 180, 90)
        if (most > 1e-6).any():
            fix = "the coordinates are of another CRS, or exchanged: state it, "
            fix += "`geometry: {crs: …}` (EPSG:2154 for Lambert-93)"
            found = f"coordinates reach {_box(self.bounds)}, beyond ±180/±90 degrees of longitude "
            found += f"and latitude, though the CRS is {_shown(self.crs)}"
            raise DiffusionError(self.where, found, fix)

    def verify(self) -> None:
        """Warn of coordinates outside the CRS's area of use, or raise where it is a guess."""
        area = self.crs.area_of_use
        if area is None or np.isnan(self.bounds).any() or area.west > area.east:
            return
        move = Transformer.from_crs(self.crs, "OGC:CRS84", always_xy=True)
        west, south, east, north = move.transform_bounds(*self.bounds)
        inside = west >= area.west - MARGIN and east <= area.east + MARGIN
        if inside and south >= area.south - MARGIN and north <= area.north + MARGIN:
            return
        found = f"coordinates reach {_box(self.bounds)}, outside the area of use of "
        found += f"{_shown(self.crs)}: {area.name}"
        if self.is_guess:
            raise DiffusionError(self.where, found, "correct geometry.crs, or remove it")
        logger.warning("%s: %s: is that the CRS?", self.where, found)


def _box(bounds: np.ndarray) -> str:
    return "x {0:.6g} to {2:.6g}, y {1:.6g} to {3:.6g}".format(*bounds)

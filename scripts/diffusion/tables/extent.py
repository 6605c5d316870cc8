"""Where shapes lie, and whether that fits their CRS."""

import logging

import numpy as np
from pyproj import CRS, Transformer

from diffusion.errors import CrsError
from diffusion.tables.crs import name_of_crs
from diffusion.tables.dateline import is_in_degrees
from diffusion.tables.exchanged import Exchanged

logger = logging.getLogger(__name__)
MARGIN = 1.0  # degrees around an area of use: coasts and buffers reach over its edge
FAR = 20.0  # beyond which no national grid is used: Norway is in one zone, 16 degrees wide


class Extent:
    """Where shapes lie, batch after batch, compared with their CRS; each by the middle of its box.

    Shapes at exactly 0, 0 have no place: addresses that were not found are often put there.

    ``exchange``: what to write where x and y are exchanged; None where they are stated not to be.

    Args:
        is_guess: whether nothing else shows that this is the CRS: most shapes outside its area of
            use are then an error, not a warning.
        target: the CRS to which shapes are reprojected, whose area of use is looked at as well.
        is_stated: whether the data state it: else most shapes far from its area are an error.
    """

    def __init__(
        self,
        crs: CRS,
        where: str,
        is_guess: bool,
        target: CRS | None = None,
        *,
        is_stated: bool = True,
    ):
        self.crs, self.where, self.is_guess, self.is_stated = crs, where, is_guess, is_stated
        self.target = target if target != crs else None
        self.beyond_target = 0
        self.beyond_example: np.ndarray | None = None
        self.bounds = np.full(4, np.nan)  # xmin, ymin, xmax, ymax
        self.shapes = self.placed = self.as_degrees = 0
        self.outside: dict[bool, int] = {True: 0, False: 0}  # by whether they have a place
        self.far = 0  # outside by so much that no data reach there
        self.exchange: str | None = "name them the other way round"
        self.inside_turned = 0  # outside, and inside once x and y are exchanged
        self.examples: list[np.ndarray] = []  # one outside
        self.exchanged = Exchanged() if is_in_degrees(crs) else None
        self.nowhere = 0  # shapes that the projection knows no place for
        self.doubts: list[str] = []  # what `verify` warned of, in words

    def add(self, boxes: np.ndarray) -> None:
        """Take the boxes of a batch, one a row; NaN where there are no coordinates.

        Raises:
            DiffusionError: beyond 180 degrees of longitude or 90 of latitude.
        """
        boxes = boxes[~np.isnan(boxes).any(axis=1)]
        if not len(boxes):
            return
        known = np.vstack([boxes, self.bounds])
        low, high = np.fmin.reduce(known[:, :2]), np.fmax.reduce(known[:, 2:])
        self.bounds = np.concatenate([low, high])
        self._refuse_beyond()
        if self.exchanged:
            self.exchanged.add(*((boxes[:, :2] + boxes[:, 2:]) / 2).T)
        placed = boxes.any(axis=1)
        self.shapes += len(boxes)
        self.placed += int(placed.sum())
        if self.crs.is_projected:
            like = placed & (np.abs(boxes) <= (180, 90, 180, 90)).all(axis=1)
            self.as_degrees += int(like.sum())
        outside = self._look_at_areas(boxes)
        for has_place in (True, False):
            self.outside[has_place] += int((outside & (placed == has_place)).sum())
        self.examples = [*self.examples, *boxes[outside & placed][:1], *boxes[outside][:1]][:1]

    def _refuse_beyond(self) -> None:
        if not self.crs.is_geographic:
            return
        unit = self.crs.axis_info[0].unit_conversion_factor  # grads in some French CRSs
        most = np.degrees(np.abs(self.bounds) * unit) - (180, 90, 180, 90)
        if (most > 1e-6).any():
            fix = "the coordinates are of another CRS, or exchanged: if the file states none, "
            fix += "state it, `geometry: {crs: …}` (EPSG:2154 for Lambert-93); if it states this "
            fix += "one, ask its publisher to correct it, and then set a new `vintage`"
            if (np.abs(self.bounds) <= (360, 90, 360, 90)).all():
                fix += "; or, if its longitudes go on beyond the 180th meridian (182 is -178), "
                fix += "have shapes cut there: `geometry: {wrap: true}`"
            found = f"coordinates reach {_box(self.bounds)}, beyond ±180/±90 degrees of longitude "
            found += f"and latitude, though the CRS is {name_of_crs(self.crs)}"
            raise CrsError(self.where, found, fix)

    def _look_at_areas(self, boxes: np.ndarray) -> np.ndarray:
        """Say which shapes are outside the CRS's area of use; those outside the target's count."""
        both = (self.crs, self.target)
        if not any(crs and crs.area_of_use for crs in both):
            return np.zeros(len(boxes), bool)
        move = Transformer.from_crs(self.crs, "OGC:CRS84", always_xy=True)
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2
        x, y = move.transform(middles[:, 0], middles[:, 1])
        self.nowhere += int((~np.isfinite(x) & boxes.any(axis=1)).sum())
        outside, beyond = (_is_outside(crs, x, y) for crs in both)
        if outside.any():
            turned = move.transform(middles[outside, 1], middles[outside, 0])
            self.inside_turned += int((~_is_outside(self.crs, *turned)).sum())
        if not self.is_stated:
            self.far += int((_is_outside(self.crs, x, y, FAR) & boxes.any(axis=1)).sum())
        beyond &= ~outside & boxes.any(axis=1)  # the others are told already
        self.beyond_target += int(beyond.sum())
        if beyond.any() and self.beyond_example is None:
            self.beyond_example = boxes[beyond][0]
        return outside

    def verify(self) -> None:
        """Compare where all shapes lie with the CRS, and warn of those that it does not fit.

        Raises:
            DiffusionError: most are in degrees in a CRS of metres; or, where the CRS is a guess,
                most are outside its area of use.
        """
        if self.as_degrees * 2 > self.placed:
            unit = self.crs.axis_info[0].unit_name
            fix = "correct `geometry.crs` if it states that: degrees are those of EPSG:4326, or of "
            fix += "EPSG:4258; if the file states it, ask its publisher to correct it, and once it "
            fix += "is corrected set a new `vintage`"
            found = f"coordinates reach {_box(self.bounds)}: {self.as_degrees:,} of {self.placed:,}"
            found += f" shapes lie like degrees, though {name_of_crs(self.crs)} is in {unit}s"
            raise CrsError(self.where, found, fix)
        outside = sum(self.outside.values())
        if outside:
            self._tell_outside(outside)
        elif self.as_degrees:
            found = f"{self.as_degrees:,} of {self.placed:,} shapes lie like degrees"
            self._doubt(f"{found}: are all in {name_of_crs(self.crs)}?")
        self._tell_exchanged()
        self._refuse_turned()
        if self.target and self.beyond_example is not None:
            given = (self.beyond_target, self.shapes, self.beyond_example, self.target)
            self._doubt(f"{_outside(*given)}: is `to_crs` for them?")

    def _tell_exchanged(self) -> None:
        count, (x, y) = self.exchanged.found() if self.exchanged else (0, (0, 0))
        if count:
            shapes = "1 shape lies" if count == 1 else f"{count:,} shapes lie"
            found = f"{shapes} where others do once longitude and latitude are exchanged (x {x}, "
            self._doubt(f"{found}y {y}): are they?")

    def _refuse_turned(self) -> None:
        count = self.exchanged.in_france_once_turned() if self.exchanged else 0
        if count and self.exchange:
            found = (
                f"{count:,} of {self.shapes:,} shapes lie in France once longitude and latitude "
            )
            found += f"are exchanged, and nearly none as they are: {_box(self.bounds)}"
            fix = f"{self.exchange}; if they are right, write `geometry: {{swap_xy: false}}`"
            raise CrsError(self.where, found, fix)

    def _doubt(self, found: str) -> None:
        self.doubts.append(f"{self.where}: {found}")
        logger.warning("%s", self.doubts[-1])

    def _tell_outside(self, count: int) -> None:
        found = _outside(count, self.shapes, self.examples[0], self.crs)
        if self.exchange and self.inside_turned * 2 > self.placed:
            found += f", and {self.inside_turned:,} inside it once x and y are exchanged"
            raise CrsError(self.where, found, self.exchange)
        if self.nowhere * 2 > self.placed:
            found = f"{self.nowhere:,} of {self.shapes:,} shapes (such as {_box(self.examples[0])})"
            found += f" have no place on Earth in {name_of_crs(self.crs)}"
            fix = "the coordinates are of another CRS: correct `geometry.crs` if it states this one"
            fix += "; if the file does, ask its publisher to correct it, and then set a new "
            raise CrsError(self.where, found, f"{fix}`vintage`")
        if self.is_guess and self.outside[True] * 2 > self.placed:
            raise CrsError(self.where, found, "correct geometry.crs, or remove it")
        if self.far * 2 > self.placed:
            fix = "correct `geometry.crs`: the coordinates are of another one"
            raise CrsError(self.where, f"{found}, far from it", fix)
        self._doubt(f"{found}: is that the CRS?")


def _is_outside(
    crs: CRS | None, x: np.ndarray, y: np.ndarray, margin: float = MARGIN
) -> np.ndarray:
    area = crs.area_of_use if crs else None
    if area is None:
        return np.zeros(len(x), bool)
    low, high = x >= area.west - margin, x <= area.east + margin
    across = (low & high) if area.west <= area.east else (low | high)  # the 180th meridian
    inside: np.ndarray = across & (y >= area.south - margin) & (y <= area.north + margin)
    return ~inside


def _outside(count: int, shapes: int, example: np.ndarray, crs: CRS) -> str:
    area = crs.area_of_use.name.rstrip(".") if crs.area_of_use else ""
    return (
        f"{count:,} of {shapes:,} shapes (such as {_box(example)}) are outside the area of use of "
        f"{name_of_crs(crs)}: {area}"
    )


def _box(bounds: np.ndarray) -> str:
    return "x {0:.6g} to {2:.6g}, y {1:.6g} to {3:.6g}".format(*bounds)

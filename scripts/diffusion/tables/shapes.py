"""Work on geometries, array after array: repaired, reprojected, boxed, and what was found."""

import logging
from functools import partial

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS, Transformer

from diffusion.config.parts import Geometry
from diffusion.errors import GeometryError, NoEffectError
from diffusion.tables.boxes import boxes_of, merge_bounds
from diffusion.tables.dateline import HALF, beyond, cut, is_in_degrees, jumped, rejoined
from diffusion.tables.exchanged import way_to_exchange
from diffusion.tables.extent import Extent
from diffusion.tables.families import FAMILIES, TYPE_NAMES, made_valid, orient, types_of
from diffusion.tables.heights import Heights
from diffusion.tables.rings import NO_RINGS, Rings, rings_of
from diffusion.tables.wkb import from_wkb, to_wkb

logger = logging.getLogger(__name__)
RESHAPED = 0.01  # of an area: a repair that changes more may not be what was meant


class Shapes:
    """The geometries of one layer, worked on in batches.

    Args:
        options: ``geometry:`` of the source or derived entry.
        crs: of the geometries that come in.
        where: how errors name the layer.
        is_guess: whether nothing but the bounds shows that this is the CRS: they must fit.
        is_stated: whether the data state the CRS, and not the configuration alone.
    """

    def __init__(
        self,
        options: Geometry,
        crs: CRS,
        where: str,
        *,
        is_guess: bool = False,
        is_stated: bool = True,
    ):
        self.options, self.where = options, where
        if options.wrap and not is_in_degrees(crs):
            found = f"has no effect: the coordinates are in {crs.name}, not in degrees"
            raise NoEffectError(f"{where}: geometry.wrap", found, "remove it")
        self.crs = CRS.from_user_input(options.to_crs) if options.to_crs else crs
        self.extent = Extent(crs, where, is_guess, target=self.crs, is_stated=is_stated)
        self.extent.exchange = way_to_exchange(options)
        self.move = None if crs == self.crs else Transformer.from_crs(crs, self.crs, always_xy=True)
        self.repaired, self.area_before, self.area_after = 0, 0.0, 0.0
        self.reshaped = 0  # of those that were repaired: another area, or no area any more
        self.unsound = 0  # missing, empty, or not valid, as they are written
        self.cut = 0  # shapes across the 180th meridian
        self.measured = 0  # shapes with values beside their coordinates, as kilometre points
        self.types: set[str] = set()
        self.heights = Heights()
        self.bounds: list[float] = []  # xmin, ymin, xmax, ymax of all boxes, where there are any

    def of_wkb(self, wkb: pa.Array, before: int = 0) -> tuple[pa.Array, pa.StructArray]:
        """Return a batch of WKB as ISO WKB and bounding boxes; null stays null.

        Args:
            before: how many rows came before these.

        Raises:
            DiffusionError: curves, or bytes that are no geometry.
        """
        is_moved = self.options.swap_xy or self.options.wrap or self.move
        if is_moved or self.options.family not in ("any", "polygon"):
            return self.arrays(from_wkb(wkb, self.where, before), wkb)
        rings = rings_of(wkb)
        shapes = from_wkb(wkb, self.where, before, rings.is_valid)
        maybe = rings.unproven
        rings.is_valid[maybe] = shapely.is_valid(shapes[maybe])
        shapes[rings.is_valid] = None
        return self.arrays(shapes, rings.turned(wkb), rings)

    def arrays(
        self, given: np.ndarray, wkb: pa.Array | None = None, rings: Rings = NO_RINGS
    ) -> tuple[pa.Array, pa.StructArray]:
        """Return a batch as WKB and bounding boxes; None stays None.

        Args:
            wkb: what the shapes were read from: kept where nothing is to be changed.
            rings: what is known of rows of ``wkb``; the shapes of those that are valid are None.
        """
        shapes = given.copy()
        self._leave_out_measures(shapes)
        if self.options.swap_xy:
            shapes = shapely.transform(shapes, _swapped, include_z=True)
        if self.options.wrap:
            self._cut(shapes, beyond(shapes))
        self.extent.add(rings.with_boxes(shapely.bounds(shapes)))
        if self.move:
            before = shapes
            shapes = shapely.transform(shapes, partial(self._moved, self.move), include_z=True)
            self._cut_moved(before, shapes, self.move)
        # last, as reprojected lines may cross that did not
        self._rejoin(shapes)
        self._repair(shapes, rings)
        self._check_family(shapes)
        orient(shapes)
        self._note(shapes, rings)
        boxes = self._boxes(rings.with_boxes(shapely.bounds(shapes)))
        return to_wkb(shapes, given, wkb, rings.is_valid), boxes

    def facts(self) -> dict:
        """Return what readers and the ``geo`` metadata need to know, once all batches are done."""
        self.extent.verify()
        for note in self.notes:
            logger.warning("%s: %s", self.where, note)
        if self.repaired:
            logger.warning(
                "%s: %d invalid geometries repaired; their area was %.6g, is %.6g",
                *(self.where, self.repaired, self.area_before, self.area_after),
            )
        return {
            "repaired": self.repaired,
            "reshaped": self.reshaped,
            "unsound": self.unsound,
            "area_before": self.area_before,
            "area_after": self.area_after,
            "crs": self.crs.to_json_dict(),
            "types": sorted(self.types),
            "heights": self.heights.ends,
            "bounds": self.bounds,
            "doubts": [*self.extent.doubts, *self._doubts_of_heights()],
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers should know of shapes that are not as they were, in words."""
        told = []
        if self.measured:
            found = f"{self.measured:,} geometries have measures (M), which GeoParquet does not "
            told.append(f"{found}know: they are left out")
        if self.cut:
            told.append(f"{self.cut:,} shapes reach over the 180th meridian: they are cut there")
        return tuple(told)

    def _cut(self, shapes: np.ndarray, places: np.ndarray) -> None:
        self.cut += len(places)
        for place in places:
            shapes[place] = cut(shapes[place])

    def _cut_moved(self, before: np.ndarray, shapes: np.ndarray, move: Transformer) -> None:
        """Cut the shapes that span the globe in degrees, and did not in their first CRS."""
        if not is_in_degrees(self.crs):
            return
        boxes = shapely.bounds(shapes)
        for place in np.flatnonzero(boxes[:, 2] - boxes[:, 0] > HALF):
            try:
                whole = rejoined(before[place], shapes[place], move.transform)
            except ValueError as error:
                found = f"a shape cannot be put into {self.crs.name}: {error}"
                fix = "publish it in a CRS of its region: `geometry: {to_crs: …}`"
                raise GeometryError(self.where, found, fix) from error
            if whole is not None:
                shapes[place] = whole
                self._cut(shapes, np.array([place]))

    def _leave_out_measures(self, shapes: np.ndarray) -> None:
        """GeoParquet knows heights, not measures; shapefiles often have some that are no value."""
        measured = np.flatnonzero(shapely.has_m(shapes))
        if not len(measured):
            return
        points, of = shapely.get_coordinates(shapes[measured], include_m=True, return_index=True)
        self.measured += len(np.unique(of[np.isfinite(points[:, -1])]))
        flat = measured[~shapely.has_z(shapes[measured])]
        shapes[flat] = shapely.force_2d(shapes[flat])
        tall = np.setdiff1d(measured, flat)
        # shapely's own force_3d sets the heights of measured shapes to 0
        shapes[tall] = shapely.from_wkb(shapely.to_wkb(shapes[tall], output_dimension=3))

    def _rejoin(self, shapes: np.ndarray) -> None:
        """Cut shapes that jump over the 180th meridian: repaired, they would span the globe."""
        if not self.options.repair or not is_in_degrees(self.crs):
            return
        boxes = shapely.bounds(shapes)
        wide = np.flatnonzero(boxes[:, 2] - boxes[:, 0] > HALF)
        for place in wide[~shapely.is_valid(shapes[wide])]:
            if (whole := jumped(shapes[place])) is not None:
                shapes[place] = whole
                self._cut(shapes, np.array([place]))

    def _repair(self, shapes: np.ndarray, rings: Rings) -> None:
        valid, missing = shapely.is_valid(shapes), shapely.is_missing(shapes)
        bad = ~valid & ~missing
        if self.options.repair and bad.any():
            self._make_valid(shapes, bad)
            valid[bad] = shapely.is_valid(shapes[bad])
        unsound = ~valid | missing | shapely.is_empty(shapes)
        self.unsound += int((unsound & ~rings.is_valid).sum())

    def _make_valid(self, shapes: np.ndarray, bad: np.ndarray) -> None:
        given = shapes[bad]
        shapes[bad] = made_valid(given, self.options.family, self.where)
        before, after = shapely.area(given), shapely.area(shapes[bad])
        is_other = np.abs(after - before) > RESHAPED * np.maximum(before, after)
        is_flat = shapely.get_dimensions(shapes[bad]) < shapely.get_dimensions(given)
        self.reshaped += int((is_other | is_flat | shapely.is_empty(shapes[bad])).sum())
        self.repaired += int(bad.sum())
        self.area_before += float(before.sum())
        self.area_after += float(after.sum())

    def _check_family(self, shapes: np.ndarray) -> None:
        family = self.options.family
        if family == "any":
            return
        strange = ~np.isin(shapely.get_type_id(shapes), (*FAMILIES[family], -1))
        if strange.any():
            kinds = ", ".join(sorted({shape.geom_type for shape in shapes[strange]}))
            found = f"{strange.sum()} geometries are {kinds}, not {family}"
            fix = "correct geometry.family, or set it to `any`"
            raise GeometryError(self.where, found, fix)

    def _moved(self, move: Transformer, points: np.ndarray) -> np.ndarray:
        """Heights stay as they are: only the position on the ground is reprojected."""
        points[:, 0], points[:, 1] = move.transform(points[:, 0], points[:, 1])
        outside = int((~np.isfinite(points[:, :2])).any(axis=1).sum())
        if outside:
            found = f"{outside} points have no place in {self.crs.name}"
            raise GeometryError(self.where, found, "is geometry.crs the CRS of the coordinates?")
        return points

    def _note(self, shapes: np.ndarray, rings: Rings) -> None:
        self.types |= {TYPE_NAMES[kind] for kind in set(rings.kinds[rings.is_valid].tolist())}
        self.types |= types_of(shapes)
        self.heights.add(shapes)

    def _doubts_of_heights(self) -> list[str]:
        doubts = [f"{self.where}: {doubt}" for doubt in self.heights.doubts]
        for doubt in doubts:
            logger.warning("%s", doubt)
        return doubts

    def _boxes(self, exact: np.ndarray) -> pa.StructArray:
        if len(known := exact[~np.isnan(exact[:, 0])]):
            before = np.array([self.bounds] if self.bounds else []).reshape(-1, 4)
            self.bounds = merge_bounds(np.concatenate([known, before]))
        return boxes_of(exact)


def _swapped(points: np.ndarray) -> np.ndarray:
    return points[:, [1, 0, *range(2, points.shape[1])]]

"""Where a map is drawn: one frame, or France with its overseas regions, found by their place."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely.geometry import Point, box

from diffusion.errors import MapError
from diffusion.maps.joined import listed
from diffusion.maps.look import Look

WORLD = "EPSG:4326"  # longitude and latitude
WIDE = 120  # degrees; beyond, a map of the world in Equal Earth
EQUAL_EARTH = "EPSG:8857"
PARIS = Point(2.3488, 48.8534)


@dataclass(frozen=True)
class Frame:
    """A part of the map.

    Attributes:
        name: above it; empty for the main one.
        box: west, south, east and north in degrees, of what belongs to it.
        crs: in which it is drawn: the official one of its place.
        is_window: it shows once more, and larger, what lies in its box.
    """

    name: str
    box: tuple[float, float, float, float]
    crs: object
    is_window: bool = False

    def of(self, data: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the outlines of ``located`` that lie in it, in its reference system."""
        seen = data.intersects(box(*self.box)) if self.is_window else self.holds(data)
        return data[seen].to_crs(self.crs)

    def holds(self, data: gpd.GeoDataFrame) -> pd.Series:
        """Return which outlines of ``located`` lie in it."""
        west, south, east, north = self.box
        return data["x"].between(west, east) & data["y"].between(south, north)


# official systems: RGF93 / Lambert-93, RGAF09 / UTM 20N, RGFG95 / UTM 22N, RGR92 / UTM 40S,
# RGM04 / UTM 38S, RGSPM06 / UTM 21N, RGPF / UTM 6S, RGNC91-93 / Lambert, RGWF96 / UTM 1S
METROPOLIS = Frame("", (-6, 41, 10, 52), "EPSG:2154")
SUBURBS = Frame("Paris et petite couronne", (2.13, 48.68, 2.63, 49.02), "EPSG:2154", True)
OVERSEAS = (
    Frame("Guadeloupe", (-62, 15.5, -60.5, 17), "EPSG:5490"),
    Frame("Martinique", (-61.5, 14.2, -60.5, 15), "EPSG:5490"),
    Frame("Guyane", (-55, 2, -51, 6.5), "EPSG:2972"),
    Frame("La Réunion", (55, -21.6, 56, -20.6), "EPSG:2975"),
    Frame("Mayotte", (44.8, -13.2, 45.5, -12.4), "EPSG:4471"),
    Frame("Saint-Martin, Saint-Barthélemy", (-63.3, 17.7, -62.6, 18.3), "EPSG:5490"),
    Frame("Saint-Pierre-et-Miquelon", (-57, 46.5, -56, 47.3), "EPSG:4467"),
    Frame("Polynésie française", (-155, -28, -134, -7), "EPSG:3297"),
    Frame("Nouvelle-Calédonie", (158, -23, 173, -17), "EPSG:3163"),
    Frame("Wallis-et-Futuna", (-179, -15, -175, -12), "EPSG:8903"),
)


def located(data: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return outlines in degrees, each with a point that lies in it (``x``, ``y``)."""
    degrees = data.to_crs(WORLD)
    points = degrees.representative_point()
    return degrees.assign(x=points.x, y=points.y)


def frames_of(data: gpd.GeoDataFrame, look: Look, plane: CRS) -> tuple[Frame, list[Frame]]:
    """Return the main frame, and the others that have outlines.

    Args:
        data: see ``located``.
        plane: the outlines' own reference system.

    Raises:
        DiffusionError: ``layout: france``, and an outline lies in none of its frames.
    """
    inside = METROPOLIS.holds(data)
    for frame in OVERSEAS:
        inside |= frame.holds(data)
    is_france = bool(inside.all() and data.contains(PARIS).any())
    if look.layout == "single" or (look.layout == "auto" and not is_france):
        return _single(data, plane), []
    if not inside.all():
        outside = data["code"][~inside]
        fix = "leave them out of the outlines, or draw one map: `layout: single`"
        raise MapError("outlines", f"in no frame of France: {listed(outside)}", fix)
    frames = [frame for frame in OVERSEAS if frame.holds(data).any()]
    if look.zoom and SUBURBS.holds(data).sum() > 1:
        frames.append(SUBURBS)
    return METROPOLIS, frames


def _single(degrees: gpd.GeoDataFrame, plane: CRS) -> Frame:
    """Return one frame, in the outlines' own plane or in one that keeps areas."""
    west, south, east, north = (float(value) for value in degrees.total_bounds)
    crs: object = plane
    if east - west > WIDE:
        crs = EQUAL_EARTH
    elif plane.is_geographic:
        middle = f"+lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f}"
        crs = CRS.from_proj4(f"+proj=laea {middle} +datum=WGS84 +units=m")
    return Frame("", (-180, -90, 180, 90), crs)

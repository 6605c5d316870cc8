"""Outlines of squares where departments of France, or of anywhere, are."""

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point, box

# code → longitude and latitude of the middle, half the side in degrees
FRANCE = {
    "01": (5.3, 46.1, 0.4),
    "29": (-4.0, 48.3, 0.4),
    "75": (2.35, 48.855, 0.08),
    "92": (2.2, 48.855, 0.06),
    "971": (-61.5, 16.2, 0.2),
    "972": (-61.0, 14.6, 0.2),
    "973": (-53.2, 4.0, 1.0),
    "974": (55.5, -21.1, 0.2),
    "976": (45.15, -12.8, 0.1),
}


def country(places=None, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    places = places or FRANCE
    shapes = [Point(x, y).buffer(half, cap_style="square") for x, y, half in places.values()]
    return gpd.GeoDataFrame({"code": list(places)}, geometry=shapes, crs="EPSG:4326").to_crs(crs)


def grid(count: int) -> gpd.GeoDataFrame:
    """So many unit squares side by side, in metres, with codes `a0`, `a1` …"""
    shapes = [box(1000 * i, 0, 1000 * i + 1000, 1000) for i in range(count)]
    return gpd.GeoDataFrame({"code": [f"a{i}" for i in range(count)]}, geometry=shapes, crs=3035)


def values(outlines: gpd.GeoDataFrame, *numbers: float) -> pd.DataFrame:
    return pd.DataFrame({"code": outlines["code"][: len(numbers)], "rate": numbers})

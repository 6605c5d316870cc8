"""The departments by INSEE code: the outlines split the Rhône into 69D and 69M, INSEE says 69."""

import geopandas as gpd

RHONE = {"69D": "69", "69M": "69"}
NAMES = {"69": "Rhône"}


def derive(inputs, params) -> gpd.GeoDataFrame:
    outlines = inputs["departements"].geo(columns=["code_insee", "nom", "surf_km2"])
    outlines["code"] = outlines["code_insee"].replace(RHONE)
    merged = outlines.dissolve(by="code", aggfunc={"nom": "first", "surf_km2": "sum"}).reset_index()
    merged["nom"] = merged["code"].map(NAMES).fillna(merged["nom"])
    return merged[["code", "nom", "surf_km2", "geometry"]]

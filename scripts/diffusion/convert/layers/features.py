"""How many features a layer states, counted by other means than those that read it."""

import re
from functools import partial
from pathlib import Path

from diffusion.convert.layers.esrijson import count_features
from diffusion.convert.layers.gdal import pyogrio
from diffusion.convert.layers.geopackage import count_rows
from diffusion.convert.layers.shapefile_parts import Count
from diffusion.errors import LayerError
from diffusion.files.mapped import mapped

FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
FEATURES = "features.item"


def stated_features(path: Path, form: str, gdal_name: str, layer: str, label: str) -> Count:
    """Return the number of features of a layer, None where nothing states it."""
    if form == "gpkg":
        return count_rows(path, layer), None
    if form == "geojson":
        recount = partial(_in_geojson, path, label)
        return _marks(path) or recount(), recount
    if form == "esrijson":
        return count_features(path), None
    if form == "geojsonseq":
        return _lines(path), None
    stated = int(pyogrio.read_info(gdal_name, layer=layer)["features"])
    return (stated if stated >= 0 else None), None


def _marks(path: Path) -> int:
    with mapped(path) as data:
        return sum(1 for _ in FEATURE.finditer(data))


def _in_geojson(path: Path, label: str) -> int:
    import ijson

    features, kind = 0, ""
    try:
        with path.open("rb") as file:
            for at, event, value in ijson.parse(file):
                features += at == FEATURES and event == "start_map"
                kind = value if (at, event) == ("type", "string") else kind
    except ijson.JSONError as error:  # GDAL reads the first of several values, and no further
        found = f"more comes behind its first value: {str(error).splitlines()[0]}"
        fix = "where each feature has a line of its own, leave out commas at the ends of lines; "
        fix += (
            "publish that as a file of your own, or ask its publisher for one `FeatureCollection`"
        )
        raise LayerError(label, found, fix) from error
    return features if kind == "FeatureCollection" or features else 1  # a feature, or a shape


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip(b"\x1e \t\r\n"))

"""How many features a layer states, counted by other means than those that read it."""

import mmap
import re
from contextlib import closing
from functools import partial
from pathlib import Path

from diffusion.convert.layers.esrijson import count_features
from diffusion.convert.layers.gdal import pyogrio
from diffusion.convert.layers.geopackage import count_rows
from diffusion.convert.layers.shapefile_parts import Count

FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
FEATURES = "features.item"


def stated_features(path: Path, form: str, gdal_name: str, layer: str) -> Count:
    """Return the number of features of a layer, None where nothing states it."""
    if form == "gpkg":
        return count_rows(path, layer), None
    if form == "geojson":
        return _marks(path) or _in_geojson(path), partial(_in_geojson, path)
    if form == "esrijson":
        return count_features(path), None
    if form == "geojsonseq":
        return _lines(path), None
    stated = int(pyogrio.read_info(gdal_name, layer=layer)["features"])
    return (stated if stated >= 0 else None), None


def _marks(path: Path) -> int:
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        return sum(1 for _ in FEATURE.finditer(data))


def _in_geojson(path: Path) -> int:
    import ijson

    with path.open("rb") as file:
        features, kind = 0, ""
        for at, event, value in ijson.parse(file):
            features += at == FEATURES and event == "start_map"
            kind = value if (at, event) == ("type", "string") else kind
    return features if kind == "FeatureCollection" or features else 1  # a feature, or a shape


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip(b"\x1e \t\r\n"))

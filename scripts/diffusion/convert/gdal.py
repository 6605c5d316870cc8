"""GDAL's binding, pyogrio, without pandas and geopandas: they take longer than most layers.

At its import it loads both, to see only whether they are there and which pandas it is. It is told
so without: for that moment stand-ins have their names and versions. What later asks pyogrio for a
data frame gets one, as it imports both again where it makes one.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import ModuleType

import shapely  # noqa: F401  its GEOS before GDAL's, as pyogrio wants it


@contextmanager
def _standing_in(*names: str) -> Iterator[None]:
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name])["__version__"] = version(name)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


# Drivers that read what a file names: other files of this machine, or addresses.
os.environ["GDAL_SKIP"] = (
    "OGR_VRT,GDALG,WFS,OAPIF,CSW,HTTP,EEDA,OGCAPI,Elasticsearch,Carto,AmigoCloud,PLSCENES,NGW,ADBC"
)
with _standing_in("geopandas", "pandas"):
    import pyogrio

__all__ = ["pyogrio"]

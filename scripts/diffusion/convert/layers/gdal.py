"""GDAL's binding, pyogrio, with GDAL as it may be let near strangers' files: no network.

It comes without pandas and geopandas, which take longer than most layers. At its import it loads
both, to see only whether they are there and which pandas it is. It is told so without: for that
moment stand-ins have their names and versions. What later asks pyogrio for a data frame gets one,
as it imports both again where it makes one.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

import shapely  # noqa: F401  its GEOS before GDAL's, as pyogrio wants it

from diffusion.config.vector_formats import LAYERS


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


# What reads the formats: a file opens as nothing else, whatever it claims to be. Others read what a
# file names, other files of this machine or addresses; MEM is GDAL's own.
DRIVERS = {*(form.driver for form in LAYERS.values()), "MEM"}
OPTIONS = {
    "GML_DOWNLOAD_SCHEMA": "NO",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",  # of the names that mean an address: /vsicurl/…
}
ROOM = 256  # bytes; more than GDAL's CPLHTTPResult has
with _standing_in("geopandas", "pandas"):
    import pyogrio

    # its module for the library that it is linked with: GDAL itself, wherever that lies
    _gdal = ctypes.CDLL(import_module("pyogrio._ogr").__file__)
_gdal.GDALGetDriver.restype = _gdal.CPLCalloc.restype = ctypes.c_void_p
_gdal.CPLStrdup.restype = ctypes.c_void_p
_gdal.GDALGetDriverShortName.restype = ctypes.c_char_p
_gdal.GDALGetDriverShortName.argtypes = _gdal.GDALDeregisterDriver.argtypes = [ctypes.c_void_p]
_gdal.CPLCalloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]


# What GDAL calls for an address (``CPLHTTPFetchCallbackFunc`` of cpl_http.h); all are pointers
@ctypes.CFUNCTYPE(ctypes.c_void_p, *[ctypes.c_void_p] * 7)
def _not_asked(*_: object) -> int:
    """Answer any request with an error: a conversion never touches the network."""
    answer = int(_gdal.CPLCalloc(1, ROOM))  # GDAL frees it
    status = ctypes.c_int.from_address(answer)
    status.value = 1
    return answer


def _restrict() -> None:
    pyogrio.set_gdal_config_options(OPTIONS)
    _gdal.CPLHTTPSetFetchCallback(_not_asked, None)
    drivers = [_gdal.GDALGetDriver(number) for number in range(_gdal.GDALGetDriverCount())]
    for driver in drivers:
        if _gdal.GDALGetDriverShortName(driver).decode() not in DRIVERS:
            _gdal.GDALDeregisterDriver(driver)


_restrict()

__all__ = ["DRIVERS", "pyogrio"]

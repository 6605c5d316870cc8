"""What values of ordinary columns are as shapes: coordinates, WKT, WKB, or GeoJSON.

Formats: OGC 06-103r4 (WKT and WKB, ISO's for heights); EWKT and EWKB as PostGIS writes them, with
the number of their CRS (``SRID=2154;POINT(…)``); RFC 7946 (GeoJSON).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from diffusion.tables.sql import literal
from diffusion.tables.wkb import no_curves

EWKT = re.compile(r"\s*SRID=(\d+)\s*;", re.IGNORECASE)
HEX = re.compile(r"\s*(?:\\x|0x)?([0-9A-Fa-f]+)\s*")
NUMBER = r"([+-]?\d+(?:\.\d*)?)"
PAIR = rf"\s*{NUMBER}\s*[,; ]\s*{NUMBER}\s*"
BRACKETS = r"^\s*(?:\[(.*)\]|\((.*)\))\s*$"
LONGEST = 200  # characters that are shown
SHOWN = 12  # bytes
Values = Sequence[list]  # one list for each part of a value: as many as there are rows


@dataclass(frozen=True)
class Form:
    """How columns hold shapes.

    Attributes:
        called: what messages call such values.
        kind: the type of ``columns:`` that each column is read as; empty for bytes.
        parts: SQL of the parts of a value, made of SQL of the columns' values and of their casts.
        read: makes shapes of parts, None of what is none; and the SRIDs that these state, 0 for
            none.
        words: shows a value, by its parts and its row.
        crs: the CRS of such values where nothing states one.
    """

    called: str
    kind: str
    parts: Callable[[Sequence[str], Sequence[str]], list[str]]
    read: Callable[[Values], tuple[np.ndarray, set[int]]]
    words: Callable[[Values, int], str]
    crs: str | None = None


def _two_columns(values: Sequence[str], typed: Sequence[str]) -> list[str]:
    shown = (f"coalesce({value}::VARCHAR, 'nothing')" for value in values)
    return [*typed, f"concat('lon = ', {next(shown)}, ', lat = ', {next(shown)})"]


def _latitude_first(values: Sequence[str], _: Sequence[str]) -> list[str]:
    """As Elasticsearch and OpenDataSoft write a point, or in brackets as its v1."""
    return _pair(values, (2, 1))


def _longitude_first(values: Sequence[str], _: Sequence[str]) -> list[str]:
    """As GeoJSON has a point, and the schema of France's charging points."""
    return _pair(values, (1, 2))


def _pair(values: Sequence[str], places: tuple[int, int]) -> list[str]:
    """Return SQL of longitude and latitude, which have these places in a text, and of the text."""
    [text], pattern = values, literal(f"^{PAIR}$")
    bare = rf"regexp_replace({text}, {literal(BRACKETS)}, '\1\2')"
    parts = [f"try_cast(regexp_extract({bare}, {pattern}, {n}) AS DOUBLE)" for n in places]
    return [*parts, text]


def _points(parts: Values) -> tuple[np.ndarray, set[int]]:
    x, y = (np.array(part, float) for part in parts[:2])  # None is NaN
    known = np.isfinite(x) & np.isfinite(y)
    shapes = np.full(len(x), None, object)
    shapes[known] = shapely.points(x[known], y[known])
    return shapes, set()


def _from_text(parts: Values) -> tuple[np.ndarray, set[int]]:
    [texts] = parts
    stated = [EWKT.match(text) if text is not None else None for text in texts]
    plain = [text[at.end() :] if at else text for text, at in zip(texts, stated, strict=True)]
    shapes = shapely.from_wkt(_objects(plain), on_invalid="fix")
    known = ~shapely.is_missing(shapes)
    return shapes, {
        int(at[1]) if at else 0 for at, is_shape in zip(stated, known, strict=True) if is_shape
    }


def _from_hex(parts: Values) -> tuple[np.ndarray, set[int]]:
    matched = [HEX.fullmatch(text) if text is not None else None for text in parts[0]]
    even = [at[1] if at and len(at[1]) % 2 == 0 else None for at in matched]
    return _from_bytes([[bytes.fromhex(text) if text else None for text in even]])


def _from_bytes(parts: Values) -> tuple[np.ndarray, set[int]]:
    shapes = shapely.from_wkb(_objects(parts[0]), on_invalid="fix")
    return shapes, {int(srid) for srid in shapely.get_srid(shapes[~shapely.is_missing(shapes)])}


def _from_geojson(parts: Values) -> tuple[np.ndarray, set[int]]:
    return shapely.from_geojson(_objects(parts[0]), on_invalid="ignore"), set()


def _objects(values: list) -> np.ndarray:
    return np.array([*values, None], object)[:-1]  # never an array of texts, or of two dimensions


def _last(parts: Values, row: int) -> str:
    return str(parts[-1][row])[:LONGEST]


def _first_bytes(parts: Values, row: int) -> str:
    return f"bytes that begin {parts[0][row][:SHOWN].hex(' ')}"


def _value(values: Sequence[str], _: Sequence[str]) -> list[str]:
    return list(values)


FORMS = {
    "lon": Form("coordinates", "float", _two_columns, _points, _last, "EPSG:4326"),
    "latlon": Form("coordinates", "string", _latitude_first, _points, _last, "EPSG:4326"),
    "lonlat": Form("coordinates", "string", _longitude_first, _points, _last, "EPSG:4326"),
    "wkt": Form("WKT", "string", _value, _from_text, _last),
    "hex": Form("WKB in hexadecimal digits", "string", _value, _from_hex, _last),
    "wkb": Form("WKB", "", _value, _from_bytes, _first_bytes),
    "geojson": Form("GeoJSON", "string", _value, _from_geojson, _last, "EPSG:4326"),
}


def read_values(form: Form, parts: Values, where: str) -> tuple[np.ndarray, set[int]]:
    """Return the shapes of a batch, None of what is none, and the SRIDs that they state.

    Raises:
        DiffusionError: curves.
    """
    with no_curves(where):
        shapes, srids = form.read(parts)
    points, of = shapely.get_coordinates(shapes, return_index=True)
    shapes[of[~np.isfinite(points).all(axis=1)]] = None
    return shapes, srids

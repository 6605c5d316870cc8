"""What the bytes of GeoJSON show, and GDAL does not tell: its CRS, ids, keys that come twice.

GDAL takes a CRS that it does not know for WGS 84, asks one that is an address, and takes the last
of two keys; which ids and numbers it loses is told in ``geojson_ids``.
"""

import json
import mmap
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

from diffusion.convert.layers.geojson_ids import mixed_numbers, wholes_among_texts
from diffusion.convert.layers.geojson_times import has_days, may_change_times
from diffusion.errors import LayerError
from diffusion.files.mapped import mapped
from diffusion.tables.crs import DECLARE

# Each begins with a text, for which one searches fast: coordinates are most of such a file.
ID = re.compile(
    rb'"id"\s*:\s*(?P<value>"(?:[^"\\]|\\.)*+"|[-+.\deE]++|true|false)\s*([,}]\s*"?)', re.DOTALL
)
PROPERTIES = re.compile(rb'"properties"\s*:\s*(\{)?')
CRS_PROPERTIES = re.compile(rb'"crs"\s*:\s*\{[^{}]*"properties"')
GEOMETRY = re.compile(rb'"geometry"\s*:')
FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
TEXTS = re.compile(rb'"coordinates"\s*:\s*\[[\s\[]*"[^"]*"[^\]]*\]?')
WIDE = re.compile(rb'":\s*-?\d{19,}(?![\d.eE])')
LONG = re.compile(rb'":\s*-?\d{16,}(?![\d.eE])')
MEMBERS = (b"type", b"geometry", b"properties", b"bbox")
BEFORE = (b'"Feature"', b"}", b"]", b"null")  # ends of the other members of a feature
NEAR = 40  # bytes
SHOWN = 80  # characters
NUMBERS = "ask its publisher for numbers (RFC 7946), and once they are there set a new `vintage`"
TWICE = "readers differ in which of the two they take: ask its publisher to correct it, and once "
TWICE += "it is corrected set a new `vintage`"
UNKNOWN = object()


@dataclass(frozen=True)
class Written:
    """What the bytes show.

    Attributes:
        crs: the member ``crs`` of the specification of 2008, if it has one that is not null.
        is_silent: whether it has none at all: then it is WGS 84, by the specification of 2016.
        is_lossy: whether GDAL might lose something of it.
        has_times: whether GDAL might change a moment of it.
        mixed: properties of which GDAL would round whole numbers, or give them decimals; see
            ``mixed_numbers``, ``wholes_among_texts``.
        has_days: whether some texts look like days: GDAL writes them in its own way.
    """

    crs: object
    is_silent: bool
    is_lossy: bool
    has_times: bool
    mixed: frozenset[str] = frozenset()
    has_days: bool = False


def look_at(path: Path, form: str, label: str, verify: Callable[[], object]) -> Written:
    """Search a GeoJSON file for what GDAL does not tell.

    Args:
        verify: raises what GDAL says of a file that is no JSON, before another reader does.

    Raises:
        DiffusionError: an object has a key twice, or coordinates are texts.
    """
    with mapped(path) as data:
        if texts := TEXTS.search(data):
            shown = texts[0].decode("utf-8", "replace")[:SHOWN]
            raise LayerError(label, f"coordinates are texts, not numbers: {shown}", NUMBERS)
        doubled = twice(data, PROPERTIES)
        may_have_members_twice = _may_have_members_twice(data)
        is_lossy = WIDE.search(data) is not None or _loses_ids(data)
        has_long = LONG.search(data) is not None
        has_times, wholes = may_change_times(data), wholes_among_texts(data)
        with_days = has_times or has_days(data)
        may_state = form == "geojson" and data.find(b'"crs"') >= 0
    if has_long or may_have_members_twice:
        verify()
    if not doubled and may_have_members_twice:
        doubled = _members_twice(path, form)
    if doubled:
        raise LayerError(label, doubled, TWICE)
    crs = _member_crs(path) if may_state else UNKNOWN
    mixed = wholes | (mixed_numbers(path, form) if has_long else frozenset())
    is_lossy = is_lossy or bool(mixed)
    crs, is_silent = None if crs is UNKNOWN else crs, crs is UNKNOWN
    return Written(crs, is_silent, is_lossy, has_times, mixed, with_days)


def stated_crs(written: Written, gdal: str | None, declared: str | None, label: str) -> str | None:
    """Return the CRS that a file states, None where it states none, or one that nobody knows.

    Args:
        gdal: what GDAL says.
        declared: what the configuration says: it counts where the file's cannot be known.

    Raises:
        DiffusionError: it states one that is not known, and none is declared.
    """
    if written.is_silent:
        return None if declared else gdal
    if written.crs is None:
        return None
    crs = _mapping(written.crs)
    properties = _mapping(crs.get("properties"))
    kind, code = str(crs.get("type")).lower(), properties.get("code")
    name = f"EPSG:{code}" if kind == "epsg" else properties.get("name")
    if kind in ("name", "epsg") and _is_known(name):
        return gdal
    if declared:
        return None
    address = properties.get("href", properties.get("url"))
    found = f"its CRS is not known: {json.dumps(written.crs, default=str)[:SHOWN]}"
    if address:
        found = f"its CRS is an address, {address}, which a conversion does not ask"
    raise LayerError(label, found, DECLARE)


def _mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _is_known(name: object) -> bool:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input("OGC:CRS84" if name == "CRS84" else name)
    except CRSError:
        return False
    return True


def _member_crs(path: Path) -> object:
    import ijson

    with path.open("rb") as file:
        try:
            return next(ijson.items(file, "crs"), UNKNOWN)
        except ijson.JSONError:
            return {}  # GDAL is laxer about the rest of it; what it states is not known


def _loses_ids(data: mmap.mmap) -> bool:
    """Return whether features have ids that are numbers, or are called as a property is."""
    of_features = of_others = False
    for m in ID.finditer(data):
        before, after = data[max(m.start() - NEAR, 0) : m.start()], data[m.end() : m.end() + NEAR]
        if not _is_of_a_feature(before, after):
            of_others = True
        elif not m["value"].startswith(b'"'):
            return True
        else:
            of_features = True
        if of_features and of_others:
            return True
    return False


def _is_of_a_feature(before: bytes, after: bytes) -> bool:
    """Return whether an id is beside the members of a feature; one of its properties may seem so.

    That costs time only.
    """
    last = before.rstrip().removesuffix(b",").rstrip()
    return after.startswith(MEMBERS) or last.endswith(BEFORE)


class _TwiceError(Exception):
    """A key comes twice."""


def twice(data: mmap.mmap, pattern: re.Pattern[bytes]) -> str | None:
    """Say which of the objects that a pattern finds have a key twice; all else is not looked at."""
    read = json.JSONDecoder(object_pairs_hook=_once).raw_decode
    starts = (m.start(1) for m in pattern.finditer(data) if m[1])
    for start, end in pairwise(chain(starts, [len(data)])):
        while True:
            text = data[start:end].decode("utf-8", "replace")
            try:
                read(text)
            except _TwiceError as key:
                return f"properties have the key `{key}` twice: {text[:SHOWN]}…"
            except (ValueError, RecursionError):  # cut at a property that is called `properties`
                if end < len(data):
                    end = min(len(data), start + 2 * (end - start))
                    continue
            break
    return None


def _once(pairs: list[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _TwiceError(next(name for name in names if names.count(name) > 1))


def _may_have_members_twice(data: mmap.mmap) -> bool:
    features = _count(FEATURE, data)
    properties = _count(PROPERTIES, data) - _count(CRS_PROPERTIES, data)
    return properties > features or _count(GEOMETRY, data) > features


def _count(pattern: re.Pattern[bytes], data: mmap.mmap) -> int:
    return sum(1 for _ in pattern.finditer(data))


def _members_twice(path: Path, form: str) -> str | None:
    """Say which feature has two `properties` or two geometries."""
    for number, names in enumerate(_members(path, form), 1):
        for name in ("properties", "geometry", "id", "type"):
            if names.count(name) > 1:
                return f"feature {number:,} has the key `{name}` twice"
    return None


def _members(path: Path, form: str) -> Iterator[list[str]]:
    import ijson

    at = "features.item" if form == "geojson" else ""
    with path.open("rb") as file:
        names: list[str] = []
        for prefix, event, value in ijson.parse(file, multiple_values=form != "geojson"):
            if prefix == at and event == "map_key":
                names.append(value)
            elif prefix == at and event == "end_map":
                yield names
                names = []

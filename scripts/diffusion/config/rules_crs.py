"""Coordinate reference systems that are declared: each must exist before anything is fetched."""

import re
from collections.abc import Iterator

from diffusion.config.parts import Geometry
from diffusion.errors import DiffusionError, NoEffectError, OptionError

# those of most configurations: pyproj, which knows the others, takes a quarter of a second
PLAIN = {"OGC:CRS84", *(f"EPSG:{code}" for code in (2154, 3035, 3857, 4171, 4258, 4326))}
PLAIN |= {f"EPSG:{code}" for code in (*range(3942, 3951), 2972, 2975, 4467, 4471, 5490, 27572)}
# what people write in its place: letters and digits only
USUAL = {
    "lambert93": "EPSG:2154", "l93": "EPSG:2154", "rgf93lambert93": "EPSG:2154",
    "lambert2etendu": "EPSG:27572", "lambertiietendu": "EPSG:27572", "l2e": "EPSG:27572",
    "laea": "EPSG:3035", "lambertazimuthalequalarea": "EPSG:3035", "etrs89": "EPSG:4258",
    "webmercator": "EPSG:3857", "pseudomercator": "EPSG:3857", "mercator": "EPSG:3857",
    "wgs84": "EPSG:4326", "gps": "EPSG:4326", "latlon": "EPSG:4326", "lonlat": "EPSG:4326",
}  # fmt: skip
NAMED = ("lon", "lat", "latlon", "lonlat")  # forms that say which coordinate is which
WRITE = 'the code of the register EPSG, e.g. "EPSG:2154" (Lambert-93) or "EPSG:4326" (degrees)'


def crs_problems(where: str, geometry: Geometry) -> Iterator[DiffusionError]:
    """Yield the CRSs of a section ``geometry:`` that do not exist."""
    for key in ("crs", "to_crs"):
        given = getattr(geometry, key)
        if given and given.upper() not in PLAIN and not _exists(given):
            meant = _meant(given)
            fix = f'did you mean "{meant}"? Write {WRITE}' if meant else f"write {WRITE}"
            yield OptionError(f"{where}.{key}", f"there is no CRS `{given}`", fix)
    if geometry.swap_xy and (form := next((f for f in NAMED if getattr(geometry.source, f)), "")):
        fix = "name the columns the other way round" if form in ("lon", "lat") else "write "
        fix += "" if form in ("lon", "lat") else "`latlon` for `lonlat`, or the reverse"
        found = f"`from.{form}` says already which is which"
        yield NoEffectError(f"{where}.swap_xy", found, f"remove it; {fix}")


def _exists(text: str) -> bool:
    from pyproj import CRS  # only for those that are not plain
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(text)
    except CRSError:
        return False
    return True


def _meant(text: str) -> str | None:
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    if known := USUAL.get(plain):
        return known
    code = re.fullmatch(r"(?:epsg|crs|srid)?(\d{4,6})", plain)
    found = f"EPSG:{code[1]}" if code else None
    return found if found and found != text.upper() and _exists(found) else None

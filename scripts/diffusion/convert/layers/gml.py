"""The CRS of a GML file, which each of its geometries states: GDAL has none where they differ."""

import re
from pathlib import Path

from pyproj import CRS
from pyproj.exceptions import CRSError

from diffusion.errors import CrsError
from diffusion.files.mapped import mapped

# Of geometries, and of the box around all, which may be in another one
NAME = re.compile(
    rb"<(?P<box>(?:\w+:)?(?:Envelope|Box)\b)?[\w:]*\s[^<>]*?"
    rb"\bsrsName\s*=\s*[\"'](?P<name>[^\"'<>]+)[\"']"
)


def one_crs(path: Path, label: str) -> str | None:
    """Return the CRS of all geometries, if several words say it; None where GDAL can tell.

    GDAL takes that of the box around all, and reads coordinates by that of each geometry.

    Raises:
        DiffusionError: they are in several.
    """
    with mapped(path) as data:
        every = {
            (bool(m["box"]), m["name"].decode("utf-8", "replace")) for m in NAME.finditer(data)
        }
    names = sorted(name for is_box, name in every if not is_box)
    if not names or (len(names) == 1 and (True, names[0]) in every) or len(every) == 1:
        return None
    try:
        known = [CRS.from_user_input(name) for name in names]
    except CRSError:
        return None  # the conversion asks for it
    if all(crs.equals(known[0], ignore_axis_order=True) for crs in known):
        return names[0]
    fix = (
        "ask its publisher for one CRS, or for a file of each, and set a new `vintage` once it is "
    )
    fix += "there"
    raise CrsError(label, f"its geometries are in several CRSs: {', '.join(names)}", fix)

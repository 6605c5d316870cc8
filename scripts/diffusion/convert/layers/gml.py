"""The CRS of a GML file, which each of its geometries states: GDAL has none where they differ."""

import mmap
import re
from contextlib import closing
from pathlib import Path

from pyproj import CRS
from pyproj.exceptions import CRSError

from diffusion.errors import DiffusionError

# Of geometries: the box around all may be in another one
NAME = re.compile(
    rb"<(?!(?:\w+:)?(?:Envelope|Box)\b)[\w:]+\s[^<>]*?\bsrsName\s*=\s*[\"']([^\"'<>]+)[\"']"
)


def one_crs(path: Path, label: str) -> str | None:
    """Return the CRS of all geometries, if several words say it; None where GDAL can tell.

    Raises:
        DiffusionError: they are in several.
    """
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)) as data:
        names = sorted({found[1].decode("utf-8", "replace") for found in NAME.finditer(data)})
    if len(names) < 2:
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
    raise DiffusionError(label, f"its geometries are in several CRSs: {', '.join(names)}", fix)

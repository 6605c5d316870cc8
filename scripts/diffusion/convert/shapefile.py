"""The text of shapefiles, whose stated encoding is often missing or wrong."""

import codecs
import logging
import re
from pathlib import Path

from diffusion.files.encodings import count_utf8

logger = logging.getLogger(__name__)
FALLBACK = "CP1252"  # Latin-1 and more


def dbf_encoding(path: Path) -> str | None:
    """Return the encoding of the text of a shapefile; None leaves it to GDAL (no .dbf).

    A missing .cpg means Latin-1 to GDAL and a wrong one gives ``RhÃ´ne``; the bytes are reliable:
    Latin-1 text with accents is practically never valid UTF-8. Text that is not UTF-8 has the
    encoding of the .cpg, unless that is UTF-8.
    """
    dbf, cpg = _beside(path, ".dbf"), _beside(path, ".cpg")
    if dbf is None:
        return None
    declared = _gdal_name(cpg.read_text("ascii", "replace").strip()) if cpg else None
    with dbf.open("rb") as file:
        file.seek(8)
        file.seek(int.from_bytes(file.read(2), "little"))
        good, bad = count_utf8(file)
    if good + bad == 0:
        return "UTF-8"
    # UTF-8 that was cut at the width of a field is bad at its end: a few, never most
    found = "UTF-8" if good > bad else declared if declared not in (None, "UTF-8") else FALLBACK
    if cpg and found != declared:
        logger.warning("%s says %s, but the text is %s: read as that", cpg.name, declared, found)
    return found


def _beside(path: Path, suffix: str) -> Path | None:
    return next((f for f in path.parent.iterdir() if _is_beside(f, path, suffix)), None)


def _is_beside(file: Path, path: Path, suffix: str) -> bool:
    return file.stem.lower() == path.stem.lower() and file.suffix.lower() == suffix


def _gdal_name(declared: str) -> str | None:
    """Return a name that GDAL knows: .cpg files contain ``utf8``, ``1252``, ``ANSI 1252`` …"""
    number = re.search(r"(\d{3,5})(?:-(\d+))?", declared)
    if declared.upper().replace("-", "") in ("UTF8", "65001"):
        return "UTF-8"
    if number and number[1] in ("8859", "88591"):
        return f"ISO-8859-{number[2] or 1}"
    try:
        return codecs.lookup(f"cp{number[1]}").name.upper() if number else None
    except LookupError:
        return None

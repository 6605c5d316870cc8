"""The text of shapefiles, whose stated encoding is often missing or wrong."""

import codecs
import logging
import re
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.files.encodings import count_utf8

logger = logging.getLogger(__name__)
FALLBACK = "CP1252"  # Latin-1 and more


# the language byte of a .dbf → code page (dBASE and FoxPro; ESRI's and GDAL's tables agree)
PAGES = {
    0x01: "CP437", 0x02: "CP850", 0x03: "CP1252", 0x08: "CP865", 0x09: "CP437", 0x0A: "CP850",
    0x0B: "CP437", 0x0D: "CP437", 0x0E: "CP850", 0x0F: "CP437", 0x10: "CP850", 0x11: "CP437",
    0x12: "CP850", 0x13: "CP932", 0x14: "CP850", 0x15: "CP437", 0x16: "CP850", 0x17: "CP865",
    0x18: "CP437", 0x19: "CP437", 0x1A: "CP850", 0x1B: "CP437", 0x1C: "CP863", 0x1D: "CP850",
    0x1F: "CP852", 0x22: "CP852", 0x23: "CP852", 0x24: "CP860", 0x25: "CP850", 0x26: "CP866",
    0x37: "CP850", 0x40: "CP852", 0x4D: "CP936", 0x4E: "CP949", 0x4F: "CP950", 0x50: "CP874",
    0x57: "CP1252", 0x58: "CP1252", 0x59: "CP1252", 0x64: "CP852", 0x65: "CP866", 0x66: "CP865",
    0x67: "CP861", 0x6A: "CP737", 0x6B: "CP857", 0x6C: "CP863", 0x78: "CP950", 0x79: "CP949",
    0x7A: "CP936", 0x7B: "CP932", 0x7C: "CP874", 0x86: "CP737", 0x87: "CP852", 0x88: "CP857",
    0xC8: "CP1250", 0xC9: "CP1251", 0xCA: "CP1254", 0xCB: "CP1253", 0xCC: "CP1257",
}  # fmt: skip


def dbf_encoding(path: Path, wanted: str, label: str) -> str | None:
    """Return the encoding of the text of a shapefile; None leaves it to GDAL (no .dbf).

    A missing .cpg means Latin-1 to GDAL and a wrong one gives ``RhÃ´ne``; the bytes are reliable:
    Latin-1 text with accents is practically never valid UTF-8. Text that is not UTF-8 has the
    encoding of the .cpg, unless that is UTF-8, then that of the language byte, else CP1252.

    Args:
        wanted: what is declared, a codec of Python; ``auto`` for nothing.

    Raises:
        DiffusionError: what is declared is no encoding that GDAL knows.
    """
    dbf, cpg = beside(path, ".dbf"), beside(path, ".cpg")
    if dbf is None:
        return None
    if wanted != "auto":
        return _declared(wanted, label)
    declared = _gdal_name(cpg.read_text("ascii", "replace").strip()) if cpg else None
    with dbf.open("rb") as file:
        head = file.read(32)
        file.seek(int.from_bytes(head[8:10], "little"))
        good, bad = count_utf8(file)
    if good + bad == 0:
        return "UTF-8"
    # UTF-8 that was cut at the width of a field is bad at its end: a few, never most
    stated = declared if declared != "UTF-8" else None
    found = "UTF-8" if good > bad else stated or PAGES.get(head[29], FALLBACK)
    if cpg and found != declared:
        logger.warning("%s says %s, but the text is %s: read as that", cpg.name, declared, found)
    elif found != "UTF-8":
        source = cpg.name if cpg else "its language byte" if head[29] in PAGES else "nothing"
        logger.info("%s: the text is read as %s, which %s states", dbf.name, found, source)
    return found


def _declared(wanted: str, label: str) -> str:
    name = codecs.lookup(wanted).name.upper()
    name = "CP1252" if name == "ISO8859-1" else name.replace("ISO8859", "ISO-8859")
    if not re.fullmatch(r"UTF-8|CP\d+|ISO-8859-\d+", name):
        fix = "write a code page, such as `cp850` or `cp1252`, `iso-8859-15`, or `utf-8`"
        raise DiffusionError(label, f"text of a shapefile is not read as {wanted}", fix)
    return name


def beside(path: Path, suffix: str) -> Path | None:
    """Return the file beside a .shp that has another ending, whatever its case."""
    return next((f for f in path.parent.iterdir() if _belongs(f, path, suffix)), None)


def _belongs(file: Path, path: Path, suffix: str) -> bool:
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

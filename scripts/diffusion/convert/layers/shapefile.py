"""The text of shapefiles, whose stated encoding is often missing or wrong."""

import codecs
import logging
import re
from pathlib import Path

from diffusion.convert.layers.layer_text import Texts
from diffusion.errors import LayerError
from diffusion.files.encodings import LATIN, count_utf8, utf8_instead

logger = logging.getLogger(__name__)
FALLBACK = "cp1252"  # Latin-1 and more


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


def dbf_text(path: Path, wanted: str, label: str) -> Texts:
    """Return how the text of a shapefile is read.

    A missing .cpg means Latin-1 to GDAL and a wrong one gives ``RhÃ´ne``; the bytes are reliable:
    Latin-1 text with accents is practically never valid UTF-8. Text that is not UTF-8 has the
    encoding of the .cpg, unless that is UTF-8, then that of the language byte, else CP1252.

    Args:
        wanted: what is declared, a codec of Python; ``auto`` for nothing.

    Raises:
        DiffusionError: what is declared is none in which a .dbf is written.
    """
    dbf, cpg = path.with_suffix(".dbf"), path.with_suffix(".cpg")
    written = cpg.read_text("ascii", "replace").strip() if cpg.exists() else ""
    declared = _codec(written)
    with dbf.open("rb") as file:
        head = file.read(32)
        file.seek(int.from_bytes(head[8:10], "little"))
        good, bad = count_utf8(file)
    if wanted != "auto":
        name = _declared(wanted, label)
        if name != "utf-8" and good > bad:
            raise utf8_instead(wanted, label)
        return Texts(label, name, bytewise=True, may_declare=True)
    # UTF-8 that was cut at the width of a field is bad at its end: a few, never most
    stated = declared if declared != "utf-8" else None
    by_page = PAGES.get(head[29])
    found = "utf-8" if good >= bad else stated or (by_page or FALLBACK).lower()
    told = ""
    if good + bad and cpg.exists() and found != declared:
        said = declared or f"{written!r}, which is no encoding that is known"
        told = f"{cpg.name} says {said}, but the text is {found}: read as that"
    elif found != "utf-8":
        source = cpg.name if stated else "its language byte" if by_page else "nothing"
        logger.info("%s: the text is read as %s, which %s states", dbf.name, found, source)
    # a byte for Windows' own page is what many programs write whatever the text is
    in_doubt = not stated and found == FALLBACK
    return Texts(label, found, bytewise=True, in_doubt=in_doubt, may_declare=True, found=told)


def _declared(wanted: str, label: str) -> str:
    name = codecs.lookup(wanted).name
    if "a".encode(name) != b"a":
        fix = "write a code page, such as `cp850` or `cp1252`, `iso-8859-15`, or `utf-8`"
        raise LayerError(label, f"text of a shapefile is never written in {wanted}", fix)
    return "cp1252" if name in LATIN else name


def _codec(declared: str) -> str | None:
    """Return a codec: a .cpg holds ``utf8``, ``1252``, ``ANSI 1252``, ``88591``, ``Big5`` …"""
    number = re.search(r"(\d{3,5})(?:-(\d+))?", declared)
    names = [declared]
    if number:
        is_iso = number[1] in ("8859", "88591")
        names = [f"iso8859-{number[2] or 1}"] if is_iso else [f"cp{number[1]}"]
    if declared.upper().replace("-", "") in ("UTF8", "65001"):
        return "utf-8"
    try:
        name = codecs.lookup(names[0]).name
    except (LookupError, ValueError):
        return None
    return "cp1252" if name in LATIN else name

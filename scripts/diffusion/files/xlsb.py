"""The parts of a binary Excel workbook (.xlsb), record by record.

Source: [MS-XLSB] 2.1.4 (records), 2.3 (their numbers), 2.5.122 (RkNumber), 2.5.97.2 (errors).
"""

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405: see `_targets`

CHUNK = 1 << 20
WORKBOOK = "xl/workbook.bin"
WORKSHEET = "/worksheet"  # how the type of a relation to one ends
ROW, BLANK, RK, ERROR, BOOL, REAL, TEXT, SHARED, *FORMULAS = range(12)
F_TEXT, F_NUMBER, F_BOOL, F_ERROR = FORMULAS
RICH_TEXT, ITEM, FORMAT, XF, PROPERTIES, SHEET, MERGED = 62, 19, 44, 47, 153, 156, 176
COLUMNS, FONT, FONTS, FONTS_END, XFS, XFS_END = 60, 43, 611, 612, 617, 618
HAS_RUNS, SUPERSCRIPT, HIDDEN_ROW, HIDDEN_COLUMN = 1, 1, 0x10, 1
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


@dataclass
class Workbook:
    """``sheets``: all of them → their part, none for a chart. ``formats``: of each style.

    ``runs``: where shared strings change their font, and to which; ``raised``: of each font.
    """

    sheets: dict[str, str] = field(default_factory=dict)
    is_1904: bool = False
    strings: list[str] = field(default_factory=list)
    runs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    raised: list[bool] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    own_formats: dict[int, str] = field(default_factory=dict)


def open_workbook(path: Path) -> Workbook:
    """Read all that the cells of a workbook refer to."""
    book = Workbook()
    with zipfile.ZipFile(path) as archive:
        parts = _targets(archive)
        for kind, data in records_of(archive, WORKBOOK):
            if kind == PROPERTIES:
                book.is_1904 = bool(data[0] & 1)
            elif kind == SHEET:
                relation, at = _text(data, 8)
                book.sheets[_text(data, at)[0]] = parts.get(relation, "")
        names = {name.lower(): name for name in archive.namelist()}
        if part := names.get("xl/sharedstrings.bin"):
            for kind, data in records_of(archive, part):
                if kind == ITEM:
                    text, runs = rich_text_at(data, 0)
                    book.runs |= {len(book.strings): runs} if runs else {}
                    book.strings.append(text)
        if part := names.get("xl/styles.bin"):
            _read_styles(archive, part, book)
    return book


def records_of(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each record of a part."""
    with archive.open(part) as file:
        rest = b""
        while chunk := file.read(CHUNK):
            data, at = rest + chunk, 0
            while record := _record(data, at):
                kind, start, at = record
                yield kind, data[start:at]
            rest = data[at:]
    if rest:
        raise ValueError(f"{part} ends within a record")


def number_of(kind: int, data: bytes) -> float:
    """Return the number of a cell."""
    if kind != RK:
        return float(struct.unpack_from("<d", data, 8)[0])
    (raw,) = struct.unpack_from("<i", data, 8)
    bits = struct.pack("<Q", (raw & 0xFFFFFFFC) << 32)
    value = float(raw >> 2) if raw & 2 else float(struct.unpack("<d", bits)[0])
    return value / 100 if raw & 1 else value


def text_of(kind: int, data: bytes) -> str:
    """Return the text of a cell that has its own."""
    return _text(data, 9 if kind == RICH_TEXT else 8)[0]


def rich_text_at(data: bytes, at: int) -> tuple[str, list[tuple[int, int]]]:
    """Return the text at a place, and where it changes its font, and to which."""
    text, end = _text(data, at + 1)
    if not data[at] & HAS_RUNS:
        return text, []
    (count,) = struct.unpack_from("<I", data, end)
    return text, list(struct.iter_unpack("<HH", data[end + 4 : end + 4 + 4 * count]))


def _record(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return the number of the record at a place, where its bytes begin and end, if it is whole."""
    if at + 2 > len(data):
        return None
    kind, at = data[at], at + 1
    if kind & 0x80:
        kind, at = kind & 0x7F | (data[at] & 0x7F) << 7, at + 1
    size = shift = 0
    while True:
        if at >= len(data):
            return None
        byte, at = data[at], at + 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80 or shift == 28:
            break
    return (kind, at, at + size) if at + size <= len(data) else None


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Return the text at a place, and where it ends."""
    (length,) = struct.unpack_from("<I", data, at)
    if length == 0xFFFFFFFF:  # none
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise ValueError("a text is longer than its record")
    return data[at + 4 : end].decode("utf-16-le", "surrogatepass"), end


def _read_styles(archive: zipfile.ZipFile, part: str, book: Workbook) -> None:
    is_of_cells = is_of_fonts = False
    for kind, data in records_of(archive, part):
        if kind == FORMAT:
            book.own_formats[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
        elif kind in (FONTS, FONTS_END):
            is_of_fonts = kind == FONTS
        elif kind == FONT and is_of_fonts:
            book.raised.append(struct.unpack_from("<H", data, 6)[0] == SUPERSCRIPT)
        elif kind in (XFS, XFS_END):
            is_of_cells = kind == XFS
        elif kind == XF and is_of_cells:
            book.formats.append(struct.unpack_from("<H", data, 2)[0])


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the parts of the worksheets by the names of their relations."""
    name = "xl/_rels/workbook.bin.rels"
    data = archive.read(name)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError(f"{name} declares a document type")
    found = {}
    for relation in Xml.fromstring(data):  # noqa: S314 # nosec B314
        if relation.get("Type", "").endswith(WORKSHEET):
            target = relation.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            found[relation.get("Id", "")] = posixpath.normpath(whole)
    return found

"""Writes small binary workbooks (.xlsb), record by record as [MS-XLSB] describes them."""

import io
import struct
import zipfile
from collections.abc import Sequence
from typing import NamedTuple

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.ms-excel."


class Error(int):
    """The number of an error in a cell."""


class Rich(NamedTuple):
    """A text with raised characters behind it."""

    text: str
    raised: str
    is_shared: bool = False


def record(kind: int, data: bytes = b"") -> bytes:
    number = bytes((kind,)) if kind < 128 else bytes((kind & 0x7F | 0x80, kind >> 7))
    size, rest = b"", len(data)
    while rest > 127:
        size, rest = size + bytes((rest & 0x7F | 0x80,)), rest >> 7
    return number + size + bytes((rest,)) + data


def text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode("utf-16-le")) // 2) + value.encode("utf-16-le")


def cell(at: int, value: object, style: int) -> bytes:
    place = struct.pack("<II", at, style)
    if isinstance(value, bool):
        return record(4, place + bytes((value,)))
    if isinstance(value, Error):
        return record(3, place + bytes((value,)))
    if isinstance(value, int):
        return record(2, place + struct.pack("<i", value << 2 | 2))
    if isinstance(value, float):
        return record(5, place + struct.pack("<d", value))
    if isinstance(value, Rich):
        return record(62, place + rich(value))
    return record(6, place + text(str(value)))


def rich(value: Rich) -> bytes:
    runs = struct.pack("<IHH", 1, len(value.text), 1)  # the second font is raised
    return b"\x01" + text(value.text + value.raised) + runs


def sheet_part(
    rows: Sequence[Sequence],
    styles: Sequence[int],
    merged: Sequence[Sequence[int]],
    strings: list[bytes],
    hidden: Sequence[int],
) -> bytes:
    cells = b""
    for number, row in enumerate(rows):
        flags = 0x10 * (number in hidden)
        cells += record(0, struct.pack("<I", number) + bytes(7) + bytes((flags,)) + bytes(5))
        for at, value in enumerate(row):
            if isinstance(value, Rich) and value.is_shared:
                strings.append(record(19, rich(value)))
                cells += record(7, struct.pack("<III", at, 0, len(strings) - 1))
            elif value is not None:
                cells += cell(at, value, styles[at] if number else 0)
    spans = b"".join(record(176, struct.pack("<4I", *one)) for one in merged)
    spans = record(177, struct.pack("<I", len(merged))) + spans + record(178) if merged else b""
    size = record(148, struct.pack("<4I", 0, len(rows) - 1, 0, len(rows[0]) - 1))
    size += record(60, struct.pack("<4IH", 1, 1, 0, 0, 1)) if hidden else b""
    return record(129) + size + record(145) + cells + record(146) + spans + record(130)


def xlsb(
    rows: Sequence[Sequence],
    formats: Sequence[str] = (),
    *,
    is_1904: bool = False,
    merged: Sequence[Sequence[int]] = (),
    hidden: Sequence[int] = (),
) -> bytes:
    """Return a workbook of one sheet.

    Args:
        formats: of each column below the first row.
        hidden: rows; the second column then is, too.
    """
    strings: list[bytes] = []
    own = [record(44, struct.pack("<H", 164 + n) + text(form)) for n, form in enumerate(formats)]
    styles = [0, *(164 + n for n in range(len(formats)))]
    xfs = b"".join(record(47, struct.pack("<HH", 0, form) + bytes(12)) for form in styles)
    fonts = record(615, struct.pack("<I", len(own))) + b"".join(own) + record(616)
    heights = (bytes(12), bytes(6) + b"\x01\x00" + bytes(4))
    fonts += record(611) + b"".join(record(43, font) for font in heights) + record(612)
    cells = record(617, struct.pack("<I", len(styles))) + xfs + record(618)
    numbers = [n + 1 for n in range(len(formats))] or [0] * len(rows[0])
    bundle = record(156, struct.pack("<II", 0, 1) + text("rId1") + text("Données"))
    book = record(131) + record(153, struct.pack("<II", int(is_1904), 0) + text("a"))
    book += record(143) + bundle + record(144) + record(132)
    relation = '<Relationship Id="{}" Type="{}/{}" Target="{}"/>'
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">{{}}</Relationships>'
    of_book = relation.format("rId1", OFFICE, "worksheet", "worksheets/sheet1.bin")
    of_book += relation.format("rId2", OFFICE, "styles", "styles.bin")
    of_file = relation.format("rId1", OFFICE, "officeDocument", "xl/workbook.bin")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="bin" ContentType="{TYPES}sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": relations.format(of_file),
        "xl/_rels/workbook.bin.rels": relations.format(of_book),
        "xl/workbook.bin": book,
        "xl/styles.bin": record(278) + fonts + cells + record(279),
        "xl/worksheets/sheet1.bin": sheet_part(rows, numbers, merged, strings, hidden),
    }
    if strings:
        of_book += relation.format("rId3", OFFICE, "sharedStrings", "sharedStrings.bin")
        parts["xl/_rels/workbook.bin.rels"] = relations.format(of_book)
        counts = struct.pack("<II", len(strings), len(strings))
        shared = record(159, counts) + b"".join(strings) + record(160)
        parts["xl/sharedStrings.bin"] = shared
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()

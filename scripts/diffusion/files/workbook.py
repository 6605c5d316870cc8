"""A sheet of a workbook, counted in its XML: a second opinion beside the library that reads it.

Source of the elements: ECMA-376, part 1, 18.3 (worksheets).
"""

import re
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.files.workbook_ends import Ends, column_number

CHUNK = 1 << 20
STRICT = b"http://purl.oclc.org/ooxml/"  # the namespaces of the strict variant
STRICT_NAME = re.compile(re.escape(STRICT) + rb"(\w+)/")
NAMES = {  # those that differ in more than their beginning
    STRICT + b"officeDocument/extendedProperties": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    ),
    STRICT + b"officeDocument/customProperties": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
    ),
}
ROW_END = re.compile(rb"</(?:\w+:)?row>")
VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?: [^>]*)?>[^<]|<(?:\w+:)?is[ >]")
UNCALCULATED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?: [^>]*)?/>)(?:<(?:\w+:)?v ?/>)?</(?:\w+:)?c>"
)

ROW_START = re.compile(rb"<(?:\w+:)?row(?: [^>]*)?>")
COLUMNS = re.compile(rb"<(?:\w+:)?col [^>]*>")
FIRST, LAST = re.compile(rb'\bmin="(\d+)"'), re.compile(rb'\bmax="(\d+)"')
HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
TABLE = re.compile(rb'Target="[^"]*tables/([^"/]+)"')
ROOT = re.compile(rb"<(?:\w+:)?table\s[^>]*>")
TOTALS = re.compile(rb'\stotalsRowCount="[1-9]')
ROWS = re.compile(rb'\sref="\$?[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)"')
MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


@dataclass(frozen=True)
class Merged:
    """A merged cell of several columns; rows are numbered from 1 on, columns from 0 on."""

    first_row: int
    last_row: int
    first: int
    last: int


@dataclass
class Sheet:
    """``rows``: those with a value. ``uncalculated``: formulas without one.

    ``merged``: the last row of each cell that several rows have in common. ``spans``: cells of
    several columns.
    ``ends``: the first rows and the last one. ``hidden_rows``: those with a value.
    ``hidden_columns``: the first and the last of each group, from 0 on.
    """

    rows: int = 0
    uncalculated: int = 0
    merged: list[int] = field(default_factory=list)
    spans: list[Merged] = field(default_factory=list)
    ends: Ends = field(default_factory=Ends)
    hidden_rows: int = 0
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


def count_sheet(path: Path, member: str) -> Sheet:
    """Count the rows of a sheet.

    Args:
        member: its XML within the workbook.
    """
    found, rest = Sheet(), b""
    with zipfile.ZipFile(path) as archive, archive.open(member.lstrip("/")) as file:
        while data := file.read(CHUNK):
            *rows, rest = ROW_END.split(rest + data)
            for row in rows:
                if VALUE.search(row):
                    _count_hidden(row, found)
                    found.rows += 1
                    found.ends.add(row)
                found.uncalculated += len(UNCALCULATED.findall(row))
    for left, top, right, bottom in MERGED.findall(rest):
        found.merged += [int(bottom)] if top != bottom else []
        if left != right:
            columns = column_number(left.decode()), column_number(right.decode())
            found.spans.append(Merged(int(top), int(bottom), *columns))
    return found


def _count_hidden(row: bytes, found: Sheet) -> None:
    """Count a hidden row; above the first one stand the columns."""
    if not found.rows:
        for keys in filter(HIDDEN.search, COLUMNS.findall(row)):
            first, last = FIRST.search(keys), LAST.search(keys)
            if first and last:
                found.hidden_columns.append((int(first[1]) - 1, int(last[1]) - 1))
    start = ROW_START.search(row)
    found.hidden_rows += start is not None and HIDDEN.search(start[0]) is not None


def totals_of(path: Path, member: str) -> dict[int, int]:
    """Return the tables of a sheet that end in a row of totals: that row → their first one.

    Args:
        member: its XML within the workbook.
    """
    folder, _, name = member.lstrip("/").rpartition("/")
    found = {}
    with zipfile.ZipFile(path) as archive:
        if (links := f"{folder}/_rels/{name}.rels") not in archive.NameToInfo:
            return {}
        for target in TABLE.findall(archive.read(links)):
            part = f"{folder.rpartition('/')[0]}/tables/{target.decode()}"
            head = archive.read(part)[:CHUNK] if part in archive.NameToInfo else b""
            root = ROOT.search(head)
            if root and TOTALS.search(root[0]) and (rows := ROWS.search(root[0])):
                found[int(rows[2])] = int(rows[1])
    return found


def as_transitional(path: Path, target: Path) -> Path:
    """Return a workbook of the strict variant as one of the ordinary, which openpyxl reads.

    The two differ in the names of their namespaces (part 4, A), which stand at the beginning of
    each part, and in dates, which may be in ISO form.
    """
    with zipfile.ZipFile(path) as archive:
        with archive.open("xl/workbook.xml") as file:
            if STRICT not in file.read(CHUNK):
                return path
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for item in archive.infolist():
                with archive.open(item) as part, copy.open(item.filename, "w") as changed:
                    changed.write(_transitional(part.read(CHUNK)))
                    shutil.copyfileobj(part, changed, CHUNK)
    return target


def _transitional(head: bytes) -> bytes:
    for strict, ordinary in NAMES.items():
        head = head.replace(strict, ordinary)
    return STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/", head)

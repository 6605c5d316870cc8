"""A sheet of a workbook, counted in its XML: a second opinion beside the library that reads it.

Source of the elements: ECMA-376, part 1, 18.3 (worksheets).
"""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.files.workbook_ends import Ends, column_number

CHUNK = 1 << 20
STRICT = b"http://purl.oclc.org/ooxml/"  # the namespaces of the strict variant
ROW_END = re.compile(rb"</(?:\w+:)?row>")
VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)(?: [^>]*)?>[^<]|<(?:\w+:)?is[ >]")
UNCALCULATED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?: [^>]*)?/>)(?:<(?:\w+:)?v ?/>)?</(?:\w+:)?c>"
)

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

    ``merged``: cells that several rows have in common. ``spans``: those of several columns.
    ``ends``: the first rows and the last one.
    """

    rows: int = 0
    uncalculated: int = 0
    merged: int = 0
    spans: list[Merged] = field(default_factory=list)
    ends: Ends = field(default_factory=Ends)


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
                    found.rows += 1
                    found.ends.add(row)
                found.uncalculated += len(UNCALCULATED.findall(row))
    for left, top, right, bottom in MERGED.findall(rest):
        found.merged += top != bottom
        if left != right:
            columns = column_number(left.decode()), column_number(right.decode())
            found.spans.append(Merged(int(top), int(bottom), *columns))
    return found


def refuse_strict(path: Path, label: str) -> None:
    """Refuse the strict variant of the format, which openpyxl does not read.

    Raises:
        DiffusionError: names it, and what exports the ordinary one.
    """
    with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as file:
        if STRICT in file.read(CHUNK):
            found = "the workbook is Strict Open XML, a variant that is not read"
            fix = "save it as an ordinary workbook (*Excel Workbook .xlsx*) or as CSV; or ask its "
            fix += "publisher to"
            raise DiffusionError(label, found, fix)

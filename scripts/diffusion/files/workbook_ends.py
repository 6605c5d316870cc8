"""The first and the last row of a sheet as its XML has them, beside the library that reads it.

Source of the elements: ECMA-376, part 1, 18.3 (worksheets), 18.4 (shared strings).
"""

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405: see `_parsed`

CHUNK = 1 << 20
RICH = "rich"  # the kind of a text with raised characters, which its reader writes in another way
KEPT = 64  # first rows, among which the header is looked for
ROW = re.compile(rb"<(?:\w+:)?row(?P<keys> [^>]*)?>")
NUMBER = re.compile(rb'\br="(\d+)"')
PREFIX = re.compile(rb"<(/?)\w+:")
ITEM_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si ?/>")
ITEM = re.compile(rb"<(?:\w+:)?si[ >]")
PHONETIC = re.compile(rb"<rPh[ >].*?</rPh>", re.DOTALL)
PLACE = re.compile("[A-Z]+")


@dataclass(frozen=True)
class Cell:
    """``kind``: of ECMA-376, ``n`` for a number, or ``RICH``. ``is_plain``: has it no style?"""

    kind: str
    text: str
    is_plain: bool


class Ends:
    """The XML of the first rows with a value, and of the last one."""

    def __init__(self) -> None:
        self.first: list[bytes] = []
        self.last = b""

    def add(self, row: bytes) -> None:
        """Take the XML up to the end of a row that has a value."""
        if len(self.first) < KEPT:
            self.first.append(row)
        self.last = row

    def below(self, header: int) -> list[bytes]:
        """Return the first row below the header, and the last; nothing where that is not known."""
        numbers = [_number(row) for row in self.first]
        first = next((row for row, n in zip(self.first, numbers, strict=True) if n > header), b"")
        if 0 in numbers or _number(self.last) <= header:
            return []
        return [row for row in (first, self.last) if row]


def cells_of(path: Path, rows: Sequence[bytes]) -> list[dict[int, Cell]]:
    """Return the cells of rows by the number of their column, from 0 on."""
    given = [dict(_cells(row)) for row in rows]
    wanted = {int(c.text) for cells in given for c in cells.values() if c.kind == "s" and c.text}
    texts = _shared(path, wanted) if wanted else {}
    return [{at: _resolved(cell, texts) for at, cell in cells.items()} for cells in given]


def _resolved(cell: Cell, texts: Mapping[int, tuple[str, str]]) -> Cell:
    return Cell(*texts[int(cell.text)], cell.is_plain) if cell.kind == "s" else cell


def _number(row: bytes) -> int:
    starts = list(ROW.finditer(row))
    found = NUMBER.search(starts[-1]["keys"] or b"") if starts else None
    return int(found[1]) if found else 0


def _cells(row: bytes) -> Iterator[tuple[int, Cell]]:
    inner = row[list(ROW.finditer(row))[-1].end() :]
    next_at = 0
    for cell in _parsed(b"<row>" + PREFIX.sub(rb"<\1", inner) + b"</row>"):
        place = PLACE.match(cell.get("r", ""))
        at = column_number(place[0]) if place else next_at
        next_at = at + 1
        kind = cell.get("t", "n")
        text = cell.findtext("v")
        if kind == "inlineStr":
            kind, text = _string(cell.find("is"))
        if text is not None:
            yield at, Cell(kind, text, cell.get("s", "0") == "0")


def column_number(letters: str) -> int:
    """Return the number of a column from 0 on: ``A`` is 0, ``AA`` 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _string(item: Xml.Element | None) -> tuple[str, str]:
    """Return the kind and the text of a string, without how it is spoken."""
    if item is None:
        return "str", ""
    kind = "str" if item.find("r/rPr/vertAlign[@val='superscript']") is None else RICH
    parts = [*item.findall("t"), *item.findall("r/t")]
    return kind, "".join(part.text or "" for part in parts)


def _shared(path: Path, wanted: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the kinds and texts of some of the strings that the sheets of a workbook share."""
    found: dict[int, tuple[str, str]] = {}
    with zipfile.ZipFile(path) as archive:
        [member] = [n for n in archive.namelist() if n.lower().endswith("sharedstrings.xml")]
        number, rest = 0, b""
        with archive.open(member) as file:
            while len(found) < len(wanted) and (data := file.read(CHUNK)):
                *items, rest = ITEM_END.split(rest + data)
                for place, item in enumerate(items, number):
                    if place in wanted:
                        found[place] = _item(item)
                number += len(items)
    return found


def _item(data: bytes) -> tuple[str, str]:
    starts = list(ITEM.finditer(data))
    if not starts:
        return "str", ""
    inner = PREFIX.sub(rb"<\1", data[starts[-1].start() :])
    inner = inner[inner.index(b">") + 1 :]
    return _string(_parsed(b"<si>" + PHONETIC.sub(b"", inner) + b"</si>"))


def _parsed(data: bytes) -> Xml.Element:
    # in an element of ours there is no DTD, so that nothing is expanded
    return Xml.fromstring(data)  # noqa: S314 # nosec B314

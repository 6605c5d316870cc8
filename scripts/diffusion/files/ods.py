"""The sheets of an OpenDocument spreadsheet, cell by cell as its XML is read.

Source of the elements: OpenDocument 1.3, part 3, 9 (tables), 6.1 (white space), 19.385 (values).
What LibreOffice adds to them, as the mark of an error, is in the namespace ``calcext``.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from diffusion.errors import DiffusionError
from diffusion.files.xml_elements import CHUNK, feed, new_parser

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
SHEET, ROW = f"{TABLE} table", f"{TABLE} table-row"
CELLS = (f"{TABLE} table-cell", f"{TABLE} covered-table-cell")
PARAGRAPH = f"{TEXT} p"
BLANKS = re.compile("[ \t\r\n]+")
MOST_ROWS, MOST_COLUMNS = 1 << 24, 1 << 14  # more than any program has
LOCKED = re.compile(rb"[:<]encryption-data\b|[\"'/]encrypted-package\b")


@dataclass
class OdsCell:
    """``kind``: of its value, none if it has no value. ``text``: what it shows."""

    kind: str = ""
    value: str | None = None
    texts: list[str] = field(default_factory=list)
    is_error: bool = False
    is_formula: bool = False
    columns: int = 1
    rows: int = 1
    repeated: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def is_blank(self) -> bool:
        return not (self.kind or self.is_error or self.is_formula or self.texts)


@dataclass
class OdsRow:
    """A row; ``repeated``: how many rows in all are like it."""

    repeated: int = 1
    cells: list[OdsCell] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        return all(cell.is_blank for cell in self.cells)


def refuse_locked(path: Path, label: str) -> None:
    """Refuse a document that a password protects.

    Raises:
        DiffusionError: what is in it cannot be read.
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        if "encrypted-package" in names or LOCKED.search(manifest):
            raise locked(label)


def locked(label: str) -> DiffusionError:
    """Return the error for a workbook that a password protects."""
    fix = "open it in a spreadsheet and save it without the password, as a file of your own; or "
    fix += "ask its publisher for one without"
    return DiffusionError(label, "the workbook is protected by a password", fix)


def sheet_names(path: Path, label: str) -> list[str]:
    """Return the names of all sheets, hidden ones too."""
    return list(dict.fromkeys(name for name, _ in _rows(path, None, label)))


def rows_of_sheet(path: Path, sheet: str, label: str) -> Iterator[OdsRow]:
    """Yield the rows of a sheet as they are written: one stands for all that repeat it."""
    for _, row in _rows(path, sheet, label):
        if row is not None:
            yield row


def _rows(path: Path, sheet: str | None, label: str) -> Iterator[tuple[str, OdsRow | None]]:
    reader = _Reader(sheet)
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        while not reader.is_over:
            chunk = file.read(CHUNK)
            feed(reader.parser, chunk, label)
            yield from reader.done
            reader.done.clear()
            if not chunk:
                return


class _Reader:
    """Collects rows that end while a document is fed to it; of no sheet: names of sheets only."""

    def __init__(self, sheet: str | None):
        self.done: list[tuple[str, OdsRow | None]] = []
        self.is_over = False
        self._sheet, self._here = sheet, list[str]()
        self._name: str | None = None  # of the sheet that is read
        self._row: OdsRow | None = None
        self._cell: OdsCell | None = None
        self._depth = 0  # of the cell
        self.parser: expat.XMLParserType = new_parser(self.start, self.end)
        self.parser.CharacterDataHandler = self.text

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._here.append(tag)
        if tag == SHEET and self._here[-2] == f"{OFFICE} spreadsheet":
            self._name = attributes.get(f"{TABLE} name", "")
            self.done.append((self._name, None))
        elif self._name is None or self._sheet != self._name:
            return
        elif tag == ROW and self._row is None:
            self._row = OdsRow(_number(attributes, f"{TABLE} number-rows-repeated", MOST_ROWS))
        elif tag in CELLS and self._row is not None and self._cell is None:
            self._cell, self._depth = _cell(attributes), len(self._here)
        elif self._cell is not None:
            self._inner(tag, attributes)

    def end(self, tag: str) -> None:
        self._here.pop()
        if self._cell is not None and len(self._here) == self._depth - 1 and self._row is not None:
            self._row.cells.append(self._cell)
            self._cell = None
        elif tag == ROW and self._cell is None and self._row is not None:
            self.done.append((self._name or "", self._row))
            self._row = None
        elif tag == SHEET and len(self._here) == 3:
            self.is_over = self._sheet is not None and self._sheet == self._name
            self._name = None

    def text(self, text: str) -> None:
        if self._cell is not None and self._is_in_paragraph():
            self._cell.texts[-1] += BLANKS.sub(" ", text)

    def _inner(self, tag: str, attributes: Mapping[str, str]) -> None:
        assert self._cell is not None
        if tag == PARAGRAPH and len(self._here) == self._depth + 1:
            self._cell.texts.append("")
        elif self._is_in_paragraph():
            blanks = {"s": " ", "tab": "\t", "line-break": "\n"}
            times = _number(attributes, f"{TEXT} c", MOST_COLUMNS)
            space, _, name = tag.rpartition(" ")
            self._cell.texts[-1] += blanks.get(name, "") * times if space == TEXT else ""

    def _is_in_paragraph(self) -> bool:
        """Whether a text is one of the cell: a comment has paragraphs of its own."""
        inner = self._here[self._depth :]
        return bool(inner) and inner[0] == PARAGRAPH and f"{OFFICE} annotation" not in inner


def _cell(attributes: Mapping[str, str]) -> OdsCell:
    kind = attributes.get(f"{OFFICE} value-type", "")
    name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
    value = attributes.get(f"{OFFICE} {name.get(kind, 'string-value' if kind == 'string' else 'value')}")
    return OdsCell(
        kind,
        value,
        is_error=attributes.get(f"{CALCEXT} value-type") == "error",
        is_formula=f"{TABLE} formula" in attributes,
        columns=_number(attributes, f"{TABLE} number-columns-spanned", MOST_COLUMNS),
        rows=_number(attributes, f"{TABLE} number-rows-spanned", MOST_ROWS),
        repeated=_number(attributes, f"{TABLE} number-columns-repeated", MOST_COLUMNS),
    )


def _number(attributes: Mapping[str, str], name: str, most: int) -> int:
    number = int(attributes.get(name, "1"))
    if not 0 < number <= most:
        raise ValueError(f"{name.rpartition(' ')[2]} is {number:,}")
    return number

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

from diffusion.errors import DiffusionError, WorkbookError
from diffusion.files.xml_parser import CHUNK, XmlError, feed, new_parser

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
SHEET, ROW = f"{TABLE} table", f"{TABLE} table-row"
CELLS = (f"{TABLE} table-cell", f"{TABLE} covered-table-cell")
PARAGRAPH, COMMENT = f"{TEXT} p", f"{OFFICE} annotation"
KIND, NUMBER = f"{OFFICE} value-type", f"{OFFICE} value"
VALUES = {  # attributes of other kinds than numbers
    "string": f"{OFFICE} string-value",
    "date": f"{OFFICE} date-value",
    "time": f"{OFFICE} time-value",
    "boolean": f"{OFFICE} boolean-value",
}
SPANNED, REPEATED = f"{TABLE} number-columns-spanned", f"{TABLE} number-columns-repeated"
COLUMN, DEFAULT = f"{TABLE} table-column", f"{TABLE} default-cell-style-name"
FORMATS = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
DATE_STYLE, HOURS = f"{FORMATS} date-style", (f"{FORMATS} hours", f"{FORMATS} minutes")
VISIBILITY = f"{TABLE} visibility"
ROWS_SPANNED, FORMULA = f"{TABLE} number-rows-spanned", f"{TABLE} formula"
ERROR = f"{CALCEXT} value-type"
STYLED, SPAN, POSITION = f"{STYLE} style", f"{TEXT} span", f"{STYLE} text-position"
BLANK_SIGNS = {"s": " ", "tab": "\t", "line-break": "\n"}
BLANKS = re.compile("[ \t\r\n]+")
MOST_ROWS, MOST_COLUMNS = 1 << 24, 1 << 14  # more than any program has
LOCKED = re.compile(rb"[:<]encryption-data\b|[\"'/]encrypted-package\b")


@dataclass
class OdsCell:
    """``kind``: of its value, none if it has no value. ``text``: what it shows.

    ``raised``: where characters of the last paragraph are raised, from one place to another.
    """

    kind: str = ""
    value: str | None = None
    texts: list[str] = field(default_factory=list)
    raised: list[tuple[int, int]] = field(default_factory=list)
    has_time: bool = False  # by its style, of a date
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
        return not (self.kind or self.is_error or self.text)

    @property
    def is_uncalculated(self) -> bool:
        """Whether it is a formula without a value: an empty text has an empty paragraph."""
        return self.is_formula and not (self.kind or self.is_error or self.texts)


@dataclass
class OdsRow:
    """A row; ``repeated``: how many rows in all are like it."""

    repeated: int = 1
    is_hidden: bool = False
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
        manifest = (
            archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        )
        if "encrypted-package" in names or LOCKED.search(manifest):
            raise locked(label)


def locked(label: str) -> DiffusionError:
    """Return the error for a workbook that a password protects."""
    fix = "open it in a spreadsheet and save it without the password, as a file of your own; or "
    fix += "ask its publisher for one without"
    return WorkbookError(label, "the workbook is protected by a password", fix)


def rows_of_sheet(path: Path, sheet: str, label: str) -> Iterator[OdsRow]:
    """Yield the rows of a sheet as they are written: one stands for all that repeat it."""
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
    """Collects the rows of a sheet that end while a document is fed to it."""

    def __init__(self, sheet: str):
        self.done: list[OdsRow] = []
        self.is_over = False
        self._sheet, self._here = sheet, list[str]()
        self._name: str | None = None  # of the sheet that is read
        self._row: OdsRow | None = None
        self._cell: OdsCell | None = None
        self._depth = 0  # of the cell
        self._style, self._raising = "", set[str]()  # styles of raised characters
        self._timed, self._shown_by = set[str](), dict[str, str]()  # number formats with hours
        self._columns = list[str]()  # styles of their cells
        self._spans = list[bool]()  # of the paragraph: whether each raises its characters
        self.parser: expat.XMLParserType = new_parser(self.start, self.end)
        self.parser.CharacterDataHandler = self.text

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._here.append(tag)
        if tag == SHEET and self._here[-2] == f"{OFFICE} spreadsheet":
            self._name = attributes.get(f"{TABLE} name", "")
        elif self._name is None:
            self._take_style(tag, attributes)
        elif self._sheet != self._name:
            return
        elif tag == ROW and self._row is None:
            times = _number(attributes, f"{TABLE} number-rows-repeated", MOST_ROWS)
            self._row = OdsRow(times, attributes.get(VISIBILITY, "visible") != "visible")
        elif tag == COLUMN and self._row is None:
            times = min(_number(attributes, REPEATED, MOST_COLUMNS), MOST_COLUMNS)
            self._columns += [attributes.get(DEFAULT, "")] * times
        elif tag in CELLS and self._row is not None and self._cell is None:
            self._cell, self._depth = _cell(attributes), len(self._here)
            self._cell.has_time = self._cell.kind == "date" and self._shows_time(attributes)
        elif self._cell is not None:
            self._inner(self._cell, tag, attributes)

    def end(self, tag: str) -> None:
        self._here.pop()
        if tag == SPAN and self._spans:
            self._spans.pop()
        if self._cell is not None and len(self._here) == self._depth - 1 and self._row is not None:
            self._row.cells.append(self._cell)
            self._cell = None
        elif tag == ROW and self._cell is None and self._row is not None:
            self.done.append(self._row)
            self._row = None
        elif tag == SHEET and len(self._here) == 3:
            self.is_over = self._sheet == self._name
            self._name = None

    def text(self, text: str) -> None:
        if self._cell is not None and self._is_in_paragraph():
            start = len(self._cell.texts[-1])
            self._cell.texts[-1] += BLANKS.sub(" ", text)
            if any(self._spans):
                self._cell.raised.append((start, len(self._cell.texts[-1])))

    def _shows_time(self, attributes: Mapping[str, str]) -> bool:
        at = sum(cell.repeated for cell in self._row.cells) if self._row else 0
        default = self._columns[at] if at < len(self._columns) else ""
        style = attributes.get(f"{TABLE} style-name", default)
        return self._shown_by.get(style) in self._timed

    def _take_style(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in (STYLED, DATE_STYLE):
            self._style = attributes.get(f"{STYLE} name", "")
            self._shown_by[self._style] = attributes.get(f"{STYLE} data-style-name", "")
        elif tag in HOURS:
            self._timed.add(self._style)
        elif attributes.get(POSITION, "").startswith("super"):
            self._raising.add(self._style)

    def _inner(self, cell: OdsCell, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == PARAGRAPH and len(self._here) == self._depth + 1:
            cell.texts.append("")
        elif tag == SPAN:
            self._spans.append(attributes.get(f"{TEXT} style-name") in self._raising)
        elif self._is_in_paragraph():
            times = _number(attributes, f"{TEXT} c", MOST_COLUMNS)
            space, _, name = tag.rpartition(" ")
            cell.texts[-1] += BLANK_SIGNS.get(name, "") * times if space == TEXT else ""

    def _is_in_paragraph(self) -> bool:
        """Whether a text is one of the cell: a comment has paragraphs of its own."""
        inner = self._here[self._depth :]
        return bool(inner) and inner[0] == PARAGRAPH and COMMENT not in inner


def _cell(attributes: Mapping[str, str]) -> OdsCell:
    kind = attributes.get(KIND, "")
    return OdsCell(
        kind,
        attributes.get(VALUES.get(kind, NUMBER)),
        is_error=attributes.get(ERROR) == "error",
        is_formula=FORMULA in attributes,
        columns=_number(attributes, SPANNED, MOST_COLUMNS),
        rows=_number(attributes, ROWS_SPANNED, MOST_ROWS),
        repeated=_number(attributes, REPEATED, MOST_COLUMNS),
    )


def _number(attributes: Mapping[str, str], name: str, most: int) -> int:
    if name not in attributes:
        return 1
    number = int(attributes[name])
    if not 0 < number <= most:
        found, fix = f"`{name.rpartition(' ')[2]}` is {number:,}", "open it in a spreadsheet, and "
        raise XmlError(found, fix + "save it again")
    return number

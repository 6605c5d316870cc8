"""Excel workbooks (.xlsx, .xlsm) by openpyxl, and counted in their XML."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml  # nosec B405: a type only

from diffusion.convert.relation import Number
from diffusion.convert.workbooks.book import Book, Look, SheetCell
from diffusion.convert.workbooks.cells import unescaped_text
from diffusion.convert.workbooks.shared_strings import strings_of, with_escapes
from diffusion.files.workbook import Sheet, as_transitional, count_sheet, totals_of
from diffusion.files.workbook_ends import Cell, cells_of

if TYPE_CHECKING:
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.worksheet._reader import WorkSheetParser


@contextmanager
def open_xlsx(path: Path, place: Path) -> Iterator[Book]:
    """Open a workbook.

    Args:
        place: a folder for a copy, where it is of the strict variant.
    """
    path = as_transitional(path, place / "transitional")
    with path.open("rb") as file:
        # a file and not its path, whose extension openpyxl would judge by
        reader = _book_reader()(file, read_only=True, data_only=True, rich_text=True)
        reader.read()
        workbook = reader.wb
        sheets = {sheet.title: sheet for sheet in workbook.worksheets}  # no charts

        @cache
        def count(name: str) -> Sheet:
            return count_sheet(path, sheets[name]._worksheet_path)

        def look(name: str) -> Look:
            counted = count(name)

            def ends(header: int) -> list[Mapping[int, object]]:
                return list(map(_record, cells_of(path, counted.ends.below(header))))

            given = (counted.rows, counted.uncalculated, counted.merged, ends)
            return Look(*given, counted.hidden_rows, counted.hidden_columns)

        yield Book(
            workbook.sheetnames,
            list(sheets),
            cells=lambda name: _cells(sheets[name]),
            spans=lambda name: count(name).spans,
            look=look,
            is_empty=lambda name: not count(name).rows,
            holds=lambda value: value is not None,
            totals=lambda name: totals_of(path, sheets[name]._worksheet_path),
            hidden={name for name, sheet in sheets.items() if sheet.sheet_state != "visible"},
        )


def _cells(sheet: "ReadOnlyWorksheet") -> Iterator[Sequence[SheetCell]]:
    """Yield rows as ``iter_rows`` does, with what is raised in texts of the sheet itself, too.

    The size that the file states may be wrong, and is not heeded.
    """
    book, number = sheet.parent, 1
    with sheet._get_source() as source:
        parser = _parser()(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for at, row in parser.parse():
            yield from (() for _ in range(number, at))
            if at >= number:
                yield sheet._get_row(row)
                number = at + 1


@cache
def _parser() -> "type[WorkSheetParser]":
    from openpyxl.worksheet._reader import WorkSheetParser, parse_richtext_string

    class Parser(WorkSheetParser):
        def parse_cell(self, element: Xml.Element) -> dict:
            """Return a cell, raised characters too; numbers beyond any date are no errors."""
            cell, kind = super().parse_cell(element), element.get("t", "n")
            string = element.find("{*}is") if kind == "inlineStr" else None
            if string is not None and string.find(".//{*}vertAlign") is not None:
                cell["value"] = parse_richtext_string(with_escapes(string))
            elif cell["data_type"] == "e" and kind == "n":
                cell["value"] = float(element.findtext("{*}v") or "nan")
            return dict(cell)

    return Parser


@cache
def _book_reader() -> "type[ExcelReader]":
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            """Read the strings that sheets share, their escapes as they stand."""
            if part := self.package.find(SHARED_STRINGS):
                with self.archive.open(part.PartName[1:]) as file:
                    self.shared_strings = strings_of(file)

    return Reader


def _record(cells: Mapping[int, Cell]) -> Mapping[int, object]:
    """Return a row as its XML has it: numbers only where no style makes another text of them."""
    record: dict[int, object] = {}
    for at, cell in cells.items():
        record[at] = ...
        if cell.kind == "str":
            record[at] = unescaped_text(cell.text) or None
        elif cell.kind == "n" and cell.is_plain:
            record[at] = Number(cell.text)
    return record

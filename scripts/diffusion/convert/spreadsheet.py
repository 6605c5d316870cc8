"""Read spreadsheets, by way of a copy as CSV."""

import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from diffusion.config.reading import Csv, Xlsx
from diffusion.convert.delimited import read_csv
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError


def read_xlsx(path: Path, options: Xlsx, label: str, place: Path) -> RawTable:
    """Read one sheet; every column is text.

    Args:
        place: folder for the copy.

    Raises:
        DiffusionError: no such sheet, a row wider than the header, or a workbook that is damaged.
    """
    copy = xlsx_as_csv(path, options, place / "sheet.csv", label)
    plain = Csv(delimiter=",", encoding="utf-8")
    return replace(read_csv(copy, plain, label, place), seen=frozenset({"xlsx"}))


def xlsx_as_csv(path: Path, options: Xlsx, target: Path, label: str) -> Path:
    """Copy one sheet to CSV, streaming; dates become ISO text."""
    import openpyxl

    with (
        workbook_errors(label),
        path.open("rb") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        # a file and not its path, whose extension openpyxl would judge by
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        name = options.sheet or workbook.sheetnames[0]
        if name not in workbook.sheetnames or (not options.sheet and len(workbook.sheetnames) > 1):
            found = f"sheets: {', '.join(workbook.sheetnames)}"
            raise DiffusionError(label, found, "write the name of one: `xlsx: {sheet: …}`")
        workbook[name].reset_dimensions()  # the size stated in the file may be wrong
        rows = workbook[name].iter_rows(min_row=options.header, values_only=True)
        csv.writer(out).writerows(_texts(rows, options.header, label))
    return target


@contextmanager
def workbook_errors(label: str) -> Iterator[None]:
    """Raise a DiffusionError for a damaged workbook: openpyxl has no error class of its own."""
    damage = (SyntaxError, zipfile.BadZipFile, zlib.error, EOFError)  # the first is XML's
    try:
        yield
    except (*damage, AttributeError, LookupError, NotImplementedError, TypeError, ValueError) as e:
        found = f"the workbook cannot be read: {type(e).__name__} {e}"[:400]
        raise DiffusionError(label, found, "open it in a spreadsheet, and export it as CSV") from e


def _texts(rows: Iterable[tuple], first: int, label: str) -> Iterator[list[str]]:
    """Yield rows that hold something, each as wide as the header."""
    width = 0
    for number, row in enumerate(rows, first):
        texts = [_cell(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        width = width or len(texts)
        if len(texts) > width:
            found = f"row {number} has {len(texts)} cells, the header has {width}"
            raise DiffusionError(label, found, "see `xlsx.header`, or give the column a name")
        if texts:
            yield texts + [""] * (width - len(texts))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return str(value).lower() if isinstance(value, bool) else str(value)

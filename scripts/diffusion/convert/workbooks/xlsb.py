"""Binary Excel workbooks (.xlsb), by their own records: with formats and errors."""

import datetime
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusion.files.xlsb as xlsb
from diffusion.convert.workbooks.book import EMPTY, Book, Cell, Look
from diffusion.convert.workbooks.cells import Fault, Plain, number_cell, rich_text
from diffusion.convert.workbooks.second_workbook import Second
from diffusion.files.workbook import Merged


def open_xlsb(path: Path, label: str) -> Book:
    """Open a workbook."""
    book, second = xlsb.open_workbook(path), Second(path, label)
    tables = [name for name, part in book.sheets.items() if part]

    def merged(name: str) -> list[Merged]:
        with zipfile.ZipFile(path) as archive:
            found = [
                struct.unpack_from("<4I", data)
                for kind, data in xlsb.records_of(archive, book.sheets[name])
                if kind == xlsb.MERGED
            ]
        return [Merged(top + 1, bottom + 1, left, right) for top, bottom, left, right in found]

    def look(name: str) -> Look:
        rows = [one.last_row for one in merged(name) if one.first_row != one.last_row]
        look = second.look(name, 0, rows)  # each formula has a value
        look = replace(look, **_hidden(path, book.sheets[name]))
        return replace(look, ends=lambda header: []) if any(book.raised) else look

    return Book(
        list(book.sheets),
        tables,
        cells=lambda name: _cells(path, book, name),
        spans=lambda name: [one for one in merged(name) if one.first != one.last],
        look=look,
        is_empty=lambda name: not any(_cells(path, book, name)),
        holds=lambda value: value not in (None, "") and not isinstance(value, Fault),
        hidden=second.hidden(),
    )


def _hidden(path: Path, part: str) -> dict[str, Any]:
    rows, columns, is_hidden = 0, list[tuple[int, int]](), False
    with zipfile.ZipFile(path) as archive:
        for kind, data in xlsb.records_of(archive, part):
            if kind == xlsb.ROW:
                is_hidden = bool(data[11] & xlsb.HIDDEN_ROW)
            elif kind == xlsb.COLUMNS and data[16] & xlsb.HIDDEN_COLUMN:
                columns.append(struct.unpack_from("<II", data))
            elif kind in KINDS and kind != xlsb.BLANK and is_hidden:
                rows, is_hidden = rows + 1, False
    return {"hidden_rows": rows, "hidden_columns": columns}


def _cells(path: Path, book: xlsb.Workbook, sheet: str) -> Iterator[Sequence[Cell]]:
    """Yield the rows, those without a cell too."""
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

    epoch = CALENDAR_MAC_1904 if book.is_1904 else CALENDAR_WINDOWS_1900
    cells, given = list[Cell](), -1  # the row that they are of
    with zipfile.ZipFile(path) as archive:
        for kind, data in xlsb.records_of(archive, book.sheets[sheet]):
            if kind == xlsb.ROW:
                (number,) = struct.unpack_from("<I", data)
                if number <= given:
                    raise ValueError(f"row {number + 1} comes behind row {given + 1}")
                if given >= 0:
                    yield cells
                yield from ([] for _ in range(given + 1, number))
                cells, given = [], number
            elif kind in KINDS:
                at = struct.unpack_from("<I", data)[0]
                cells += [EMPTY] * (at - len(cells))
                cells.append(_cell(kind, data, book, epoch))
    if given >= 0:
        yield cells


KINDS = (*range(xlsb.BLANK, xlsb.F_ERROR + 1), xlsb.RICH_TEXT)


def _cell(kind: int, data: bytes, book: xlsb.Workbook, epoch: datetime.datetime) -> Cell:
    if kind == xlsb.BLANK:
        return EMPTY
    if kind in (xlsb.ERROR, xlsb.F_ERROR):
        return Cell(Fault(xlsb.ERRORS.get(data[8], "#VALUE!")))
    if kind in (xlsb.BOOL, xlsb.F_BOOL):
        return Cell(bool(data[8]))
    if kind in (xlsb.RK, xlsb.REAL, xlsb.F_NUMBER):
        form = _format(book, int.from_bytes(data[4:7], "little"))
        return Cell(number_cell(xlsb.number_of(kind, data), form, epoch), form)
    runs: Sequence[tuple[int, int]] = ()
    if kind == xlsb.SHARED:
        place = struct.unpack_from("<I", data, 8)[0]
        text, runs = book.strings[place], book.runs.get(place, ())
    elif kind == xlsb.RICH_TEXT:
        text, runs = xlsb.rich_text_at(data, 8)
    else:
        text = xlsb.text_of(kind, data)
    if text and runs:
        return Cell(rich_text(text, [(at, _is_raised(book, font)) for at, font in runs]))
    return Cell(Plain(text) if text else None)


def _is_raised(book: xlsb.Workbook, font: int) -> bool:
    return font < len(book.raised) and book.raised[font]


def _format(book: xlsb.Workbook, style: int) -> str:
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    number = book.formats[style] if style < len(book.formats) else 0
    return book.own_formats.get(number) or BUILTIN_FORMATS.get(number, "General")

"""Read delimited text as DuckDB relations whose columns are all text."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TextIO

from diffusion.config.reading import Csv
from diffusion.convert.relation import RawTable, Scan, distinct
from diffusion.errors import DiffusionError
from diffusion.files.encodings import count_utf8
from diffusion.tables.sql import literal

MAX_LINE = 8 * 1024 * 1024  # bytes of the longest line; DuckDB's buffers grow with it
CHUNK = 1 << 20
SAMPLE_ROWS = 50  # rows that the delimiter is found from
DELIMITERS = (",", ";", "\t", "|")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What calls itself Latin-1 is often Windows-1252, which has the same letters and more (€, œ, ’).
LATIN = "".join(bytes([i]).decode("cp1252", "ignore") or chr(i) for i in range(256))


def read_csv(path: Path, options: Csv, label: str, place: Path) -> RawTable:
    """Read delimited text; every column is text.

    Args:
        place: folder for a copy in UTF-8, where the file is in another encoding.

    Raises:
        DiffusionError: not in the declared encoding, no header, or two columns of one name.
    """
    path = as_utf8(path, options.encoding, place, label)
    csv.field_size_limit(MAX_LINE)  # Python's own limit is below the size of many geometries
    with csv_errors(label, options.encoding):
        delimiter = options.delimiter or _delimiter(path, options)
        with _rows(path, options, delimiter) as rows:
            header = next(rows, None)
    names = _column_names(header, options.header, label)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    dialect = f"""columns={{{columns}}}, header=false, skip={options.header},
        delim={literal(delimiter)}, quote={literal(options.quote)}, escape={literal(options.quote)},
        encoding='utf-8', auto_detect=false, compression='none', max_line_size={MAX_LINE},
        buffer_size={2 * MAX_LINE}, nullstr='', null_padding=false"""
    scan, seen = Scan("read_csv", dialect), frozenset({"csv"})
    return RawTable(label, path, scan, names, frozenset(names), seen=seen)


def as_utf8(path: Path, encoding: str, place: Path, label: str) -> Path:
    """Return a text file in UTF-8: itself, or a copy in a folder."""
    with path.open("rb") as file:
        head = file.read(3)
    if encoding == "auto" and head.startswith(UTF16):
        raise DiffusionError(label, "not UTF-8", "declare `csv: {encoding: utf-16}`")
    if encoding != "utf-16":
        _verify_encoding(path, encoding, label)
    if encoding in ("auto", "utf-8"):
        return path
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{path.name}.utf-8"
    utf16 = codecs.getincrementaldecoder("utf-16")()
    with csv_errors(label, encoding), path.open("rb") as file, target.open("wb") as out:
        while data := file.read(CHUNK):
            latin = encoding == "latin-1"
            text = codecs.charmap_decode(data, "strict", LATIN)[0] if latin else utf16.decode(data)
            out.write(text.encode())
        utf16.decode(b"", final=True)
    return target


def _verify_encoding(path: Path, encoding: str, label: str) -> None:
    """Refuse text in two encodings, and UTF-8 declared as Latin-1: both give ``RhÃ´ne``."""
    with path.open("rb") as file:
        good, bad = count_utf8(file)
    if encoding == "latin-1" and good > bad:
        fix = "write `csv: {encoding: utf-8}`"
        raise DiffusionError(label, "declared as latin-1, but the text is UTF-8", fix)
    if encoding != "latin-1" and good > bad > 0:
        found = f"mixed encodings: the text is UTF-8, but not on line {_first_bad_line(path)}"
        fix = "ask the publisher for one encoding, and once it is there set a new `vintage`"
        raise DiffusionError(label, found, fix)


def _first_bad_line(path: Path) -> int:
    decoder, number = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        while piece := file.readline(CHUNK):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                break
            number += piece.endswith(b"\n")
    return number


@contextmanager
def csv_errors(label: str, encoding: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        stated = "utf-8" if encoding == "auto" else encoding
        fix = "declare `csv: {encoding: latin-1}`" if stated == "utf-8" else "see `csv.encoding`"
        raise DiffusionError(label, f"not {stated} (byte {error.start})", fix) from error
    except csv.Error as error:
        fix = "see `csv:`; or set a new `vintage` once the publisher has corrected the file"
        raise DiffusionError(label, f"cannot be read: {error}", fix) from error


@contextmanager
def _rows(path: Path, options: Csv, delimiter: str) -> Iterator[Iterator[list[str]]]:
    """Open delimited text at its header row."""
    quoting = {"quotechar": options.quote} if options.quote else {"quoting": csv.QUOTE_NONE}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(_lines(file), delimiter=delimiter, **quoting)
        yield islice(rows, max(options.header - 1, 0), None)


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines; a file without line breaks is refused before it fills the memory."""
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise csv.Error(f"a line is longer than {MAX_LINE:,} characters")
        yield line


def _delimiter(path: Path, options: Csv) -> str:
    """Return the delimiter that cuts the first rows alike, or else the header into most columns.

    DuckDB's own detection reads a ragged file as one column.
    """
    scores = {}
    for candidate in DELIMITERS:
        with _rows(path, options, candidate) as rows:
            widths = [len(row) for row in islice(rows, SAMPLE_ROWS) if row] or [0]
        alike = widths[0] > 1 and len(set(widths)) == 1
        scores[candidate] = (alike, widths[0], -max(widths))
    return max(scores, key=scores.__getitem__)


def _column_names(header: list[str] | None, row: int, label: str) -> list[str]:
    if not header:
        raise DiffusionError(label, f"row {max(row, 1)} is empty or absent", "see `csv.header`")
    numbered = [f"c{number}" for number in range(1, len(header) + 1)]
    if row == 0:
        return numbered
    names = [name.strip() or number for name, number in zip(header, numbered, strict=True)]
    return distinct(names, label, "read the file without its header: `csv: {header: 0}`")

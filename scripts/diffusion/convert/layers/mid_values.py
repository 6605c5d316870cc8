"""Whether the values of a .mid are of the types that its .mif states, and there is one row a shape.

Format: MapInfo's interchange format (appendix of its reference). GDAL reads a number up to where
it can no more (``1,50`` is 1, ``NULL`` is 0), moves days that do not exist on, and leaves out
shapes behind the last row.
"""

import csv
import mmap
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diffusion.config.reading import Convert, declared_texts
from diffusion.config.remedies import CORRECT, in_line
from diffusion.convert.layers.gdal import pyogrio
from diffusion.errors import ValuesError
from diffusion.files.mapped import mapped

SHAPE = re.compile(
    rb"^[ \t]*(none|point|line|pline|region|arc|text|rect|roundrect|ellipse|multipoint|collection)"
    rb"\b[ \t]*(\d*)",
    re.IGNORECASE | re.MULTILINE,
)
DATA = re.compile(rb"^[ \t]*data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
COLUMNS = re.compile(rb"^[ \t]*columns[ \t]+(\d+)", re.IGNORECASE | re.MULTILINE)
DELIMITER = re.compile(rb'^[ \t]*delimiter[ \t]+"(.)"', re.IGNORECASE | re.MULTILINE)
WHOLE = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
TRUTH = re.compile(r"(?i)\s*(t|true|y|yes|1|f|false|n|no|0)\s*")


def _whole(bits: int) -> Callable[[str], bool]:
    most = 2 ** (bits - 1)

    def fits(text: str) -> bool:
        return WHOLE.fullmatch(text) is not None and -most <= int(text.split(".")[0]) < most

    return fits


def _is_day(text: str) -> bool:
    try:
        return bool(datetime.strptime(text[:8], "%Y%m%d"))
    except ValueError:
        return False


# types → whether a value is one, as GDAL reads it; text is any
FITS: Mapping[str, Callable[[str], bool]] = {
    "integer": _whole(32),
    "smallint": _whole(32),
    "largeint": _whole(64),
    "decimal": lambda text: NUMBER.fullmatch(text) is not None,
    "float": lambda text: NUMBER.fullmatch(text) is not None,
    "logical": lambda text: TRUTH.fullmatch(text) is not None,
    "date": lambda text: len(text) == 8 and _is_day(text),
    "datetime": _is_day,
}
NEVER_EMPTY = ("integer", "smallint", "largeint", "decimal", "float", "logical")


@dataclass
class _Column:
    number: int
    name: str
    kind: str
    empty: int = 0


def verify_rows(path: Path, name: str, layer: str, convert: Convert, label: str) -> list[str]:
    """Refuse a value of a .mid that is none of its column's type, and rows without a shape.

    Columns that are declared to be text then are, in a copy that stands in the place of the link.

    Args:
        path: of the .mif.
        name: of the file, for GDAL.
        convert: which columns will be in the table.

    Returns:
        Notes on empty values, which GDAL takes for 0.

    Raises:
        DiffusionError: shows the row and the value.
    """
    head, shapes = _head_and_shapes(path)
    names = [str(field) for field in pyogrio.read_info(name, layer=layer)["fields"]]
    columns = [c for c in _columns(head, names) if c.kind in FITS and convert.takes(c.name)]
    mid = path.with_suffix(".mid")
    rows, blank, texts, as_text = 0, 0, declared_texts(convert), list[_Column]()
    for row in _rows(mid, head):
        rows, blank = rows + 1, 0 if row else blank + 1
        if row and len(row) != len(names):  # GDAL ends there, without a word
            what = f"row {rows:,} of {mid.name} has {len(row)} values, and there are {len(names)} "
            raise ValuesError(label, f"{what}columns", CORRECT)
        while odd := _odd(columns, row):
            column, text = odd
            if column.name not in texts:
                raise _refused(column, text, f"row {rows:,} of {mid.name}", label)
            columns.remove(column)
            as_text.append(column)
    if not rows - blank <= shapes <= rows:
        what = f"{shapes:,} shapes, but {rows - blank:,} rows in {mid.name}: they do not belong "
        raise ValuesError(label, f"{what}together", CORRECT)
    if as_text:
        _write_as_text(path, head, as_text)
    told = "empty values of `{}` are 0, or false: MapInfo knows no missing ones"
    return [f"{c.empty:,} {told.format(c.name)}" for c in columns if c.empty]


def _refused(column: _Column, text: str, place: str, label: str) -> ValuesError:
    what = f"`{column.name}` of {place} is {text!r}, which is no {column.kind.capitalize()}"
    fix = f"take its text, `columns: {{{in_line(column.name)}: string}}`; leave it out, `drop: "
    return ValuesError(label, what, f"{fix}[{column.name}]`; or {CORRECT}")


def _write_as_text(path: Path, head: bytes, columns: list[_Column]) -> None:
    """Put a copy in the place of a link to a .mif, which states that given columns are text."""
    original, found = path.resolve(), COLUMNS.search(head)
    lines, start = head.splitlines(keepends=True), head[: found.end() if found else 0].count(b"\n")
    named = [at for at in range(start + 1, len(lines)) if lines[at].strip()]
    for column in columns:
        at = named[column.number]
        lines[at] = re.sub(rb"^(\s*\S+\s+)[^\r\n]*", rb"\1Char(254)", lines[at])
    path.unlink()
    with original.open("rb") as source, path.open("wb") as target:
        source.seek(len(head))
        target.writelines(lines)
        shutil.copyfileobj(source, target)


def _odd(columns: list[_Column], row: list[str]) -> tuple[_Column, str] | None:
    """Return the first value of a row that is none of its column's type; count empty ones."""
    for column in columns if row else ():
        text = row[column.number]
        if not text:
            column.empty += column.kind in NEVER_EMPTY
        elif not FITS[column.kind](text):
            return column, text
    return None


def _columns(head: bytes, names: list[str]) -> list[_Column]:
    found = COLUMNS.search(head)
    if not found or int(found[1]) != len(names):
        return []
    lines = [line for line in head[found.end() :].splitlines() if line.strip()]
    kinds = [re.match(rb"\s*\S+\s+(\w+)", line) for line in lines[: len(names)]]
    return [
        _Column(number, name, kind[1].decode().lower())
        for number, (name, kind) in enumerate(zip(names, kinds, strict=False))
        if kind
    ]


def _head_and_shapes(path: Path) -> tuple[bytes, int]:
    """Return what stands before the shapes, and how many these are."""
    with mapped(path) as data:
        begin = DATA.search(data)
        head = data[: begin.end()] if begin else data[:]
        return head, _shapes(data, len(head))


def _shapes(data: mmap.mmap, start: int) -> int:
    """Count shapes; those within a collection are parts of one."""
    shapes = parts = 0
    for found in SHAPE.finditer(data, start):
        if parts:
            parts -= 1
            continue
        shapes += 1
        if found[1].lower() == b"collection":
            parts = int(found[2] or 0)
    return shapes


def _rows(mid: Path, head: bytes) -> Iterator[list[str]]:
    """Yield the values of each line: no row is more than one, whatever its quotes."""
    found = DELIMITER.search(head)
    delimiter = found[1].decode("latin-1") if found else "\t"
    with mid.open("rb") as file:
        for line in file:
            yield next(
                csv.reader([line.decode("latin-1").rstrip("\r\n\x1a")], delimiter=delimiter), []
            )

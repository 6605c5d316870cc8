"""The head of a file: the first records of a text of lines; of other formats the whole file.

A zip has its list of members at its end, as Parquet its schema, and JSON is one value: their first
bytes cannot be read by themselves.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diffusion.config.reading import AnyRead, FileRead
from diffusion.errors import DiffusionError, FileFormatError
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff

FIRST = 64 * 1024  # bytes that show what a file is
HEAD = 1 << 20  # bytes of a text of lines
LARGEST = 200_000_000  # bytes of a file that is taken whole
LINES = {"text": "csv", "ndjson": "ndjson", "geojsonseq": "geojsonseq"}
MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ALL_OF_IT = "to fetch all of it, and keep nothing: `diffusion try --whole`"
# between whose escapes any byte may be a quote
SWITCHING = ("iso2022", "hz", "utf_7", "utf-7")


@dataclass(frozen=True)
class Wanted:
    """A file of which a head is wanted.

    Attributes:
        where: how errors name its source.
        name: by which its encoding may be declared.
        size: all its bytes, where that is known.
        read: how it will be read.
        whole: take all of it, whatever it is.
    """

    where: str
    name: str
    size: int | None
    read: AnyRead
    whole: bool = False


@dataclass(frozen=True)
class Head:
    """What was taken of a file: so many bytes, all of them or not; of which kind it is."""

    size: int
    is_whole: bool
    kind: str


def take_head(pieces: Iterator[bytes], path: Path, wanted: Wanted) -> Head:
    """Write the head of a file to ``path``, reading no more of its pieces than it needs.

    Raises:
        DiffusionError: it has no head, and is too large for a try.
    """
    with path.open("wb") as file:
        ended = _write(file, pieces, FIRST)
        file.flush()
        kind = sniff(path)
        is_cut = not wanted.whole and _has_lines(path, kind, wanted)
        most = HEAD if is_cut else LARGEST
        if not wanted.whole and not is_cut and (wanted.size or 0) > LARGEST:
            raise _too_large(wanted, kind)
        while not ended and (wanted.whole or file.tell() < most):
            ended = _write(file, pieces, HEAD - file.tell() if is_cut else HEAD)
    if not ended and not is_cut:
        raise _too_large(wanted, kind)
    if not ended:
        _cut(path, kind, wanted)
    return Head(path.stat().st_size, ended, kind)


def _write(file: BinaryIO, pieces: Iterator[bytes], most: int) -> bool:
    """Write pieces until there are so many more bytes; return whether they have ended."""
    written = 0
    while written < most:
        piece = next(pieces, None)
        if piece is None:
            return True
        file.write(piece)
        written += len(piece)
    return False


def _has_lines(path: Path, kind: str, wanted: Wanted) -> bool:
    """Return whether a head can be cut where a line of it ends."""
    read = wanted.read
    if not isinstance(read, FileRead) or kind in (*CONTAINERS, *COMPRESSED):
        return False
    form = LINES.get(kind) if read.format == "auto" else read.format
    if read.fixed.columns:
        form = "csv"  # lines of text, without quotes
    if form not in LINES.values():
        return False
    with path.open("rb") as file:
        if file.read(4).startswith(MARKS):
            return False
    encoding = read.encoding_of(wanted.name).lower()
    if encoding == "auto":
        return True
    return not encoding.startswith(SWITCHING) and '\n"'.encode(encoding) == b'\n"'


def _cut(path: Path, kind: str, wanted: Wanted) -> None:
    """Cut a head back to the end of its last whole record: a line end that is not within quotes."""
    data, read = path.read_bytes(), wanted.read
    end = b"\n" if b"\n" in data else b"\r"
    quote = b""
    if isinstance(read, FileRead) and not read.fixed.columns:
        quote = read.csv.quote.encode() if "csv" in (LINES.get(kind), read.format) else b""
    at = data.rfind(end)
    if at < 0:
        found = f"the first line of {wanted.name} is longer than {HEAD:,} bytes"
        raise FileFormatError(wanted.where, found, ALL_OF_IT)
    if quote:
        # a stray quote opens none: where that leaves little, lines count
        outside = _last_outside(data, end, quote)
        at = outside if outside > len(data) // 2 else at
    path.write_bytes(data[: at + 1])


def _last_outside(data: bytes, end: bytes, quote: bytes) -> int:
    found, start, is_open = -1, 0, False
    while (at := data.find(end, start)) >= 0:
        is_open ^= bool(data.count(quote, start, at) % 2)
        found = found if is_open else at
        start = at + 1
    return found


def _too_large(wanted: Wanted, kind: str) -> DiffusionError:
    size = f"{wanted.size:,}" if wanted.size else f"more than {LARGEST:,}"
    found = (
        f"{wanted.name} has {size} bytes, and no head that can be read by itself ({kind}); "
        f"a try takes {LARGEST:,} at most"
    )
    return FileFormatError(wanted.where, found, ALL_OF_IT)

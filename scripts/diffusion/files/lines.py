"""The lines of a delimited text, surveyed in one pass over its bytes: how they end, how many.

Independent of the reader that makes a table of them, so that both counts can be compared.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from diffusion.files.held import open_bytes
from diffusion.files.names_again import Names, names_otherwise

CHUNK = 1 << 20
LONGEST = 8 * 1024 * 1024  # bytes of the longest line
MARK = b"\xef\xbb\xbf"  # UTF-8's byte order mark
END_OF_FILE = b"\x1a"  # of DOS
TWO_ENDS = (b"\n\r\n", b"\r\r")  # where there are carriage returns
BLANK = re.compile(rb"(?<=\n)\r?\n|(?<=\r)\r")
NO_VALUE = re.compile(rb"\n[,;\t|]++\r?(?=\n)")  # a line of delimiters alone
SEVERAL = 8
# by the bits of eight bytes that are line feeds: which byte is, or that several are
WITHIN_EIGHT = np.full(256, SEVERAL)
WITHIN_EIGHT[1 << np.arange(8)] = np.arange(8)
DELIMITERS = np.isin(np.arange(256), list(b",;\t|"))  # by byte
TAIL = 4096  # bytes in which the last lines are
SPACES = re.compile(rb"[\r\n][ \t]+[\r\n]*\Z")
WITHIN = 1000  # lines within quotes that are kept
GAPS = 20  # lines without a value whose places are kept
NAMES = {"\r\n": "CR LF", "\n": "LF", "\r": "CR"}


class LongLineError(csv.Error):
    """A line longer than any reader here takes."""


@dataclass
class Lines:
    """What the bytes of a text are.

    Attributes:
        ends: how often each line end comes outside quotes.
        blank: lines that hold nothing, outside quotes.
        headers: how often the text of the header comes.
        marked: a byte order mark begins the file.
        marks: byte order marks that do not begin the file, but a line of it.
        last: offset of the last line that holds something, outside quotes.
        nul: offset of the first NUL, -1 if there is none.
        closed: DOS's end-of-file character stands at the end.
        gaps: offsets of the first lines without a value, where the table may end.
        empty: lines of delimiters alone, where a delimiter is given.
        within: the first lines within quotes that have as many delimiters as the header.
        open: a quote is open at the end, or quotes stand within text: lines cannot be told by them.
        ended: the last line has an end.
    """

    ends: dict[str, int]
    blank: int = 0
    headers: int = 0
    marked: bool = False
    marks: int = 0
    last: int = 0
    nul: int = -1
    closed: bool = False
    gaps: list[int] = field(default_factory=list)
    empty: int = 0
    within: list[str] = field(default_factory=list)
    open: bool = False
    ended: bool = True

    @property
    def records(self) -> int:
        """Lines outside quotes that hold something."""
        return sum(self.ends.values()) + (not self.ended) - self.blank

    @property
    def end(self) -> str | None:
        """The one way in which lines end; None where there are several."""
        used = [end for end, count in self.ends.items() if count]
        return (used or ["\n"])[0] if len(used) < 2 else None


def survey(path: Path, quote: str, header: str = "", delimiter: str = "") -> Lines:
    """Count the lines of a text in UTF-8, line ends within quotes left out.

    Args:
        header: its text as it stands in the file.
        delimiter: if given, lines within quotes are looked at.
    """
    names, cut = header.encode(), delimiter.encode()
    cuts = names.count(cut) if cut else 0
    otherwise = Names(names, cut) if cuts else None
    found, sign, position = Lines(dict.fromkeys(NAMES, 0)), quote.encode(), 0
    with open_bytes(path) as file:
        for data in _pieces(file):
            if found.nul < 0 and b"\x00" in data:
                found.nul = position + data.index(b"\x00")
            found.headers += data.count(names) if names else 0
            if MARK[:1] in data and MARK in data:
                found.marks += data.count(b"\n" + MARK) + data.count(b"\r" + MARK)
                found.marks += bool(position) and data.startswith(MARK)
                found.marked = found.marked or (position == 0 and data.startswith(MARK))
            if sign and (found.open or sign in data):
                data = _outside(data, sign, found, cut, cuts)
            found.last = _last_line(data, position, found)
            # numpy sees two line feeds in a row in a fifth of the time that a search takes
            feeds = _feeds(data)
            lengths = np.diff(feeds)
            if otherwise:
                found.headers += names_otherwise(data, feeds, lengths, otherwise)
            _count_ends(data, feeds.size, bool((lengths == 1).any()), position, found)
            if names and (cut or len(found.gaps) < GAPS) and _may_have_gaps(data, feeds):
                _add_gaps(data, position, found, cut)
            position = file.tell()
    return found


def _feeds(data: bytes) -> np.ndarray:
    """Return where line feeds are: by eight bytes at once, of which most have none or one."""
    is_feed = np.frombuffer(data, np.uint8) == ord("\n")
    eights = np.packbits(is_feed, bitorder="little")
    places = np.flatnonzero(eights != 0)
    within = WITHIN_EIGHT.take(eights[places])
    if within.size and within.max() == SEVERAL:
        return np.flatnonzero(is_feed)
    places *= 8
    places += within
    return places


def _may_have_gaps(data: bytes, feeds: np.ndarray) -> bool:
    """Whether a line begins with a delimiter: a search in all bytes takes ten times as long."""
    begins = feeds[:-1] + 1  # what follows the last is no whole line
    return bool(DELIMITERS.take(np.frombuffer(data, np.uint8).take(begins)).any())


def _add_gaps(data: bytes, position: int, found: Lines, cut: bytes) -> None:
    for gap in NO_VALUE.finditer(data):
        found.empty += bool(cut) and not gap[0].strip(b"\r\n" + cut)
        if len(found.gaps) < GAPS:
            found.gaps.append(position + gap.start() + 1)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes, cut after line ends; each piece is read at once, none is put together."""
    begin = 0
    while True:
        file.seek(begin + CHUNK - 1)
        end = begin + CHUNK - 1 + len(file.readline(LONGEST + 1))
        file.seek(begin)
        if not (data := file.read(end - begin)):
            return
        begin += len(data)
        yield data


def _outside(data: bytes, quote: bytes, found: Lines, cut: bytes, cuts: int) -> bytes:
    """Return the bytes with line ends within quotes blanked; a doubled quote changes nothing."""
    parts = data.split(quote)
    first = int(found.open)  # the parts within quotes are every other one
    for index in range(1 - first, len(parts), 2):
        if b"\n" in parts[index] or b"\r" in parts[index]:
            if cuts and len(found.within) < WITHIN:
                lines = parts[index].splitlines()[1:]
                found.within += (
                    x.decode("utf-8", "replace") for x in lines if x.count(cut) == cuts
                )
            parts[index] = parts[index].replace(b"\n", b" ").replace(b"\r", b" ")
    found.open = bool((first + len(parts) - 1) % 2)
    return quote.join(parts)


def _last_line(data: bytes, position: int, found: Lines) -> int:
    """Return the offset of the last line that holds something, up to the end of these bytes."""
    size, blank = min(len(data), TAIL), b"\r\n" + END_OF_FILE
    rest = len(data[-size:].rstrip(blank))  # all but a few bytes would be copied
    text = len(data) - size + rest if rest else len(data.rstrip(blank))
    at = max(data.rfind(b"\n", 0, text), data.rfind(b"\r", 0, text)) + 1
    return position + at if text and (at or found.ended) else found.last


def _count_ends(data: bytes, feeds: int, has_blank: bool, position: int, found: Lines) -> None:
    """Count line ends; ``feeds``: line feeds, ``has_blank``: whether two come in a row."""
    pairs = 0
    if b"\r" in data:
        pairs = data.count(b"\r\n")
        found.ends["\r"] += data.count(b"\r") - pairs
        has_blank = has_blank or any(two in data for two in TWO_ENDS)
    found.ends["\r\n"] += pairs
    found.ends["\n"] += feeds - pairs
    if has_blank:
        blank = [position + gap.start() for gap in BLANK.finditer(data)]
        found.blank += len(blank)
        found.gaps += blank[: max(0, GAPS - len(found.gaps))]
    if found.ended and data.startswith((b"\n", b"\r")):
        found.blank += 1
    if data.endswith(END_OF_FILE):
        found.closed, data = True, data[:-1]
    found.ended = data.endswith((b"\n", b"\r")) if data else found.ended


def rows_of_text(path: Path, delimiter: str, quote: str) -> Iterator[list[str]]:
    """Yield the rows of a text in UTF-8 as Python's own reader sees them, blank ones empty."""
    csv.field_size_limit(LONGEST)  # Python's own limit is below the size of many geometries
    yield from csv.reader(lines_of_text(path), delimiter=delimiter, **quoting(quote))


def last_row(path: Path, lines: Lines, delimiter: str, quote: str) -> list[str]:
    """Return the last row that holds something as Python's own reader sees it."""
    with open_bytes(path) as file:
        file.seek(lines.last)
        text = file.read().removeprefix(MARK).decode().rstrip("\r\n" + END_OF_FILE.decode())
    with io.StringIO(text, newline="") as lines_of_row:  # others would end lines at U+2028, too
        return next(csv.reader(lines_of_row, delimiter=delimiter, **quoting(quote)), [])


def ends_in_spaces(path: Path) -> bool:
    """Whether the last line that is not empty is of blanks alone: it holds nothing, either."""
    with open_bytes(path) as file:
        file.seek(max(0, file.seek(0, io.SEEK_END) - TAIL))
        return SPACES.search(file.read()) is not None


def quoting(sign: str) -> dict[str, Any]:
    """Return what Python's csv is told of the sign of quotes; empty for none."""
    return {"quotechar": sign} if sign else {"quoting": csv.QUOTE_NONE}


def count_lines(path: Path) -> int:
    """Count the lines that hold something, whatever their length."""
    with path.open("rb") as file:
        return sum(not line.isspace() for line in file)


def lines_of_text(path: Path) -> Iterator[str]:
    """Yield lines; a file without line breaks is refused before it fills the memory."""
    with io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="") as file:
        number = 0
        while line := file.readline(LONGEST):
            number += 1
            if len(line) == LONGEST:
                raise LongLineError(f"line {number:,} has more than {LONGEST:,} characters")
            yield line

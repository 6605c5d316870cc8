"""Text of fixed width: the columns of a line are at positions that a codebook states.

A first pass, in Python, looks at each line and writes it with one line end; DuckDB cuts it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.config.fixed import Fixed
from diffusion.convert.given import Given
from diffusion.convert.relation import Held, RawTable, Record, Told, Types
from diffusion.convert.scan import Scan
from diffusion.convert.text.fixed_header import LOOKED, header_among
from diffusion.errors import DialectError, DiffusionError
from diffusion.files.encodings import FileEncodingError, as_utf8, stated_encoding
from diffusion.files.lines import LONGEST, MARK
from diffusion.files.other_encodings import readings
from diffusion.tables.sql import identifier

CUT = "\x1f"  # stands in no line: each is one value to DuckDB
CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
LINE = "\x01line"  # the column that a line is, see ``relation.OURS``
SHOWN = 60
SCAN = f"""columns={{{{'{LINE}': 'VARCHAR'}}}}, header=false, skip=0, delim='{CUT}', quote='',
    escape='', new_line='\\n', encoding='utf-8', auto_detect=false, compression='none',
    max_line_size={LONGEST}, buffer_size={2 * LONGEST}, nullstr='', null_padding=false,
    hive_partitioning=false"""


@dataclass
class _Lines:
    """The lines of a text, looked at one by one, and what is known after the last one.

    Attributes:
        gaps: positions of no column, and the first line in which one holds something.
    """

    fixed: Fixed
    label: str
    codec: str
    count: int = 0
    blank: int = 0
    padded: int = 0
    first: str = ""
    last: str = ""
    some: list[str] = field(default_factory=list)
    gaps: dict[tuple[int, int], int] = field(default_factory=dict)
    signs: set[int] = field(default_factory=set)
    bytes: set[int] = field(default_factory=set)

    def plain(self, lines: Iterator[str]) -> Iterator[str]:
        """Yield each line as wide as the last position.

        Raises:
            DiffusionError: it is shorter or longer, or has control characters.
        """
        width = self.fixed.width
        gaps = [gap for gap in self.fixed.gaps if gap not in self.gaps]
        for number, line in enumerate(lines, 1):
            text = line.rstrip("\n")
            if not text.strip(" \x1a"):
                self.blank += 1
                continue
            if CONTROLS.search(text):
                raise self._control(number, text)
            if len(text) != width:
                text = self._fitted(number, text, width)
            for gap in gaps:
                if text[gap[0] - 1 : gap[1]].strip():
                    self.gaps[gap] = number
                    gaps = [other for other in gaps if other != gap]
            self._measure(line)
            self.count += 1
            self.first, self.last = self.first or text, text
            if self.count <= LOOKED:
                self.some.append(text)
            yield text + "\n"

    def _measure(self, line: str) -> None:
        if not line.isascii() and len(self.bytes) < 2 and not self.fixed.count:
            self.bytes.add(len(line.rstrip("\n").encode(self.codec)))
        elif len(self.bytes) < 2:
            self.bytes.add(len(line.rstrip("\n")))
        self.signs.add(len(line.rstrip("\n")))

    def _fitted(self, number: int, text: str, width: int) -> str:
        """Return a line of another width: blanks behind it say nothing, and may be left out."""
        if len(text) > width:
            if rest := text[width:].rstrip():
                fix = "correct the positions; or name what stands there and leave it out: "
                fix += f"`fixed: {{columns: {{…, rest: [{width + 1}, {width + len(rest)}]}}}}` and "
                fix += "`drop: [rest]`"
                found = f"line {number:,} goes on behind the last position, {width}: "
                raise DialectError(self.label, found + rest.strip()[:SHOWN], fix)
            return text[:width]
        self.padded += 1
        if not self.fixed.pad:
            found = f"line {number:,} has {len(text)} characters, and the last position is {width}"
            fix = "correct the positions; or, where blanks at the end of lines are left out, state "
            fix += "`fixed: {pad: true}`"
            if self.fixed.count is None and len(text.encode(self.codec)) == width:
                found += f"; it has {width} bytes"
                fix = "if the positions count bytes, state `fixed: {count: bytes}`; else " + fix
            raise DialectError(self.label, f"{found}: {text[:SHOWN]}", fix)
        return text.ljust(width)

    def _control(self, number: int, text: str) -> DiffusionError:
        found = f"line {number:,} has a control character, which no text has: {text[:SHOWN]!r}"
        return DialectError(self.label, found, "state its `encoding`, or correct `format`")

    def verify_count(self) -> None:
        """Refuse lines that are all of one width in bytes alone: the positions may count these."""
        if not self.fixed.count and len(self.bytes) == 1 < len(self.signs):
            found = f"each line has {next(iter(self.bytes))} bytes, and {min(self.signs)} to "
            found += f"{max(self.signs)} characters: the positions may count bytes"
            fix = "state what they count: `fixed: {count: bytes}` or `fixed: {count: characters}`"
            raise DialectError(self.label, found, fix)

    @property
    def notes(self) -> Iterator[str]:
        """What readers of the table should know."""
        for (start, end), number in sorted(self.gaps.items()):
            yield f"positions {start} to {end} are read into no column (the first in line {number})"
        if self.padded:
            yield f"{self.padded:,} lines are shorter than the last position (`pad`)"


def read_fixed(given: Given) -> RawTable:
    """Read text of fixed width; every column is text, without the blanks around it.

    Raises:
        DiffusionError: a line is shorter or longer than the positions say, or is no text.
    """
    fixed, path, label, place = given.read.fixed, given.path, given.label, given.place
    encoding = given.encoding
    codec = encoding if encoding != "auto" else stated_encoding(path) or "utf-8"
    place.mkdir(parents=True, exist_ok=True)
    lines, target = _Lines(fixed, label, codec), place / "lines.txt"
    if fixed.count == "bytes":
        text = _by_bytes(path, fixed, codec, label)
    else:
        text = _text(as_utf8(path, encoding, place, label))
    with target.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(lines.plain(text))
    lines.verify_count()
    names, line = list(fixed.columns), identifier(LINE)
    selected = ", ".join(
        f"nullif(trim(substr({line}, {start}, {end - start + 1}), ' \t'), '') AS {identifier(name)}"
        for name, (start, end) in fixed.spans.items()
    )
    scan = Scan("read_csv", SCAN.format(), selected)
    ends = [_record(fixed, text) for text in (lines.first, lines.last) if text]
    header = header_among([_record(fixed, text) for text in lines.some], label)
    told = Told(f"text of fixed width, {codec}, {fixed.width} wide", tuple(lines.notes), header)
    held, types = Held(lines.count, ends=ends), Types(frozenset(names))
    return RawTable(label, target, scan, names, types, frozenset({"fixed"}), held=held, told=told)


def _record(fixed: Fixed, text: str) -> Record:
    cells = {name: text[start - 1 : end].strip(" \t") for name, (start, end) in fixed.spans.items()}
    return {name: cell or None for name, cell in cells.items()}


def _text(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline=None) as file:
        yield from file


def _by_bytes(path: Path, fixed: Fixed, codec: str, label: str) -> Iterator[str]:
    """Yield lines in which each column begins at the position that its first byte has."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            line = raw.removeprefix(MARK if number == 1 else b"").rstrip(b"\r\n")
            if line.isascii():
                yield line.decode() + "\n"
                continue
            text, at = "", 0
            for start, end in sorted([*fixed.spans.values(), *fixed.gaps]):
                if end > len(line):  # a line that is too short stays so
                    break
                text += _decoded(line[start - 1 : end], codec, number, label).ljust(end - at)
                at = end
            yield text + _decoded(line[at:], codec, number, label) + "\n"


def _decoded(raw: bytes, codec: str, number: int, label: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        found = f"line {number:,} is not {codec}, where a column begins or ends at the positions"
        raise FileEncodingError(label, found, readings(raw, codec)) from error

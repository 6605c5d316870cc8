"""The encoding of a text, judged by its bytes: declarations are often wrong."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from diffusion.errors import DiffusionError, EncodingError
from diffusion.files.held import open_bytes
from diffusion.files.other_encodings import CONTROLS, likely_french, read_as, readings

CHUNK = 1 << 20
LINE = 200  # bytes of a line that an error shows
JUDGED = 8 << 20  # bytes from which a likely encoding is judged
MIXED = 10  # runs that are not UTF-8, beside one that is: more, and that one may be by chance
MAX_RUNS = 100_000  # runs of bytes to judge from
BLANK_ASCII = bytes([0x20] * 0x80 + list(range(0x80, 0x100)))
MARKS = (  # UTF-32 before UTF-16: the one begins with the other
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ESCAPED = ("iso2022_jp_2", "iso2022_kr", "iso2022_jp_ext")  # ASCII beside what follows an escape
# signs in ASCII that begin other characters: the encodings, and how often they do not by accident
SHIFTS = (
    (re.compile(rb"\x1b[$(][ -~]"), ESCAPED, 1),
    (re.compile(rb"~\{(?:[!-w][!-~])+~\}"), ("hz", "utf-8"), 2),
    # a letter with an accent in UTF-7: `+AOk-`, U+00C0 to U+00FF
    (re.compile(rb"\+A[M-P][AEIMQUYcgkosw048]-"), ("utf-7", "utf-8"), 2),
)
# which bytes of four are zero in text that is mostly ASCII
WIDE: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
HEAD = 4096  # bytes that show it
LATIN = ("iso8859-1", "cp1252")  # what calls itself the one is often the other, and has its letters


def count_utf8(file: BinaryIO) -> tuple[int, int]:
    """Return how many runs of bytes beyond ASCII are UTF-8, and how many are not.

    Latin-1 text with accents is practically never valid UTF-8.
    """
    good = bad = 0
    while data := file.read(CHUNK):
        runs = data.translate(BLANK_ASCII).split()
        broken = 0 if _is_utf8(b" ".join(runs)) else sum(not _is_utf8(run) for run in runs)
        good, bad = good + len(runs) - broken, bad + broken
        if good + bad > MAX_RUNS:
            break
    return good, bad


def as_utf8(path: Path, encoding: str, place: Path, label: str) -> Path:
    """Return a text file in UTF-8: itself, or a copy in a folder.

    Args:
        encoding: a codec of Python, or ``auto``: UTF-8, or what a byte order mark states.

    Raises:
        DiffusionError: it is in another encoding, or in two; the first line that shows it is given
            as each likely encoding reads it.
    """
    head = _head(path)
    stated = _stated(head)
    if stated and encoding == "auto":
        encoding = stated
    _verify_wide(head, encoding, label)
    if not stated:
        _verify(path, encoding, label)
    if encoding == "auto" or codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        return path
    place.mkdir(parents=True, exist_ok=True)
    target = place / f"{path.name}.utf-8"
    with target.open("w", encoding="utf-8", newline="") as out:
        for text in _decoded(path, encoding, label):
            out.write(text)
    return target


def stated_encoding(path: Path) -> str | None:
    """Return the encoding that a byte order mark of UTF-16 or UTF-32 states."""
    return _stated(_head(path))


def _head(path: Path) -> bytes:
    with open_bytes(path) as file:
        return file.read(HEAD)


def _stated(head: bytes) -> str | None:
    return next((name for mark, name in MARKS if head.startswith(mark)), None)


def wide_encoding(path: Path) -> str | None:
    """Return the encoding that zeros among the first bytes show, where no mark states it."""
    return _wide(_head(path))


def _wide(head: bytes) -> str | None:
    if _stated(head):
        return None
    return WIDE.get(tuple(2 * head[start::4].count(0) > len(head) // 4 for start in range(4)))


def _verify_wide(head: bytes, encoding: str, label: str) -> None:
    """Refuse an encoding of two or four bytes where the zeros show another: no text would come."""
    shown = _wide(head)
    if shown and encoding != "auto" and codecs.lookup(encoding).name != codecs.lookup(shown).name:
        raise FileEncodingError(
            label,
            f"declared as {encoding}, but its zero bytes are those of {shown}",
            f"state `encoding: {shown}`",
        )


def _decoded(path: Path, encoding: str, label: str) -> Iterator[str]:
    name = codecs.lookup(encoding).name
    decoder = codecs.getincrementaldecoder("cp1252" if name in LATIN else name)()
    with path.open("rb") as file:
        try:
            while data := file.read(CHUNK):
                text = decoder.decode(data)
                if CONTROLS.search(text):
                    raise _not_encoded(path, encoding, label)
                yield text
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _not_encoded(path, encoding, label) from error


def _verify(path: Path, encoding: str, label: str) -> None:
    """Refuse text in two encodings, and UTF-8 declared as another: that gives ``RhÃ´ne``."""
    with open_bytes(path) as file:
        good, bad = count_utf8(file)
    is_utf8 = encoding == "auto" or codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    if bad and MIXED * good > bad and (is_utf8 or _is_single_byte(encoding)):
        number, _ = _first_line(path, "utf-8")
        found = f"mixed encodings: some of the text is UTF-8, line {number} is not"
        fix = "ask the publisher for one encoding, and once it is there set a new `vintage`"
        raise EncodingError(label, found, fix)
    if not is_utf8 and good > bad:
        raise utf8_instead(encoding, label)
    if is_utf8 and bad:
        raise _not_encoded(path, "utf-8", label)
    if encoding == "auto" and not good:
        _refuse_shifts(path, label)


def _refuse_shifts(path: Path, label: str) -> None:
    """Refuse ASCII with signs that change what characters are: ISO 2022, HZ, UTF-7."""
    counts, lines = [0] * len(SHIFTS), [b""] * len(SHIFTS)
    with open_bytes(path) as file:
        while data := file.read(CHUNK):
            for number, (sign, encodings, least) in enumerate(SHIFTS):
                for found in sign.finditer(data):
                    start = data.rfind(b"\n", 0, found.start()) + 1
                    line = data[start : start + LINE].split(b"\n")[0].strip()
                    lines[number], counts[number] = lines[number] or line, counts[number] + 1
                    if counts[number] >= least:
                        names = "ISO 2022" if encodings == ESCAPED else encodings[0].upper()
                        shown = f"has the escape sequences of {names}: {lines[number]!r}"
                        raise FileEncodingError(
                            label, shown, readings(lines[number], "auto", encodings)
                        )


def _is_single_byte(encoding: str) -> bool:
    """Whether each byte is a character: then hardly any text is UTF-8 by chance."""
    return len(bytes(range(0x80, 0x100)).decode(encoding, "replace")) == 0x80


def _not_encoded(path: Path, encoding: str, label: str) -> DiffusionError:
    """Return an error with a line that is not in the encoding, as others read it."""
    number, line = _first_line(path, encoding)
    found = f"not {encoding}: line {number} cannot be read, or has control characters"
    with path.open("rb") as file:
        likely = likely_french(file.read(JUDGED)) if encoding == "utf-8" else None
    return FileEncodingError(label, found, readings(line, encoding, likely=likely))


def utf8_instead(encoding: str, label: str) -> "FileEncodingError":
    """Return the error for UTF-8 that is declared as another encoding."""
    fix = "write `utf-8` in its place, or leave it out"
    return FileEncodingError(label, f"declared as {encoding}, but the text is UTF-8", fix)


class FileEncodingError(EncodingError):
    """Text that is not in its encoding."""

    def among_others(self, name: str) -> "FileEncodingError":
        """Return the error where there are other files, whose encoding may be another one.

        Args:
            name: by which the configuration knows this one.
        """
        hint = f'where files differ, state it for each: `encoding: {{"{name}": …}}`'
        return FileEncodingError(self.where, self.found, f"{self.fix}\n{hint}")


def _first_line(path: Path, encoding: str) -> tuple[int, bytes]:
    """Return number and bytes of the first line that cannot be read."""
    name = "cp1252" if codecs.lookup(encoding).name in LATIN else encoding
    number = 1
    with path.open("rb") as file:
        while piece := file.readline(CHUNK):
            if read_as(piece, name) is None:
                return number, _around(piece)
            number += piece.endswith(b"\n")
    return number, b""


def _around(line: bytes) -> bytes:
    """Return the part of a line around its first byte beyond ASCII."""
    first = next((index for index, byte in enumerate(line) if byte > 0x7F), 0)
    return line[max(0, first - LINE // 2) : first + LINE // 2]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

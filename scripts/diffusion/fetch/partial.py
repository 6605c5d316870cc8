"""What is kept of a download that was broken off, and how its bytes are known to be whole.

Beside the part stands a journal: a line that says of what it is a part, then the hash of its first
so many bytes, after each MiB that was written and where it broke off. A disk may lose a block of it
in a power cut: what no hash vouches for is asked for again.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

EVERY = 1024 * 1024  # bytes between two lines of the journal


@dataclass(frozen=True)
class Begun:
    """What an earlier try left.

    Attributes:
        offset: so many bytes.
        validator: of which version they are, for If-Range.
        length: of the whole file; None where it is not known.
        digest: the hash of these bytes, to go on with.
    """

    offset: int = 0
    validator: str = ""
    length: int | None = None
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


class Part:
    """A file that is being received."""

    def __init__(self, path: Path):
        """Args: path: of the finished file; the part and its journal are kept beside it."""
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._journal = path.with_name(path.name + ".part.json")
        path.parent.mkdir(parents=True, exist_ok=True)

    def begun(self, asked: str) -> Begun:
        """Return what is there of a request, as far as its hashes hold."""
        if not (self._part.exists() and self._journal.exists()):
            return Begun()
        lines = list(lines_of(self._journal))
        known = lines[0] if lines else {}
        if known.get("asked") != asked or not known.get("validator"):
            return Begun()
        offset, digest = _holding(self._part, lines[1:])
        return Begun(offset, known["validator"], known.get("length"), digest)

    @contextmanager
    def going_on(self, begun: Begun, known: dict) -> Iterator["Writing"]:
        """Give what writes after the bytes that are there; what stood after them is cut off.

        Args:
            known: of what this is a part: what was asked, the validator, the length.
        """
        with (
            self._part.open("r+b" if begun.offset else "wb") as file,
            self._journal.open("w", encoding="utf-8") as journal,
        ):
            file.truncate(begun.offset)
            file.seek(begun.offset)
            journal.write(json.dumps(known) + "\n")
            writing = Writing(file, journal, begun)
            writing.note()
            try:
                yield writing
            finally:
                with suppress(OSError):  # the disk is full: that is told
                    writing.note()

    def forget(self) -> None:
        """Drop what is there: it is not of the file that is sent."""
        self._journal.unlink(missing_ok=True)

    def finish(self) -> None:
        """Move the finished file to its place."""
        self._part.replace(self._path)
        self._journal.unlink(missing_ok=True)


class Writing:
    """Writes to a part, and notes the hash of what was written."""

    def __init__(self, file: IO[bytes], journal: IO[str], begun: Begun):
        """Args: begun: what is there; its digest is gone on with."""
        self._file, self._journal, self._digest = file, journal, begun.digest.copy()
        self.size = self._noted = begun.offset

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)
        if self.size - self._noted >= EVERY:
            self.note()

    def note(self) -> None:
        """Note the hash of what is written so far."""
        self._file.flush()
        line = {"size": self.size, "sha256": self._digest.hexdigest()}
        self._journal.write(json.dumps(line) + "\n")
        self._journal.flush()
        self._noted = self.size


def lines_of(journal: Path) -> Iterator[dict]:
    """Yield the lines of a journal, up to the first one that was not written whole."""
    for line in journal.read_bytes().splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            return
        if not isinstance(found, dict):
            return
        yield found


def _holding(part: Path, noted: list[dict]) -> tuple[int, "hashlib._Hash"]:
    """Return the largest size at which a part has the hash that was noted, and that hash."""
    digest, holds = hashlib.sha256(), hashlib.sha256()
    size = 0
    with part.open("rb") as file:
        for line in noted:
            data = file.read(line["size"] - size)
            digest.update(data)
            size += len(data)
            if size != line["size"] or digest.hexdigest() != line["sha256"]:
                return size - len(data), holds
            holds = digest.copy()
    return size, holds

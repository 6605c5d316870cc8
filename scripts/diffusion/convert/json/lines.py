"""Records made of a document, written as lines of JSON for the reader of records."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from diffusion.config.remedies import CORRECT
from diffusion.errors import DiffusionError, JsonError

INVALID = f"{CORRECT}; if it is cut off, fetch it again under a new `vintage`"


@dataclass(frozen=True)
class Records:
    """Lines of JSON; ``count``: how many, ``last``: offset of the last one.

    ``notes``: what readers of the table should know. ``objects``: names of those that were
    flattened already.
    """

    path: Path
    count: int
    last: int
    notes: tuple[str, ...] = ()
    objects: frozenset[str] = frozenset()


class Lines:
    """A file of records that is being written."""

    def __init__(self, path: Path):
        self.path, self.count, self._last, self._end = path, 0, 0, 0
        self._encoder = msgspec.json.Encoder(decimal_format="number")
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, record: Any) -> None:
        """Write a record.

        Raises:
            ValueError, ArithmeticError: it has text or a number that JSON cannot have.
        """
        self.write_text(self.text(record))

    def write_text(self, text: bytes) -> None:
        """Write a record that is JSON already, on one line."""
        if self._file:
            self._file.write(text + b"\n")
        self._last, self._end, self.count = self._end, self._end + len(text) + 1, self.count + 1

    def text(self, value: Any) -> bytes:
        """Return a value as JSON on one line, its numbers as they came."""
        return self._encoder.encode(value)

    def records(self, *notes: str) -> Records:
        """Return what was written."""
        return Records(self.path, self.count, self._last, notes)


def object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON for Python's reader.

    Raises:
        ValueError: it has a key twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the key `{twice}` twice")
    return found


def damaged(error: Exception, at: str, label: str) -> DiffusionError:
    """Return the error for JSON that cannot be read; ``at``: how far it could be."""
    first = error.args[0] if error.args else error
    words = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    words = words if words and not isinstance(error, UnicodeError) else str(error)
    return JsonError(label, f"{at}: {' '.join(words.split())[:300]}", INVALID)

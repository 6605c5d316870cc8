"""The file of a raw copy: CSV with a header (RFC 4180), in UTF-8, compressed by zstd.

What is missing is empty, and an empty text is ``""``. Bytes are hexadecimal after ``\\x``, as
PostgreSQL writes them; other servers' rows are written in the same form.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from backports import zstd

from diffusion.base.progress import Progress
from diffusion.errors import DiffusionError

NAME = "rows.csv.zst"
LEVEL = 1  # of zstd: the server is read as fast as it sends
BUFFER = 1 << 20  # bytes that are compressed at once


class RawRows:
    """A file that rows are written to; what an earlier try left of it is dropped."""

    def __init__(self, path: Path, progress: Progress):
        self.path, self.progress = path, progress
        self.bytes = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = zstd.open(path, "wb", level=LEVEL)
        self._waiting = bytearray()

    def __enter__(self) -> "RawRows":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._flush()
        finally:
            self._file.close()
        if error:
            self.path.unlink(missing_ok=True)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add CSV as the server sent it."""
        waiting = self._waiting
        waiting += data
        if len(waiting) >= BUFFER:
            self._flush()

    def write_rows(self, rows: Iterable[Sequence[str | None]], where: str) -> int:
        """Add rows of text, and return how many they are.

        Raises:
            DiffusionError: a value holds a NUL, or half a character, which no text may.
        """
        count, size = 0, 0
        lines: list[str] = []
        for row in rows:
            line = ",".join([_cell(value) for value in row])
            lines.append(line)
            count, size = count + 1, size + len(line)
            if size >= BUFFER:  # however wide they are
                self._write_lines(lines, where)
                lines, size = [], 0
        self._write_lines(lines, where)
        return count

    def _write_lines(self, lines: Sequence[str], where: str) -> None:
        try:
            data = "".join([f"{line}\n" for line in lines]).encode()
        except UnicodeEncodeError as error:
            raise _no_text(where, "half a character (a lone surrogate)") from error
        if b"\0" in data:
            raise _no_text(where, "a NUL (0x00)")
        self.write(data)

    def _flush(self) -> None:
        if self._waiting:
            self.bytes += len(self._waiting)
            self.progress.add(len(self._waiting))
            self._file.write(self._waiting)
            self._waiting = bytearray()


def _cell(value: str | None) -> str:
    if value is None:
        return ""
    return f'"{value.replace(chr(34), chr(34) * 2)}"' if '"' in value else f'"{value}"'


def _no_text(where: str, what: str) -> DiffusionError:
    fix = "leave the column out, or take it out of the values in the query (`replace(…)`)"
    return DiffusionError(where, f"a value holds {what}, which no text may", fix)

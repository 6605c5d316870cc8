"""The file of a raw copy: CSV with a header (RFC 4180), in UTF-8, compressed by zstd.

What is missing is empty, and an empty text is ``""``. Bytes are hexadecimal after ``\\x``, as
PostgreSQL writes them; other servers' rows are written in the same form.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from backports import zstd

from diffusion.base.progress import Progress
from diffusion.fetch.database.refusals import no_text, too_wide
from diffusion.files.lines import LONGEST

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

    def __exit__(self, failed: type | None, *_: object) -> None:
        try:
            self._flush()
        finally:
            self._file.close()
        if failed:
            self.path.unlink(missing_ok=True)

    def write(self, row: bytes | bytearray | memoryview) -> None:
        """Add a row as the server sent it.

        Raises:
            RefusedError: it is longer than what is read of a raw copy.
        """
        waiting = self._waiting
        waiting += row
        if len(waiting) >= BUFFER:  # as any row is that is too long: millions of others are not
            if len(row) > LONGEST:
                raise too_wide(len(row), LONGEST)
            self._flush()

    def write_rows(self, rows: Iterable[Sequence[str | None]]) -> int:
        """Add rows of text, and return how many they are.

        Raises:
            RefusedError: a value holds a NUL, or half a character, which no text may, or a row is
                longer than what is read of a raw copy.
        """
        count, size = 0, 0
        lines: list[str] = []
        for row in rows:
            line = ",".join([_cell(value) for value in row])
            lines.append(line)
            count, size = count + 1, size + len(line)
            if size >= BUFFER:  # however wide they are
                self._write_lines(lines)
                lines, size = [], 0
        self._write_lines(lines)
        return count

    def _write_lines(self, lines: Sequence[str]) -> None:
        try:
            data = "".join([f"{line}\n" for line in lines]).encode()
        except UnicodeEncodeError as error:
            raise no_text("half a character (a lone surrogate)") from error
        if b"\0" in data:
            raise no_text("a NUL (0x00)")
        if len(data) > LONGEST and (size := max(len(line.encode()) for line in lines)) > LONGEST:
            raise too_wide(size, LONGEST)
        self._waiting += data
        if len(self._waiting) >= BUFFER:
            self._flush()

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

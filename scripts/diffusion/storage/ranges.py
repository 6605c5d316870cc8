"""Published files as DuckDB reads them in place, a range of bytes at a time.

DuckDB's own S3 client is an extension that it would download; its Python package takes any fsspec
file system instead. A pyarrow dataset would do as well, but reads ahead of a query that spills,
without bound; what DuckDB reads by itself stays within its memory.
"""

import datetime
import io
import threading
from collections.abc import Iterable, Mapping

import pyarrow as pa
from fsspec import AbstractFileSystem
from pyarrow.fs import FileSystem, LocalFileSystem, S3FileSystem

from diffusion.storage.connection import Connection, connected, split_url

EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)


class PublishedFiles(AbstractFileSystem):
    """Files of publishing receipts, read-only, for one connection to DuckDB."""

    protocol = "published"
    cachable = False

    def __init__(self) -> None:
        """Start without any file."""
        super().__init__()
        self._files: list[tuple[FileSystem, str, int]] = []

    def add(self, filesystem: FileSystem, path: str, size: int) -> str:
        """Add a file of so many bytes; return the path by which DuckDB knows it.

        That path is a number: keys may have characters that are wildcards to DuckDB.
        """
        self._files.append((filesystem, path, size))
        return f"{self.protocol}://{len(self._files) - 1}"

    def info(self, path: str, **options: object) -> dict:
        """Return the size in bytes, without a request to the server."""
        _, _, size = self._find(path)
        return {"name": path, "size": size, "type": "file"}

    def modified(self, path: str) -> datetime.datetime:
        """Return one time for all: a published file does not change while it is read."""
        return EPOCH

    def _open(self, path: str, mode: str = "rb", **options: object) -> "_Ranges":
        filesystem, place, _ = self._find(path)
        return _Ranges(filesystem.open_input_file(place))

    def _find(self, path: str) -> tuple[FileSystem, str, int]:
        return self._files[int(path.rpartition("/")[2])]


def filesystem_of(url: str, link: Connection | None) -> FileSystem:
    """Return where published files are, with the settings and keys of their server."""
    if not url.startswith("s3://"):
        return LocalFileSystem()
    return S3FileSystem(**connected(url, link).pyarrow())


def paths_of(url: str, objects: Iterable[Mapping]) -> dict[str, int]:
    """Return path in ``filesystem_of`` and size in bytes of published objects.

    Args:
        objects: ``key`` and ``size`` of each, as the manifest and receipts have them.
    """
    root = url.rstrip("/")
    if root.startswith("s3://"):
        root = "/".join(split_url(root)).rstrip("/")
    return {f"{root}/{item['key']}": item["size"] for item in objects}


def rows_among(name: str, objects: Iterable[Mapping]) -> list[Mapping]:
    """Return the objects that hold a published table's rows, as ``publish.layout`` names them.

    Beside them may be a CSV, and members of its archive, which may be Parquet as well.
    """
    return [
        item
        for item in objects
        if item["key"] == f"{name}.parquet" or item["key"].startswith(f"{name}/by_")
    ]


class _Ranges(io.RawIOBase):
    """A file that DuckDB's threads share: each has a position of its own."""

    def __init__(self, file: pa.NativeFile):
        self._file, self._at = file, threading.local()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return getattr(self._at, "position", 0)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self._file.size()}
        self._at.position = starts[whence] + offset
        return self._at.position

    def read(self, size: int = -1) -> bytes:
        start = self.tell()
        data = self._file.read_at(self._file.size() - start if size < 0 else size, start)
        self._at.position = start + len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()

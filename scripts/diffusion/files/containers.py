"""Zip, 7z and tar: what they declare, entry by entry, and what is refused.

Archives are untrusted: names cannot leave the folder, links are refused, limits are checked.
"""

import bz2
import errno
import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, Self, cast

# It is compression.zstd of Python 3.14, and py7zr requires it. The zstandard package reads a
# truncated stream as complete.
from backports import zstd

from diffusion.base.globs import fold
from diffusion.config.parts import ArchiveLimits
from diffusion.errors import ArchiveError
from diffusion.files.members import Member, check_size
from diffusion.files.sniff import CHUNK, COMPRESSED, PACKED, BoundedReader, is_tar_header, sniff


class Stream(Protocol):
    """What the bytes of a member, or of a compressed file, are read from."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...
    def close(self) -> None: ...


OPENERS: Mapping[str, Callable[[Path], Stream]] = {
    "gz": gzip.open,
    "zst": zstd.open,
    "xz": lzma.open,
    "bz2": bz2.open,
}


class Damaged7zError(Exception):
    """A 7z cannot be read as one."""


_DAMAGE_ERRORS = (
    *(EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, Damaged7zError),
    *(tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RecursionError),
    *(UnicodeDecodeError, OverflowError),
)
REPACK = "Nothing was extracted. Ask the publisher for a plain archive, or repack it yourself."
LINK = "a link or a device"
_DOS = 0  # the file system, in the ZIP specification's 4.4.2, that a zip was made on
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Entry:
    """What an archive declares; `problem` tells why an entry is not a plain file."""

    name: str
    size: int
    is_folder: bool
    problem: str = ""
    open: Callable[[], Stream] | None = None  # None: 7z, which is read in one go


@contextmanager
def archive_errors(path: Path) -> Iterator[None]:
    """Raise what the archive libraries raise as a DiffusionError with the remedy."""
    try:
        yield
    except (*_DAMAGE_ERRORS, OSError) as error:
        # With a number the trouble is the disk's, but for a place that no file can have.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ArchiveError(
            str(path),
            f"the archive is cut short or damaged: {error}",
            "Fetch it again. If it comes back the same, the publisher's own copy is broken.",
        ) from error


def container(path: Path) -> str:
    kind = sniff(path)
    if kind not in COMPRESSED:
        return kind
    with closing(OPENERS[kind](path)) as stream:
        return "tar" if is_tar_header(stream.read(tarfile.BLOCKSIZE)) else kind


def checked(path: Path, limits: ArchiveLimits) -> Iterator[tuple[Member, Entry]]:
    """Go through the plain files of an archive, refusing at the first thing that is wrong."""
    kind = container(path)
    if kind not in READERS:
        raise ArchiveError(str(path), f"is {kind}, not an archive (zip, 7z or tar)")
    total = 0
    files: set[str] = set()
    folders: set[str] = set()
    for count, entry in enumerate(READERS[kind](path, limits), start=1):
        if limits.listed + count > limits.max_members:
            raise ArchiveError(
                str(path),
                f"holds more than {limits.max_members:,} members (`max_members`), "
                f"up to {entry.name!r}",
                "Raise `max_members` if this source really has so many.",
            )
        if entry.is_folder:
            continue
        key = fold(str(PurePosixPath(entry.name)))
        parents = {str(parent) for parent in PurePosixPath(key).parents}
        clash = key in files or key in folders or parents & files
        problem = entry.problem or path_problem(entry.name) or ("there twice" if clash else "")
        if problem:
            raise ArchiveError(str(path), f"the member {entry.name!r} is {problem}", REPACK)
        files.add(key)
        folders |= parents
        total += entry.size
        check_size(limits, total, path, entry.name)
        yield Member(str(PurePosixPath(entry.name)), entry.size), entry


def path_problem(name: str) -> str:
    """Return what makes a name unsafe to write on any system; empty if it is safe."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        return "an absolute path"
    if "\\" in name or ".." in parts or not parts or min(map(ord, name)) < 32:
        return "an unsafe path"
    return "an unsafe path (too long)" if max(len(part.encode()) for part in parts) > 255 else ""


def _zip(path: Path, limits: ArchiveLimits) -> Iterator[Entry]:
    # An entry of the central directory takes 46 bytes and its name, rarely 200 in all.
    room = max(CHUNK, 1024 * limits.max_members)
    with BoundedReader(path, room) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            problem = ""
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                problem = LINK
            elif info.flag_bits & 1:
                problem = "encrypted"
            elif info.compress_type not in _ZIP_METHODS:
                problem = f"compressed by method {info.compress_type} (deflate is read)"
            name = info.orig_filename  # zipfile cuts the other one at a NUL
            if info.create_system == _DOS:  # where it is no part of a name: .NET wrote it so
                name = name.replace("\\", "/")
            is_folder = name.endswith("/") and not problem
            yield Entry(name, info.file_size, is_folder, problem, partial(archive.open, info))


def _sevenzip(path: Path, limits: ArchiveLimits) -> Iterator[Entry]:
    from diffusion.files.sevenzip import members_of  # py7zr

    return members_of(path)


class _TarHeader(tarfile.TarInfo):
    """A header whose errors are not ignored.

    tarfile reads a broken or missing header as the end of the archive; it goes
    back forever by a negative size; it loads an extended header of any size.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined] # typeshed has forgotten it
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error
        extended = header.type not in (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE)
        if header.size < 0 or (extended and header.size > CHUNK):
            raise tarfile.ReadError(f"a header declares {header.size:,} bytes")
        return header


def _open(path: Path) -> Stream:
    return path.open("rb")


def _member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Stream:
    stream = tar.extractfile(info)
    if stream is None:
        raise tarfile.ReadError(f"{info.name!r} is not a file")
    return stream


def _tar(path: Path, limits: ArchiveLimits) -> Iterator[Entry]:
    with (
        closing(OPENERS.get(sniff(path), _open)(path)) as stream,
        tarfile.open(
            fileobj=cast(IO[bytes], stream), mode="r:", tarinfo=_TarHeader, errors="replace"
        ) as tar,
    ):
        for info in tar:
            problem = "" if info.isreg() or info.isdir() else LINK
            yield Entry(info.name, info.size, info.isdir(), problem, partial(_member, tar, info))
        rest = -CHUNK  # what pads the last record is not the members' size
        while chunk := stream.read(CHUNK):  # to the end, where the checksum is
            rest += len(chunk)
            check_size(limits, rest, path, "its end")


READERS: Mapping[str, Callable[[Path, ArchiveLimits], Iterator[Entry]]] = {
    "zip": _zip,
    **dict.fromkeys(PACKED, _zip),
    "7z": _sevenzip,
    "tar": _tar,
}

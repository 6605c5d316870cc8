"""Archives: what they hold, and their bytes safely on disk.

Reads zip, 7z, tar (plain or compressed) and a single file compressed by gz, zst, xz or bz2.
The limits hold for the bytes really written, and a broken archive leaves nothing behind.
An archive inside an archive is a plain file here; see ``opened``.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from io import UnsupportedOperation
from pathlib import Path
from tempfile import TemporaryDirectory

from diffusion.config.parts import ArchiveLimits
from diffusion.errors import ArchiveError
from diffusion.files.containers import (
    OPENERS,
    Stream,
    archive_errors,
    checked,
    container,
    path_problem,
)
from diffusion.files.members import Member, check_size
from diffusion.files.sniff import CHUNK, CONTAINERS, PACKED, sniff


def is_archive(path: Path) -> bool:
    """Return whether a file has members: zip, 7z, tar, compressed tar."""
    with archive_errors(path):
        return container(path) in CONTAINERS


def list_members(path: Path, limits: ArchiveLimits) -> list[Member]:
    """List the files of an archive by name; refuse what is unsafe or beyond the limits."""
    with archive_errors(path):
        return sorted((member for member, _ in checked(path, limits)), key=lambda m: m.name)


def extract(
    path: Path, members: Iterable[Member], folder: Path, limits: ArchiveLimits
) -> list[Path]:
    """Write members of an archive into a folder: all of them, or none and an error."""
    wanted = {member.name: member for member in members}
    with _staging(path, folder, limits) as stage, archive_errors(path):
        for member, entry in checked(path, limits):
            if member.name in wanted and entry.open:
                with closing(entry.open()) as source, closing(stage.create(member.name)) as out:
                    shutil.copyfileobj(source, out, CHUNK)
        if sniff(path) == "7z":
            from diffusion.files.sevenzip import copy_7z  # py7zr

            copy_7z(path, wanted.keys(), stage.hidden, stage.create)
        return stage.release(wanted)


def verify(path: Path, limits: ArchiveLimits) -> None:
    """Refuse a compressed file or an archive that is cut short, unsafe or beyond the limits.

    A workbook (xlsx, ods, xlsb) is a zip, whose parts are held in memory as it is read. Files of
    any other kind pass: nothing in them shows whether they are complete.
    """
    kind = sniff(path)
    if kind in PACKED or is_archive(path):
        if not list_members(path, limits):
            raise ArchiveError(str(path), "the archive is empty", "check `url`, or try later")
        _verify_members(path, limits)
    elif kind in OPENERS:
        with archive_errors(path), closing(OPENERS[kind](path)) as stream:
            _read_through(stream, path, limits)


def _verify_members(path: Path, limits: ArchiveLimits) -> None:
    """Expand the members of a zip or a 7z to nowhere, which compares their checksums."""
    kind = sniff(path)
    with archive_errors(path):
        if kind == "7z":
            from diffusion.files.sevenzip import copy_7z  # py7zr

            names = {member.name for member, _ in checked(path, limits)}
            copy_7z(path, names, Path(), None)
        for _, entry in checked(path, limits) if kind in ("zip", *PACKED) else ():
            if entry.open:
                with closing(entry.open()) as stream:
                    _read_through(stream, path, limits)


def _read_through(stream: Stream, path: Path, limits: ArchiveLimits) -> None:
    """Read to the end, where the checksum is."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        check_size(limits, size, path, "its end")


def decompress(path: Path, folder: Path, limits: ArchiveLimits) -> Path:
    """Write the one file that a gz, zst, xz or bz2 holds, named by gzip's header or the stem."""
    kind = sniff(path)
    if kind not in OPENERS:
        raise ArchiveError(str(path), f"is {kind}, not a file compressed by gz, zst, xz or bz2")
    name = _gzip_name(path) if kind == "gz" else path.stem
    with _staging(path, folder, limits) as stage, archive_errors(path):
        with closing(OPENERS[kind](path)) as source, closing(stage.create(name)) as out:
            shutil.copyfileobj(source, out, CHUNK)
        return stage.release({name: None})[0]


class _Counted:
    """A new file that reports how many bytes it is given, before they are written."""

    def __init__(self, path: Path, report: Callable[[int], None]):
        self.report, self._file = report, path.open("xb")

    def write(self, s: bytes | bytearray) -> int:
        self.report(len(s))
        return self._file.write(s)

    def read(self, size: int | None = None) -> bytes:
        raise UnsupportedOperation("it is written only")

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def flush(self) -> None:
        self._file.flush()

    def size(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class _Stage:
    """Files on their way, numbered in a hidden folder until all of them are known good."""

    def __init__(self, archive: Path, folder: Path, hidden: Path, limits: ArchiveLimits):
        self.archive, self.folder, self.hidden, self.limits = archive, folder, hidden, limits
        self.files: dict[str, Path] = {}
        self.opened = ExitStack()  # py7zr leaves a file open when it fails
        self.written = 0

    def create(self, filename: str) -> _Counted:
        """Open the file for a member; py7zr puts the hidden folder before its name."""
        name = filename.removeprefix(f"{self.hidden.as_posix()}/")
        self.files[name] = self.hidden / str(len(self.files))
        file = _Counted(self.files[name], partial(self._count, name))
        return self.opened.enter_context(closing(file))

    def _count(self, name: str, size: int) -> None:
        self.written += size
        check_size(self.limits, self.written, self.archive, name)

    def release(self, members: Mapping[str, Member | None]) -> list[Path]:
        """Check that every member is complete, then give the files their names."""
        for name, member in members.items():
            if name not in self.files:
                raise ArchiveError(str(self.archive), f"holds no member {name!r}")
            if member and member.size != self.files[name].stat().st_size:
                raise EOFError(f"{name!r} is not of its declared size, {member.size:,} bytes")
        targets = [self.folder / name for name in members]
        for target, name in zip(targets, members, strict=True):
            if target.exists() and target.samefile(self.archive):
                raise ArchiveError(
                    str(self.archive), f"its member {name!r} would replace the archive itself"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            self.files[name].replace(target)
        return targets


@contextmanager
def _staging(archive: Path, folder: Path, limits: ArchiveLimits) -> Iterator[_Stage]:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.resolve(), prefix=".part-") as hidden:
        stage = _Stage(archive, folder, Path(hidden), limits)
        with stage.opened:
            yield stage


def _gzip_name(path: Path) -> str:
    """The name in the gzip header (RFC 1952, 2.3) if it is a safe one, else the stem."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    flags, start = int.from_bytes(head[3:4]), 10
    if flags & 4:  # FEXTRA: a field that begins with its length
        start += 2 + int.from_bytes(head[10:12], "little")
    if not flags & 8:  # FNAME
        return path.stem
    # The RFC prescribes Latin-1; today's tools write UTF-8.
    name = head[start:].partition(b"\x00")[0].decode("utf-8", "replace")
    return path.stem if "/" in name or not name or path_problem(name) else name

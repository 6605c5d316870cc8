"""Archives: what they hold, which dataset to take, and its bytes safely on disk.

Reads zip, 7z, tar (plain or compressed) and a single file compressed by gz, zst, xz or bz2.
An archive is a stranger's: names cannot leave the folder, links are refused, the limits
hold for the bytes really written, and a broken archive leaves nothing behind.
An archive inside an archive is a plain file here.
"""

import bz2
import errno
import gzip
import lzma
import re
import shutil
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from io import BufferedWriter, FileIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

# It is compression.zstd of Python 3.14, and py7zr requires it. The zstandard package takes a
# stream that is cut short for a whole one.
from backports import zstd
from py7zr import SevenZipFile, WriterFactory
from py7zr.exceptions import ArchiveError, Bad7zFile, PasswordRequired

from diffusion.errors import DiffusionError
from diffusion.sniff import CHUNK, COMPRESSED, Frugal, is_tar_header, sniff

SIDECARS = (".shp.xml", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj")
_LITTER = ("__macosx/**", "**/__macosx/**", "._*", ".ds_store", "thumbs.db")
_PAPERS = ("readme*", "license*", "licence*", "lisez*moi*", "*.md", "*.pdf")
_OPENERS = {"gz": gzip.open, "zst": zstd.open, "xz": lzma.open, "bz2": bz2.open}
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, ArchiveError)
_DAMAGE += (tarfile.TarError, zipfile.BadZipFile, NotImplementedError, RecursionError)
_DAMAGE += (UnicodeDecodeError, OverflowError)
# py7zr expands a whole MiB of the first three at once, whatever it becomes: memory has no bound.
# It does not read the last two.
_REFUSED_7Z = {"ZStandard", "DEFLATE", "DEFLATE64", "BCJ2*", "LZ4*"}
_REPACK = "Nothing was extracted. Ask the publisher for a plain archive, or repack it yourself."
_STUMBLES = (AssertionError, AttributeError, LookupError, OverflowError, TypeError, ValueError)
_LINK = "a link or a device"
_BOUNDED_ZIP = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Member:
    """A file in an archive: its path there, with forward slashes, and its expanded size."""

    name: str
    size: int


@dataclass(frozen=True)
class Limits:
    """What an archive may expand to: bytes in total, and number of entries."""

    max_size: int
    max_members: int

    def check_size(self, size: int, path: Path, name: str) -> None:
        """Raise a DiffusionError if so many bytes, reached with this member, are too many."""
        if size > self.max_size:
            raise DiffusionError(
                str(path),
                f"expands to more than {self.max_size:,} bytes (`max_size`), at {name!r}",
                "Raise `max_size` if this source really is that large.",
            )


@dataclass(frozen=True)
class _Entry:
    """What an archive declares; `oddity` says why an entry is no plain file."""

    name: str
    size: int
    is_folder: bool
    oddity: str = ""
    open: Callable[[], BinaryIO] | None = None  # None: 7z, which is read in one go


def is_archive(path: Path) -> bool:
    """Tell whether a file has members: zip, 7z, tar, compressed tar."""
    with _explained(path):
        return _container(path) in _READERS


def list_members(path: Path, limits: Limits) -> list[Member]:
    """List the files of an archive by name; refuse what is unsafe or beyond the limits."""
    with _explained(path):
        return sorted((member for member, _ in _checked(path, limits)), key=lambda m: m.name)


def extract(path: Path, members: Iterable[Member], folder: Path, limits: Limits) -> list[Path]:
    """Write members of an archive into a folder: all of them, or none and an error."""
    wanted = {member.name: member for member in members}
    with _staging(path, folder, limits) as stage, _explained(path):
        for member, entry in _checked(path, limits):
            if member.name in wanted and entry.open:
                with entry.open() as source, stage.create(member.name) as out:
                    shutil.copyfileobj(source, out, CHUNK)
        if sniff(path) == "7z":
            _copy_7z(path, wanted.keys(), stage)
        return stage.release(wanted)


def decompress(path: Path, folder: Path, limits: Limits) -> Path:
    """Write the one file that a gz, zst, xz or bz2 holds, named as gzip says or by the stem."""
    kind = sniff(path)
    if kind not in _OPENERS:
        raise DiffusionError(str(path), f"is {kind}, not a file compressed by gz, zst, xz or bz2")
    name = _gzip_name(path) if kind == "gz" else path.stem
    with _staging(path, folder, limits) as stage, _explained(path):
        with _OPENERS[kind](path) as source, stage.create(name) as out:
            shutil.copyfileobj(source, out, CHUNK)
        return stage.release({name: None})[0]


def select_members(
    members: Iterable[Member], pattern: str | None, many: bool, where: str
) -> list[list[Member]]:
    """Choose the datasets to take: groups of members, the main file first.

    Args:
        members: what `list_members` gave.
        pattern: a glob without regard to case: on the base name, or on the whole path when
            it has a slash (`*` stays in a folder, `**/` is any number of them). None takes
            what is neither documentation nor litter.
        many: accept several datasets.
        where: the place in the configuration, for messages.
    """
    groups = _datasets(members)
    # A name may hold the signs of a glob: the exact name comes first.
    found = [group for group in groups if group[0].name == pattern]
    found = found or [group for group in groups if _is_chosen(group[0].name, pattern)]
    if not found or (len(found) > 1 and not many):
        raise _not_one(where, pattern, found, groups)
    for main, *siblings in found:
        present = {PurePosixPath(sibling.name).suffix.lower() for sibling in siblings}
        missing = {".shx", ".dbf"} - present
        if main.name.lower().endswith(".shp") and missing:
            raise DiffusionError(
                where,
                f"the shapefile {main.name!r} has no {' and no '.join(sorted(missing))} beside it",
                "A shapefile is a .shp, a .shx and a .dbf: ask for a complete archive.",
            )
    return found


def _datasets(members: Iterable[Member]) -> list[list[Member]]:
    useful = sorted(
        (m for m in members if not any(_matches(m.name, litter) for litter in _LITTER)),
        key=lambda m: m.name,
    )
    main = {_fold(m.name): [m] for m in useful if _fold(m.name).endswith(".shp")}
    for member in useful:
        name = _fold(member.name)
        extension = next((end for end in SIDECARS if name.endswith(end)), "")
        shapefile = main.get(name.removesuffix(extension) + ".shp") if extension else None
        if shapefile:
            shapefile.append(member)
        else:
            main.setdefault(name, [member])
    return sorted(main.values(), key=lambda group: group[0].name)


def _is_chosen(name: str, pattern: str | None) -> bool:
    if pattern is None:
        return not any(_matches(name, paper) for paper in _PAPERS)
    return _matches(name, pattern)


def _matches(name: str, pattern: str) -> bool:
    if "/" not in pattern:
        return fnmatchcase(_fold(PurePosixPath(name).name), _fold(pattern))
    return _parts_match(_fold(name).split("/"), _fold(pattern).split("/"))


def _parts_match(parts: list[str], globs: list[str]) -> bool:
    if not globs or not parts:
        return not parts and all(glob == "**" for glob in globs)
    if globs[0] == "**":
        return _parts_match(parts, globs[1:]) or _parts_match(parts[1:], globs)
    return fnmatchcase(parts[0], globs[0]) and _parts_match(parts[1:], globs[1:])


def _not_one(
    where: str, pattern: str | None, found: list[list[Member]], groups: list[list[Member]]
) -> DiffusionError:
    candidates = found or [g for g in groups if _is_chosen(g[0].name, None)] or groups
    choices = [f'member: "{group[0].name}"' for group in candidates[:10]]
    if len(candidates) > 10:
        choices.append(f"… and {len(candidates) - 10} more")
    if found:
        problem = f"{len(found)} datasets in the archive, where one is needed"
        choices.insert(0, "Say which one to take (or `members: many` to take them all):")
    else:
        problem = "no data file in the archive"
        problem += f" matches {pattern!r}" if pattern else ""
        choices.insert(0, "Say which one to take:" if choices else "Check `url`.")
    return DiffusionError(where, problem, "\n".join(choices))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in clear words that an archive cannot be read."""
    try:
        yield
    except PasswordRequired as error:
        raise DiffusionError(str(path), "the archive is encrypted", _REPACK) from error
    except (*_DAMAGE, OSError) as error:
        # With a number the trouble is the disk's, but for a place that no file can have.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise DiffusionError(
            str(path),
            f"the archive is cut short or damaged: {error}",
            "Fetch it again. If it comes back the same, the publisher's own copy is broken.",
        ) from error


class _Counted(BufferedWriter):
    """A new file that reports how many bytes it is given, before they are written."""

    def __init__(self, path: Path, report: Callable[[int], None]):
        super().__init__(FileIO(path, "xb"))
        self.report = report

    def write(self, data: bytes) -> int:
        self.report(len(data))
        return super().write(data)


class _Stage(WriterFactory):
    """Files on their way, numbered in a hidden folder until all of them are known good."""

    def __init__(self, archive: Path, folder: Path, hidden: Path, limits: Limits):
        self.archive, self.folder, self.hidden, self.limits = archive, folder, hidden, limits
        self.files: dict[str, Path] = {}
        self.opened = ExitStack()  # py7zr leaves a file open when it fails
        self.written = 0

    def create(self, filename: str) -> _Counted:
        """Open the file for a member; py7zr puts the hidden folder before its name."""
        name = filename.removeprefix(f"{self.hidden.as_posix()}/")
        self.files[name] = self.hidden / str(len(self.files))
        return self.opened.enter_context(_Counted(self.files[name], partial(self._count, name)))

    def _count(self, name: str, size: int) -> None:
        self.written += size
        self.limits.check_size(self.written, self.archive, name)

    def release(self, members: Mapping[str, Member | None]) -> list[Path]:
        """Check that every member came whole, then give the files their names."""
        for name, member in members.items():
            if name not in self.files:
                raise DiffusionError(str(self.archive), f"holds no member {name!r}")
            if member and member.size != self.files[name].stat().st_size:
                raise EOFError(f"{name!r} is not of its declared size, {member.size:,} bytes")
        targets = [self.folder / name for name in members]
        for target, name in zip(targets, members, strict=True):
            if target.exists() and target.samefile(self.archive):
                raise DiffusionError(
                    str(self.archive), f"its member {name!r} would replace the archive itself"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            self.files[name].replace(target)
        return targets


@contextmanager
def _staging(archive: Path, folder: Path, limits: Limits) -> Iterator[_Stage]:
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
    # Latin-1 says the RFC, UTF-8 is what today's tools write.
    name = head[start:].partition(b"\x00")[0].decode("utf-8", "replace")
    return path.stem if "/" in name or not name or _flaw(name) else name


def _container(path: Path) -> str:
    kind = sniff(path)
    if kind not in COMPRESSED:
        return kind
    with _OPENERS[kind](path) as stream:
        return "tar" if is_tar_header(stream.read(tarfile.BLOCKSIZE)) else kind


def _checked(path: Path, limits: Limits) -> Iterator[tuple[Member, _Entry]]:
    """Go through the plain files of an archive, refusing at the first thing that is wrong."""
    kind = _container(path)
    if kind not in _READERS:
        raise DiffusionError(str(path), f"is {kind}, not an archive (zip, 7z or tar)")
    total, files, folders = 0, set(), set()
    for count, entry in enumerate(_READERS[kind](path, limits), start=1):
        if count > limits.max_members:
            raise DiffusionError(
                str(path),
                f"holds more than {limits.max_members:,} members (`max_members`), "
                f"up to {entry.name!r}",
                "Raise `max_members` if this source really has so many.",
            )
        if entry.is_folder:
            continue
        key = _fold(str(PurePosixPath(entry.name)))
        parents = {str(parent) for parent in PurePosixPath(key).parents}
        clash = key in files or key in folders or parents & files
        oddity = entry.oddity or _flaw(entry.name) or ("there twice" if clash else "")
        if oddity:
            raise DiffusionError(str(path), f"the member {entry.name!r} is {oddity}", _REPACK)
        files.add(key)
        folders |= parents
        total += entry.size
        limits.check_size(total, path, entry.name)
        yield Member(str(PurePosixPath(entry.name)), entry.size), entry


def _fold(name: str) -> str:
    """The name as a file system without case, or of another Unicode form, takes it."""
    return unicodedata.normalize("NFC", name).casefold()


def _flaw(name: str) -> str:
    """Say what makes a name unsafe to write, on any system; nothing if it is safe."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        return "an absolute path"
    if "\\" in name or ".." in parts or not parts or min(map(ord, name)) < 32:
        return "an unsafe path"
    return "an unsafe path (too long)" if max(len(part.encode()) for part in parts) > 255 else ""


def _zip(path: Path, limits: Limits) -> Iterator[_Entry]:
    # An entry of the central directory takes 46 bytes and its name, rarely 200 in all.
    room = max(CHUNK, 1024 * limits.max_members)
    with Frugal(path, room) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            oddity = ""
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                oddity = _LINK
            elif info.flag_bits & 1:
                oddity = "encrypted"
            elif info.compress_type not in _BOUNDED_ZIP:
                oddity = f"compressed by method {info.compress_type} (deflate is read)"
            name = info.orig_filename  # zipfile cuts the other one at a NUL
            is_folder = name.endswith("/") and not oddity
            yield _Entry(name, info.file_size, is_folder, oddity, partial(archive.open, info))


def _sevenzip(path: Path, limits: Limits) -> Iterator[_Entry]:
    try:
        with path.open("rb") as file, SevenZipFile(file) as archive:
            oddity = "encrypted" if archive.needs_password() else ""
            refused = _REFUSED_7Z.intersection(archive.archiveinfo().method_names)
            if refused:
                oddity = f"compressed by {min(refused)} (LZMA, LZMA2 and BZip2 are read)"
            for info in archive.list():
                odd = oddity or ("" if info.is_file or info.is_directory else _LINK)
                is_folder = info.is_directory and not odd
                yield _Entry(info.filename, info.uncompressed, is_folder, odd)
    except _STUMBLES as error:  # how py7zr meets headers that contradict themselves
        raise Bad7zFile(f"{type(error).__name__} {error}") from error


def _copy_7z(path: Path, names: Collection[str], stage: "_Stage") -> None:
    # Given an open file and not a path, py7zr starts no threads: each may hold 128 MB.
    with path.open("rb") as file, SevenZipFile(file) as archive:
        targets = [n for n in archive.getnames() if str(PurePosixPath(n)) in names]
        archive.extract(stage.hidden, targets, factory=stage)


class _TarHeader(tarfile.TarInfo):
    """A header that does not forgive.

    tarfile takes a broken header, or the lack of one, for the end of the archive; it goes
    back by a negative size for ever; it loads an extended header of any size.
    """

    @classmethod
    def frombuf(cls, buf: bytes, encoding: str, errors: str) -> "_TarHeader":
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error)) from error
        extended = header.type not in (*tarfile.REGULAR_TYPES, tarfile.DIRTYPE)
        if header.size < 0 or (extended and header.size > CHUNK):
            raise tarfile.ReadError(f"a header declares {header.size:,} bytes")
        return header


def _tar(path: Path, limits: Limits) -> Iterator[_Entry]:
    opener = _OPENERS.get(sniff(path), open)
    with (
        opener(path, "rb") as stream,
        tarfile.open(fileobj=stream, mode="r:", tarinfo=_TarHeader, errors="replace") as tar,
    ):
        for info in tar:
            oddity = "" if info.isreg() or info.isdir() else _LINK
            opened = partial(tar.extractfile, info)
            yield _Entry(info.name, info.size, info.isdir(), oddity, opened)
        rest = -CHUNK  # what pads the last record is not the members' size
        while chunk := stream.read(CHUNK):  # to the end, where the checksum stands
            rest += len(chunk)
            limits.check_size(rest, path, "its end")


_READERS = {"zip": _zip, "7z": _sevenzip, "tar": _tar}

"""7z by py7zr, which takes longer to import than most archives to read: only where there is one."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, cast

from py7zr import SevenZipFile, WriterFactory
from py7zr.exceptions import ArchiveError as Py7zrError
from py7zr.exceptions import PasswordRequired
from py7zr.io import NullIOFactory, Py7zIO

from diffusion.errors import ArchiveError
from diffusion.files.containers import LINK, REPACK, Damaged7zError, Entry

# py7zr expands a whole MiB of the first three at once, whatever it becomes: memory has no bound.
# It does not read the last two.
_REFUSED = {"ZStandard", "DEFLATE", "DEFLATE64", "BCJ2*", "LZ4*"}
_HEADER_ERRORS = (AssertionError, AttributeError, LookupError, OverflowError, TypeError, ValueError)
Create = Callable[[str], Any]  # what has the methods of Py7zIO


class _Files(WriterFactory):
    """Has the files written by what another one gives for their names."""

    def __init__(self, create: Create):
        self._create = create

    def create(self, filename: str) -> Py7zIO:
        return cast(Py7zIO, self._create(filename))


def members_of(path: Path) -> Iterator[Entry]:
    """Yield what a 7z declares, to be read in one go by ``copy_7z``."""
    try:
        with _errors(path), path.open("rb") as file, SevenZipFile(file) as archive:
            problem = "encrypted" if archive.needs_password() else ""
            refused = _REFUSED.intersection(archive.archiveinfo().method_names)
            if refused:
                problem = f"compressed by {min(refused)} (LZMA, LZMA2 and BZip2 are read)"
            for info in archive.list():
                member_problem = problem or ("" if info.is_file or info.is_directory else LINK)
                is_folder = info.is_directory and not member_problem
                yield Entry(info.filename, info.uncompressed, is_folder, member_problem)
    except _HEADER_ERRORS as error:  # what py7zr raises for contradictory headers
        raise Damaged7zError(f"{type(error).__name__} {error}") from error


def copy_7z(path: Path, names: Collection[str], folder: Path, create: Create | None) -> None:
    """Have members written into what ``create`` gives for each; without it, to nowhere."""
    factory = _Files(create) if create else NullIOFactory()
    # Given an open file and not a path, py7zr starts no threads: each may hold 128 MB.
    with _errors(path), path.open("rb") as file, SevenZipFile(file) as archive:
        targets = [n for n in archive.getnames() if str(PurePosixPath(n)) in names]
        archive.extract(folder, targets, factory=factory)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except PasswordRequired as error:
        raise ArchiveError(str(path), "the archive is encrypted", REPACK) from error
    except Py7zrError as error:
        raise Damaged7zError(str(error)) from error

"""The datasets in an archive, and in the archives that it holds: chosen, and written to disk.

A glob leads into an archive in an archive by its name: ``communes.zip/*.csv``. One that is chosen
itself, by its name or as the only one, is opened, too. The limits are for all of them together.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from diffusion.config.parts import ArchiveLimits
from diffusion.errors import ArchiveError, DiffusionError
from diffusion.files.archive import extract, is_archive, list_members
from diffusion.files.members import (
    Member,
    choose,
    groups_of,
    is_folder,
    select_members,
    selection_error,
    verify_group,
)
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff

DEEPEST = 3  # archives, each in the one before
# endings of the names of archives, by which a glob says that it leads into one
ENDINGS = (
    *(".zip", ".7z", ".kmz", ".tar", ".tgz", ".tbz2", ".txz"),
    *(f".tar.{kind}" for kind in COMPRESSED),
)


@dataclass(frozen=True)
class Dataset:
    """A dataset that was written to disk.

    Attributes:
        name: of its main file in the archive; of an archive in it, behind the name of that one.
        main: the file, or the folder.
        files: all of its files.
    """

    name: str
    main: Path
    files: list[Path]


def open_datasets(
    path: Path, pattern: str | None, many: bool, limits: ArchiveLimits, folder: Path, where: str
) -> list[Dataset]:
    """Write the chosen datasets of an archive into a folder: all of them, or an error.

    Args:
        pattern: a glob, see ``select_members``; a part of it that names an archive leads into it.
        many: accept several datasets.
        where: the place in the configuration, for messages.
    """
    opening = _Opening(many, limits, where)
    found = list(opening.find(path, pattern, folder))
    if not found or (len(found) > 1 and not many):
        names = [dataset.name for dataset in found]
        raise selection_error(where, pattern, names, opening.known)
    return found


@dataclass
class _Opening:
    """What opening one archive after the other has in common.

    Attributes:
        limits: with what was taken of them so far.
        known: names of what is in archives that a glob leads into.
    """

    many: bool
    limits: ArchiveLimits
    where: str

    def __post_init__(self) -> None:
        self.known: list[str] = []

    def find(
        self, path: Path, pattern: str | None, folder: Path, within: tuple[str, ...] = ()
    ) -> Iterator[Dataset]:
        """Yield what is chosen of an archive, which stands ``within`` others."""
        members = list_members(path, self.limits)
        groups = groups_of(members)
        self.known += ["/".join((*within, group[0].name)) for group in groups]
        rest = None
        if pattern and not choose(groups, pattern):
            pattern, rest = _split(pattern)
        if rest is None and (pattern is None or not within):
            chosen = select_members(members, pattern, self.many, self.where, within)
        else:  # what all archives give together is counted at the end
            chosen = choose(groups, pattern)
            for group in chosen:
                verify_group(group, self.where)
        files = [m for group in chosen for m in group if not is_folder(m)]
        extract(path, files, folder, self.limits)
        self._take(members, files)
        for group in chosen:
            yield from self._in_group(group, rest, folder, within)

    def _in_group(
        self, group: list[Member], rest: str | None, folder: Path, within: tuple[str, ...]
    ) -> Iterator[Dataset]:
        """Yield a dataset, or what is chosen of it if it is an archive."""
        main, here = folder / group[0].name, (*within, group[0].name)
        name = "/".join(here)
        with _named(main, name):
            if main.is_file() and sniff(main) in (*CONTAINERS, *COMPRESSED) and is_archive(main):
                if len(here) == DEEPEST:
                    fix = "take another `member:`, or ask its publisher for a plain archive"
                    raise ArchiveError(name, f"is an archive in {DEEPEST} others", fix)
                inner = Path(tempfile.mkdtemp(dir=folder, prefix="within-"))
                yield from self.find(main, rest, inner, here)
            elif rest is None:
                files = [folder / member.name for member in group if not is_folder(member)]
                yield Dataset(name, main, files)

    def _take(self, members: list[Member], files: list[Member]) -> None:
        """Count what was listed and written."""
        spent = self.limits.spent + sum(member.size for member in files)
        listed = self.limits.listed + len(members)
        self.limits = msgspec.structs.replace(self.limits, spent=spent, listed=listed)


def _split(pattern: str) -> tuple[str, str | None]:
    """Return the glob of an archive, and what it leads to in it; None if it names no archive."""
    parts = pattern.split("/")
    for number, part in enumerate(parts[:-1], start=1):
        if part.lower().endswith(ENDINGS):
            return "/".join(parts[:number]), "/".join(parts[number:])
    return pattern, None


@contextmanager
def _named(copy: Path, name: str) -> Iterator[None]:
    """Have errors about a member name it, and not its copy."""
    try:
        yield
    except DiffusionError as error:
        if error.where != str(copy):
            raise
        raise error.restated(name) from error

"""The members of an archive, and the choice of those that are the wanted dataset."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diffusion.base.globs import fold, matches
from diffusion.config.parts import ArchiveLimits
from diffusion.config.vector_formats import LAYERS
from diffusion.errors import ArchiveError, DiffusionError
from diffusion.files.journals import SIDECARS as JOURNALS

DATABASES = (".db", ".sqlite", ".sqlite3", ".db3", ".gpkg", ".duckdb", ".ddb")
# endings of main files of several files, and those of the others
SIDECARS = {
    form.suffix: (*form.needs, *form.takes, *form.beside) for form in LAYERS.values() if form.needs
} | {suffix: tuple(f"{suffix}{ending}" for ending in JOURNALS) for suffix in DATABASES}
_OPEN_IN_OFFICE = tuple(f"~$*.{kind}*" for kind in ("xl", "doc", "ppt", "od"))  # its owner's name
_JUNK = (
    *("__macosx/**", "**/__macosx/**", "._*", ".ds_store", "thumbs.db", "desktop.ini"),
    *_OPEN_IN_OFFICE,
)
_GEODATABASE = re.compile(r"(.*?\.gdb)/", re.I)  # a folder: one dataset, its main "file"
_IMAGES = ("*.png", "*.jpg", "*.jpeg", "*.gif")  # of a KMZ, too
_DOCUMENTS = (
    *("readme*", "license*", "licence*", "lisez*moi*", "*.md", "*.pdf", "*.xsd", "*.xsl"),
    *("*.md5", "*.sha1", "*.sha256", "*.sha512", "md5sum*", "sha*sum*", "checksum*"),
    *("*.js", "*.py", "*.r", "*.css", "package.json"),  # of a package that brings data
    *("*.qml", "*.sld", "*.lyr", "*.lyrx", "*.qgz", "*.qgs", "*.url", "*.sql"),
    *("metadata*.xml", "*_metadata.xml", "metadonnees*.xml", "*_metadonnees.xml"),
    *_IMAGES,
)


@dataclass(frozen=True)
class Member:
    """A file in an archive: its path there, with forward slashes, and its expanded size."""

    name: str
    size: int


def is_folder(member: Member) -> bool:
    """Return whether a main member is a folder of files: a File Geodatabase."""
    return fold(member.name).endswith(".gdb")


def check_size(limits: ArchiveLimits, size: int, path: Path, name: str) -> None:
    """Raise a DiffusionError if so many bytes, reached with this member, are too many."""
    if limits.spent + size > limits.max_size:
        raise ArchiveError(
            str(path),
            f"expands to more than {limits.max_size:,} bytes (`max_size`), at {name!r}",
            "Raise `max_size` if this source really is that large.",
        )


def select_members(
    members: Iterable[Member],
    pattern: str | None,
    many: bool,
    where: str,
    within: tuple[str, ...] = (),
) -> list[list[Member]]:
    """Choose the datasets to take: groups of members, the main file first.

    Args:
        members: what `list_members` gave.
        pattern: a glob ignoring case: on the base name, or on the whole path when
            it has a slash (`*` stays in a folder, `**/` is any number of them). None takes
            what is neither documentation nor litter.
        many: accept several datasets.
        where: the place in the configuration, for messages.
        within: names of the archives around this one.
    """
    groups = groups_of(members)
    found = choose(groups, pattern)
    if not found or (len(found) > 1 and not many):
        names = (["/".join((*within, g[0].name)) for g in each] for each in (found, groups))
        raise selection_error(where, pattern, *names)
    for group in found:
        verify_group(group, where)
    return found


def choose(groups: list[list[Member]], pattern: str | None) -> list[list[Member]]:
    """Return the datasets that a glob means; see ``select_members``."""
    # A name may hold the signs of a glob: the exact name comes first.
    found = [group for group in groups if group[0].name == pattern]
    return found or [group for group in groups if _is_chosen(group[0].name, pattern)]


def verify_group(group: list[Member], where: str) -> None:
    """Refuse a shapefile that is not whole."""
    main, *siblings = group
    present = {PurePosixPath(sibling.name).suffix.lower() for sibling in siblings}
    missing = {".shx", ".dbf"} - present
    if main.name.lower().endswith(".shp") and missing:
        raise ArchiveError(
            where,
            f"the shapefile {main.name!r} has no {' and no '.join(sorted(missing))} beside it",
            "A shapefile is a .shp, a .shx and a .dbf: ask for a complete one, and once it is "
            "there set a new `vintage`.",
        )


def groups_of(members: Iterable[Member]) -> list[list[Member]]:
    """Return the datasets that files are: each with its main file first."""
    data = sorted(
        (m for m in members if not any(_matches_name(m.name, junk) for junk in _JUNK)),
        key=lambda m: m.name,
    )
    main = {fold(m.name): [m] for m in data if fold(m.name).endswith(tuple(SIDECARS))}
    for member in data:
        if folder := _GEODATABASE.match(member.name):
            main.setdefault(fold(folder[1]), [Member(folder[1], 0)]).append(member)
        elif owner := _owner(fold(member.name), main):
            main[owner].append(member)
        else:
            main.setdefault(fold(member.name), [member])
    for name in [n for n in main if n.endswith(".cpg")]:  # of a .dbf that is no part of another
        if (dbf := name.removesuffix("cpg") + "dbf") in main:
            main[dbf] += main.pop(name)
    return sorted(main.values(), key=lambda group: group[0].name)


def _owner(name: str, main: Container[str]) -> str | None:
    """Return the main file that a file belongs to, if there is one."""
    owners = (
        name.removesuffix(ending) + suffix
        for suffix, endings in SIDECARS.items()
        for ending in endings
        if name.endswith(ending)
    )
    return next((owner for owner in owners if owner in main), None)


def _is_chosen(name: str, pattern: str | None) -> bool:
    if pattern is None:
        return not any(_matches_name(name, document) for document in _DOCUMENTS)
    return _matches_name(name, pattern)


def _matches_name(name: str, pattern: str) -> bool:
    """Match ignoring case: the base name, or the whole path when the glob has a slash."""
    whole = name if "/" in pattern else PurePosixPath(name).name
    return matches(fold(whole), fold(pattern))


def selection_error(
    where: str, pattern: str | None, found: list[str], known: list[str]
) -> DiffusionError:
    """Return the error where a glob means no dataset, or several.

    Args:
        found: names of those that it means.
        known: names of all that there are.
    """
    candidates = found or [name for name in known if _is_chosen(name, None)] or known
    choices = [f'member: "{name}"' for name in candidates[:10]]
    if len(candidates) > 10:
        choices.append(f"… and {len(candidates) - 10} more")
    if found:
        problem = f"{len(found)} datasets in the archive, where one is needed"
        # one table in two formats would be taken twice
        are_alike = len({PurePosixPath(fold(name)).suffix for name in found}) == 1
        every = " (or `members: many` to take them all)" if are_alike else ""
        choices.insert(0, f"Say which one to take{every}:")
    else:
        problem = "no data file in the archive"
        problem += f" matches {pattern!r}" if pattern else ""
        choices.insert(0, "Say which one to take:" if choices else "Check `url`.")
    return ArchiveError(where, problem, "\n".join(choices))

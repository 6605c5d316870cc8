"""Partitions that came as the same bytes: a server that ignores what it is asked multiplies rows.

An axis along which all partitions have the same bytes has no say in the answers: a check fails,
which may be lowered to a warning, as it may be so: a table that did not change for a year. One pair
may be alike by chance: it is noted, as single partitions that are the same are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from diffusion.config.partitions import Partition, axes_of, parse_partition
from diffusion.config.reading import AnyRead
from diffusion.storage.hashing import sha256_of

SHOWN = 3  # partitions that a note names
FEW = 20  # records: so many are as many as those of other files by chance


def ignored_axis(raw: Mapping[str, str], without: Iterable[str], read: AnyRead) -> str:
    """Return an axis whose values all came as the same bytes; empty if each has a say.

    Args:
        raw: partition → hash.
        without: the partitions that hold no record: they are alike as a rule.
    """
    return _ignored_axis(_compared(raw, without, read))


def same_note(raw: Mapping[str, str], without: Iterable[str], read: AnyRead) -> list[str]:
    """Return a note on some partitions that came as the same bytes, if there are any."""
    known = _compared(raw, without, read)
    if _ignored_axis(known):
        return []  # the check says so
    groups: dict[str, list[str]] = {}
    for name in sorted(known):
        groups.setdefault(raw[name], []).append(name)
    same = [name for names in groups.values() if len(names) > 1 for name in names]
    if not same:
        return []
    more = f" and {len(same) - SHOWN:,} more" if len(same) > SHOWN else ""
    return [f"partitions that came as the same bytes as another: {', '.join(same[:SHOWN])}{more}"]


def same_members(members: Sequence[tuple[str, Path]]) -> dict[str, str]:
    """Return member → the note that another one before it holds the same bytes.

    Args:
        members: of one archive; only those of one size are read.
    """
    if len(members) < 2:
        return {}
    files = [(name, path) for name, path in members if path.is_file()]
    sizes = Counter(path.stat().st_size for _, path in files)
    first: dict[str, str] = {}
    notes = {}
    for name, path in files:
        if sizes[path.stat().st_size] > 1:
            known = first.setdefault(sha256_of(path), name)
            if known != name:
                notes[name] = f"holds the same bytes as {known}: its rows come twice"
    return notes


def all_again(records: Sequence[tuple[str, int | None]]) -> list[tuple[str, str]]:
    """Return the file that has as many records as all others together, and a note on it.

    Beside a file for each département, archives have one of them all.

    Args:
        records: file → how many it holds, where that is known.
    """
    counts = [count or 0 for _, count in records]
    if len([count for count in counts if count]) < 3:
        return []
    note = "has as many records as all other files together, {:,}: if they are the same, each row "
    note += "comes twice, and `member:` (or `url:`, `partitions:`) has to leave it out"
    return [
        (label, note.format(count))
        for label, count in records
        if count and count >= FEW and 2 * count == sum(counts)
    ]


def _compared(raw: Mapping[str, str], without: Iterable[str], read: AnyRead) -> dict[str, str]:
    if _inside(read):
        return {}  # each takes another part of the same file
    empty = frozenset(without)  # there may be ten thousand
    return {name: digest for name, digest in raw.items() if name not in empty}


def _inside(read: AnyRead) -> set[str]:
    """Return the axes that say which member of an archive is read."""
    return axes_of(getattr(read, "member", None) or "")


def _ignored_axis(raw: Mapping[str, str]) -> str:
    """Return an axis that changes nothing in what is sent; empty if each does."""
    axes = {name: parse_partition(name) for name in raw if "=" in name}
    ignored = (a for a in next(iter(axes.values()), {}) if _changes_nothing(a, axes, raw))
    return next(ignored, "")


def _changes_nothing(axis: str, axes: Mapping[str, Partition], raw: Mapping[str, str]) -> bool:
    groups: dict[tuple, list[str]] = {}
    for name, partition in axes.items():
        others = tuple(value for key, value in partition.items() if key != axis)
        groups.setdefault(others, []).append(raw[name])
    alike = all(len(hashes) > 1 and len(set(hashes)) == 1 for hashes in groups.values())
    return alike and len(axes) - len(groups) > 1

"""What lies there under a name that is published no more, and that no manifest names.

A run that began before a table was withdrawn or taken down may put an object after that, and die
before it can note it. What carries the table's own naming is this project's; whatever else lies in
its folder is left to those who put it there.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from diffusion.publish.taken_down import stones_of
from diffusion.raw.tombstones import REINSTATED
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store

ENDINGS = (".parquet", ".csv", ".png", ".svg")  # of a table's or a figure's own files
OWN = re.compile(r"(\w+)(?:\.(?:parquet|csv|png|svg)|/(?:by_[^/=]+=[^/]*/)+data[^/]*\.parquet)")
SHOWN = 3


def untracked(
    store: Store, manifest: Mapping, names: Collection[str], project: str
) -> dict[str, list[str]]:
    """Return the keys of a table's own naming that nothing names, by published names.

    Args:
        names: only those that this project withdrew or took down count.
    """
    names = [name for name in names if name in gone_names(manifest, project)]
    heads = [f"{name}{ending}" for name in names for ending in ENDINGS]
    there = side_by_side(store.head, heads, lambda _: 0)
    keys = [key for key, head in zip(heads, there, strict=True) if head]
    keys += [key for name in names for key, _ in store.list(f"{name}/")]
    return untracked_of(keys, manifest, names)


def untracked_of(
    keys: Iterable[str], manifest: Mapping, names: Collection[str]
) -> dict[str, list[str]]:
    """Return what of a listing is untracked, see above; nothing of a name that has an entry."""
    left = {key for keys in manifest.get("unfinished", {}).values() for key in keys}
    found: dict[str, list[str]] = {}
    for key in sorted({*keys} - left):
        named = OWN.fullmatch(key)
        if named and named[1] in names and named[1] not in manifest["tables"]:
            found.setdefault(named[1], []).append(key)
    return found


def gone_names(manifest: Mapping, project: str) -> dict[str, str]:
    """Return the names that a project withdrew or took down, each with what removes its rest."""
    withdrawn = manifest.get("withdrawn", {}).items()
    gone = {n: f"diffusion withdraw {n}" for n, stone in withdrawn if _is_of(stone, project)}
    for source, stone in stones_of(manifest).items():
        if REINSTATED not in stone and _is_of(stone, project):
            gone[stone.get("as", source)] = f"diffusion takedown {source} --reason … --yes"
    return gone


def _is_of(stone: Mapping, project: str) -> bool:
    return stone.get("project", project) == project


def untracked_words(
    store: Store,
    keys: Iterable[str],
    manifest: Mapping,
    project: str,
    published: Collection[str],
) -> Iterable[str]:
    """Yield what lies there of what was withdrawn or taken down, and how to remove it.

    Args:
        published: names that the next run publishes anyway.
    """
    gone = {
        n: command for n, command in gone_names(manifest, project).items() if n not in published
    }
    for name, found in untracked_of(keys, manifest, gone).items():
        more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        shown = ", ".join(store.address(key) for key in found[:SHOWN])
        yield (
            f"! `{name}` is published no more, and {shown}{more} lies there all the same: a run "
            f"that began before put it and was killed; to remove it: {gone[name]}"
        )

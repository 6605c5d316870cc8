"""What is published and no longer configured: listed at each run, removed on request only.

What is withdrawn leaves its objects and its place in the manifest, and a tombstone there: so that
whoever looks for it learns that it was withdrawn, and when. Raw copies stay.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from diffusion.errors import PublishedError
from diffusion.publish.before import NOTHING
from diffusion.publish.manifest import Update, read_manifest, update_manifest
from diffusion.publish.objects import remove_stale
from diffusion.publish.ownership import Target, owner_of
from diffusion.publish.taken_down import stones_of
from diffusion.publish.untracked import untracked
from diffusion.raw.tombstones import REINSTATED

# what a tombstone keeps of an entry
KEPT = ("project", "kind", "vintage", "rows", "published")


def left_behind(manifest: Mapping, project: str, configured: Collection[str]) -> list[str]:
    """Return the names that a project published, and that its configuration no longer has."""
    names = manifest["tables"].keys() - set(configured)
    return sorted(name for name in names if owner_of(manifest, name) == project)


def withdraw(
    target: Target,
    names: Iterable[str],
    configured: Collection[str],
    reason: str,
    locks: Path,
) -> list[str]:
    """Remove published entries and their objects; return what was done, in words.

    Args:
        names: published names.
        configured: those that the configuration would publish again.
        reason: kept in the tombstone; may be empty.
        locks: see ``update_manifest``.

    Raises:
        DiffusionError: not published, another project's, or configured; nothing was changed.
    """
    manifest = read_manifest(target.store)[0]
    names = list(dict.fromkeys(names))
    more = untracked(target.store, manifest, names, target.project.name)
    for name in names:
        _refuse(target, manifest, name, configured, name in more)
    keys = {name: sorted({*_keys(manifest, name), *more.get(name, ())}) for name in names}
    tables = manifest["tables"]
    stones = {name: _tombstone(tables[name], reason) for name in names if name in tables}
    update = Update(withdrawn=stones, unfinished=keys)
    update_manifest(target.store, target.project, update, locks)
    for name in names:
        remove_stale(target.store, name, keys[name])
    cleared = Update(unfinished=dict.fromkeys(names, ()))
    update_manifest(target.store, target.project, cleared, locks)
    return [f"withdrawn: {name}, {len(keys[name]):,} object(s) removed" for name in names]


def note_taken_down(target: Target, sources: Mapping[str, str], reason: str, locks: Path) -> None:
    """Note that sources were taken down: nothing of them, or made from them, is published again.

    Args:
        sources: the names under which they are published, or would be, by their own.
        reason, locks: see ``withdraw``.
    """
    before = stones_of(read_manifest(target.store)[0])
    stones = {}
    for source, name in sources.items():
        stone = _tombstone({"project": target.project.name}, reason) | {"as": name}
        known = before.get(source, {})
        stones[source] = stone if REINSTATED in known else stone | known
    update_manifest(target.store, target.project, Update(taken_down=stones), locks)


def _refuse(
    target: Target, manifest: Mapping, name: str, configured: Collection[str], is_there: bool
) -> None:
    where, project = target.store.address(name), target.project.name
    is_there = is_there or name in manifest["tables"] or name in manifest.get("unfinished", {})
    if not is_there:
        known = ", ".join(manifest["tables"]) or "nothing"
        raise PublishedError(where, f"`{name}` is not published there", f"published are: {known}")
    if (owner := owner_of(manifest, name)) not in ("", project):
        fix = "let that project withdraw it"
        raise PublishedError(where, f"`{name}` is of the project `{owner}`", fix)
    if name in configured:
        fix = (
            "remove it from the configuration first (`publish: false` keeps it for what is derived)"
        )
        raise PublishedError(where, f"the next run would publish `{name}` again", fix)


def _keys(manifest: Mapping, name: str) -> set[str]:
    known = {item["key"] for item in manifest["tables"].get(name, NOTHING)["objects"]}
    return known | set(manifest.get("unfinished", {}).get(name, ()))


def _tombstone(entry: Mapping, reason: str) -> dict:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    kept = {key: entry[key] for key in KEPT if key in entry}
    return kept | {"withdrawn": now} | ({"reason": reason} if reason else {})

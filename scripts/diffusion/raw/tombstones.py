"""Tombstones: what is left of raw copies that were removed on request.

    <storage.raw>/<source>/<vintage>/removed.json    a vintage was removed
    <storage.raw>/<source>/removed.json              the source was taken down: no vintage may come,
                                                     until it says that it was reinstated

A tombstone names what was there by hash and size; of a source that was taken down by nothing else,
as keys may hold what has to be forgotten.
"""

import json
from collections.abc import Mapping

from diffusion.base.json_files import json_bytes
from diffusion.errors import DiffusionError, TakenDownError
from diffusion.storage.store import Store

STONE = "removed.json"
REINSTATED = "reinstated"  # key of a tombstone: when the source was allowed again


def refuse_removed(store: Store, source: str, vintage: str) -> None:
    """Refuse a vintage that was removed, and any of a source that was taken down.

    Raises:
        DiffusionError: with when and why, and what to do.
    """
    stone = read_stone(store, source)
    if stone and REINSTATED not in stone:
        fix = "take it out of the configuration. If it may be used again:\n"
        fix += f"diffusion reinstate {source} --reason …"
        raise _refused(store.address(f"{source}/{STONE}"), f"`{source}` was taken down", stone, fix)
    if stone := read_stone(store, f"{source}/{vintage}"):
        fix = f"set a new `vintage` for {source}: what its source sends now is another version"
        found = f"the raw copies of {source}, vintage {vintage}, were removed"
        raise _refused(store.address(f"{source}/{vintage}/{STONE}"), found, stone, fix)


def _refused(where: str, found: str, stone: Mapping, fix: str) -> DiffusionError:
    reason = f": {stone['reason']}" if stone.get("reason") else ""
    return TakenDownError(where, f"{found} on {str(stone.get('removed'))[:10]}{reason}", fix)


def read_stone(store: Store, folder: str) -> dict | None:
    """Return the tombstone of a vintage (``source/vintage``) or of a source; None without one.

    One that cannot be read is one all the same.
    """
    found = store.read(f"{folder}/{STONE}")
    if found is None:
        return None
    stone = parsed(found[0])
    if not isinstance(stone, dict):
        return {"removed": "an unknown day"}
    files = stone.get("files")
    known = (
        [f for f in files if isinstance(f, dict) and isinstance(f.get("sha256"), str)]
        if isinstance(files, list)
        else []
    )
    return stone | ({"files": known} if "files" in stone else {})


def put_stone(store: Store, folder: str, stone: Mapping) -> None:
    """Put a tombstone, over an earlier one."""
    store.put(f"{folder}/{STONE}", json_bytes(dict(stone)))


def carry_stones(origin: Store, target: Store) -> list[str]:
    """Put the tombstones of one place of raw copies to another, but for those that are newer there.

    Returns:
        the folders (``source`` or ``source/vintage``) whose tombstones were put.
    """
    places = [key for key, _ in origin.list("") if key.endswith(f"/{STONE}")]
    carried = []
    for folder in sorted(key.removesuffix(f"/{STONE}") for key in places):
        stone, known = read_stone(origin, folder), read_stone(target, folder)
        if stone and (known is None or _changed_on(known) < _changed_on(stone)):
            put_stone(target, folder, stone)
            carried.append(folder)
    return carried


def _changed_on(stone: Mapping) -> str:
    """Return when a tombstone was put, or last changed."""
    return max(str(stone.get("removed", "")), str(stone.get(REINSTATED, "")))


def parsed(data: bytes) -> object:
    """Return what a tombstone or a provenance says; None of one that is damaged."""
    try:
        return json.loads(data)
    except ValueError:
        return None

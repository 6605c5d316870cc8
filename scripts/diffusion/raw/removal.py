"""Raw copies that are removed on request, and what else needs their bytes.

A tombstone is put before anything is removed, so that a removal that was interrupted is known to be
one, and the same vintage is never fetched again under the same name in silence.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from diffusion.errors import TakenDownError
from diffusion.raw.copies import PROVENANCE
from diffusion.raw.tombstones import STONE, parsed, put_stone, read_stone
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store


def vintages_of(store: Store, source: str) -> dict[str, dict[str, int]]:
    """Return the objects of a source's raw copies, by vintage: size in bytes by key.

    A vintage that was removed has none.
    """
    found: dict[str, dict[str, int]] = {}
    if "/" in source:  # a folder inside another source is none
        return found
    for key, size in store.list(f"{source}/"):
        _, vintage, *rest = key.split("/")
        if rest:
            there = found.setdefault(vintage, {})
            there |= {key: size} if rest != [STONE] else {}
    return found


def needed_elsewhere(store: Store, folders: Collection[str]) -> dict[str, set[str]]:
    """Return the keys below folders (``source/vintage``) that other raw copies share.

    Returns:
        the folders that name them (``source/vintage``), by key.

    Raises:
        DiffusionError: a provenance is damaged, so that nobody knows which bytes it needs.
    """
    prefixes = tuple(f"{folder}/" for folder in folders)
    others = [k for k, _ in store.list("") if k.endswith(PROVENANCE) and not k.startswith(prefixes)]
    found: dict[str, set[str]] = {}
    for place, files in zip(others, _files_each(store, others, strict=True), strict=True):
        for file in files:
            if str(file.get("key", "")).startswith(prefixes):
                found.setdefault(file["key"], set()).add("/".join(place.split("/")[:2]))
    return found


def left_for(store: Store, folders: Collection[str]) -> dict[str, int]:
    """Return what is left of vintages that were removed, for raw copies below folders alone.

    Returns:
        size in bytes by key: of files that were kept for the sake of these folders
        (``source/vintage``), and that nothing else needs.

    Raises:
        DiffusionError: see ``needed_elsewhere``.
    """
    prefixes, there = tuple(f"{folder}/" for folder in folders), dict(store.list(""))
    places = [key for key in there if key.endswith(f"/{PROVENANCE}")]
    own, others = (
        [key for key in places if key.startswith(prefixes) == mine] for mine in (True, False)
    )
    named = {str(file.get("key", "")) for files in _files_each(store, own) for file in files}
    named = {key for key in named if key in there and not key.startswith(prefixes)}
    if named:
        every = _files_each(store, others, strict=True)
        named -= {str(file.get("key", "")) for files in every for file in files}
    gone = {key: read_stone(store, "/".join(key.split("/")[:2])) for key in named}
    return {key: there[key] for key in sorted(named) if gone[key]}


def remove_vintage(
    store: Store,
    source: str,
    vintage: str,
    reason: str,
    *,
    names_kept: bool = True,
    keep: Collection[str] = (),
    more: Collection[str] = (),
) -> dict:
    """Remove the raw copies of a vintage, files before provenance; return the tombstone.

    What an interruption left is removed by the next call.

    Args:
        reason: kept in the tombstone; may be empty.
        names_kept: whether the tombstone names the keys, too.
        keep: keys that stay, as other raw copies share them.
        more: keys elsewhere that go with them, see ``left_for``.
    """
    folder = f"{source}/{vintage}"
    kept = {f"{folder}/{STONE}", *keep}
    objects = {k: size for k, size in store.list(f"{folder}/") if k not in kept}
    before = read_stone(store, folder) or {}
    files = {file["sha256"]: file for file in before.get("files", ())}
    files |= {file["sha256"]: file for file in frozen_files(store, objects)}
    listed = [_noted(file, names_kept) for _, file in sorted(files.items())]
    stone: dict = {"source": source, "vintage": vintage, "files": listed}
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    stone["removed"] = before.get("removed", now)
    if reason or before.get("reason"):
        stone["reason"] = reason or before["reason"]
    put_stone(store, folder, stone)
    _remove(store, [*more, *(key for key in objects if not key.endswith(f"/{PROVENANCE}"))])
    _remove(store, [key for key in objects if key.endswith(f"/{PROVENANCE}")])
    return stone


def retrieved_of(store: Store, source: str, vintage: str) -> list[datetime.datetime]:
    """Return when the raw copies of a vintage came; of one that does not say, the beginning."""
    places = [
        key for key, _ in store.list(f"{source}/{vintage}/") if key.endswith(f"/{PROVENANCE}")
    ]
    every = side_by_side(store.read, places, lambda _: 0)
    return [came_on(parsed(found[0]) if found else None) for found in every]


def came_on(provenance: object) -> datetime.datetime:
    """Return when a raw copy came, by its provenance; the beginning where that does not say."""
    noted = provenance.get("retrieved") if isinstance(provenance, dict) else None
    try:
        return datetime.datetime.fromisoformat(str(noted)).astimezone(datetime.UTC)
    except ValueError:
        return datetime.datetime.min.replace(tzinfo=datetime.UTC)


def _noted(file: Mapping, names_kept: bool) -> dict:
    keys = ("key", "size", "sha256") if names_kept else ("size", "sha256")
    return {key: file[key] for key in keys if key in file}


def frozen_files(store: Store, objects: Mapping[str, int]) -> list[dict]:
    """Return what the provenances among objects note of their files: key, size, sha256."""
    places = [key for key in objects if key.endswith(f"/{PROVENANCE}")]
    return [file for files in _files_each(store, places) for file in files if "sha256" in file]


def _files_each(store: Store, places: Sequence[str], strict: bool = False) -> Iterator[list[dict]]:
    """Yield what each provenance notes of its files; nothing of one that is damaged.

    Args:
        strict: refuse one that is damaged.
    """
    every = side_by_side(store.read, places, lambda _: 0)
    for place, data in zip(places, every, strict=True):
        provenance = parsed(data[0]) if data else None
        if strict and data and not isinstance(provenance, dict):
            found = "damaged: which bytes it shares with other raw copies is not known"
            fix = "put back a good copy first; nothing was removed"
            raise TakenDownError(store.address(place), found, fix)
        files = provenance.get("files", ()) if isinstance(provenance, dict) else ()
        yield [file for file in files if isinstance(file, dict)]


def _remove(store: Store, keys: Iterable[str]) -> None:
    keys = list(keys)
    side_by_side(lambda key: store.delete([key]), keys, lambda _: 0)
    for place in sorted({str(PurePosixPath(key).parent) for key in keys}, reverse=True):
        if folder := store.local_path(place):
            with suppress(OSError):  # something else is in it
                folder.rmdir()

"""Take back a takedown: for `diffusion reinstate`, once a source may be published again.

The tombstones stay, and say when and why: what was removed does not come back, and each vintage
that was there stays removed.
"""

import datetime
from collections.abc import Mapping, Sequence

from diffusion.config.model import Config
from diffusion.errors import DiffusionError
from diffusion.publish.before import TAKEN_DOWN
from diffusion.publish.manifest import Update, read_manifest, update_manifest
from diffusion.publish.objects import LOCKS
from diffusion.raw.removal import REINSTATED, put_stone, read_stone
from diffusion.storage.places import open_place
from diffusion.storage.store import Store


def reinstate(config: Config, names: Sequence[str], reason: str, do_it: bool) -> list[str]:
    """Let sources that were taken down be fetched and published again; return it in words.

    Args:
        names: of the sources.
        reason: kept in the tombstones, beside that of the takedown.
        do_it: else it is only listed.

    Raises:
        DiffusionError: one was not taken down, or by another project. Nothing was changed.
    """
    published, raw = open_place(config.storage, "url"), open_place(config.storage, "raw")
    withdrawn = read_manifest(published)[0].get("withdrawn", {}) if published else {}
    by_source = {stone.get(TAKEN_DOWN): name for name, stone in withdrawn.items()}
    frozen = {name: stone for name in names if raw and (stone := _stone(raw, name))}
    for name in names:
        _refuse(config, name, withdrawn.get(by_source.get(name, "")), frozen.get(name))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    again = {REINSTATED: now, "because": reason}
    known = {by_source[name]: withdrawn[by_source[name]] for name in names if name in by_source}
    if do_it and published and known:
        kept = {n: {k: v for k, v in s.items() if k != TAKEN_DOWN} for n, s in known.items()}
        update = Update(withdrawn={n: stone | again for n, stone in kept.items()})
        update_manifest(published, config.project, update, LOCKS)
    for name, stone in frozen.items():
        if do_it and raw:
            put_stone(raw, name, {**stone, **again})
    return [line for name in dict.fromkeys(names) for line in _told(name, do_it)]


def _stone(raw: Store, name: str) -> dict | None:
    """Return the tombstone of raw copies that still counts."""
    stone = read_stone(raw, name)
    return stone if stone and REINSTATED not in stone else None


def _refuse(config: Config, name: str, noted: Mapping | None, frozen: Mapping | None) -> None:
    if noted is None and frozen is None:
        places = f"{config.storage.url} and {config.storage.raw}"
        fix = "name a source as it was named in `diffusion takedown`"
        raise DiffusionError(name, f"it was not taken down, as {places} say", fix)
    owner = (noted or {}).get("project", config.project.name)
    if owner != config.project.name:
        fix = "let that project reinstate it"
        raise DiffusionError(name, f"the project `{owner}` took it down", fix)


def _told(name: str, done: bool) -> list[str]:
    would = "may be fetched and published again" if done else "could be fetched and published again"
    return [f"{name}: {would}; vintages that were removed stay removed: set a new `vintage`"]

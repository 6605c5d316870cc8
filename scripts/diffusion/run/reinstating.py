"""Take back a takedown: for `diffusion reinstate`, once a source may be published again.

The tombstones stay, at both places, and say when and why. What is allowed is what comes from then
on: what was removed does not come back, on this machine or on another one that still has it.
"""

import datetime
from collections.abc import Mapping, Sequence

from diffusion.config.model import Config
from diffusion.errors import TakenDownError
from diffusion.publish.manifest import Update, read_manifest, update_manifest
from diffusion.publish.objects import LOCKS
from diffusion.publish.taken_down import stones_of
from diffusion.raw.tombstones import REINSTATED, put_stone, read_stone
from diffusion.run.takedown_plan import raw_names
from diffusion.storage.places import open_place
from diffusion.storage.store import Store

AGAIN = {REINSTATED: ""}  # of a source without a tombstone: nothing is to be reinstated


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
    names = list(dict.fromkeys(names))
    stones = stones_of(read_manifest(published)[0]) if published else {}
    every = raw_names(config, names)  # with the names that they had: they went with them
    noted = {name: stones[name] for name in every if REINSTATED not in stones.get(name, AGAIN)}
    frozen = {name: stone for name in every if raw and (stone := _stone(raw, name))}
    for name in names:
        _refuse(config, name, noted.get(name), frozen.get(name))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    again = {REINSTATED: now, "because": reason}
    if do_it and published and noted:
        update = Update(taken_down={name: {**stone, **again} for name, stone in noted.items()})
        update_manifest(published, config.project, update, LOCKS)
    for name, stone in frozen.items():
        if do_it and raw:
            put_stone(raw, name, {**stone, **again})
    return [line for name in names for line in _told(name, do_it)]


def _stone(raw: Store, name: str) -> dict | None:
    """Return the tombstone of raw copies that still counts."""
    stone = read_stone(raw, name)
    return stone if stone and REINSTATED not in stone else None


def _refuse(config: Config, name: str, noted: Mapping | None, frozen: Mapping | None) -> None:
    if noted is None and frozen is None:
        places = f"{config.storage.url} and {config.storage.raw}"
        fix = "name a source as it was named in `diffusion takedown`"
        raise TakenDownError(name, f"it was not taken down, as {places} say", fix)
    owner = (noted or {}).get("project", config.project.name)
    if owner != config.project.name:
        fix = "let that project reinstate it"
        raise TakenDownError(name, f"the project `{owner}` took it down", fix)


def _told(name: str, done: bool) -> list[str]:
    would = "may" if done else "could"
    return [
        f"{name}: {would} be fetched and published again, under a new `vintage`: only what comes "
        "from now on. What came before stays out, also where another machine still has it"
    ]

"""Remove raw copies of vintages that one names: for `diffusion prune`."""

from collections.abc import Sequence

from diffusion.config.model import Config
from diffusion.errors import DiffusionError
from diffusion.raw.removal import remove_vintage, vintages_of
from diffusion.storage.places import open_place


def prune(
    config: Config, source: str, vintages: Sequence[str], reason: str, do_it: bool
) -> list[str]:
    """Remove the raw copies of vintages, or only list them; return what was done, in words.

    Args:
        reason: kept in the tombstones; may be empty.
        do_it: remove; else only list.

    Raises:
        DiffusionError: a vintage is the current one, or there is none of that name; nothing was
            removed.
    """
    for name, current in config.sources.items():
        if source in (name, *current.former_names) and current.vintage in vintages:
            found = f"{current.vintage} is its current vintage: its table is made from them"
            fix = "set a newer `vintage` first, and run `snakemake`; or see `diffusion takedown`"
            raise DiffusionError(f"sources.{name}.vintage", found, fix)
    store = open_place(config.storage, "raw")
    there = vintages_of(store, source) if store else {}
    for vintage in vintages:
        if vintage not in there:
            known = [name for name, objects in there.items() if objects]
            fix = f"vintages of {source} there: {', '.join(known) or 'none'}"
            found = f"there is no raw copy of {source}, vintage {vintage}"
            raise DiffusionError(config.storage.raw, found, fix)
    told = []
    for vintage in vintages:
        if store and do_it and there[vintage]:
            remove_vintage(store, source, vintage, reason)
        objects = there[vintage]
        what = ("removed" if do_it else "would be removed") if objects else "removed already"
        count = f"{len(objects):,} object(s), {sum(objects.values()):,} bytes"
        told.append(f"{what}: {config.storage.raw}/{source}/{vintage}, {count}")
    return told

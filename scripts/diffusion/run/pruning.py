"""Remove raw copies of vintages that one names: for `diffusion prune`."""

from collections.abc import Mapping, Sequence

from diffusion.config.model import Config
from diffusion.errors import RawCopyError
from diffusion.raw.claims import refuse_others_copies
from diffusion.raw.removal import left_for, needed_elsewhere, remove_vintage, vintages_of
from diffusion.run.interruption import no_run
from diffusion.storage.places import open_place


def prune(
    config: Config, source: str, vintages: Sequence[str], reason: str, do_it: bool
) -> list[str]:
    """Remove the raw copies of vintages, or only list them; return what was done, in words.

    Args:
        reason: kept in the tombstones; may be empty.
        do_it: remove; else only list.

    Raises:
        DiffusionError: a vintage is the current one, there is none of that name, or a run is under
            way; nothing was removed.
    """
    with no_run():  # it may be about to share bytes of them
        return _pruned(config, source, vintages, reason, do_it)


def _pruned(
    config: Config, source: str, vintages: Sequence[str], reason: str, do_it: bool
) -> list[str]:
    for name, current in config.sources.items():
        if source in (name, *current.former_names) and current.vintage in vintages:
            found = f"{current.vintage} is its current vintage: its table is made from them"
            fix = "set a newer `vintage` first, and run `snakemake`; or see `diffusion takedown`"
            raise RawCopyError(f"sources.{name}.vintage", found, fix)
    store = open_place(config.storage, "raw")
    there = vintages_of(store, source) if store else {}
    objects_of = {key: size for vintage in vintages for key, size in there.get(vintage, {}).items()}
    if store:
        refuse_others_copies(store, source, objects_of, config.project.name)
    for vintage in vintages:
        if vintage not in there:
            known = [name for name, objects in there.items() if objects]
            fix = f"vintages of {source} there: {', '.join(known) or 'none'}"
            found = f"there is no raw copy of {source}, vintage {vintage}"
            raise RawCopyError(config.storage.raw, found, fix)
    folders = [f"{source}/{vintage}" for vintage in vintages]
    needed = needed_elsewhere(store, folders) if store else {}
    left = left_for(store, folders) if store else {}
    told = []
    for vintage in vintages:
        objects = {key: size for key, size in there[vintage].items() if key not in needed}
        if store and do_it and objects:
            remove_vintage(store, source, vintage, reason, keep=needed, more=left)
        what = ("removed" if do_it else "would be removed") if objects else "removed already"
        count = f"{len(objects):,} object(s), {sum(objects.values()):,} bytes"
        told.append(f"{what}: {config.storage.raw}/{source}/{vintage}, {count}")
    return [*told, *_left(left, do_it), *_kept(needed)]


def _left(left: Mapping[str, int], done: bool) -> list[str]:
    """Tell of the files that earlier vintages kept for those that go."""
    if not left:
        return []
    what = "removed" if done else "would be removed"
    folders = sorted({"/".join(key.split("/")[:2]) for key in left})
    size = f"{len(left):,} object(s), {sum(left.values()):,} bytes"
    return [f"{what} with them: {size}, which {', '.join(folders)} kept as their bytes"]


def _kept(needed: Mapping[str, set[str]]) -> list[str]:
    """Tell of the files that stay, as the bytes of other raw copies."""
    if not needed:
        return []
    readers = sorted(set().union(*needed.values()))
    return [f"kept: {len(needed):,} object(s) that are the raw copies of {', '.join(readers)}, too"]

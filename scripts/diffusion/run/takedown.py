"""Take a source down: for `diffusion takedown`, under a right of erasure or an ended licence.

What is published goes first, then what this machine holds, by the hashes that the raw copies note,
then the raw copies: so that the same command finishes what was interrupted. What it cannot remove
is told.
"""

import datetime
import shutil
from collections.abc import Iterator, Sequence

from diffusion.catalogue.files import refresh_catalogue
from diffusion.config.model import Config
from diffusion.publish.objects import LOCKS
from diffusion.publish.withdrawal import note_taken_down, withdraw
from diffusion.raw.lock import LOCK, read_lock
from diffusion.raw.removal import remove_vintage
from diffusion.raw.tombstones import REINSTATED, STONE, put_stone, read_stone
from diffusion.run.interruption import no_run
from diffusion.run.left import target
from diffusion.run.takedown_plan import Takedown, planned, published_name
from diffusion.storage.connection import storage_connection
from diffusion.storage.housekeeping import count_versions
from diffusion.storage.places import open_place
from diffusion.storage.store import Store

ELSEWHERE = (
    "other machines that ran this project (`.diffusion`, `results`, `logs`), the work prefix of a "
    "profile, `.snakemake/log`, and what readers copied"
)


def takedown(config: Config, names: Sequence[str], reason: str, do_it: bool) -> list[str]:
    """Remove all that there is of sources, or only list it; return what was done, in words.

    Args:
        names: sources, and the derived entries that read them; configured or not.
        reason: kept in the tombstones.
        do_it: remove; else only list.

    Raises:
        DiffusionError: what is published reads a source and is not named; another project's; a run
            is under way. Nothing was removed.
    """
    with no_run():
        plan = planned(config, names)
        if do_it:
            _carry_out(plan, reason)
        return [*_listed(plan, do_it), *_beyond(plan, do_it)]


def _carry_out(plan: Takedown, reason: str) -> None:
    storage = plan.config.storage
    if open_place(plan.config.storage, "url"):
        place = target(plan.config)
        sources = {name: published_name(plan.config, name) for name in plan.raw_names}
        note_taken_down(place, sources, reason, LOCKS)  # from here on nobody publishes it
        withdraw(place, plan.published, (), reason, LOCKS)
        refresh_catalogue(place.store)
    raw = Store(storage.raw, storage_connection(storage))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    for name in plan.raw_names:
        before = read_stone(raw, name) or {}
        removed = now if REINSTATED in before else before.get("removed", now)
        put_stone(raw, name, {"source": name, "removed": removed, "reason": reason})
    for path in plan.files:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for name in plan.raw_names:
        for vintage in plan.raw.get(name, ()):
            remove_vintage(raw, name, vintage, reason, names_kept=False)


def _listed(plan: Takedown, done: bool) -> Iterator[str]:
    """Say what goes, or went."""
    storage, would = plan.config.storage, "" if done else "would be "
    for name in plan.published:
        yield f"{would}withdrawn: {storage.url}/{name}, {plan.count(name):,} object(s)"
    for name, vintages in plan.raw.items():
        sizes = [size for objects in vintages.values() for size in objects.values()]
        count = f"{len(sizes):,} object(s) of {len(vintages):,} vintage(s), {sum(sizes):,} bytes"
        yield f"{would}removed: {storage.raw}/{name}, {count}"
    for path in plan.files:
        yield f"{would}removed: {path}"
    for name in plan.raw_names:
        yield f"{would}left as a tombstone: {storage.raw}/{name}/{STONE}"


def _beyond(plan: Takedown, done: bool) -> Iterator[str]:
    """Say what this cannot remove."""
    lock = read_lock()
    for name in plan.raw_names:
        if name in lock:
            yield (
                f"not removed: the hashes of {name} in {LOCK} and in the history of Git; once the "
                "configuration is without it, `diffusion lock` takes them out of the file"
            )
    for place, prefix in _places(plan) if done else ():
        if count := count_versions(place, storage_connection(plan.config.storage), prefix, STONE):
            yield (
                f"not removed: {count:,} earlier version(s) that the bucket keeps of "
                f"{place}/{prefix}…; whoever may delete versions in it has to"
            )
    yield f"not known here: {ELSEWHERE}"


def _places(plan: Takedown) -> Iterator[tuple[str, str]]:
    """Yield the places on S3 where versions of what was removed may be, and their prefixes."""
    storage = plan.config.storage
    if storage.raw.startswith("s3://"):
        yield from ((storage.raw, f"{name}/") for name in plan.raw_names)
    if storage.url.startswith("s3://"):
        yield from ((storage.url, f"{name}{sign}") for name in plan.names for sign in "/.")

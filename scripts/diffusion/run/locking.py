"""The lock from the raw copies themselves, for `diffusion lock`: no result of a run is needed."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from diffusion.base.progress import Progress
from diffusion.config.model import Config
from diffusion.config.partitions import partitions_of
from diffusion.errors import DiffusionError, LockError
from diffusion.fetch.batch import frozen_at
from diffusion.fetch.verify import verify_frozen
from diffusion.raw.claims import Claim
from diffusion.raw.lock import LOCK, lock_entries, read_lock, verify_lock, write_lock
from diffusion.storage.connection import storage_connection
from diffusion.storage.store import Store

AT_A_TIME = 32  # questions to the storage; each takes some milliseconds of waiting


def lock_raw_copies(config: Config, accepted: Collection[str] = (), path: Path = LOCK) -> str:
    """Write the hashes of all raw copies of the current vintages; return what was done, in words.

    Args:
        config: the resolved configuration.
        accepted: sources whose raw copies may differ from the lock that is there.
        path: the lock.

    Raises:
        DiffusionError: a raw copy is missing, was asked differently, or is not what the lock says;
            nothing is written then.
    """
    receipts = _receipts(config, accepted)
    old = read_lock(path)
    differing = _differences(receipts, old)
    for name, (first, count) in differing.items():
        if name not in accepted:
            more = f"\n  and {_counted(count - 1, 'more partition')} of {name}" if count > 1 else ""
            raise first.restated(found=first.found + more)
    write_lock(lock_entries(receipts), path)
    told = [
        f"accepted: {name}, {_copies(count)} differ from the old lock"
        for name, (_, count) in differing.items()
    ]
    copies = _copies(sum(len(receipt["partitions"]) for receipt in receipts))
    return "\n".join([*told, f"{path}: {copies} of {_counted(len(receipts), 'source')}; commit it"])


def _receipts(config: Config, accepted: Collection[str]) -> list[dict]:
    """Return what a fetch would, and refuse what it would but for the lock."""
    wanted = [
        (name, partition)
        for name, source in config.sources.items()
        for partition in partitions_of(source.partitions)
    ]
    sources = config.sources
    store = Store(config.storage.raw, storage_connection(config.storage))
    claim = Claim(config.project.name)

    def find(place: tuple[str, str]) -> dict | None:
        name, partition = place
        folder, frozen = frozen_at(store, name, sources[name].fetching, partition)
        return claim.refuse_foreign(store, name, folder, frozen) if frozen else None

    found = dict(zip(wanted, _find(find, wanted), strict=True))
    _refuse_missing(found, accepted)
    partitions: dict[str, dict] = {name: {} for name in sources}
    for (name, partition), provenance in found.items():
        verify_frozen(name, sources[name].fetching, partition, provenance or {}, lock={})
        partitions[name][partition] = provenance
    return [
        {"source": name, "vintage": sources[name].vintage, "partitions": partitions[name]}
        for name in sources
    ]


def _find(
    find: Callable[[tuple[str, str]], dict | None], places: Sequence[tuple[str, str]]
) -> Iterable[dict | None]:
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        with Progress("raw copies", "copies", len(places)) as progress:
            for provenance in pool.map(find, places):
                progress.add(1)
                yield provenance
    finally:
        pool.shutdown(cancel_futures=True)


def _refuse_missing(found: Mapping, accepted: Collection[str]) -> None:
    missing: dict[str, int] = {}
    for (name, _), provenance in found.items():
        missing[name] = missing.get(name, 0) + (provenance is None)
    totals = {
        name: sum(other == name for other, _ in found) for name, count in missing.items() if count
    }
    if not totals:
        return
    told = [
        f"{name} ({missing[name]:,} of {_counted(total, 'partition')})"
        for name, total in totals.items()
    ]
    fix = "run `snakemake` first: it fetches what is missing; nothing was written"
    if accepted:  # the run would be stopped by the lock that is there
        fix = "fetch them and accept their bytes in one run; nothing was written:\n"
        consents = json.dumps([f"{name}:raw" for name in sorted(accepted)])
        fix += f"snakemake write_lock --config 'accept={consents}'"
    raise LockError("raw copies", "not fetched yet: " + ", ".join(told), fix)


def _differences(receipts: Iterable[Mapping], lock: Mapping) -> dict[str, tuple]:
    """Return, by source, the first difference from the lock and how many partitions differ."""
    found: dict[str, tuple] = {}
    for receipt in receipts:
        name, vintage = receipt["source"], receipt["vintage"]
        for partition, provenance in receipt["partitions"].items():
            try:
                verify_lock(lock, name, vintage, partition, provenance, frozen=True)
            except DiffusionError as error:
                first, count = found.get(name, (error, 0))
                found[name] = (first, count + 1)
    return found


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _copies(count: int) -> str:
    return f"{count:,} raw cop" + ("y" if count == 1 else "ies")

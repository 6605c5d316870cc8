"""Fetch the partitions of one batch: from the raw copies if they exist, from the network if not."""

import datetime
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from diffusion import VERSION
from diffusion.base.private import private_folder
from diffusion.config.fetching import AnyFetch
from diffusion.config.model import Fetching
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import request_of
from diffusion.fetch.receive import receive
from diffusion.fetch.secret import secret_hidden
from diffusion.fetch.verify import verify_frozen, verify_received
from diffusion.raw.copies import Received, find_raw, freeze, keep_cached, raw_folder
from diffusion.raw.removal import refuse_removed
from diffusion.storage.store import Store


def fetch_batch(
    name: str,
    source: Fetching,
    batch: Sequence[str],
    store: Store,
    scratch: Path,
    *,
    lock: Mapping,
    offline: bool = False,
    cache: Path | None = None,
) -> dict:
    """Freeze, or find frozen, every partition of a batch.

    Args:
        source: what determines the raw copies of the source ``name``.
        batch: names of the partitions.
        store, scratch: for raw copies, and for unfinished downloads, which a later run resumes.
        lock: the lock to verify against; empty to accept anything.
        offline: never use the network.
        cache: where conversions look for the bytes of raw copies on S3, if they run here.

    Returns:
        the receipt: source, vintage, and the provenance of each partition.

    Raises:
        DiffusionError: nothing to freeze, refused, removed on request, or not what the lock states.
    """
    for known in (name, source.fetch.was):
        if known:
            refuse_removed(store, known, source.vintage)
    private_folder(scratch)
    frozen: dict[str, dict] = {}
    for partition in batch:
        folder = raw_folder(name, source.vintage, partition)
        if provenance := find_frozen(store, name, source, partition):
            verify_frozen(name, source, partition, provenance, lock)
        else:
            _refuse_offline(offline, name, partition, store.address(folder))
            files, facts = _fetch(name, source, partition, scratch / folder, lock)
            provenance = freeze(store, folder, files, facts)
            if cache and store.is_s3:
                keep_cached(files, cache)
            shutil.rmtree(scratch / folder, ignore_errors=True)
        frozen[partition] = provenance
    return {"source": name, "vintage": source.vintage, "partitions": frozen}


def find_frozen(store: Store, name: str, source: Fetching, partition: str) -> dict | None:
    """Return the provenance of a raw copy: of this source, or of the name that it had before."""
    found = find_raw(store, raw_folder(name, source.vintage, partition))
    if found or not source.fetch.was:
        return found
    return find_raw(store, raw_folder(source.fetch.was, source.vintage, partition))


def _fetch(
    name: str,
    source: Fetching,
    partition: str,
    scratch: Path,
    lock: Mapping,
) -> tuple[list[Received], dict]:
    """Return the verified files of one partition, and the facts for their provenance."""
    with secret_hidden(source.fetch):
        files, facts = receive(name, source.fetch, partition, scratch)
        facts = _described(facts, source.fetch)
        verify_received(name, source, partition, files, facts, lock)
    return files, facts


def _described(facts: dict, fetch: AnyFetch) -> dict:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    facts = dict(facts)
    drivers = facts.pop("drivers", None)  # of a database
    versions = {"diffusion": VERSION, **(drivers or {"requests": version("requests")})}
    return {"retrieved": now, **facts, "versions": versions, "request": request_of(fetch)}


def _refuse_offline(offline: bool, name: str, partition: str, address: str) -> None:
    if offline:
        fix = "run once without `offline`, or copy the raw copies to that place"
        found = f"offline, and there is no raw copy at {address}"
        raise DiffusionError(f"sources.{name} {partition}", found, fix)

"""Fetch the partitions of one batch: from the raw copies if they exist, from the network if not."""

import datetime
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from diffusion import VERSION
from diffusion.base.private import private_folder
from diffusion.base.progress import Progress
from diffusion.config.fetching import AnyFetch
from diffusion.config.model import Fetching
from diffusion.config.partitions import place_of_partition
from diffusion.errors import OfflineError
from diffusion.fetch.asked import noted_request, request_text
from diffusion.fetch.earlier import Earlier, OtherCopies, is_of_all, same_files, share_earlier
from diffusion.fetch.portal import Portal
from diffusion.fetch.receive import asks_for_changes, receive
from diffusion.fetch.secret import secret_hidden, without_secret_of
from diffusion.fetch.verify import verify_frozen, verify_received
from diffusion.raw.cache import keep_cached
from diffusion.raw.claims import NOBODY, Claim
from diffusion.raw.copies import Received, find_raw, freeze, raw_folder, share
from diffusion.raw.tombstones import refuse_removed
from diffusion.storage.store import Store

logger = logging.getLogger(__name__)
# of provenance: addresses, and what a server may put anything into
ADDRESSES = ("url", "asked", "redirects", "endpoint", "objects", "empty")
SAID = (*ADDRESSES, "etag", "last_modified", "content_type", "announced", "marker", "stated")


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
    siblings: Sequence[str] = (),
    claim: Claim = NOBODY,
    since: Callable[[], datetime.datetime | None] = lambda: None,
) -> dict:
    """Freeze, or find frozen, every partition of a batch.

    Args:
        source: what determines the raw copies of the source ``name``.
        batch: names of the partitions.
        store, scratch: for raw copies, and for unfinished downloads, which a later run resumes.
        lock: the lock to verify against; empty to accept anything.
        offline: never use the network.
        cache: where conversions look for the bytes of raw copies on S3, if they run here.
        siblings, claim, since: see ``OtherCopies``.

    Returns:
        the receipt: source, vintage, and the provenance of each partition.

    Raises:
        DiffusionError: nothing to freeze, refused, removed on request, or not what the lock states.
    """
    for known in filter(None, (name, source.fetch.was)):
        refuse_removed(store, known, source.vintage)
    private_folder(scratch)
    others = OtherCopies(store, name, source, siblings, claim, since)
    one = _Batch(others, Portal(source.fetch, f"sources.{name}"), scratch, lock, offline, cache)
    counted = Progress(name, "partitions", len(batch))
    with _one_at_a_time(scratch, source, bool(siblings) or is_of_all(source.fetch, batch[0])):
        frozen = {partition: one.frozen(partition) for partition in counted.passed(batch)}
    return {"source": name, "vintage": source.vintage, "partitions": frozen}


@contextmanager
def _one_at_a_time(scratch: Path, source: Fetching, is_shared: bool) -> Iterator[None]:
    """Let those that make one request ask one after the other: the first asks for all.

    These are several sources, or the jobs of one whose partitions are of one archive.
    """
    if not is_shared:
        yield
        return
    path = scratch / f"{hashlib.sha256(request_text(source).encode()).hexdigest()[:16]}.lock"
    with FileLock(path):
        yield


@dataclass(frozen=True)
class _Batch:
    """What fetching one partition after the other needs; see ``fetch_batch``."""

    others: OtherCopies
    portal: Portal
    scratch: Path
    lock: Mapping
    offline: bool
    cache: Path | None

    def frozen(self, partition: str) -> dict:
        """Return the provenance of a partition's raw copy, made if it is missing."""
        name, source, store = self.others.name, self.others.source, self.others.store
        folder, claim = raw_folder(name, source.vintage, partition), self.others.claim
        place, found = frozen_at(store, name, source, partition)
        if found:
            claim.refuse_foreign(store, name, place, found)
        if found := found or self._shared(partition):
            verify_frozen(name, source, partition, found, self.lock)
            return claim.taken_over(store, place, found)
        _refuse_offline(self.offline, name, partition, store.address(folder))
        earlier = self.others.newest(partition) if asks_for_changes(source.fetch) else None
        files, facts = self._fetched(partition, earlier)
        if earlier and (facts.get("unchanged") or same_files(earlier.provenance, files)):
            provenance = share_earlier(store, folder, earlier, claim, unchanged=_now())
            verify_frozen(name, source, partition, provenance, self.lock)
        else:
            provenance = freeze(store, folder, files, facts | claim.noted)
            claim.refuse_foreign(store, name, folder, provenance)  # it may have been faster
            if self.cache and store.is_s3:
                keep_cached(files, self.cache)
        shutil.rmtree(self.scratch / folder, ignore_errors=True)
        return provenance

    def _shared(self, partition: str) -> dict | None:
        """Return the provenance of a raw copy whose bytes are another one's; None if there is none.

        It is noted under the source's own name, so that it does not depend on the other one's.
        """
        store, source = self.others.store, self.others.source
        folder = raw_folder(self.others.name, source.vintage, partition)
        if sibling := self.others.of_sibling(partition):
            facts = {key: value for key, value in sibling.items() if key != "files"}
            return share(store, folder, sibling["files"], facts | self.others.claim.noted)
        if earlier := self.others.over(partition):
            logger.info("%s: its window was over at vintage %s", partition, earlier.vintage)
            return share_earlier(store, folder, earlier, self.others.claim)
        return None

    def _fetched(self, partition: str, earlier: Earlier | None) -> tuple[list[Received], dict]:
        """Return the verified files of one partition, and the facts for their provenance."""
        name, source = self.others.name, self.others.source
        place = self.scratch / raw_folder(name, source.vintage, partition)
        known = earlier.provenance if earlier else None
        with secret_hidden(source.fetch):
            files, facts = receive(name, source.fetch, partition, place, known)
            if not facts.get("unchanged"):
                files = [_named(file, source.fetch) for file in files]
                stated = {"stated": self.portal.stated} if self.portal.stated else {}
                facts = _described(facts | stated, source.fetch)
                verify_received(name, source, partition, files, facts, self.lock)
        return files, facts


def find_frozen(store: Store, name: str, source: Fetching, partition: str) -> dict | None:
    """Return the provenance of a raw copy: of this source, or of the name that it had before."""
    return frozen_at(store, name, source, partition)[1]


def frozen_at(store: Store, name: str, source: Fetching, partition: str) -> tuple[str, dict | None]:
    """Return where a raw copy is, and its provenance: see ``find_frozen``."""
    folder = raw_folder(name, source.vintage, partition)
    found = find_raw(store, folder)
    if found or not source.fetch.was:
        return folder, found
    folder = raw_folder(source.fetch.was, source.vintage, partition)
    return folder, find_raw(store, folder)


def _described(facts: dict, fetch: AnyFetch) -> dict:
    facts = dict(facts)
    drivers = facts.pop("drivers", None)  # of a database
    versions = {"diffusion": VERSION, **(drivers or {"requests": _version("requests")})}
    facts = {key: _shown(value, fetch) if key in SAID else value for key, value in facts.items()}
    return {"retrieved": _now(), **facts, "versions": versions, "request": noted_request(fetch)}


def _named(file: Received, fetch: AnyFetch) -> Received:
    """Return a file whose name holds no secret: it becomes a key, and stands in the lock."""
    return replace(file, name=without_secret_of(fetch, file.name))


def _shown(value: Any, fetch: AnyFetch) -> Any:
    """Return what a server said, without secrets, variables as they are written."""
    if isinstance(value, str):
        return without_secret_of(fetch, value)
    if isinstance(value, dict):
        return {key: _shown(item, fetch) for key, item in value.items()}
    return [_shown(item, fetch) for item in value] if isinstance(value, list) else value


def _refuse_offline(offline: bool, name: str, partition: str, address: str) -> None:
    if offline:
        fix = "run once without `offline`, or copy the raw copies to that place"
        found = f"offline, and there is no raw copy at {address}"
        raise OfflineError(place_of_partition(name, partition), found, fix)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@cache  # each partition notes it
def _version(package: str) -> str:
    return version(package)

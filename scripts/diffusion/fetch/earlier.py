"""Raw copies that may stand for one that is missing: those of the same request.

Of another source under the same vintage, so that what two sources read is asked for once; and of an
earlier vintage, where its window of time was over (``reuse:``), or where the server says that
nothing changed (``if_changed:``). Their bytes are shared, not copied: the provenance of the new raw
copy names the files of the other one.
"""

import datetime
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diffusion.config.fetching import AnyFetch, DownloadFetch, S3Fetch
from diffusion.config.model import Fetching
from diffusion.config.partitions import axes_of, parse_partition
from diffusion.config.periods import parse_period, period_of_vintage
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import is_same_request
from diffusion.raw.claims import NOBODY, Claim
from diffusion.raw.copies import PROVENANCE, Received, find_raw, raw_folder, share
from diffusion.raw.removal import came_on
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Earlier:
    """A raw copy of an earlier vintage: the vintage, the day on which it was made, what it has."""

    vintage: str
    day: datetime.date
    provenance: dict


@dataclass
class OtherCopies:
    """The raw copies beside those that a source has under its name and vintage.

    Attributes:
        name, source: whose raw copy is missing.
        siblings: the sources of this configuration that make the same request.
        claim: what is of another project counts as not there.
        since: when the source was reinstated, if it was taken down: what came before, as another
            machine may still have it, counts as not there.
    """

    store: Store
    name: str
    source: Fetching
    siblings: Sequence[str] = ()
    claim: Claim = NOBODY
    since: Callable[[], datetime.datetime | None] = lambda: None

    def of_sibling(self, partition: str) -> dict | None:
        """Return the provenance of the same request's raw copy; None if there is none.

        It is another source's, or that of another partition, where one archive has them all.
        """
        vintage = self.source.vintage
        folders = [raw_folder(name, vintage, partition) for name in self.siblings]
        if is_of_all(self.source.fetch, partition):
            known = (key.split("/") for key, _ in self.store.list(f"{self.name}/{vintage}/"))
            folders += [f"{self.name}/{vintage}/{k[2]}" for k in known if k[3:] == [PROVENANCE]]
        for folder in folders:
            found = find_raw(self.store, folder)
            if found and self._is_as_good(found):
                return found
        return None

    def over(self, partition: str) -> Earlier | None:
        """Return the newest earlier raw copy that was made once the window was over."""
        reuse = self.source.fetch.reuse
        if not reuse.axis:
            return None
        settled = parse_period(parse_partition(partition)[reuse.axis]).last
        settled += datetime.timedelta(days=reuse.after)
        return next((e for e in self._earlier(partition) if e.day > settled), None)

    def newest(self, partition: str) -> Earlier | None:
        """Return the newest earlier raw copy, to be asked about; None if there is none."""
        return next(self._earlier(partition), None)

    def _earlier(self, partition: str) -> Iterator[Earlier]:
        for day, vintage, name in self._vintages.get(partition, ()):
            try:
                found = find_raw(self.store, raw_folder(name, vintage, partition))
            except DiffusionError as error:  # it is not whole, and so is none
                logger.warning("%s: not taken from vintage %s: %s", partition, vintage, error.found)
                continue
            if found and self._is_as_good(found) and _is_whole(self.store, found):
                yield Earlier(vintage, min(day, _retrieved(found)), found)

    def _is_as_good(self, found: Mapping) -> bool:
        same = is_same_request(self.source.fetch, found.get("request"))
        if not same or not self.claim.is_ours(self.store, found):
            return False
        return self._reinstated is None or came_on(found) >= self._reinstated

    @cached_property
    def _reinstated(self) -> datetime.datetime | None:
        return self.since()

    @cached_property
    def _vintages(self) -> dict[str, list[tuple[datetime.date, str, str]]]:
        """The earlier vintages of each partition, newest first: last day, vintage, source's name.

        Of a month and a day in it, neither is earlier. By one listing of all, since a batch may
        have thousands of partitions.
        """
        own = period_of_vintage(self.source.vintage)
        found: dict[str, list[tuple[datetime.date, str, str]]] = {}
        names = [self.name, *([self.source.fetch.was] if self.source.fetch.was else [])]
        for name in names if own else ():
            for key, _ in self.store.list(f"{name}/"):
                _, vintage, *rest = key.split("/")
                past = period_of_vintage(vintage)
                if (
                    len(rest) == 2
                    and rest[1] == PROVENANCE
                    and past
                    and own
                    and past.next <= own.first
                ):
                    found.setdefault(rest[0], []).append((past.last, vintage, name))
        return {partition: sorted(days, reverse=True) for partition, days in found.items()}


def is_of_all(fetch: AnyFetch, partition: str) -> bool:
    """Return whether all partitions are asked for alike: their axes choose of what comes."""
    if not parse_partition(partition):
        return False  # it is the only one
    if isinstance(fetch, DownloadFetch):
        export = fetch.export
        sent = [fetch.params, fetch.body, fetch.form, export.body, export.form]
        return not axes_of([fetch.url, *sent])
    return isinstance(fetch, S3Fetch) and not axes_of(fetch.url)


def _is_whole(store: Store, provenance: Mapping) -> bool:
    """Return whether the bytes are those that were frozen, as far as they are on this machine."""
    for file in provenance["files"]:
        path = store.local_path(file["key"])
        if path and sha256_of(path) != file["sha256"]:
            logger.warning("%s is damaged: it is not shared", store.address(file["key"]))
            return False
    return True


def _retrieved(provenance: Mapping) -> datetime.date:
    """Return the day on which the bytes came: a vintage may be named after a later one."""
    return datetime.date.fromisoformat(provenance["retrieved"][:10])


def share_earlier(
    store: Store, folder: str, earlier: Earlier, claim: Claim = NOBODY, **facts: str
) -> dict:
    """Put the provenance of a raw copy whose bytes are an earlier vintage's; return it.

    Args:
        facts: what is noted beside its origin.
    """
    known = {key: value for key, value in earlier.provenance.items() if key != "files"}
    noted = {**known, "shared_with": earlier.vintage, **claim.noted, **facts}
    return share(store, folder, earlier.provenance["files"], noted)


def same_files(provenance: Mapping, files: Sequence[Received]) -> bool:
    """Return whether what came has the names and hashes of an earlier raw copy."""
    before = [(file["name"], file["sha256"]) for file in provenance["files"]]
    return before == [(file.name, file.sha256) for file in files]

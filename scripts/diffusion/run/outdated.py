"""What is newer than the raw copies of the current vintages, for `diffusion outdated`.

Each source is asked by one cheap request, in its own manner: headers, secrets, pace, one at a time
a host. Hosts are asked side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import msgspec

from diffusion.base.variables import told
from diffusion.config.fetching import AnyFetch, expanded
from diffusion.config.model import Config, Source
from diffusion.config.partitions import parse_partition, partitions_of
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import refuse_other_request
from diffusion.fetch.batch import find_frozen
from diffusion.fetch.local_paths import is_there, local_path
from diffusion.fetch.newer import is_newer
from diffusion.fetch.newer_http import Newer, State
from diffusion.run.preview import aligned
from diffusion.storage.places import open_place
from diffusion.storage.store import Store

HOSTS = 8  # that are asked side by side
SIGNS = {"unchanged": "✓", "changed": "↑", "vanished": "✗", "unreachable": "✗"}
WORST: tuple[State, ...] = ("vanished", "unreachable", "changed", "unchanged", "unknowable")


class Age(msgspec.Struct, frozen=True):
    """How old the raw copy of a source is.

    Attributes:
        vintage: that is frozen.
        retrieved: when its raw copy came; empty if there is none.
        since: when what is there now was last modified, as its server says it.
        found: in words, how it differs, or why that cannot be known.
        asked: how many of its partitions were asked for; ``of`` how many there are.
    """

    source: str
    vintage: str
    state: State
    retrieved: str = ""
    since: str = ""
    found: str = ""
    asked: int = 0
    of: int = 1


def ages(config: Config, names: Sequence[str], whole: bool) -> list[Age]:
    """Return how old the raw copies of sources are; nothing is received or kept.

    Args:
        names: of the sources.
        whole: ask for each partition, and not for the last one alone.

    Raises:
        DiffusionError: the raw copies cannot be read.
    """
    store = open_place(config.storage, "raw")
    hosts: dict[str, list[str]] = {}
    for name in names:
        hosts.setdefault(_host(expanded(config.sources[name].fetch)) or name, []).append(name)

    def of_host(sources: Sequence[str]) -> list[Age]:
        return [_age(store, name, config.sources[name], whole) for name in sources]

    with ThreadPoolExecutor(HOSTS) as pool:
        found = {age.source: age for some in pool.map(of_host, hosts.values()) for age in some}
    return [found[name] for name in names]


def table_of(found: Sequence[Age]) -> str:
    """Return what was found as a table for the terminal."""
    lines = [["", "source", "vintage", "state", "modified", "found"]]
    for age in found:
        of = f" (1 of {age.of:,} partitions asked)" if age.asked == 1 < age.of else ""
        since = age.since.partition("T")[0]
        words = " ".join(f"{age.found}{of}".split())
        lines.append([SIGNS.get(age.state, "·"), age.source, age.vintage, age.state, since, words])
    changed = [age.source for age in found if age.state == "changed"]
    tail = [f"to see what would change: diffusion update {name}" for name in changed[:3]]
    return "\n".join([*aligned(lines), *tail])


def _host(fetch: AnyFetch) -> str:
    return urlsplit(fetch.url).netloc if fetch.is_http else ""


def _age(store: Store | None, name: str, source: Source, whole: bool) -> Age:
    """Return the age of one source: of what is worst among the partitions that are asked for."""
    every = list(partitions_of(source.partitions))
    found: list[tuple[Newer, Mapping[str, Any]]] = []
    for partition in every if whole else every[-1:]:
        found.append(_one(store, name, source, partition))
    order = [*WORST, "not fetched yet"]
    newer, known = min(found, key=lambda one: order.index(one[0].state))
    state, since, words = newer.state, newer.since, told(newer.found)
    retrieved = known.get("retrieved", "")
    counts = len(found), len(every)
    if whole and (count := sum(one.state == state for one, _ in found)) and len(every) > 1:
        words = f"{count:,} of {len(every):,} partitions; {words}" if words else words
    return Age(name, source.vintage, state, retrieved, since, words, *counts)


def _one(
    store: Store | None, name: str, source: Source, partition: str
) -> tuple[Newer, Mapping[str, Any]]:
    fetching = source.fetching
    try:
        known = find_frozen(store, name, fetching, partition) if store else None
    except DiffusionError as error:
        return Newer("unknowable", f"its raw copy: {error.found}"), {}
    if known is None:
        return Newer("not fetched yet"), {}
    if "request" in known and (other := _other_request(name, source, partition, known)):
        return other, known
    return is_newer(name, fetching.fetch, partition, known), known


def _other_request(
    name: str, source: Source, partition: str, known: Mapping[str, Any]
) -> Newer | None:
    """Return what is known where the raw copy is of another request: no version is compared.

    A path where nothing is was mistyped, it may be.
    """
    fetch = source.fetching.fetch
    try:
        refuse_other_request(name, fetch, partition, known["request"], source.vintage)
    except DiffusionError as error:
        path = local_path(fetch, parse_partition(partition))
        is_gone = path is not None and not is_there(path)
        return Newer("vanished" if is_gone else "unknowable", error.found.partition("\n")[0])
    return None


def states_of(found: Iterable[Age]) -> set[State]:
    """Return the states that there are."""
    return {age.state for age in found}

"""Is there something newer than a raw copy? One cheap request; nothing is received or kept.

Compared is what the raw copy's provenance noted of its version: ETag, Last-Modified and size of a
file, total and marker of an API, the objects of a bucket. What names no version cannot be known
without fetching it, and is told so.
"""

import datetime
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import msgspec

from diffusion.config.fetching import (
    AnyFetch,
    ApiFetch,
    DatabaseFetch,
    DownloadFetch,
    HttpFetch,
    S3Fetch,
)
from diffusion.config.partitions import Partition, fill, parse_partition
from diffusion.errors import DiffusionError
from diffusion.fetch.hosts import only_one_asks
from diffusion.fetch.newer_http import Newer, newer_file, newer_records, shown
from diffusion.fetch.objects import find_objects, origin_of
from diffusion.fetch.over_http import open_client
from diffusion.fetch.portal import Portal
from diffusion.fetch.receive import local_file
from diffusion.fetch.secret import secret_hidden
from diffusion.storage.hashing import sha256_of

WAIT = 1.0  # minutes that a server may make this wait
SLOW = 30.0  # seconds without an answer


def is_newer(name: str, fetch: AnyFetch, partition: str, known: Mapping[str, Any]) -> Newer:
    """Ask whether the source has another version than a raw copy.

    Where its server cannot say, the portal that describes it is asked, if one is named.

    Args:
        name: of the source.
        fetch: what it requests, variables replaced.
        partition: name of the partition.
        known: the raw copy's provenance.
    """
    axes, where = parse_partition(partition), f"sources.{name}"
    asked = only_one_asks(fill(fetch.url, axes, in_url=True)) if fetch.is_http else nullcontext()
    try:
        with secret_hidden(fetch):
            with asked:
                found = _asked(where, fetch, axes, known)
            if found.state == "unknowable" and fetch.portal:
                return _stated(Portal(fetch, where).stated, known) or found
            return found
    except DiffusionError as error:
        return Newer("unreachable", error.found)


def _stated(stated: Mapping[str, str], known: Mapping[str, Any]) -> Newer | None:
    """Return what a portal states beside what it stated when the raw copy came, both as days.

    None where it states no day, or one that may be before the raw copy or after it.
    """
    now, before = stated.get("modified", ""), known.get("stated", {}).get("modified", "")
    came = known["retrieved"][:10]
    if not now or (not before and now == came):
        return None
    later = now != before if before else now > came
    return Newer("changed" if later else "unchanged", "its portal says so", now)


def _asked(where: str, fetch: AnyFetch, axes: Partition, known: Mapping[str, Any]) -> Newer:
    if isinstance(fetch, DatabaseFetch):
        return Newer("unknowable", "a database names no version of its rows")
    if isinstance(fetch, S3Fetch):
        return _objects(where, fetch, axes, known)
    if not fetch.is_http:
        return _local(where, fetch, axes, known)
    if isinstance(fetch, DownloadFetch) and fetch.export.is_stated:
        return Newer("unknowable", "the server makes the file anew each time (`export:`)")
    brief = {"retries": 1, "wait_minutes": WAIT, "timeout": min(fetch.timeout, SLOW)}
    fetch = msgspec.structs.replace(fetch, **brief)
    client = open_client(fetch, fill(fetch.url, axes, in_url=True), where)
    if isinstance(fetch, ApiFetch):
        return newer_records(client, fetch, axes, known)
    if fetch.method == "POST":
        return Newer("unknowable", "the answer to a POST is made anew each time")
    return newer_file(client, fetch, axes, known)


def _objects(where: str, fetch: S3Fetch, axes: Partition, known: Mapping[str, Any]) -> Newer:
    url = fill(fetch.url, axes)
    try:
        found = find_objects(url, fetch.server, f"{where}.url", fetch.version)
    except DiffusionError as error:
        gone = error.found.startswith(("there is no ", "no object matches"))
        return Newer("vanished" if gone else "unreachable", error.found)
    now = origin_of(url, fetch.server, found)["objects"]
    since = shown(
        datetime.datetime.fromtimestamp(max(i.modified for i in found.items), datetime.UTC)
    )
    if now == known.get("objects"):
        return Newer("unchanged", "the same ETags", since)
    return Newer("changed", _between(known.get("objects") or [], now), since)


def _between(before: Sequence[Mapping], now: Sequence[Mapping]) -> str:
    """Say how objects differ: new, gone, other ones, and bytes in all."""
    old, new = ({item["key"]: item for item in items} for items in (before, now))
    counts = {"new": len(new.keys() - old), "gone": len(old.keys() - new)}
    counts["other"] = sum(new[key] != old[key] for key in old.keys() & new)
    told = [f"{count:,} {what}" for what, count in counts.items() if count]
    sizes = [sum(item["size"] for item in items) for items in (before, now)]
    bytes_ = "{:,} → {:,} bytes".format(*sizes) if sizes[0] != sizes[1] else ""
    of = f" of {len(now):,} objects" if len(now) > 1 or len(before) > 1 else ""
    words = ", ".join(told) + of if of else "another version"
    return "; ".join(filter(None, (words, bytes_)))


def _local(where: str, fetch: HttpFetch, axes: Partition, known: Mapping[str, Any]) -> Newer:
    try:
        path = local_file(fetch, axes, f"{where}.url")
    except DiffusionError as error:
        return Newer("vanished", error.found)
    stat, (file, *_) = path.stat(), known["files"]
    since = shown(datetime.datetime.fromtimestamp(stat.st_mtime, datetime.UTC))
    if stat.st_size != file["size"]:
        return Newer("changed", f"{file['size']:,} → {stat.st_size:,} bytes", since)
    if sha256_of(path) != file["sha256"]:
        return Newer("changed", "other bytes, of the same size", since)
    return Newer("unchanged", "the same bytes", since)

"""Objects of a bucket: found by key or glob, downloaded side by side, hashed as they come."""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.base.globs import WILDCARDS, is_glob, matches
from diffusion.base.progress import Progress
from diffusion.config.parts import Server
from diffusion.errors import MovedError, StorageError
from diffusion.raw.copies import Received
from diffusion.storage.connection import connection, split_url
from diffusion.storage.copying import Origin
from diffusion.storage.hashing import sha256_of
from diffusion.storage.items import Item, difference
from diffusion.storage.patience import BRIEF
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store


@dataclass(frozen=True)
class Found:
    """Objects of one bucket.

    Attributes:
        prefix: the folder of all of them, with its slash.
        empty: keys of those without a byte, which are left out.
        version: of the one object, where the source names one.
    """

    store: Store
    prefix: str
    items: Sequence[Item]
    empty: Sequence[str] = ()
    version: str = ""


def find_objects(url: str, server: Server, where: str, version: str = "") -> Found:
    """Return the object of an ``s3://`` URL, or those that a glob matches, in the order of keys.

    ``*`` does not cross a slash, ``**`` does. A plain key needs no right to list the bucket.

    Args:
        url: axes filled in.
        server: the source's own, if it names one.
        where: how errors name it, e.g. ``sources.dpe.url``.
        version: of the object, in a bucket that keeps versions; empty for the current one.

    Raises:
        DiffusionError: there is none, or the server cannot be reached (known within seconds).
    """
    bucket, pattern = split_url(url)
    link = connection(server)
    asking = Store(f"s3://{bucket}", link, patience=BRIEF)
    # brackets stand in keys, too: `report[1].csv` is that object where there is one
    item = asking.look(pattern, version) if not set("*?") & set(pattern) else None
    if version and not item:
        fix = "check bucket, key and `version`, and the right to read versions"
        raise StorageError(where, f"there is no version {version} of {url}", fix)
    matching = _matching(asking, pattern) if not item and is_glob(pattern) else []
    items = [item] if item else [i for i in matching if i.size]
    empty = [i.key for i in matching if not i.size]  # consoles draw a folder by one
    if not items and is_glob(pattern):
        raise StorageError(where, f"no object matches {url}", "check the glob")
    if not items:
        raise StorageError(where, f"there is no object {url}", "check bucket and key")
    return Found(Store(f"s3://{bucket}", link), _folder(pattern), items, empty, version)


def download_objects(found: Found, place: Path, progress: Progress) -> list[Received]:
    """Return the objects as files in a folder; those of an earlier try are not asked for again.

    Raises:
        DiffusionError: refused, or an object changed since it was found.
    """
    progress.expect(sum(item.size for item in found.items))

    def one(item: Item) -> Received:
        path = place / hashlib.sha256(repr(item).encode()).hexdigest()[:32]
        if path.exists():
            digest = sha256_of(path)
            progress.add(item.size)
        else:
            digest = found.store.download(item.key, path, item, progress.add, found.version)
        name, origin = item.key.removeprefix(found.prefix), _origin_of(found, item)
        return Received(name, path, item.size, digest, origin=origin)

    received = side_by_side(one, found.items, lambda item: item.size)
    _refuse_changed(found)
    return received


def _origin_of(found: Found, item: Item) -> Origin | None:
    """Return the object as its server may copy it; None where nothing tells its version."""
    store = found.store
    bucket, _ = split_url(store.url)
    if not store.link or not item.etag:
        return None
    return Origin(store.link, bucket, item.key, item.size, item.etag, found.version)


def _refuse_changed(found: Found) -> None:
    """Refuse objects that a server without ETags may have replaced while it sent them.

    One listing tells of all; a plain key is looked at, as that needs no right to list.
    """
    unmarked = [] if found.version else [item for item in found.items if not item.etag]
    if not unmarked:
        return
    store, several = found.store, len(found.items) > 1
    seen = store.items(found.prefix.rstrip("/")) if several else [store.look(unmarked[0].key)]
    now = {item.key: item for item in seen if item}
    for item in unmarked:
        if why := difference(item, item.size, now.get(item.key)):
            raise store.changed(item.key, why)


def origin_of(url: str, server: Server, found: Found) -> dict:
    """Return what is known of where objects came from: server, and each one's version."""
    objects = [
        {
            "key": item.key,
            "size": item.size,
            "etag": item.etag or None,
            "modified": datetime.datetime.fromtimestamp(item.modified, datetime.UTC).isoformat(),
            **({"version": item.version_id} if item.version_id else {}),
        }
        for item in found.items
    ]
    left_out = {"empty": list(found.empty)} if found.empty else {}
    endpoint = connection(server).endpoint
    return {"url": url, "endpoint": endpoint, "objects": objects, **left_out}


def _matching(store: Store, pattern: str) -> list[Item]:
    """List what a glob matches, in the order of keys."""
    items = [i for i in store.items(_folder(pattern).rstrip("/")) if matches(i.key, pattern)]
    found = {item.key: item for item in items}
    if len(found) != len(items):
        fix = "run `snakemake` again, once nobody writes there any more"
        raise MovedError(store.address(pattern), "an object was listed twice", fix)
    return [found[key] for key in sorted(found)]


def _folder(pattern: str) -> str:
    """Return the folder, with its slash, above the first wildcard of a glob, or of a plain key."""
    signs = [pattern.find(sign) for sign in WILDCARDS if sign in pattern]
    folder, slash, _ = pattern[: min(signs, default=len(pattern))].rpartition("/")
    return folder + slash

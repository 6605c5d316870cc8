"""Publish: put over the old object, verify, note it in the manifest, return the receipt.

An object that is identical already is not sent again. Objects that disappeared from a folder are
removed only after the new ones are in place and noted.
"""

import datetime
import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from diffusion.base.progress import Progress
from diffusion.config.parts import Project
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import read_manifest, update_manifest
from diffusion.storage.store import CHUNK, Store, sha256_of

logger = logging.getLogger(__name__)
AT_ONCE = 32  # small objects; a large one is sent in parts, several of them at once


@dataclass(frozen=True)
class Upload:
    """A local file and the key it is published under."""

    key: str
    path: Path


def publish(
    store: Store,
    project: Project,
    name: str,
    uploads: Sequence[Upload],
    facts: Mapping,
    locks: Path,
) -> dict:
    """Publish the files of one table or figure.

    Args:
        store: the published prefix.
        project: recorded in the manifest.
        name: the published name; all keys begin with it.
        uploads: every object of the entry; others under its name in the manifest are removed.
        facts: rows, columns, vintage, licence, origin: the manifest's entry.

    Returns:
        the receipt: the manifest's entry, with its name and URL.

    Raises:
        DiffusionError: refused, or the object after the put is not what was sent.
    """
    known = read_manifest(store)[0]["tables"].get(name, {"objects": []})
    published = {item["key"]: item["sha256"] for item in known["objects"]}
    objects = _put_all(store, name, uploads, published)
    entry = json.loads(json.dumps({**facts, "objects": objects}))  # as it will be read again
    same = _versioned_facts(known) == _versioned_facts(entry)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry["published"] = known.get("published", now) if same else now
    update_manifest(store, project, name, entry, locks)
    _remove_stale(store, name, published.keys() - {item["key"] for item in objects})
    return {"name": name, "url": store.url, **entry}


def _versioned_facts(entry: Mapping) -> dict:
    """Return what a new version changes: not when it was published, nor by which code."""
    return {k: v for k, v in entry.items() if k not in ("published", "workflow", "code")}


def _put_all(
    store: Store, name: str, uploads: Sequence[Upload], published: Mapping[str, str]
) -> list[dict]:
    """Put small objects several at a time, large ones one by one: memory stays bounded.

    Looking an object up, putting it and verifying it is mostly waiting for the server. The first
    error ends it: puts that have begun are finished, others are not started.
    """
    inside = {upload.key for upload in uploads if upload.key.startswith(f"{name}/")}
    # one LIST finds a folder's new objects, instead of a HEAD for each
    missing = inside - {key for key, _ in store.list(f"{name}/")} if inside else set()

    def put(upload: Upload) -> dict:
        return _put(store, upload, published.get(upload.key), upload.key in missing)

    small = [upload for upload in uploads if upload.path.stat().st_size <= CHUNK]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pending = {upload: pool.submit(put, upload) for upload in small}
        done, _ = wait(pending.values(), return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
    for future in done:
        future.result()  # raises what went wrong
    return [pending[upload].result() if upload in pending else put(upload) for upload in uploads]


def _put(store: Store, upload: Upload, known: str | None, is_missing: bool) -> dict:
    digest, size = sha256_of(upload.path), upload.path.stat().st_size
    item = {"key": upload.key, "size": size, "sha256": digest}
    head = None if is_missing else store.head(upload.key)
    if head and head.size == size and (head.sha256 or known) == digest:
        logger.info("%s: identical already, not sent", upload.key)
        return item
    with Progress(upload.key, "B", size) as progress:
        store.put(upload.key, upload.path, digest)
        progress.add(size)
    head = store.head(upload.key)
    if head is None or head.size != size or head.sha256 not in (None, digest):
        found = "nothing" if head is None else f"{head.size} bytes, sha256 {head.sha256}"
        fix = "run `snakemake` again; if it stays, the server does not keep what it is sent"
        raise DiffusionError(store.address(upload.key), f"after the put there is {found}", fix)
    return item


def _remove_stale(store: Store, name: str, stale: set[str]) -> None:
    for key in sorted(stale):
        if key.startswith((f"{name}/", f"{name}.")):
            logger.info("%s: no longer part of %s, removed", key, name)
            store.delete([key])

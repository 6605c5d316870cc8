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
LOCKS = Path(".diffusion")  # in the working folder: see ``update_manifest``
AT_ONCE = 32  # small objects; a large one is sent in parts, several of them at once


@dataclass(frozen=True)
class Upload:
    """A local file and the key it is published under."""

    key: str
    path: Path


@dataclass(frozen=True)
class Entry:
    """A table or figure to publish.

    Attributes:
        name: the published name; all keys begin with it.
        uploads: every object of it; others under its name in the manifest are removed.
        facts: rows, columns, vintage, licence, origin: what the manifest is to note.
    """

    name: str
    uploads: Sequence[Upload]
    facts: Mapping


def publish(
    store: Store, project: Project, entries: Sequence[Entry], locks: Path
) -> dict[str, dict]:
    """Publish tables and figures together: all objects, then the manifest.

    Args:
        store: the published prefix.
        project: recorded in the manifest.
        locks: see ``update_manifest``.

    Returns:
        the receipt of each, by its published name: the manifest's entry, with name and URL.

    Raises:
        DiffusionError: refused, or the object after the put is not what was sent.
    """
    manifest = read_manifest(store)[0]["tables"]
    known = {entry.name: manifest.get(entry.name, {"objects": []}) for entry in entries}
    published = {o["key"]: o["sha256"] for noted in known.values() for o in noted["objects"]}
    objects = _put_all(store, entries, published)
    noted = {e.name: _noted(e, known[e.name], [objects[u.key] for u in e.uploads]) for e in entries}
    update_manifest(store, project, noted, locks)
    for name, entry in noted.items():
        before = {item["key"] for item in known[name]["objects"]}
        _remove_stale(store, name, before - {item["key"] for item in entry["objects"]})
    return {name: {"name": name, "url": store.url, **entry} for name, entry in noted.items()}


def _noted(entry: Entry, known: Mapping, objects: Sequence[Mapping]) -> dict:
    """Return what the manifest notes of an entry; an unchanged one keeps its date."""
    noted = json.loads(json.dumps({**entry.facts, "objects": objects}))  # as it will be read again
    same = _versioned_facts(known) == _versioned_facts(noted)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return noted | {"published": known.get("published", now) if same else now}


def _versioned_facts(entry: Mapping) -> dict:
    """Return what a new version changes: not when it was published, by which code, from which."""
    apart = ("published", "workflow", "code", "spec", "table_sha256")
    return {k: v for k, v in entry.items() if k not in apart}


def _put_all(
    store: Store, entries: Sequence[Entry], published: Mapping[str, str]
) -> dict[str, dict]:
    """Put small objects several at a time, large ones one by one: memory stays bounded.

    Looking an object up, putting it and verifying it is mostly waiting for the server. The first
    error ends it: puts that have begun are finished, others are not started.
    """
    uploads = [upload for entry in entries for upload in entry.uploads]
    missing = set().union(*(_missing_in_folder(store, entry) for entry in entries))

    def put(upload: Upload) -> dict:
        return _put(store, upload, published.get(upload.key), upload.key in missing)

    small = [upload for upload in uploads if upload.path.stat().st_size <= CHUNK]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pending = {upload: pool.submit(put, upload) for upload in small}
        done, _ = wait(pending.values(), return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
    for future in done:
        future.result()  # raises what went wrong
    return {u.key: pending[u].result() if u in pending else put(u) for u in uploads}


def _missing_in_folder(store: Store, entry: Entry) -> set[str]:
    """Return the keys of a folder that are not there: one LIST instead of a HEAD for each."""
    inside = {upload.key for upload in entry.uploads if upload.key.startswith(f"{entry.name}/")}
    return inside - {key for key, _ in store.list(f"{entry.name}/")} if inside else set()


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
    if head is None or not head.fits(size, digest):
        found = "nothing" if head is None else f"{head.size} bytes, sha256 {head.sha256}"
        fix = "run `snakemake` again; if it stays, the server does not keep what it is sent"
        raise DiffusionError(store.address(upload.key), f"after the put there is {found}", fix)
    return item


def _remove_stale(store: Store, name: str, stale: set[str]) -> None:
    for key in sorted(stale):
        if key.startswith((f"{name}/", f"{name}.")):
            logger.info("%s: no longer part of %s, removed", key, name)
            store.delete([key])

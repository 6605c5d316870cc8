"""Publish: put over the old object, verify, note it in the manifest, return the receipt.

An object that is identical already is not sent again. Objects that disappeared from a folder are
removed only after the new ones are in place and noted; until they are, the manifest names them as
unfinished.
"""

import datetime
import json
import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from diffusion.base.progress import Progress
from diffusion.errors import PublishedError
from diffusion.publish.before import NOTHING, Before, Entry, Upload, before_publishing
from diffusion.publish.manifest import ABOUT, Update, read_manifest, update_manifest
from diffusion.publish.ownership import Target, refuse_other_owner
from diffusion.publish.taken_down import NotToPublishError, refuse_taken_down
from diffusion.storage.hashing import sha256_of
from diffusion.storage.media_types import media_type
from diffusion.storage.noted import is_noted
from diffusion.storage.store import CHUNK, Store

logger = logging.getLogger(__name__)
LOCKS = Path(".diffusion")  # in the working folder: see ``update_manifest``
FORCED = "DIFFUSION_FORCED"  # in the environment, where a run is forced: hashes are read again
AT_ONCE = 32  # small objects; a large one is sent in parts, several of them at once


def publish(
    target: Target, entries: Sequence[Entry], locks: Path, manifest: Mapping | None = None
) -> dict[str, dict]:
    """Publish tables and figures together: all objects, then the manifest.

    Args:
        target: where; its project is noted.
        locks: see ``update_manifest``.
        manifest: as it was read just now; None to read it.

    Returns:
        the receipt of each, by its published name: the manifest's entry, with name and URL.

    Raises:
        DiffusionError: refused, or the object after the put is not what was sent.
    """
    store, project = target.store, target.project
    manifest = read_manifest(store)[0] if manifest is None else manifest
    refuse_other_owner(target, manifest, [entry.name for entry in entries])
    refuse_taken_down(store, manifest, entries, target.origins)
    before = [before_publishing(store, manifest, entry) for entry in entries]
    if new := {b.name: [*b.left, *b.new] for b in before if b.new}:
        update_manifest(store, project, Update(unfinished=new), locks)
    objects = _put_all(store, before)
    noted = {b.name: _noted(b, objects, target) for b in before}
    stale = {b.name: sorted(b.keys - b.uploaded) for b in before}
    verify = partial(_refuse_changed, target, before, noted)
    try:
        update_manifest(store, project, Update(noted, stale, verify=verify), locks)
    except NotToPublishError as error:  # since this began: what was put is what had to go
        _remove_put(store, before, error.name)
        raise
    if any(stale.values()):
        _remove_all_stale(store, stale)
        update_manifest(store, project, Update(unfinished=dict.fromkeys(stale, ())), locks)
    receipts = {name: {"name": name, "url": store.url, **noted[name]} for name in noted}
    for b in before:
        receipts[b.name] |= {"strangers": b.strangers} if b.strangers else {}
    return receipts


def _named_now(store: Store) -> set[str]:
    """Return the keys that the manifest names now: another run may need what this one does not."""
    tables = read_manifest(store)[0]["tables"].values()
    return {item["key"] for entry in tables for item in entry["objects"]}


def _noted(before: Before, objects: Mapping[str, Mapping], target: Target) -> dict:
    """Return what the manifest notes of an entry; an unchanged one keeps its date.

    What a catalogue says of it is kept until the job that writes the catalogue says it anew.
    """
    entry, known = before.entry, before.known
    now = {"project": target.project.name, **entry.facts}
    now |= {"commit": target.commit} if target.commit else {}
    now |= {ABOUT: known[ABOUT]} if ABOUT in known else {}
    now["objects"] = [objects[upload.key] for upload in entry.uploads]
    noted = json.loads(json.dumps(now))  # as it will be read again
    same = _versioned_facts(known) == _versioned_facts(noted)
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    published = known.get("published", date) if same else date
    changes = noted.get("changes", [])
    if changes and changes != known.get("changes"):
        changes[-1]["published"] = published
    return noted | {"published": published}


def _versioned_facts(entry: Mapping) -> dict:
    """Return what a new version changes: not when it was published, by which code, from which."""
    apart = {"published", "workflow", "code", "spec", "table_sha256", "project"}
    # the objects and `raw_sha256` say as much
    apart |= {"origin", "partitions", "geo", "vintages", "licences", "values"}
    apart |= {"commit", "retrieval", "stated", ABOUT}
    known = ("etag", "media_type", "dialect")  # of an object, what its bytes and name say as well
    objects = [{k: v for k, v in item.items() if k not in known} for item in entry["objects"]]
    return {k: v for k, v in entry.items() if k not in apart} | {"objects": objects}


def _remove_put(store: Store, before: Sequence[Before], name: str) -> None:
    needed = _named_now(store)
    for b in before:
        if b.name == name:
            remove_stale(store, name, [key for key in sorted(b.uploaded) if key not in needed])


def _refuse_changed(
    target: Target, before: Sequence[Before], noted: Mapping[str, Mapping], manifest: Mapping
) -> None:
    """Refuse to note what was taken down since it was put, or what another run put over it.

    Only these change the entry of the manifest meanwhile.
    """
    store = target.store
    refuse_taken_down(store, manifest, [b.entry for b in before], target.origins)
    for b in before:
        if manifest["tables"].get(b.name, NOTHING) == b.known:
            continue
        for item in noted[b.name]["objects"]:
            if not is_noted(store, item, store.head(item["key"])):
                found = f"another run published `{b.name}` at the same time"
                raise PublishedError(store.address(item["key"]), found, "run `snakemake` again")


def _put_all(store: Store, before: Sequence[Before]) -> dict[str, dict]:
    """Put small objects several at a time, large ones one by one: memory stays bounded.

    Looking an object up, putting it and verifying it is mostly waiting for the server. The first
    error ends it: puts that have begun are finished, others are not started.
    """
    uploads = [upload for b in before for upload in b.entry.uploads]
    missing = set().union(*(b.missing for b in before))
    known = {item["key"]: item for b in before for item in b.known["objects"]}

    def put(upload: Upload) -> dict:
        return _put(store, upload, known.get(upload.key, {}), upload.key in missing)

    small = [upload for upload in uploads if upload.path.stat().st_size <= CHUNK]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pending = {upload: pool.submit(put, upload) for upload in small}
        done, _ = wait(pending.values(), return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
    for future in done:
        future.result()  # raises what went wrong
    return {u.key: pending[u].result() if u in pending else put(u) for u in uploads}


def _put(store: Store, upload: Upload, known: Mapping, is_missing: bool) -> dict:
    digest, size = upload.sha256 or sha256_of(upload.path), upload.path.stat().st_size
    item: dict = {"key": upload.key, "size": size, "sha256": digest}
    item |= {"values": dict(upload.values)} if upload.values else {}
    item |= {"media_type": media_type(upload.key)}
    item |= {"dialect": dict(upload.dialect)} if upload.dialect else {}
    head = None if is_missing else store.head(upload.key)
    expected = item | {"etag": known.get("etag")}
    is_known = head is not None and (head.sha256 or known.get("sha256")) == digest
    if head and is_known and is_noted(store, expected, head, thorough=FORCED in os.environ):
        logger.info("%s: identical already, not sent", upload.key)
        return item | {"etag": head.etag}
    with Progress(upload.key, "B", size) as progress:
        store.put(upload.key, upload.path, digest)
        progress.add(size)
    head = store.head(upload.key)
    if head is None or not head.fits(size, digest):
        found = "nothing" if head is None else f"{head.size} bytes, sha256 {head.sha256}"
        fix = "run `snakemake` again; if it stays, the server does not keep what it is sent"
        raise PublishedError(store.address(upload.key), f"after the put there is {found}", fix)
    return item | {"etag": head.etag}


def _remove_all_stale(store: Store, stale: Mapping[str, Sequence[str]]) -> None:
    needed = _named_now(store)
    for name, keys in stale.items():
        remove_stale(store, name, [key for key in keys if key not in needed])


def remove_stale(store: Store, name: str, stale: Sequence[str]) -> None:
    """Remove objects of a published name; keys that are not below it are left."""
    own = [key for key in stale if key.startswith((f"{name}/", f"{name}."))]
    for key in own:
        logger.info("%s: no longer part of %s, removed", key, name)
    store.delete(own)

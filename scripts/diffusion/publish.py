"""Publish: put over the old object, verify, note it in the manifest, return the receipt.

An object that is identical already is not sent again. Objects that disappeared from a folder are
removed only after the new ones are in place and noted.
"""

import datetime
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.manifest import read_manifest, update_manifest
from diffusion.progress import Progress
from diffusion.store import Store, sha256_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A local file and the key it is published under."""

    key: str
    path: Path


def publish(
    store: Store,
    project: Mapping,
    name: str,
    uploads: Sequence[Upload],
    facts: Mapping,
    locks: Path,
) -> dict:
    """Publish the files of one table or figure.

    Args:
        store: the published prefix.
        project: what the manifest says of the project.
        name: the published name; all keys begin with it.
        uploads: every object of the entry; others under its name in the manifest are removed.
        facts: rows, columns, vintage, licence, origin: what the manifest says of the entry.

    Returns:
        the receipt: the manifest's entry, with its name and URL.

    Raises:
        DiffusionError: refused, or what stands after the put is not what was sent.
    """
    known = read_manifest(store)[0]["tables"].get(name, {"objects": []})
    published = {item["key"]: item["sha256"] for item in known["objects"]}
    objects = [_put(store, upload, published.get(upload.key)) for upload in uploads]
    entry = json.loads(json.dumps({**facts, "objects": objects}))  # as it will be read again
    same = {k: v for k, v in known.items() if k != "published"} == entry
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry["published"] = known.get("published", now) if same else now
    update_manifest(store, project, name, entry, locks)
    _remove_gone(store, name, published.keys() - {item["key"] for item in objects})
    return {"name": name, "url": store.url, **entry}


def _put(store: Store, upload: Upload, known: str | None) -> dict:
    digest, size = sha256_of(upload.path), upload.path.stat().st_size
    item = {"key": upload.key, "size": size, "sha256": digest}
    head = store.head(upload.key)
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


def _remove_gone(store: Store, name: str, gone: set[str]) -> None:
    for key in sorted(gone):
        if key.startswith((f"{name}/", f"{name}.")):
            logger.info("%s: no longer part of %s, removed", key, name)
            store.delete([key])

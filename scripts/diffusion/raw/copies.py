"""Raw copies: the bytes as received, kept forever with their provenance.

    <storage.raw>/<source>/<vintage>/<partition>/<hash>-<name>      the bytes
    <storage.raw>/<source>/<vintage>/<partition>/provenance.json    written last

Names carry the hash of the content, and puts are create-only where the server honours it, so that
no raw copy is ever replaced by other bytes.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.storage.store import Store, sha256_of

PROVENANCE = "provenance.json"


def raw_folder(name: str, vintage: str, partition: str) -> str:
    """Return the key prefix of a raw copy."""
    return f"{name}/{vintage}/{partition}"


def find_raw(store: Store, folder: str) -> dict | None:
    """Return the provenance of a raw copy, its objects known to be complete; None if not frozen.

    Raises:
        DiffusionError: the provenance names an object that is missing or of another size.
    """
    found = store.read(f"{folder}/{PROVENANCE}")
    if found is None:
        return None
    provenance = json.loads(found[0])
    for file in provenance["files"]:
        head = store.head(file["key"])
        if head is None or head.size != file["size"]:
            state = "is missing" if head is None else f"has {head.size} bytes, not {file['size']}"
            fix = "restore it from a backup; or set a new `vintage` to fetch the data again"
            raise DiffusionError(store.address(file["key"]), f"this raw copy {state}", fix)
    return provenance


def freeze(store: Store, folder: str, files: list[tuple[str, Path]], facts: Mapping) -> dict:
    """Put the bytes, then their provenance; return the provenance that is now stored.

    Args:
        files: (name, path) of each file received.
        facts: what is known of their origin; no secret.
    """
    entries = []
    for name, path in files:
        digest = sha256_of(path)
        key = f"{folder}/{digest[:16]}-{_safe(name)}"
        if store.head(key) is None:
            _create(store, key, path, digest)
        entries.append({"name": name, "key": key, "size": path.stat().st_size, "sha256": digest})
    content = json.dumps({"files": entries, **facts}, indent=1, ensure_ascii=False).encode()
    _create(store, f"{folder}/{PROVENANCE}", content, hashlib.sha256(content).hexdigest())
    found = store.read(f"{folder}/{PROVENANCE}")
    if found is None:
        fix = "run `snakemake` again; if it stays, the server does not keep what it is sent"
        raise DiffusionError(store.address(folder), "after the put there is no provenance", fix)
    return json.loads(found[0])


def raw_files(store: Store, provenance: Mapping, cache: Path) -> list[Path]:
    """Return the raw copy's files on this machine, verified by hash.

    A local store's own files are used in place; S3 objects are kept in ``cache``, by hash.

    Raises:
        DiffusionError: the bytes are not those that were frozen.
    """
    return [_raw_file(store, file, cache) for file in provenance["files"]]


def _raw_file(store: Store, file: Mapping, cache: Path) -> Path:
    path = store.local_path(file["key"])
    if path is None:
        path = cache / file["sha256"] / _safe(file["name"])
        if not path.exists():
            store.download(file["key"], path)
    digest = sha256_of(path)
    if digest != file["sha256"]:
        if not store.local_path(file["key"]):
            path.unlink()
        found = f"damaged: its hash is {digest}, {file['sha256']} was frozen"
        fix = "restore it from a backup; or set a new `vintage` to fetch the data again"
        raise DiffusionError(store.address(file["key"]), found, fix)
    return path


def _create(store: Store, key: str, content: Path | bytes, digest: str) -> None:
    try:
        store.put(key, content, digest, create=True)
    except FileExistsError:
        return  # another run froze it first; that copy counts


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:].lstrip(".") or "data"

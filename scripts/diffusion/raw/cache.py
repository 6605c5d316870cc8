"""Raw copies as files of this machine: a store's own, or what is kept of objects on S3."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion.base.private import private_folder
from diffusion.errors import RawCopyError
from diffusion.raw.copies import Received, safe_name
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store


def raw_files(store: Store, provenance: Mapping, cache: Path) -> list[Path]:
    """Return the raw copy's files on this machine, verified by hash.

    A local store's own files are used in place; S3 objects are kept in ``cache``, by hash.

    Raises:
        DiffusionError: the bytes are not those that were frozen.
    """
    if store.is_s3:
        private_folder(cache)
    return [_raw_file(store, file, cache) for file in provenance["files"]]


def _raw_file(store: Store, file: Mapping, cache: Path) -> Path:
    path = store.local_path(file["key"])
    if path is not None:
        digest = sha256_of(path)
    else:
        path = _cached(cache, file["sha256"], file["name"])
        digest = sha256_of(path) if path.exists() else ""
        if digest != file["sha256"]:  # the copy on this machine may be what is damaged
            digest = store.download(file["key"], path)
    if digest != file["sha256"]:
        if not store.local_path(file["key"]):
            path.unlink()
        found = f"damaged: its hash is {digest}, {file['sha256']} was frozen"
        fix = "restore it from a backup; or set a new `vintage` to fetch the data again"
        raise RawCopyError(store.address(file["key"]), found, fix)
    return path


def keep_cached(files: Sequence[Received], cache: Path) -> None:
    """Move received files to where ``raw_files`` looks before it downloads them."""
    private_folder(cache)
    for file in files:
        if file.is_ours:
            path = _cached(cache, file.sha256, file.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            file.path.replace(path)


def _cached(cache: Path, sha256: str, name: str) -> Path:
    return cache / sha256 / safe_name(name)

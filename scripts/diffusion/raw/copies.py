"""Raw copies: the bytes as received, kept forever with their provenance.

    <storage.raw>/<source>/<vintage>/<partition>/<hash>-<name>      the bytes
    <storage.raw>/<source>/<vintage>/<partition>/provenance.json    written last

Names carry the hash of the content, and puts are create-only where the server honours it, so that
no raw copy is ever replaced by other bytes.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from diffusion.base.json_files import json_bytes
from diffusion.errors import DiffusionError, RawCopyError
from diffusion.storage.copying import Origin, copied
from diffusion.storage.hashing import sha256_of
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store

PROVENANCE = "provenance.json"
HASHED = re.compile(r"([0-9a-f]{16})-")  # with what the name of a raw file begins


@dataclass(frozen=True)
class Received:
    """A file as it came, hashed once.

    Attributes:
        is_ours: made by a fetch, so that it may be moved.
        origin: the object on S3 of which it is a copy, where its version is known.
    """

    name: str
    path: Path
    size: int
    sha256: str
    is_ours: bool = True
    origin: Origin | None = None

    @classmethod
    def at(cls, name: str, path: Path, is_ours: bool = True) -> "Received":
        """Return a file that is read to hash it."""
        return cls(name, path, path.stat().st_size, sha256_of(path), is_ours)

    @property
    def entry(self) -> dict:
        """What provenance and lock say of it."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256}


def raw_folder(name: str, vintage: str, partition: str) -> str:
    """Return the key prefix of a raw copy."""
    return f"{name}/{vintage}/{partition}"


def find_raw(store: Store, folder: str) -> dict | None:
    """Return the provenance of a raw copy, its objects known to be complete; None if not frozen.

    Raises:
        DiffusionError: the provenance is damaged, or names an object that is missing or of another
            size.
    """
    provenance = _read_provenance(store, folder)
    if provenance is None:
        return None
    sizes = _sizes(store, folder, {file["key"] for file in provenance["files"]})
    for file in provenance["files"]:
        size = sizes.get(file["key"])
        if size != file["size"]:
            state = "is missing" if size is None else f"has {size} bytes, not {file['size']}"
            fix = "restore it from a backup; or set a new `vintage` to fetch the data again"
            raise RawCopyError(store.address(file["key"]), f"this raw copy {state}", fix)
    return provenance


def _read_provenance(store: Store, folder: str) -> dict | None:
    found = store.read(f"{folder}/{PROVENANCE}")
    if found is None:
        return None
    try:
        provenance = json.loads(found[0])
        provenance["retrieved"]
        for file in provenance["files"]:
            file["name"], file["size"]
            _refuse_altered(file["key"], file["sha256"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        fix = "restore it from a backup; or remove this one file, and run `snakemake` again: the "
        fix += "source is asked once more, and the bytes beside it stay"
        address = store.address(f"{folder}/{PROVENANCE}")
        raise RawCopyError(address, f"damaged ({type(error).__name__}: {error})", fix) from error
    return provenance


def _refuse_altered(key: str, sha256: str) -> None:
    """Refuse a hash that is not the one of which a key has the beginning."""
    named = HASHED.match(key.rpartition("/")[2])
    if named and not sha256.startswith(named[1]):
        raise ValueError(f"sha256 {sha256} is not that of {key}")


def freeze(store: Store, folder: str, files: Sequence[Received], facts: Mapping) -> dict:
    """Put the bytes, then their provenance; return the provenance that is now stored.

    Args:
        store: for raw copies.
        folder: the key prefix of this one (``raw_folder``).
        files: what was received.
        facts: what is known of its origin; no secret.

    Raises:
        DiffusionError: refused, or the store does not keep what it is sent.
    """
    keys = [f"{folder}/{file.sha256[:16]}-{safe_name(file.name)}" for file in files]
    by_key = dict(zip(keys, files, strict=True))  # two names may come down to one key
    there = _sizes(store, folder, by_key)
    missing = [(key, file) for key, file in by_key.items() if there.get(key) != file.size]
    # the key has the hash of the content: what is there in another size is the rest of a broken put
    broken = [key for key, _ in missing if key in there]
    side_by_side(lambda pair: _create(store, *pair, broken), missing, lambda pair: pair[1].size)
    kept = _sizes(store, folder, by_key)
    for key, file in by_key.items():
        if kept.get(key) != file.size:
            raise _not_kept(store.address(key))
    entries = [
        {"name": file.name, "key": key, "size": file.size, "sha256": file.sha256}
        for key, file in zip(keys, files, strict=True)
    ]
    return share(store, folder, entries, facts)


def share(store: Store, folder: str, entries: Sequence[Mapping], facts: Mapping) -> dict:
    """Put the provenance of a raw copy, whose files may be those of another one; return it.

    Args:
        folder: the key prefix of the new raw copy.
        entries: name, key, size and sha256 of each file; they are there.
        facts: what is known of its origin; no secret.
    """
    facts = _without_paths(facts) if store.is_s3 else facts
    content = json_bytes({"files": list(entries), **facts})
    _put_first(store, f"{folder}/{PROVENANCE}", content)
    frozen = _read_provenance(store, folder)
    if frozen is None:
        raise _not_kept(store.address(folder))
    return frozen


def _without_paths(facts: Mapping) -> dict:
    """Return facts without the paths of this machine, which others have no use for."""
    found = dict(facts)
    if (path := _own_path(found.get("url", ""))) is not None:
        found["url"] = PurePosixPath(path).name
    if "request" in found and "url" in found["request"]:
        found["request"] = {**found["request"], "url": without_path(found["request"]["url"])}
    return found


def without_path(url: str) -> str:
    """Return what provenance on S3 notes of a request: of a path of this machine its name.

    A hash of it stays, so that another file of the same name is known to be another request.
    """
    path = _own_path(url)
    if path is None:
        return url
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return f"{PurePosixPath(path).name} (a path of the machine that sent it, {digest})"


def _own_path(url: str) -> str | None:
    """Return the path of this machine that a URL is, or that one of a database's file holds."""
    scheme, _, path = url.partition(":///")
    url = path if scheme in ("sqlite", "duckdb") else url
    return url if url.startswith("/") else None


def _sizes(store: Store, folder: str, keys: Collection[str]) -> dict[str, int]:
    """Return the size of each object that is there, asking once if there are many.

    Files that are shared with another raw copy are in its folder.
    """
    if len(keys) > 2:
        folders = {folder, *(key.rpartition("/")[0] for key in keys)}
        return {key: size for place in folders for key, size in store.list(place) if key in keys}
    heads = {key: store.head(key) for key in keys}
    return {key: head.size for key, head in heads.items() if head}


def _create(store: Store, key: str, file: Received, broken: Collection[str]) -> None:
    if key in broken:
        store.put(key, file.path, file.sha256)
        return
    try:
        if file.is_ours and store.adopt(key, file.path):
            return
    except FileExistsError:
        return
    if not (file.origin and copied(file.origin, store, key, file.sha256)):
        _put_first(store, key, file.path, file.sha256)


def _put_first(store: Store, key: str, content: Path | bytes, digest: str | None = None) -> None:
    try:
        store.put(key, content, digest, create=True)
    except FileExistsError:
        return  # another run froze it first; that copy counts


def _not_kept(address: str) -> DiffusionError:
    fix = "run `snakemake` again; if it stays, the server does not keep what it is sent"
    return RawCopyError(address, "it is not there as it was put", fix)


def safe_name(name: str) -> str:
    """Return a name of a file as keys and paths have it."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[-100:].lstrip(".") or "data"

"""Whether an object is what was noted of it when it was put."""

import hashlib
from collections.abc import Mapping

from diffusion.storage.hashing import sha256_of
from diffusion.storage.items import Head
from diffusion.storage.store import Store


def is_noted(store: Store, item: Mapping, head: Head | None, thorough: bool = False) -> bool:
    """Return whether an object still has the bytes that were noted.

    The hash that its server keeps decides, where it keeps any; else the ETag, which in a folder is
    made of inode, time and size. Where that differs, a file is read: it may only have been copied.

    Args:
        item: ``key``, ``size``, ``sha256``; ``etag`` where it was noted.
        head: what the store says of it now.
        thorough: read files in a folder always, and objects on S3 whose ETag is not the one noted.
    """
    if head is None or head.size != item["size"]:
        return False
    if thorough and (not store.is_s3 or (item.get("etag") or head.etag) != head.etag):
        return _sha256(store, item["key"]) == item["sha256"]
    if head.sha256:
        return head.sha256 == item["sha256"]
    if head.etag and head.etag == item.get("etag"):
        return True
    path = store.local_path(item["key"])
    if path is None:
        return not item.get("etag")  # noted before ETags were
    return sha256_of(path) == item["sha256"]


def _sha256(store: Store, key: str) -> str:
    """Return the hash of an object's bytes, which are all read."""
    digest = hashlib.sha256()
    for piece in store.pieces(key):
        digest.update(piece)
    return digest.hexdigest()

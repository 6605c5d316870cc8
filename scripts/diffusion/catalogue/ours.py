"""What this project writes of a catalogue is put where it changed, and over nobody else's file."""

import hashlib
import json
import logging
from collections.abc import Callable

from diffusion.errors import DiffusionError
from diffusion.storage.store import Store

logger = logging.getLogger(__name__)
GENERATOR = {"generator": "Diffusion"}  # by which JSON is known to be of this project's making
MARKUP = b"<!-- made by Diffusion -->"  # by which Markdown is


def as_json(content: dict) -> bytes:
    """Return a file of the catalogue, with what it is known by."""
    return json.dumps(GENERATOR | content, indent=1, ensure_ascii=False).encode()


def is_our_json(data: bytes) -> bool:
    """Say whether a file that is JSON is of this project's making."""
    try:
        found = json.loads(data)
    except ValueError:
        return False
    return isinstance(found, dict) and GENERATOR.items() <= found.items()


def is_our_markdown(data: bytes) -> bool:
    """Say whether a file that is Markdown is of this project's making."""
    return MARKUP in data


def put_changed(store: Store, key: str, data: bytes, is_ours: Callable[[bytes], bool]) -> bool:
    """Put a file unless it is there with this content; say whether it was put.

    Raises:
        DiffusionError: there is a file that this project did not make.
    """
    known = store.read(key)
    if known and known[0] == data:
        return False
    if known and not is_ours(known[0]):
        raise refusal(store, key)
    put(store, key, data)
    return True


def put(store: Store, key: str, data: bytes, create: bool = False, etag: str = "") -> None:
    """Put a file, see ``Store.put``."""
    store.put(key, data, hashlib.sha256(data).hexdigest(), create=create, etag=etag)
    logger.info("%s: written, %s bytes", key, f"{len(data):,}")


def refusal(store: Store, key: str) -> DiffusionError:
    """Return the error of a file of somebody else in the catalogue's place."""
    found = "there is a file that this project did not make, where its catalogue belongs"
    fix = "move it to another name; nothing there was changed. Then run `snakemake` again"
    return DiffusionError(store.address(key), found, fix)

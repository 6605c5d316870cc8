"""What this project writes of a catalogue is put where it changed, and over nobody else's file."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diffusion.base.json_files import json_bytes
from diffusion.errors import DiffusionError, PublishedError
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store

logger = logging.getLogger(__name__)
GENERATOR = {"generator": "Diffusion"}  # by which JSON is known to be of this project's making
MARKUP = "<!-- made by Diffusion -->"  # by which Markdown is


def is_our_json(data: bytes) -> bool:
    """Say whether a file that is JSON is of this project's making."""
    try:
        found = json.loads(data)
    except ValueError:
        return False
    return isinstance(found, dict) and GENERATOR.items() <= found.items()


def is_our_markdown(data: bytes) -> bool:
    """Say whether a file that is Markdown is of this project's making."""
    return MARKUP.encode() in data


@dataclass(frozen=True)
class File:
    """A file of the catalogue.

    Attributes:
        is_ours: says whether one that lies there is of this project's making.
        may_be_theirs: one of somebody else is as good, and is left without a word.
    """

    key: str
    data: bytes
    is_ours: Callable[[bytes], bool] = is_our_json
    may_be_theirs: bool = False

    @classmethod
    def json(cls, key: str, content: dict) -> "File":
        """Return a file that is JSON, with what it is known by."""
        return cls(key, json_bytes(GENERATOR | content))


def put_changed(store: Store, files: Sequence[File]) -> bool:
    """Put files, in their order, that are not there with the same content; say whether any was.

    Raises:
        DiffusionError: there is a file that this project did not make; none was put.
    """
    there = side_by_side(store.read, [file.key for file in files], lambda _: 0)
    changed = []
    for file, known in zip(files, there, strict=True):
        is_theirs = known is not None and not file.is_ours(known[0])
        if is_theirs and not file.may_be_theirs:
            raise refusal(store, file.key)
        if not is_theirs and (known is None or known[0] != file.data):
            changed.append(file)
    for file in changed:
        put(store, file.key, file.data)
    return bool(changed)


def put(store: Store, key: str, data: bytes, create: bool = False, etag: str = "") -> None:
    """Put a file, see ``Store.put``."""
    store.put(key, data, create=create, etag=etag)
    logger.info("%s: written, %s bytes", key, f"{len(data):,}")


def refusal(store: Store, key: str) -> DiffusionError:
    """Return the error of a file of somebody else in the catalogue's place."""
    found = "there is a file that this project did not make, where its catalogue belongs"
    fix = "move it to another name; nothing there was changed. Then run `snakemake` again"
    return PublishedError(store.address(key), found, fix)

"""The SHA-256 of files, also as they are written."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore import GetResult

PIECE = 256 * 1024  # bytes, of a download: larger ones cost half as much again, in fresh memory


def write_body(found: "GetResult", path: Path, received: Callable[[int], None]) -> tuple[str, int]:
    """Write a body to a file; return its SHA-256 and its size."""
    digest, size = hashlib.sha256(), 0
    is_small = found.meta["size"] <= PIECE  # a stream costs more than such an object
    with path.open("wb") as file:
        for chunk in [found.bytes()] if is_small else found.stream(min_chunk_size=PIECE):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            received(len(chunk))
    return digest.hexdigest(), size


def sha256_of(content: Path | bytes) -> str:
    """Return the SHA-256 of a file, read in one pass, or of bytes."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

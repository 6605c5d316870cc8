"""The media types of objects, by the ends of their keys."""

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

CONTENT_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".svg": "image/svg+xml",
    ".zst": "application/zstd",
}


def content_type(key: str) -> str:
    """Return the Content-Type of an object, by the end of its key."""
    kind = CONTENT_TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0]
    return kind or "application/octet-stream"


def media_type(key: str) -> str:
    """Return the media type of an object, without what a Content-Type says of its encoding."""
    return content_type(key).partition(";")[0]

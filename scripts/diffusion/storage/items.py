"""What a store knows of an object."""

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from obstore import ObjectMeta


@dataclass(frozen=True)
class Head:
    """What a store knows of an object; ``sha256`` only where the server keeps metadata."""

    size: int
    sha256: str | None
    etag: str | None

    def fits(self, size: int, sha256: str) -> bool:
        """Return whether the object may be the one of that size and hash."""
        return self.size == size and self.sha256 in (None, sha256)


class Item(NamedTuple):
    """An object of a listing. With no ``etag`` its time, in whole seconds, tells a new version.

    ``version_id`` is there only where a bucket keeps versions, and only in an answer about the one
    object: listings leave it out.
    """

    key: str
    size: int
    etag: str
    modified: int
    version_id: str = ""

    @property
    def version(self) -> str:
        """What tells this version from others, in words."""
        when = datetime.datetime.fromtimestamp(self.modified, datetime.UTC)
        return f"{self.etag or 'without ETag'} of {when:%Y-%m-%d %H:%M:%S} UTC"

    def is_same(self, other: "Item | None") -> bool:
        """Say whether another listing, or an answer, means the same bytes."""
        if other is None or self.size != other.size or self.etag != other.etag:
            return False
        # rclone lists what was just put with its own clock, then with that of the file system,
        # which is some milliseconds behind: a second earlier is no other version, one later is
        return bool(self.etag) or self.modified - other.modified in (0, 1)


def strong(etag: str | None) -> str | None:
    """Return an ETag as the server itself has it: a proxy that compresses makes it weak."""
    return (etag or "").removeprefix("W/") or None


def item_of(meta: "ObjectMeta") -> Item:
    """Return an object of a listing, or of an answer: the same text in either."""
    etag = (strong(meta["e_tag"]) or "").strip('"')
    version = meta.get("version") or ""
    return Item(meta["path"], meta["size"], etag, int(meta["last_modified"].timestamp()), version)


def difference(expected: Item, size: int, seen: Item | None) -> str:
    """Return how what came differs from what was listed, or nothing.

    Args:
        size: bytes that came.
        seen: what the server said of the object as it sent it, or afterwards.
    """
    if size != expected.size:
        return f": {size:,} bytes came, {expected.size:,} were listed"
    if not expected.is_same(seen):
        return f": it was {expected.version}, is {seen.version if seen else 'gone'}"
    return ""

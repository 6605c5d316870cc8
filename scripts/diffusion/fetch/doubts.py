"""Pages of an API that may not be those that were meant: what nothing but a look shows.

Where the order of records is not fixed, or one page begins where the last one ended, records stand
on two pages, and others on none. Of records that a page holds twice nothing follows: the data may
be like that.
"""

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from backports import zstd

from diffusion.fetch.pages import Count
from diffusion.fetch.text_pages import rows_of

logger = logging.getLogger(__name__)
SHORT_FIX = "if the server left records out, they are missing: `pages.total` verifies the number"
FEW = 20_000  # hashes that are held as they are
CACHE = 16_000  # kB of hashes that stay in memory; the others are in a file


class Overlap:
    """Compares the records of each page with those of all pages before, byte by byte.

    Hashes of the page before are in memory, those of all others in a file once they are more than a
    few, so that memory does not grow with the pages. The file is of this process alone: who goes on
    reads the pages again.

    ``first``: the records of the first page, as hashes. ``lasts``: of each page that has any, the
    last one, and how many there are.
    """

    def __init__(self, path: Path) -> None:
        """Args: path: of the file, which is replaced."""
        self._before: set[int] = set()
        self.first: set[int] = set()
        self.lasts: list[tuple[int, int]] = []
        self._path = path
        self._few: set[int] = set()
        self._seen: sqlite3.Connection | None = None
        path.unlink(missing_ok=True)

    def add(self, records: Iterable[bytes], count: Count) -> None:
        """Take the next page; what is found is counted."""
        hashes = hashes_of(records)
        self.lasts += [(hashes[-1], len(hashes))] if hashes else []
        times = Counter(hashes)
        came = {record for record, number in times.items() if number == 1}
        new = came - self._before
        count.twice += len(times) - len(came)
        count.on_both += len(came) - len(new)
        count.apart += len(new) - self._added(new)
        self._before = came or self._before
        self.first = self.first or set(times)

    def _added(self, hashes: set[int]) -> int:
        """Keep hashes; return how many of them are new."""
        if self._seen is None and len(self._few) + len(hashes) <= FEW:
            known = len(self._few)
            self._few |= hashes
            return len(self._few) - known
        try:
            if self._seen is None:
                self._seen = _table_of_hashes(self._path)
                _insert(self._seen, self._few)
                self._few.clear()
            return _insert(self._seen, hashes)
        except sqlite3.OperationalError as error:
            raise OSError(f"{self._path}: {error}") from error  # the disk is full, say

    def resume(self, pages: Iterable[list[bytes]]) -> None:
        """Take pages that an earlier run has counted."""
        for records in pages:
            self.add(records, Count())

    def close(self) -> None:
        """Remove the file."""
        if self._seen:
            self._seen.close()
        self._path.unlink(missing_ok=True)


def _table_of_hashes(path: Path) -> sqlite3.Connection:
    # nobody else opens it, and not all shared file systems have locks
    uri = f"{path.absolute().as_uri()}?nolock=1"
    table = sqlite3.connect(uri, uri=True, isolation_level=None)
    for setting in ("journal_mode = off", "synchronous = off", f"cache_size = -{CACHE}"):
        table.execute(f"pragma {setting}")
    table.execute("begin")  # never ended: nothing is written while the cache has room
    table.execute("create table seen (hash integer primary key)")
    return table


def _insert(table: sqlite3.Connection, hashes: Iterable[int]) -> int:
    """Insert hashes; return how many were not there."""
    rows = ((each,) for each in sorted(hashes))  # neighbours lie together
    return max(table.executemany("insert or ignore into seen values (?)", rows).rowcount, 0)


BREAKS = bytes.maketrans(b"\r\n", b"  ")  # a record is kept as one line


def hashes_of(records: Iterable[bytes]) -> list[int]:
    """Return what tells records apart, in this process."""
    return [hash(bytes(record).translate(BREAKS).strip()) for record in records]


def kept_pages(frames: Path, ends: Iterable[int], form: str) -> Iterator[list[bytes]]:
    """Yield the records of the pages that an earlier run has kept.

    Args:
        frames: the file.
        ends: where the frame of each page ends.
        form: as the source has it: ``csv`` has records of several lines.
    """
    at = 0
    with frames.open("rb") as file:
        for end in ends:
            text = zstd.decompress(file.read(end - at))
            at = end
            header, rows = rows_of(text, "csv", "") if form == "csv" else (b"", text.splitlines())
            yield [header, *rows] if header else rows


def doubt_pages(where: str, count: Count) -> None:
    """Warn where a page came twice, or one amid others is short: others may be missing.

    Args:
        where: how messages name the source.
        count: what came so far.
    """
    if count.repeated:
        found = f"page {count.repeated} held the records of a page before, and is left out"
        logger.warning("%s: %s: check pages.start and pages.param", where, found)
    if count.short and count.total is None:
        logger.warning("%s: %s; %s", where, short_words(count), SHORT_FIX)


def short_words(count: Count) -> str:
    """Say which page is short amid others."""
    return f"page {count.short} has fewer records than others, and further pages follow it"

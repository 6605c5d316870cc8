"""Pages that came, and that may not be those that were meant: what nothing but a look shows."""

import logging
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from backports import zstd

logger = logging.getLogger(__name__)
FIRST = 3  # pages that are looked at


def doubt_pages(where: str, path: Path, repeated: int) -> None:
    """Warn where pages hold the same records: what leads from page to page may be wrong.

    Of records that a page holds twice nothing follows: the data may be like that.

    Args:
        where: how messages name the source.
        path: the records as they are kept.
        repeated: the number of a page that was left out, as it had come before; 0 if none was.
    """
    if repeated:
        found = f"page {repeated} held the records of a page before, and is left out"
        logger.warning("%s: %s: check pages.start and pages.param", where, found)
    last: set[bytes] = set()
    for number, page in enumerate(islice(_pages_in(path), FIRST), 1):
        came = {record for record, times in Counter(page).items() if times == 1}
        if both := len(came & last):
            found = f"{both:,} of the {len(page):,} records of page {number} stand on the page "
            found += "before, too: check pages.style, pages.param and pages.start, and ask for a "
            logger.warning("%s: %sfixed order (`sort` or the like)", where, found)
            return
        last = came or last


def _pages_in(path: Path) -> Iterator[list[bytes]]:
    """Yield the records of each page that was kept: one zstd frame a page."""
    data = path.read_bytes()
    while data:
        frame = zstd.ZstdDecompressor()
        yield frame.decompress(data).splitlines()
        data = frame.unused_data

"""Pages that came, and that may not be those that were meant: what nothing but a look shows.

Where the order of records is not fixed, or one page begins where the last one ended, records stand
on two pages, and others on none. Of records that a page holds twice nothing follows: the data may
be like that.
"""

import logging
from collections import Counter
from collections.abc import Iterable

from diffusion.fetch.pages import Count

logger = logging.getLogger(__name__)


class Overlap:
    """Compares the records of each page with those of the page before, byte by byte.

    ``first``: the records of the first page, as hashes.
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self.first: set[int] = set()

    def add(self, records: Iterable[bytes], count: Count) -> None:
        """Take the next page; what is found is counted."""
        times = Counter(hash(bytes(record)) for record in records)
        came = {record for record, number in times.items() if number == 1}
        count.twice += len(times) - len(came)
        count.on_both += len(came & self._before)
        self._before = came or self._before
        self.first = self.first or set(times)


def doubt_pages(where: str, count: Count) -> None:
    """Warn where a page came twice: what leads from page to page may be wrong.

    Args:
        where: how messages name the source.
        count: what came so far.
    """
    if count.repeated:
        found = f"page {count.repeated} held the records of a page before, and is left out"
        logger.warning("%s: %s: check pages.start and pages.param", where, found)

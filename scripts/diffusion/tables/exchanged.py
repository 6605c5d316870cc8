"""Shapes whose longitude and latitude are exchanged, among others whose are not.

Both are degrees, so that no single one tells. Where nearly all lie in one region, those that lie
outside of it, and inside once x and y are exchanged, hardly lie there by chance.
"""

import numpy as np

SHARE = 0.1  # of all shapes, at either side: those in far territories, and exchanged ones
WIDEST = 40.0  # degrees of a region
AROUND = 2  # degrees around it
FEWEST = 10  # shapes


class Exchanged:
    """Counts shapes by the degree they lie in, batch after batch."""

    def __init__(self) -> None:
        self.counts = np.zeros((361, 361), np.int64)  # by whole degrees of x and y, from -180 on

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take the middles of shapes, in degrees."""
        cells = (np.floor(side).clip(-180, 180).astype(np.int64) + 180 for side in (x, y))
        np.add.at(self.counts, tuple(cells), 1)

    def found(self) -> tuple[int, tuple[int, int]]:
        """Return how many seem to be exchanged, and the degree that one lies in; 0 for none."""
        total = int(self.counts.sum())
        west, east = _middle(self.counts.sum(axis=1))
        south, north = _middle(self.counts.sum(axis=0))
        is_region = max(east - west, north - south) <= WIDEST
        if total < FEWEST or not is_region or _meet((west, east), (south, north)):
            return 0, (0, 0)
        seen = np.zeros_like(self.counts)
        seen[south : north + 1, west : east + 1] = self.counts[south : north + 1, west : east + 1]
        count = int(seen.sum())
        if not count:
            return 0, (0, 0)
        x, y = np.argwhere(seen)[0] - 180
        return count, (int(x), int(y))


def _middle(counts: np.ndarray) -> tuple[int, int]:
    """Return the degrees between which nearly all lie, with some around."""
    shares = np.cumsum(counts) / max(counts.sum(), 1)
    low, high = np.searchsorted(shares, [SHARE, 1 - SHARE])
    return max(int(low) - AROUND, 0), min(int(high) + AROUND, len(counts) - 1)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]

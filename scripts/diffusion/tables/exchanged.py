"""Shapes whose longitude and latitude are exchanged: some among others, or all of them.

Both are degrees, so that no single one tells. Where nearly all lie in one region, those that lie
outside of it, and inside once x and y are exchanged, hardly lie there by chance. Where all are
exchanged, France lies in the sea off Somalia, and its territories overseas in others.
"""

import numpy as np

from diffusion.config.parts import Geometry

SHARE = 0.1  # of all shapes, at either side: those in far territories, and exchanged ones
WIDEST = 40.0  # degrees of a region
AROUND = 2  # degrees around it
FEWEST = 10  # shapes
NEARLY_ALL = 0.9  # of all shapes
# whole degrees of France: west, south, east, north
FRANCE = (
    (-6, 41, 9, 51),  # metropolitan
    (-64, 14, -61, 18),  # Antilles
    (-55, 2, -52, 5),  # Guyane
    (55, -22, 55, -21),  # Réunion
    (44, -14, 45, -13),  # Mayotte
    (-57, 46, -57, 47),  # Saint-Pierre-et-Miquelon
)


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

    def in_france_once_turned(self) -> int:
        """Return how many lie in France once they are exchanged, where nearly all do; else 0.

        Those at 0, 0 have no place.
        """
        counts = self.counts.copy()
        counts[180, 180] = 0
        total, turned, now = int(counts.sum()), 0, 0
        for west, south, east, north in FRANCE:
            x, y = slice(west + 180, east + 181), slice(south + 180, north + 181)
            turned, now = turned + int(counts[y, x].sum()), now + int(counts[x, y].sum())
        return turned if turned > NEARLY_ALL * total and now < (1 - NEARLY_ALL) * total else 0


def way_to_exchange(options: Geometry) -> str | None:
    """Return what to write where x and y are exchanged; None where they are stated not to be."""
    if options.swap_xy is False:
        return None
    if options.swap_xy:
        return "`swap_xy` exchanges what was right: remove it"
    others = {"latlon": "lonlat", "lonlat": "latlon"}
    if form := next((form for form in others if form in options.source.stated), ""):
        return f"write `{others[form]}` in place of `{form}` under `from`"
    if "lon" in options.source.stated:
        return "name the columns the other way round under `from`"
    return "`geometry: {swap_xy: true}` exchanges them"


def _middle(counts: np.ndarray) -> tuple[int, int]:
    """Return the degrees between which nearly all lie, with some around."""
    shares = np.cumsum(counts) / max(counts.sum(), 1)
    low, high = np.searchsorted(shares, [SHARE, 1 - SHARE])
    return max(int(low) - AROUND, 0), min(int(high) + AROUND, len(counts) - 1)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]

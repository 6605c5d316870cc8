"""Heights of coordinates: the ends of them, and values that stand for none, as -9999 does."""

import numpy as np
import shapely

# what programs of elevation write where nothing is known: nines, ends of integers and of floats
NONE_KNOWN = np.array([-999.0, -9999.0, -99999.0, -999999.0, -32767.0, -32768.0])
NO_HEIGHT = 1e30  # nothing lies as high, or as deep
APART = 2  # times as deep as all other heights


class Heights:
    """What came of the heights of a layer: ``ends``, its lowest and highest, if it has any."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self._lowest_other = np.inf
        self._odd: dict[float, tuple[int, int]] = {}  # height → points that have it, and shapes

    def add(self, shapes: np.ndarray) -> None:
        """Take shapes, some of which may have heights."""
        tall = shapes[shapely.has_z(shapes)]
        if not len(tall):
            return
        points, of = shapely.get_coordinates(tall, include_z=True, return_index=True)
        is_known = np.isfinite(points[:, 2])
        z, of = points[is_known, 2], of[is_known]
        if not len(z):
            return
        self.ends = [float(min([z.min(), *self.ends])), float(max([z.max(), *self.ends]))]
        is_odd = np.isin(z, NONE_KNOWN) | (np.abs(z) >= NO_HEIGHT)
        self._lowest_other = float(np.min(z[~is_odd], initial=self._lowest_other))
        for height in np.unique(z[is_odd]):
            at = z == height
            points_, shapes_ = self._odd.get(float(height), (0, 0))
            found = (points_ + int(at.sum()), shapes_ + len(np.unique(of[at])))
            self._odd[float(height)] = found

    @property
    def doubts(self) -> list[str]:
        """What is told of heights that may stand for none, in words."""
        return [
            f"{_count(points, 'point')} of {_count(shapes, 'shape')} "
            f"{'has' if points == 1 else 'have'} the height {height:g}: it may stand for none, and "
            "is a height to whoever computes with it"
            for height, (points, shapes) in sorted(self._odd.items())
            if abs(height) >= NO_HEIGHT or height < min(0, self._lowest_other) * APART
        ]


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"

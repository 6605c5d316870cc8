"""Classes of values: their limits, as they are written in the legend, and their colours."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import is_color_like, to_hex

from diffusion.errors import MapError
from diffusion.maps.look import ChoroplethLook, Shade
from diffusion.maps.numbers import decimals_of

SEQUENTIAL, DIVERGING = "YlOrBr", "RdBu_r"
PALEST = 0.15  # of a colour map: what is paler cannot be told from paper


@dataclass(frozen=True)
class Classes:
    """Limits, one more than classes; each class holds its lower limit, the last one both.

    Attributes:
        centre: the limit at which colours change; None for one family of colours.
        decimals: with which the limits are written; they are rounded to these.
    """

    limits: Sequence[float]
    centre: float | None
    decimals: int

    @property
    def count(self) -> int:
        return len(self.limits) - 1

    def index(self, value: float) -> int:
        """Return the class of a value, from 0 on."""
        return min(bisect_right(self.limits, value), self.count) - 1

    def colours(self, name: str | Sequence[str] = "") -> list[str]:
        """Return a colour for each class; with a centre, the darkest are the farthest from it.

        Args:
            name: of a colour map, or the colours themselves.

        Raises:
            DiffusionError: there are not as many colours as classes, or one is none.
        """
        if not isinstance(name, str):
            return _stated(name, self.count)
        if self.centre is None:
            return _colours(name or SEQUENTIAL, np.linspace(PALEST, 1, self.count))
        below = sum(limit < self.centre for limit in self.limits)
        above, steps = self.count - below, max(below, self.count - below)
        shares = [0.5 - 0.5 * (step + 0.5) / steps for step in reversed(range(below))]
        shares += [0.5 + 0.5 * (step + 0.5) / steps for step in range(above)]
        return _colours(name or DIVERGING, shares)


def _stated(colours: Sequence[str], count: int) -> list[str]:
    if wrong := [text for text in colours if not is_color_like(text)]:
        raise MapError("params.colours", f"`{wrong[0]}` is no colour", 'write "#1b9e77", or a name')
    if len(colours) != count:
        found = f"{len(colours)} colours for {count} classes"
        raise MapError("params.colours", found, "state one for each class, from the lowest on")
    return [to_hex(text) for text in colours]


def _colours(name: str, shares: Iterable[float]) -> list[str]:
    """Return the colours at some places, from 0 to 1, of a colour map of matplotlib's."""
    if name not in colormaps:
        from diffusion.config.schema import did_you_mean  # jsonschema only for this

        plain = [known for known in colormaps if not known.endswith("_r")]
        fix = did_you_mean(name, plain).strip() or "see matplotlib's colour maps"
        raise MapError("params.colours", f"there are no colours `{name}`", fix)
    return [to_hex(colormaps[name](share)) for share in shares]


def classes_of(values: Sequence[float], look: ChoroplethLook | Shade) -> Classes:
    """Return the classes of values, of which there is at least one.

    Limits are rounded as the legend writes them, the outer ones outwards, so that what is drawn is
    what is told.

    Raises:
        DiffusionError: a value lies outside of the limits that are given, or the centre does.
    """
    least, most = min(values), max(values)
    centre = look.centre if look.centre is not None else (0.0 if least < 0 < most else None)
    if isinstance(look.classes, list):
        limits = _given(look.classes, least, most, look.centre)
        return Classes(limits, centre, _decimals(limits, look))
    if centre is not None and not least < centre < most:
        found = f"all values are on one side of {centre:g}: {least:g} to {most:g}"
        raise MapError("params.centre", found, "leave it out, or take one between them")
    limits = _found(np.sort(np.asarray(values, dtype=float)), look, centre)
    decimals = _decimals(limits, look)
    places = decimals + (2 if look.percent else 0)
    return Classes(_rounded(limits, places, centre), centre, decimals)


def _decimals(limits: Sequence[float], look: ChoroplethLook | Shade) -> int:
    return decimals_of(limits, look.percent) if look.decimals is None else look.decimals


def _given(
    limits: Sequence[float], least: float, most: float, centre: float | None
) -> Sequence[float]:
    where = "params.classes"
    if len(limits) < 2 or any(a >= b for a, b in pairwise(limits)):
        fix = "write the limits from the lowest to the highest, the outer ones included"
        raise MapError(where, f"{limits} are no limits of classes", fix)
    if least < limits[0] or most > limits[-1]:
        found = f"values go from {least:g} to {most:g}, the classes from {limits[0]:g} to "
        fix = "widen the outer limits: every value is in a class"
        raise MapError(where, f"{found}{limits[-1]:g}", fix)
    if centre is not None and centre not in limits:
        raise MapError("params.centre", f"{centre:g} is no limit of a class", "make it one")
    return limits


def _found(values: np.ndarray, look: ChoroplethLook | Shade, centre: float | None) -> list[float]:
    """Return limits without those that come twice, where many values are the same."""
    if centre is None:
        return sorted(set(_limits(values, str(look.classes), look.count)))
    low, high = values[values < centre], values[values >= centre]
    below = min(max(1, round(look.count * len(low) / len(values))), look.count - 1)
    under = _limits(np.append(low, centre), str(look.classes), below)
    over = _limits(np.append(centre, high), str(look.classes), look.count - below)
    return sorted({*under, *over})


def _limits(values: np.ndarray, method: str, count: int) -> list[float]:
    if method == "equal":
        return list(map(float, np.linspace(values[0], values[-1], count + 1)))
    different = len(np.unique(values))
    if method == "jenks" and different > count > 1:
        import jenkspy

        breaks = jenkspy.jenks_breaks(values, n_classes=count)  # each the last value of a class
        after = [values[np.searchsorted(values, last, "right")] for last in breaks[1:-1]]
        middles = [(last + first) / 2 for last, first in zip(breaks[1:-1], after, strict=True)]
        return list(map(float, [breaks[0], *middles, breaks[-1]]))
    return list(map(float, np.quantile(values, np.linspace(0, 1, min(count, different) + 1))))


def _rounded(limits: Sequence[float], places: int, centre: float | None) -> list[float]:
    scale = 10**places
    inner = [limit if limit == centre else round(limit, places) for limit in limits[1:-1]]
    low, high = floor(limits[0] * scale) / scale, ceil(limits[-1] * scale) / scale
    return sorted({low, *inner, high if high > low else low + 1 / scale})

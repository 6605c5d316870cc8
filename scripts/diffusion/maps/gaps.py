"""Outlines without a value: grey and hatched, so that they are no class, also without colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.errors import MapError
from diffusion.maps.joined import REASON, VALUE
from diffusion.maps.look import Language

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

GREY, LINES = "#e4e4e4", "#8c8c8c"
HATCHES = ("/////", ".....", "xxxxx", "-----")
WORDS = {"fr": "sans donnée", "en": "no data"}


@dataclass(frozen=True)
class Gap:
    """A reason why some outlines have no value, how many there are, and how they are hatched."""

    reason: str
    count: int
    hatch: str


def gaps_of(data: "gpd.GeoDataFrame", language: Language) -> list[Gap]:
    """Return the gaps of ``joined`` data, those without a reason last; writes the reason into it.

    Raises:
        DiffusionError: there are more reasons than a reader can tell apart.
    """
    empty = data[VALUE].isna()
    words = WORDS[language]
    data[REASON] = data[REASON].astype(object)
    data.loc[empty & data[REASON].isna(), REASON] = words
    counts = data.loc[empty, REASON].value_counts()
    found = sorted(counts.items(), key=lambda one: (one[0] == words, -one[1], one[0]))
    if len(found) > len(HATCHES):
        fix = f"say it in at most {len(HATCHES)} kinds"
        raise MapError("params.reason", f"there are {len(found)} reasons for no value", fix)
    return [
        Gap(str(reason), int(count), hatch)
        for (reason, count), hatch in zip(found, HATCHES, strict=False)
    ]


def hatch_gaps(axes: "Axes", part: "gpd.GeoDataFrame", gaps: Sequence[Gap]) -> None:
    """Hatch the outlines of a frame that have no value."""
    empty = part[VALUE].isna()
    for gap in gaps:
        chosen = part[empty & (part[REASON] == gap.reason)]
        if len(chosen):
            style = {"facecolor": "none", "edgecolor": LINES, "linewidth": 0}
            chosen.plot(ax=axes, hatch=gap.hatch, zorder=2, **style)

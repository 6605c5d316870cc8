"""How outlines are filled: each in its colour, those without a value hatched."""

from collections.abc import Callable, Sequence

import geopandas as gpd
import pandas as pd
from matplotlib.axes import Axes

from diffusion.maps.gaps import GREY, Gap, hatch_gaps

COLOUR = "colour"
MANY = 2_000  # outlines; their borders are thinner
Paint = Callable[[Axes, gpd.GeoDataFrame], None]


def painter(
    data: gpd.GeoDataFrame, colours: pd.Series, gaps: Sequence[Gap], edge: str = "white"
) -> Paint:
    """Return what draws the outlines of one frame; null among the colours is a gap."""
    data[COLOUR] = colours.astype(object).fillna(GREY)
    width = 0.4 if len(data) < MANY else 0.05

    def paint(axes: Axes, part: gpd.GeoDataFrame) -> None:
        part.plot(ax=axes, color=list(part[COLOUR]), edgecolor=edge, linewidth=width)
        hatch_gaps(axes, part, gaps)

    return paint

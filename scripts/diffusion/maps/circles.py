"""Maps of totals: a circle in each outline, whose area is as large as the value."""

from math import floor, log10, sqrt
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from matplotlib.axes import Axes

from diffusion.errors import MapError
from diffusion.maps.joined import VALUE, joined
from diffusion.maps.legend import GAP, circle_legend
from diffusion.maps.look import CirclesLook, look_of
from diffusion.maps.sheet import draw_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER, BORDER = "#f2efe9", "#c9c4bb"
SHARES = (1, 0.4, 0.1)  # of the largest value: about what the legend shows


def circles(outlines: gpd.GeoDataFrame, values: pd.DataFrame, **look: Any) -> "Figure":
    """Return a map of circles: for totals, such as numbers of inhabitants.

    Circles are as large in every frame, so that they can be compared.

    Args:
        outlines: of any place, with their codes.
        values: one row a code.
        look: what is shown and said, see ``CirclesLook``; ``value`` is needed.

    Raises:
        DiffusionError: an option, or the data, do not fit; a value is below zero.
    """
    options = look_of(CirclesLook, look)
    data = joined(outlines, values, options)
    least, most = data[VALUE].min(), float(data[VALUE].max())
    if least < 0 or most <= 0:
        found = f"`{options.value}` goes from {least:g} to {most:g}: no circle shows that"
        raise MapError("params.value", found, "draw a `choropleth` of it")
    scale = options.largest / sqrt(most)

    def paint(axes: Axes, part: gpd.GeoDataFrame) -> None:
        ground = [GAP if pd.isna(value) else PAPER for value in part[VALUE]]
        part.plot(ax=axes, color=ground, edgecolor=BORDER, linewidth=0.4)
        shown = part[part[VALUE] > 0].sort_values(VALUE, ascending=False)
        points = shown.representative_point()
        axes.scatter(
            points.x,
            points.y,
            s=[(2 * scale * sqrt(value)) ** 2 for value in shown[VALUE]],
            facecolor=options.colour,
            edgecolor="white",
            linewidth=0.5,
            alpha=0.75,
            zorder=3,
            clip_on=len(shown) > 1,  # the circle of an island may be larger than its frame
        )

    figure, top = draw_sheet(options, data, paint)
    shown = [round_down(most * share) for share in SHARES]
    sizes = [(value, scale * sqrt(value)) for value in dict.fromkeys(shown)]
    circle_legend(figure, top, options, sizes, int(data[VALUE].isna().sum()))
    return figure


def round_down(value: float) -> float:
    """Return the next lower number of one digit: 2 345 → 2 000."""
    unit = 10.0 ** floor(log10(value))
    return floor(value / unit) * unit

"""Maps of shares, means and rates: each outline in the colour of its class."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from matplotlib.axes import Axes

from diffusion.maps.classes import classes_of
from diffusion.maps.joined import VALUE, joined
from diffusion.maps.legend import GAP, class_legend
from diffusion.maps.look import ChoroplethLook, look_of
from diffusion.maps.sheet import draw_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOUR = "colour"
MANY = 2_000  # outlines; their borders are thinner


def choropleth(outlines: gpd.GeoDataFrame, values: pd.DataFrame, **look: Any) -> "Figure":
    """Return a map of classes: for shares, means and rates. Totals are for ``circles``.

    Args:
        outlines: of any place, with their codes.
        values: one row a code.
        look: what is shown and said, see ``ChoroplethLook``; ``value`` is needed.

    Raises:
        DiffusionError: an option, or the data, do not fit; see ``joined`` and ``classes_of``.
    """
    options = look_of(ChoroplethLook, look)
    data = joined(outlines, values, options)
    known = [float(value) for value in data[VALUE].dropna()]
    classes = classes_of(known, options)
    colours = classes.colours(options.colours)
    counts = Counter(classes.index(value) for value in known)
    data[COLOUR] = [
        GAP if pd.isna(value) else colours[classes.index(value)] for value in data[VALUE]
    ]
    width = 0.4 if len(data) < MANY else 0.05

    def paint(axes: Axes, part: gpd.GeoDataFrame) -> None:
        part.plot(ax=axes, color=list(part[COLOUR]), edgecolor="white", linewidth=width)

    figure, top = draw_sheet(options, data, paint)
    numbers = [counts[index] for index in range(classes.count)]
    class_legend(figure, top, options, classes, colours, numbers, len(data) - len(known))
    return figure

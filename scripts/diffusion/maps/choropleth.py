"""Maps of shares, means and rates: each outline in the colour of its class."""

from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from diffusion.maps.classes import classes_of
from diffusion.maps.gaps import gaps_of
from diffusion.maps.joined import VALUE, joined
from diffusion.maps.legend import box_legend, class_boxes
from diffusion.maps.look import ChoroplethLook, look_of
from diffusion.maps.paint import painter
from diffusion.maps.sheet import draw_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def choropleth(
    outlines: gpd.GeoDataFrame,
    values: pd.DataFrame,
    borders: gpd.GeoDataFrame | None = None,
    **look: Any,
) -> "Figure":
    """Return a map of classes: for shares, means and rates. Totals are for ``circles``.

    Args:
        outlines: of any place, with their codes.
        values: one row a code.
        borders: larger outlines, whose borders are drawn over the others.
        look: what is shown and said, see ``ChoroplethLook``; ``value`` is needed.

    Raises:
        DiffusionError: an option, or the data, do not fit; see ``joined`` and ``classes_of``.
    """
    options = look_of(ChoroplethLook, look)
    data = joined(outlines, values, options)
    known = data[VALUE].dropna()
    classes = classes_of(list(map(float, known)), options)
    colours = classes.colours(options.colours)
    chosen = known.map(lambda value: colours[classes.index(value)]).reindex(data.index)
    gaps = gaps_of(data, options.language)
    boxes = class_boxes(classes, colours, list(known), options.language, options.percent)
    title = options.legend or options.value
    legend = partial(box_legend, title=title, boxes=boxes, gaps=gaps)
    return draw_sheet(options, data, painter(data, chosen, gaps), legend, borders)

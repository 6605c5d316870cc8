"""Maps of totals: a circle in each outline, whose area is as large as the value."""

from collections.abc import Callable, Sequence
from functools import partial
from math import floor, log10, sqrt
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import msgspec
import pandas as pd
from matplotlib.axes import Axes

from diffusion.errors import MapError
from diffusion.maps.classes import classes_of
from diffusion.maps.gaps import GREY as GAP
from diffusion.maps.gaps import WORDS as NO_DATA
from diffusion.maps.gaps import Gap, gaps_of
from diffusion.maps.joined import VALUE, joined
from diffusion.maps.legend import Box, box_legend, circle_legend, class_boxes
from diffusion.maps.look import CirclesLook, look_of
from diffusion.maps.paint import painter
from diffusion.maps.sheet import draw_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER, BORDER = "#f2efe9", "#c9c4bb"
SHARES = (1, 0.4, 0.1)  # of the largest value: about what the legend shows
FILL = "fill"


def circles(
    outlines: gpd.GeoDataFrame,
    values: pd.DataFrame,
    borders: gpd.GeoDataFrame | None = None,
    **look: Any,
) -> "Figure":
    """Return a map of circles: for totals, such as numbers of inhabitants.

    Circles are as large in every frame, so that they can be compared. With ``shade`` their colour
    shows a share, mean or rate beside.

    Args:
        outlines: of any place, with their codes.
        values: one row a code.
        borders: larger outlines, whose borders are drawn over the others.
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
    data[FILL], boxes = _shaded(outlines, values, options, data)
    gaps = gaps_of(data, options.language)
    ground = data[VALUE].map(lambda value: PAPER, na_action="ignore")
    areas = painter(data, ground, gaps, BORDER)

    def paint(axes: Axes, part: gpd.GeoDataFrame) -> None:
        areas(axes, part)
        _circles(axes, part[part[VALUE] > 0], scale, clear=options.shade is None)

    shown = dict.fromkeys(round_down(most * share) for share in SHARES)
    sizes = [(value, scale * sqrt(value)) for value in shown]

    return draw_sheet(options, data, paint, partial(_legend, options, sizes, gaps, boxes), borders)


def _legend(
    options: CirclesLook,
    sizes: Sequence[tuple[float, float]],
    gaps: Sequence[Gap],
    boxes: Sequence[Box],
    figure: "Figure",
    top: float,
) -> float:
    y = circle_legend(figure, top, options, sizes, gaps)
    if shade := options.shade:
        y = box_legend(figure, y - 0.012, shade.legend or shade.value, boxes)
    return y


def _circles(axes: Axes, shown: gpd.GeoDataFrame, scale: float, clear: bool) -> None:
    """Draw the circles of a frame, the largest first."""
    shown = shown.sort_values(VALUE, ascending=False)
    points = shown.representative_point()
    axes.scatter(
        points.x,
        points.y,
        s=[(2 * scale * sqrt(value)) ** 2 for value in shown[VALUE]],
        facecolor=list(shown[FILL]),
        edgecolor="white" if clear else "#555555",
        linewidth=0.5,
        alpha=0.75 if clear else 1,  # a class has one colour, whatever it lies on
        zorder=5,
        clip_on=len(shown) > 1,  # the circle of an island may be larger than its frame
    )


def _shaded(
    outlines: gpd.GeoDataFrame, values: pd.DataFrame, options: CirclesLook, data: gpd.GeoDataFrame
) -> tuple[pd.Series, list[Box]]:
    """Return the colour of each circle, and the boxes that tell them."""
    if (shade := options.shade) is None:
        return pd.Series(options.colour, index=data.index), []
    if shade.value not in values.columns:
        fix = f"there are: {', '.join(map(str, values.columns))}"
        raise MapError("params.shade.value", f"the values have no column `{shade.value}`", fix)
    other = msgspec.structs.replace(options, value=shade.value, without_outline=())
    kept = values[~values[options.key].isin(options.without_outline)]
    shades = joined(outlines, kept, other)[VALUE].where(data[VALUE] > 0)
    known = shades.dropna()
    if known.empty:
        found = f"`{shade.value}` is null wherever there is a circle"
        raise MapError("params.shade.value", found, "check the table")
    classes = classes_of(list(map(float, known)), shade)
    colours = classes.colours(shade.colours)
    choose: Callable[[float], str] = lambda value: colours[classes.index(value)]  # noqa: E731
    boxes = class_boxes(classes, colours, list(known), options.language, shade.percent)
    if count := int(((data[VALUE] > 0) & shades.isna()).sum()):
        boxes.append(Box(GAP, f"{NO_DATA[options.language]}  ({count})"))
    return shades.map(choose, na_action="ignore").astype(object).fillna(GAP), boxes


def round_down(value: float) -> float:
    """Return the next lower number of one digit: 2 345 → 2 000."""
    unit = 10.0 ** floor(log10(value))
    return floor(value / unit) * unit

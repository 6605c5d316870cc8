"""Maps of kinds: each outline in the colour of what it is, such as an urban or a rural commune."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from matplotlib.colors import is_color_like, to_hex

from diffusion.errors import MapError
from diffusion.maps.gaps import gaps_of
from diffusion.maps.joined import VALUE, joined, listed
from diffusion.maps.legend import Box, box_legend
from diffusion.maps.look import TypologyLook, look_of
from diffusion.maps.paint import painter
from diffusion.maps.sheet import draw_sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# told apart with every kind of colour vision, and as greys as far as eight colours can be
COLOURS = (
    "#e69f00", "#0072b2", "#f0e442", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#4d4d4d",
)  # fmt: skip


def typology(
    outlines: gpd.GeoDataFrame,
    values: pd.DataFrame,
    borders: gpd.GeoDataFrame | None = None,
    **look: Any,
) -> "Figure":
    """Return a map of kinds, which have no order, or that of ``colours``.

    Args:
        outlines: of any place, with their codes.
        values: one row a code.
        borders: larger outlines, whose borders are drawn over the others.
        look: what is shown and said, see ``TypologyLook``; ``value`` is needed.

    Raises:
        DiffusionError: an option, or the data, do not fit; there are too many kinds.
    """
    options = look_of(TypologyLook, look)
    data = joined(outlines, values, options, numbers=False)
    data[VALUE] = data[VALUE].map(str, na_action="ignore")
    counts = data[VALUE].value_counts()
    colours = kind_colours(sorted(counts.index), options)
    gaps = gaps_of(data, options.language)
    boxes = [
        Box(colour, f"{kind}  ({counts[kind]})")
        for kind, colour in colours.items()
        if kind in counts
    ]
    paint = painter(data, data[VALUE].map(colours), gaps)
    title = options.legend or options.value
    legend = partial(box_legend, title=title, boxes=boxes, gaps=gaps)
    return draw_sheet(options, data, paint, legend, borders)


def kind_colours(kinds: Sequence[str], look: TypologyLook) -> dict[str, str]:
    """Return the colour of each kind, in the order of the legend.

    Raises:
        DiffusionError: a kind has no colour, a colour is none, or there are too many kinds.
    """
    where = "params.colours"
    if not look.colours:
        if len(kinds) > len(COLOURS):
            found = f"`{look.value}` has {len(kinds)} kinds, such as {listed(kinds)}"
            fix = (
                f"group them: a reader tells about {len(COLOURS)} colours apart; or state `colours`"
            )
            raise MapError("params.value", found, fix)
        return dict(zip(kinds, COLOURS, strict=False))
    if wrong := [text for text in look.colours.values() if not is_color_like(text)]:
        raise MapError(where, f"`{wrong[0]}` is no colour", 'write "#1b9e77", or a name')
    if without := [kind for kind in kinds if kind not in look.colours]:
        raise MapError(where, f"{listed(without)}: no colour is stated", "state one for each kind")
    return {kind: to_hex(colour) for kind, colour in look.colours.items()}

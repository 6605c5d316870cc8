"""A map of France by department, region or commune, overseas in frames; `params:` say what is seen.

    value      column to show                        (needed)
    key        its column of codes                   (departement)
    outlines   table of the outlines                 (the last of `inputs:`)
    code       the outlines' column of codes         (code)
    title, legend, percent (false), colours (YlOrRd; RdBu_r where some values are negative)

The table with the values is the first of `inputs:`. Codes without an outline are counted below.
"""

import geopandas as gpd
import matplotlib.pyplot as plt
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

# west, south, east, north: by their place, whatever their codes are
OVERSEAS = {
    "Guadeloupe": (-62, 15.5, -60.5, 17),
    "Martinique": (-61.5, 14.2, -60.5, 15),
    "Guyane": (-55, 2, -51, 6.5),
    "La Réunion": (55, -21.6, 56, -20.6),
    "Mayotte": (44.8, -13.2, 45.5, -12.4),
}
EUROPE = (-6, 41, 10, 52)
METROPOLIS, WORLD = "EPSG:2154", "EPSG:4326"  # Lambert-93; longitude and latitude
DETAIL = 500  # metres, half a pixel: finer outlines only make the SVG heavy
SHOWN = 8  # codes without an outline that are named


def draw(inputs, params) -> plt.Figure:
    value, key, code = params["value"], params.get("key", "departement"), params.get("code", "code")
    names = list(inputs)
    values = inputs[names[0]].frame(columns=[key, value])
    outlines = inputs[params.get("outlines", names[-1])].geo(columns=[code])
    data = outlines.merge(values, left_on=code, right_on=key, how="left").to_crs(WORLD)
    look = _look(data[value], params) | {"column": value}
    figure = plt.figure(figsize=(8, 8.5))
    main = figure.add_axes((0.18, 0.05, 0.8, 0.84))
    main.set_axis_off()
    metropolis = _within(data, EUROPE).to_crs(METROPOLIS)
    metropolis.geometry = metropolis.simplify_coverage(DETAIL)  # neighbours keep a common border
    metropolis.plot(ax=main, **look)
    for row, (name, box) in enumerate(OVERSEAS.items()):
        frame = figure.add_axes((0.03, 0.71 - 0.145 * row, 0.14, 0.11))
        _frame(frame, _within(data, box), name, look)
    _legend(figure, look, params)
    _note(figure, sorted(set(values[key].dropna()) - set(outlines[code])))
    figure.suptitle(params.get("title", value), fontsize=15, x=0.04, ha="left", y=0.965)
    return figure


def _look(values, params: dict) -> dict:
    """Return how values are drawn: from 0 on, or in two colours that meet at 0."""
    least, most = values.min(), max(values.max(), 1e-9)
    is_signed = least < 0
    return {
        "cmap": params.get("colours", "RdBu_r" if is_signed else "YlOrRd"),
        "norm": TwoSlopeNorm(0, least, most) if is_signed else Normalize(0, most),
        "edgecolor": "white",
        "linewidth": 0.4,
        "missing_kwds": {"color": "#dddddd"},
    }


def _within(data: gpd.GeoDataFrame, box: tuple) -> gpd.GeoDataFrame:
    places = data.representative_point()
    west, south, east, north = box
    return data[places.x.between(west, east) & places.y.between(south, north)]


def _note(figure: plt.Figure, codes: list) -> None:
    if codes:
        listed = ", ".join(map(str, codes[:SHOWN])) + (", …" if len(codes) > SHOWN else "")
        words = f"{len(codes)} codes sans contour : {listed}"
        figure.text(0.04, 0.04, words, fontsize=8, color="#555555")


def _frame(axes: plt.Axes, data: gpd.GeoDataFrame, name: str, look: dict) -> None:
    if len(data):
        data.plot(ax=axes, **look)
    axes.set_title(name, fontsize=8, pad=2)
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    for side in axes.spines.values():
        side.set_color("#bbbbbb")


def _legend(figure: plt.Figure, look: dict, params: dict) -> None:
    spaced = FuncFormatter(lambda number, _: f"{number:,.10g}".replace(",", "\u202f"))
    axes = figure.add_axes((0.64, 0.9, 0.32, 0.018))
    colours = plt.cm.ScalarMappable(look["norm"], look["cmap"])
    form = PercentFormatter(1, decimals=0) if params.get("percent") else spaced
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal", format=form)
    ends = [look["norm"].vmin, look["norm"].vmax]  # few, so that labels do not overlap
    bar.set_ticks([ends[0], 0, ends[1]] if ends[0] < 0 else MaxNLocator(4))
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    axes.set_title(
        f"{params.get('legend', look['column'])} ; gris : sans données", fontsize=8, pad=4
    )

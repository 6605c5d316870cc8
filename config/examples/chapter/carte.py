"""A map of France by department, overseas in frames; `params:` sets what is shown.

    value      column to show                        (needed)
    key        its column of department codes        (departement)
    outlines   table of the departments' outlines    (the last of `inputs:`)
    code       the outlines' column of codes         (code)
    title, legend, percent (false), colours (YlOrRd)

The table with the values is the first of `inputs:`.
"""

import geopandas as gpd
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, PercentFormatter

OVERSEAS = {
    "971": "Guadeloupe",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Mayotte",
}
METROPOLIS, WORLD = "EPSG:2154", "EPSG:4326"  # Lambert-93; longitude and latitude
DETAIL = 500  # metres, half a pixel: finer outlines only make the SVG heavy


def draw(inputs, params) -> plt.Figure:
    value, key, code = params["value"], params.get("key", "departement"), params.get("code", "code")
    names = list(inputs)
    values = inputs[names[0]].frame(columns=[key, value])
    outlines = inputs[params.get("outlines", names[-1])].geo(columns=[code])
    data = outlines.merge(values, left_on=code, right_on=key, how="left")
    look = {
        "column": value,
        "cmap": params.get("colours", "YlOrRd"),
        "vmin": 0,
        "vmax": max(data[value].max(), 1e-9),
        "edgecolor": "white",
        "linewidth": 0.4,
        "missing_kwds": {"color": "#dddddd"},
    }
    figure = plt.figure(figsize=(8, 8.5))
    main = figure.add_axes((0.18, 0.05, 0.8, 0.84))
    main.set_axis_off()
    metropolis = data[~data[code].isin(OVERSEAS)].to_crs(METROPOLIS)
    metropolis.geometry = metropolis.simplify_coverage(DETAIL)  # neighbours keep a common border
    metropolis.plot(ax=main, **look)
    for row, (overseas, name) in enumerate(OVERSEAS.items()):
        frame = figure.add_axes((0.03, 0.71 - 0.145 * row, 0.14, 0.11))
        _frame(frame, data[data[code] == overseas].to_crs(WORLD), name, look)
    _legend(figure, look, params)
    figure.suptitle(params.get("title", value), fontsize=15, x=0.04, ha="left", y=0.965)
    return figure


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
    colours = plt.cm.ScalarMappable(plt.Normalize(look["vmin"], look["vmax"]), look["cmap"])
    form = PercentFormatter(1, decimals=0) if params.get("percent") else spaced
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal", format=form)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    axes.set_title(
        f"{params.get('legend', look['column'])} ; gris : sans données", fontsize=8, pad=4
    )

"""A map of France: share of dwellings in classes F and G by department, overseas in frames."""

import geopandas as gpd
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

OVERSEAS = {"971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion", "976": "Mayotte"}
LOOK = {"cmap": "YlOrRd", "edgecolor": "white", "linewidth": 0.4, "missing_kwds": {"color": "#dddddd"}}


def draw(inputs, params) -> plt.Figure:
    shares = inputs["dpe_par_departement"].frame(columns=["departement", "part_fg"])
    outlines = inputs["departements_insee"].geo(columns=["code"])
    data = outlines.merge(shares, left_on="code", right_on="departement", how="left")
    figure = plt.figure(figsize=(8, 8.5), layout=None)
    scale = {"vmin": 0, "vmax": max(data["part_fg"].max(), 0.01)}
    main = figure.add_axes((0.18, 0.07, 0.8, 0.82))
    metropolis = data[~data["code"].isin(OVERSEAS)].to_crs("EPSG:2154")
    metropolis.plot(column="part_fg", ax=main, **LOOK, **scale)
    main.set_axis_off()
    for row, (code, name) in enumerate(OVERSEAS.items()):
        _frame(figure, data[data["code"] == code], name, 0.71 - 0.145 * row, scale)
    _legend(figure, scale)
    figure.suptitle("Logements classés F ou G, par département", fontsize=15, x=0.04, ha="left", y=0.965)
    return figure


def _frame(figure: plt.Figure, data: gpd.GeoDataFrame, name: str, bottom: float, scale: dict) -> None:
    axes = figure.add_axes((0.03, bottom, 0.14, 0.11))
    axes.set_title(name, fontsize=8, pad=2)
    if len(data):
        data.plot(column="part_fg", ax=axes, **LOOK, **scale)
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
    for side in axes.spines.values():
        side.set_color("#bbbbbb")


def _legend(figure: plt.Figure, scale: dict) -> None:
    axes = figure.add_axes((0.64, 0.9, 0.32, 0.018))
    colours = plt.cm.ScalarMappable(norm=plt.Normalize(scale["vmin"], scale["vmax"]), cmap=LOOK["cmap"])
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal", format=PercentFormatter(1, decimals=0))
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    axes.set_title("part des logements ; gris : sans données", fontsize=8, pad=4)

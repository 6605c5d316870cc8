"""A histogram: dwellings by energy consumption, coloured by energy class."""

import matplotlib.pyplot as plt
import numpy as np

# the colours of the official label
COLOURS = {
    "A": "#319834", "B": "#33cc31", "C": "#cbfc34", "D": "#fbfe06",
    "E": "#fbcc05", "F": "#fc9935", "G": "#fc0205",
}  # fmt: skip
HIGHEST = 800  # kWh of primary energy per m² and year; the tail beyond is counted in a note


def draw(inputs, params) -> plt.Figure:
    dpe = inputs["dpe"].frame(columns=["consommation_energie", "classe_consommation_energie"])
    dpe = dpe[dpe["classe_consommation_energie"].isin(COLOURS) & dpe["consommation_energie"].gt(0)]
    classes = [
        dpe.loc[dpe["classe_consommation_energie"] == c, "consommation_energie"] for c in COLOURS
    ]
    figure, axes = plt.subplots(figsize=(9, 5))
    axes.hist(
        classes,
        bins=np.arange(0, HIGHEST + 20, 20),
        stacked=True,
        color=list(COLOURS.values()),
        label=list(COLOURS),
    )
    axes.set_xlabel("consommation d'énergie primaire (kWh/m²/an)")
    axes.set_ylabel("logements")
    axes.set_xlim(0, HIGHEST)
    axes.legend(title="classe", ncols=7, frameon=False, columnspacing=0.8, handlelength=1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(
        f"Consommation de {len(dpe):,} logements".replace(",", "\u202f"), loc="left", fontsize=14
    )
    beyond = int((dpe["consommation_energie"] > HIGHEST).sum())
    axes.annotate(
        f"{beyond} au-delà de {HIGHEST}",
        (0.99, 0.02),
        xycoords="axes fraction",
        ha="right",
        fontsize=8,
    )
    figure.subplots_adjust(bottom=0.18)
    return figure

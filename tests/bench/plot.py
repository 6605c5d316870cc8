"""The plot of docs/benchmarks.md: a panel a row, a bar a contender, ours in colour."""

from collections.abc import Mapping
from pathlib import Path

from bench.measure import Row

OURS, OTHER, INK = "#0b6e99", "#c9ced6", "#22303c"


def draw(rows: Mapping[str, Row], target: Path) -> None:
    """Draw the median time of each contender; whiskers are the fastest and the slowest run."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9}
    heights = [len(row.runs) + 1.3 for row in rows.values()]
    figure, axes = plt.subplots(
        len(rows), 1, figsize=(7.6, 0.27 * sum(heights) + 0.5), height_ratios=heights, squeeze=False
    )
    for axis, row in zip(axes.flat, rows.values(), strict=True):
        _panel(axis, row)
    figure.tight_layout(h_pad=1.0)
    figure.savefig(target, metadata={"Date": None})
    plt.close(figure)


def _panel(axis, row: Row) -> None:
    names, runs = list(row.runs), list(row.runs.values())
    times = [run.time for run in runs]
    colours = [OURS if name.startswith("Diffusion") else OTHER for name in names]
    colours = [OURS if i == 0 else c + ("99" if c == OURS else "") for i, c in enumerate(colours)]
    axis.barh(names, times, color=colours, height=0.72)
    for place, run in enumerate(runs):
        axis.plot([min(run.seconds), max(run.seconds)], [place, place], color=INK, linewidth=1)
        text = f"  {run.time:.1f} s · {run.peak:,.0f} MiB"
        axis.text(max(run.seconds), place, text, va="center", color=INK, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, max(times) * 1.3)
    axis.set_title(row.work, loc="left", fontsize=9.5, fontweight="bold", color=INK)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelsize=7, colors="#66717d")
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)

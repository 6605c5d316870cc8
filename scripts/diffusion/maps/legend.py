"""Legends: closed boxes for classes, circles within each other for totals."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle

from diffusion.maps.classes import Classes
from diffusion.maps.look import ChoroplethLook, CirclesLook, Language, Look
from diffusion.maps.numbers import decimals_of, written
from diffusion.maps.sheet import GREY, HEIGHT, LEFT, SMALL, WIDTH

SIGNS = 34  # in a line of the legend's title
ROW, BOX = 0.022, (0.034, 0.016)  # of the height; of width and height
GAP = "#d9d9d9"  # an outline without a value
WORDS = {
    "fr": {"class": "de {} à moins de {}", "last": "de {} à {}", "gap": "sans donnée"},
    "en": {"class": "{} to under {}", "last": "{} to {}", "gap": "no data"},
}


def class_legend(
    figure: Figure,
    top: float,
    look: ChoroplethLook,
    classes: Classes,
    colours: Sequence,
    counts: Sequence[int],
    gaps: int,
) -> None:
    """Draw a box for each class, the highest above, and one for outlines without a value."""
    labels = class_labels(classes, look.language, look.percent)
    rows = [
        (colour, f"{label}  ({count})")
        for colour, label, count in zip(colours, labels, counts, strict=True)
    ][::-1]
    if gaps:
        rows.append((GAP, f"{WORDS[look.language]['gap']}  ({gaps})"))
    y = _heading(figure, top, look)
    for colour, label in rows:
        _box(figure, y, colour, label)
        y -= ROW


def class_labels(classes: Classes, language: Language, percent: bool) -> list[str]:
    """Return what each class is called, from the lowest on."""
    ends = [written(limit, classes.decimals, language, percent) for limit in classes.limits]
    kinds = ["class"] * (classes.count - 1) + ["last"]
    pairs = zip(kinds, ends, ends[1:], strict=False)
    return [WORDS[language][kind].format(low, high) for kind, low, high in pairs]


def circle_legend(
    figure: Figure, top: float, look: CirclesLook, sizes: Sequence[tuple[float, float]], gaps: int
) -> None:
    """Draw circles within each other, with what they stand for.

    Args:
        sizes: value and radius in points of each, the largest first.
    """
    y = _heading(figure, top, look)
    largest = sizes[0][1]
    wide, high = largest / 72 / WIDTH, largest / 72 / HEIGHT
    floor = y - 2 * high
    decimals = look.decimals
    if decimals is None:
        decimals = decimals_of([value for value, _ in sizes], look.percent)
    for value, radius in sizes:
        share = radius / largest
        middle, size = (LEFT + wide, floor + high * share), (2 * wide * share, 2 * high * share)
        _add(figure, Ellipse(middle, *size, facecolor="none", edgecolor=GREY, linewidth=0.6))
        label = written(value, decimals, look.language, look.percent)
        line = floor + 2 * high * share
        ends = ((LEFT + wide, LEFT + 2 * wide + 0.02), (line, line))
        figure.add_artist(Line2D(*ends, color=GREY, linewidth=0.4))
        figure.text(LEFT + 2 * wide + 0.025, line, label, fontsize=SMALL, va="center")
    if gaps:
        _box(figure, floor - ROW, GAP, f"{WORDS[look.language]['gap']}  ({gaps})")


def _box(figure: Figure, y: float, colour: object, label: str) -> None:
    place = (LEFT, y - BOX[1])
    _add(figure, Rectangle(place, *BOX, facecolor=colour, edgecolor=GREY, linewidth=0.4))
    figure.text(LEFT + BOX[0] + 0.01, y - BOX[1] / 2, label, fontsize=SMALL, va="center")


def _add(figure: Figure, patch: Patch) -> None:
    """Add a patch whose place is given in shares of the figure."""
    patch.set_transform(figure.transFigure)
    figure.add_artist(patch)


def _heading(figure: Figure, top: float, look: Look) -> float:
    y = top
    for line in textwrap.wrap(look.legend or look.value, SIGNS):
        figure.text(LEFT, y, line, fontsize=SMALL + 0.5, fontweight="bold", va="top")
        y -= 0.019
    return y - 0.006

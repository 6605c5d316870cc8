"""Legends: closed boxes for classes, circles within each other for totals."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle

from diffusion.maps.classes import Classes
from diffusion.maps.gaps import GREY as GAP
from diffusion.maps.gaps import LINES, Gap
from diffusion.maps.look import CirclesLook, Language
from diffusion.maps.numbers import decimals_of, written
from diffusion.maps.sheet import GREY, HEIGHT, LEFT, SMALL

SIGNS = 34  # in a line of the legend's title
ROW, BOX = 0.022, (0.27, 0.016)  # of the height; inches, and of the height
WORDS = {
    "fr": {"class": "de {} à moins de {}", "last": "de {} à {}"},
    "en": {"class": "{} to under {}", "last": "{} to {}"},
}


@dataclass(frozen=True)
class Box:
    """A line of a legend."""

    colour: str
    label: str
    hatch: str = ""


def class_boxes(
    classes: Classes,
    colours: Sequence[str],
    values: Sequence[float],
    language: Language,
    percent: bool,
) -> list[Box]:
    """Return a box for each class, the highest first, with how many values it holds."""
    counts = Counter(classes.index(value) for value in values)
    labels = class_labels(classes, language, percent)
    return [
        Box(colour, f"{label}  ({counts[index]})")
        for index, (colour, label) in enumerate(zip(colours, labels, strict=True))
    ][::-1]


def box_legend(
    figure: Figure, top: float, title: str, boxes: Sequence[Box], gaps: Sequence[Gap] = ()
) -> float:
    """Draw boxes, and one for each kind of outlines without a value; return where they end."""
    y = _heading(figure, top, title)
    missing = [Box(GAP, f"{gap.reason}  ({gap.count})", gap.hatch) for gap in gaps]
    for one in (*boxes, *missing):
        for line in _box(figure, y, one):
            y -= line
    return y


def class_labels(classes: Classes, language: Language, percent: bool) -> list[str]:
    """Return what each class is called, from the lowest on."""
    ends = [written(limit, classes.decimals, language, percent) for limit in classes.limits]
    kinds = ["class"] * (classes.count - 1) + ["last"]
    pairs = zip(kinds, ends, ends[1:], strict=False)
    return [WORDS[language][kind].format(low, high) for kind, low, high in pairs]


def circle_legend(
    figure: Figure,
    top: float,
    look: CirclesLook,
    sizes: Sequence[tuple[float, float]],
    gaps: Sequence[Gap] = (),
) -> float:
    """Draw circles within each other, with what they stand for; return where they end.

    Args:
        sizes: value and radius in points of each, the largest first.
    """
    y = _heading(figure, top, look.legend or look.value)
    largest = sizes[0][1]
    wide, high = largest / 72 / figure.get_figwidth(), largest / 72 / HEIGHT
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
    y = floor - ROW / 2
    for gap in gaps:
        y -= sum(_box(figure, y, Box(GAP, f"{gap.reason}  ({gap.count})", gap.hatch)))
    return y


def _box(figure: Figure, y: float, box: Box) -> list[float]:
    """Draw a line of the legend; return the heights of its lines."""
    place, size = (LEFT, y - BOX[1]), (BOX[0] / figure.get_figwidth(), BOX[1])
    _add(figure, Rectangle(place, *size, facecolor=box.colour, edgecolor=GREY, linewidth=0.4))
    if box.hatch:
        style = {"facecolor": "none", "edgecolor": LINES, "linewidth": 0}
        _add(figure, Rectangle(place, *size, hatch=box.hatch, **style))
    lines = textwrap.wrap(box.label, SIGNS) or [""]
    words, x = "\n".join(lines), LEFT + size[0] + 0.08 / figure.get_figwidth()
    figure.text(x, y - BOX[1] / 2, words, fontsize=SMALL, va="center" if len(lines) == 1 else "top")
    return [ROW] + [ROW * 0.75] * (len(lines) - 1)


def _add(figure: Figure, patch: Patch) -> None:
    """Add a patch whose place is given in shares of the figure."""
    patch.set_transform(figure.transFigure)
    figure.add_artist(patch)


def _heading(figure: Figure, top: float, title: str) -> float:
    y = top
    for line in textwrap.wrap(title, SIGNS):
        figure.text(LEFT, y, line, fontsize=SMALL + 0.5, fontweight="bold", va="top")
        y -= 0.019
    return y - 0.006

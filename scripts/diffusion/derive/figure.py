"""Figures from published tables, with source and licence on them."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from diffusion.config.parts import Credit, Draw
from diffusion.derive.inputs import PublishedTable
from diffusion.derive.user_code import Inputs, load_function
from diffusion.errors import MapError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIGNS = 18  # in an inch, of the small print
MARGIN, FAR = 0.01, 0.1  # of the width: where it begins, and where text is no longer at the left


def draw_figure(
    name: str,
    draw: Draw,
    credit: Credit,
    inputs: Mapping[str, PublishedTable],
    project: Path,
    png: Path,
    svg: Path,
    unstated: str = "",
) -> None:
    """Call ``draw(inputs, params)`` of a script and save its figure, with source and licence.

    Args:
        unstated: of what no licence is stated, in words.
    """
    import matplotlib as mpl

    mpl.use("agg")
    mpl.rcParams["svg.hashsalt"] = name  # the same identifiers in every run
    figure = load_function(project, draw.script, "draw")(Inputs(inputs), draw.params)
    if not hasattr(figure, "savefig"):
        fix = "return the matplotlib figure"
        raise MapError(
            f"derive.{name} ({draw.script})", f"`draw` returned {type(figure).__name__}", fix
        )
    left = _left(figure)
    signs = int(figure.get_figwidth() * SIGNS * (1 + MARGIN - left))
    words = textwrap.fill(credits_of(inputs, credit, unstated), signs)
    figure.text(left, 0.01, words, fontsize=7, color="#555555", ha="left", va="bottom")
    png.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(png, dpi=150, metadata={"Software": None})
    figure.savefig(svg, metadata={"Date": None})


def _left(figure: "Figure") -> float:
    """Return where the small print begins: below what stands there already, as on maps."""
    places = [
        text.get_position()[0] for text in figure.texts if text.get_horizontalalignment() == "left"
    ]
    return min((x for x in places if MARGIN < x < FAR), default=MARGIN)


def credits_of(inputs: Mapping[str, PublishedTable], credit: Credit, unstated: str = "") -> str:
    """Return the line that credits the sources of a figure and states their licences.

    Where a table has no attribution, its licence stands alone: it is no source.

    Args:
        unstated: of what no licence is stated, in words.
    """
    found = [credit.attribution] if credit.attribution else []
    found += [line for table in inputs.values() for line in table.credits]
    # an input that is itself derived credits its own sources: keep the longest of what contains it
    kept = [a for a in dict.fromkeys(found) if not any(a != b and a in b for b in found)]
    licences = {text for table in inputs.values() for text in _licences(table)}
    named, bare = (
        [line for line in kept if (line in licences) == is_bare] for is_bare in (False, True)
    )
    told = [
        (f"{word}s : " if len(lines) > 1 else f"{word} : ") + " ; ".join(lines)
        for word, lines in (("Source", named), ("Licence", bare))
        if lines
    ]
    return ". ".join([*told, *([unstated] if unstated else [])])


def _licences(table: PublishedTable) -> list[str]:
    """Return the licences of a table and of its sources: credits that name nobody are these."""
    receipt = table.receipt
    return [receipt.get("licence", ""), *receipt.get("licences", {}).values()]

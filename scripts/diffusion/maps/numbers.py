"""Numbers as a reader of the map's language writes them."""

from collections.abc import Sequence
from itertools import pairwise

from diffusion.maps.look import Language

MOST = 9  # decimals
NARROW, NO_BREAK, MINUS = "\u202f", "\u00a0", "\u2212"


def written(number: float, decimals: int, language: Language, percent: bool = False) -> str:
    """Return a number with its thousands apart: ``1 234,5`` in French, ``1,234.5`` in English."""
    text = f"{abs(number) * (100 if percent else 1):,.{decimals}f}"
    sign = MINUS if number < 0 and text.strip("0.,") else ""
    if language == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
        return f"{sign}{text}{NO_BREAK}%" if percent else sign + text
    return f"{sign}{text}%" if percent else sign + text


def decimals_of(numbers: Sequence[float], percent: bool = False) -> int:
    """Return the fewest decimals by which different numbers are written differently.

    And no class that is told is narrower or wider than the one that is drawn by more than a tenth.
    """
    scale = 100 if percent else 1
    scaled = sorted({number * scale for number in numbers})
    gaps = [b - a for a, b in pairwise(scaled)]
    least = min(gaps, default=1.0)
    for decimals in range(MOST):
        if 10.0**-decimals <= least / 5 or all(round(n, decimals) == n for n in scaled):
            return decimals
    return MOST

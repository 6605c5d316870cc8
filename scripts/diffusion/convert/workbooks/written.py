"""Numbers of cells as the texts of their columns are written: one cast then reads both."""

from collections.abc import Sequence
from typing import NamedTuple

from diffusion.config.reading import TEXT_TYPES, ColumnSpec, Convert


class Written(NamedTuple):
    """How the texts of a column have numbers: a sign before decimals, and a unit behind them."""

    decimal: str
    unit: str = ""

    def of(self, number: str) -> str:
        """Return a number, which has a dot, as the texts have it."""
        return number.replace(".", self.decimal) + self.unit


def written_numbers(names: Sequence[str], convert: Convert, decimal: str) -> dict[int, Written]:
    """Return place of column → how its texts have numbers, where cells are not written so.

    Args:
        decimal: the decimal separator of the source; columns that are declared as text have none.
    """
    specs = {spec.source or name: spec for name, spec in convert.columns.items()}
    undeclared = ColumnSpec(type="float")
    found = {at: _written(specs.get(name, undeclared), decimal) for at, name in enumerate(names)}
    return {at: written for at, written in found.items() if written != Written(".")}


def _written(spec: ColumnSpec, decimal: str) -> Written:
    usual = "." if spec.type in TEXT_TYPES else decimal
    return Written(spec.decimal or usual, spec.unit)

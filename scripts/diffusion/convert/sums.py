"""Sums of the columns of numbers of some rows, and whether two are equal by more than chance."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.ends import ends_of

NEAR = 1e-4  # of sums of floats: publishers round each number
LARGE = 10  # sums below come by chance
FEW, FEW_LARGE = 2, 100  # so few other rows, and what is large then
Sums: TypeAlias = dict[str, Decimal]  # of columns of numbers


def add(sums: Sums, batch: pa.RecordBatch) -> None:
    """Add the columns of some rows to their sums, in place."""
    for name in sums:
        sums[name] += _exact(pc.sum(batch[name]).as_py())


def is_sum(value: Decimal, others: Decimal) -> bool:
    """Whether a number is the sum of others; 0 tells nothing."""
    near = 0 if value == value.to_integral_value() else NEAR
    return bool(value) and math.isclose(others, value, rel_tol=near)


def are_small(sums: Sums, names: Sequence[str], others: int, *, are_bare: bool) -> bool:
    """Whether sums may be equal by chance: of rows without a label, which are of any kind.

    What counts are their digits: 3,000 is 1,000 and 2,000 as easily as 3 is 1 and 2.

    Args:
        others: how many rows are not among them.
        are_bare: whether these have no text in any column: then their size counts, not their
            digits.
    """
    if others <= FEW:
        return all(_digits(sums[name]) < FEW_LARGE for name in names)
    return all((abs(sums[n]) if are_bare else _digits(sums[n])) < LARGE for n in names)


def _digits(value: Decimal) -> int:
    """Return the digits of a number without the zeros at its end."""
    return int("".join(map(str, abs(value).normalize().as_tuple().digits)))


class Ends:
    """The lowest and highest value of columns of numbers."""

    def __init__(self, names: Sequence[str]):
        self._ends: dict[str, list[Any]] = {name: [] for name in names}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take some rows."""
        for name, known in self._ends.items():
            known += ends_of(batch[name])
            known[:] = [min(known), max(known)] if known else []

    def is_constant(self, name: str) -> bool:
        """Whether all rows have one value, as a year: half the sum of two is the third."""
        low, *_, high = self._ends[name] or (0, 0)
        return bool(low == high)

    def is_highest(self, name: str, value: Decimal) -> bool:
        """Whether no value lies above one: of what is 0 or more, a total is above its parts."""
        low, *_, high = self._ends[name] or (0, 0)
        return low < 0 or _exact(high) <= value


def _exact(value: Any) -> Decimal:
    found = Decimal(str(value or 0))
    return found if found.is_finite() else Decimal(0)

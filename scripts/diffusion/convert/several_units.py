"""Values of SDMX in several units, or multiplied by several powers of ten: told loudly.

``UNIT_MULT`` is the power of ten by which a value has to be multiplied, ``UNIT_MEASURE`` its unit
(SDMX's cross-domain concepts, in its CSV, its JSON and its XML alike).
"""

from collections import Counter
from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.convert.columns import Column
from diffusion.tables.rows import Watcher

OBSERVED = ("OBS_VALUE", "OBSVALUE")
MULTIPLIER, MEASURE = "UNIT_MULT", "UNIT_MEASURE"
SHOWN = 5  # values


class SeveralUnits(Watcher):
    """Counts the values of both columns, where there is one of observations beside them."""

    def __init__(self, columns: Sequence[Column]):
        known = {_concept(column.raw): column.name for column in columns}
        self._observed = next((known[name] for name in OBSERVED if name in known), "")
        units = {key: known[key] for key in (MULTIPLIER, MEASURE) if key in known}
        self._units = units if self._observed else {}

    def begin(self, schema: pa.Schema) -> None:
        self._counts = {key: Counter[str | None]() for key in self._units}

    def look(self, batch: pa.RecordBatch) -> None:
        values = pc.is_valid(batch[self._observed]) if self._units else None
        for key, name in self._units.items():
            given = batch[name].filter(values).cast(pa.string())
            for each in pc.value_counts(given).to_pylist():
                self._counts[key][each["values"]] += each["counts"]

    def alerts(self) -> list[str]:
        """Return what is told of both columns."""
        fixes = {
            MULTIPLIER: f"`{self._observed}` has to be multiplied by 10 to the power of it before "
            "values are added or compared",
            MEASURE: f"values of `{self._observed}` in several units cannot be added",
        }
        return [
            f"`{self._units[key]}` is not the same in all rows ({_listed(found)}): {fixes[key]}"
            for key, found in self._counts.items()
            if len(found) > 1
        ]


def multiplier_left_out(found: Collection[str], columns: Sequence[Column]) -> list[str]:
    """Return what is told where a table has the values and not what they are to be multiplied by.

    Args:
        found: all columns of the data.
    """
    kept = {_concept(column.raw): column.name for column in columns}
    value = next((kept[name] for name in OBSERVED if name in kept), "")
    left = next((name for name in found if _concept(name) == MULTIPLIER), "")
    if not (value and left) or MULTIPLIER in kept:
        return []
    return [
        f"`{left}` is left out: unless it is 0 in all rows, `{value}` has to be multiplied by 10 "
        "to the power of it, which readers of the table do not see"
    ]


def _concept(name: str) -> str:
    """Return the concept of a column; SDMX-CSV writes its label behind it, if asked to."""
    return name.partition(":")[0].strip().upper()


def _listed(found: Counter[str | None]) -> str:
    """Return the most frequent values, and how many rows have each."""
    most = sorted(found.items(), key=lambda item: (-item[1], item[0] or ""))
    shown = [
        f"{'not stated' if value is None else f'`{value}`'} in {count:,}"
        for value, count in most[:SHOWN]
    ]
    more = f" and {len(most) - SHOWN:,} others" if len(most) > SHOWN else ""
    return ", ".join(shown) + more

"""Numbers and days that stand for no value: -999 where no other is below 0, 9999 far above all.

They are values to whoever adds up the column. Only the lowest and the highest value are looked at.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.tables.ends import ends_of
from diffusion.tables.rows import Watcher

LOW = frozenset(-(10**digits - 1) for digits in range(1, 10))
HIGH = frozenset(10**digits - 1 for digits in range(3, 10))
APART = 4  # times as high as all others
FEWEST, OTHERS = 2, 5  # such values, and others
DAYS = frozenset(
    [datetime.date(9999, 12, 31), datetime.date(2999, 12, 31), datetime.date(2099, 12, 31)]
    + [datetime.date(year, 1, 1) for year in (1, 1000, 1800, 1900, 9999)]
    + [datetime.date(1899, 12, 30), datetime.date(1899, 12, 31)]
)
YEARS = 20  # days that are meant lie nearer to each other


@dataclass
class _Seen:
    """What came of a column: the ends of all other values, and how often each odd one came.

    ``kind``: its type, as it is declared.
    """

    kind: str
    ends: list[Any]
    odd: dict[Any, int]
    others: int = 0


class Sentinels(Watcher):
    """Looks for such values in columns of numbers and of days."""

    def begin(self, schema: pa.Schema) -> None:
        found = ((field.name, _kind(field.type)) for field in schema)
        self._seen = {name: _Seen(kind, [], {}) for name, kind in found if kind}

    def look(self, batch: pa.RecordBatch) -> None:
        for name, seen in self._seen.items():
            _add(seen, batch[name])

    def alerts(self) -> list[str]:
        return [alert for name, seen in self._seen.items() for alert in _told(name, seen)]


def _kind(kind: pa.DataType) -> str:
    """Return how a type is declared; nothing for one that is looked at by others."""
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    is_float = pa.types.is_floating(kind)
    return "int" if pa.types.is_integer(kind) else "float" if is_float else ""


def _add(seen: _Seen, values: pa.Array) -> None:
    """Take values, those that may stand for none apart."""
    known = ends_of(values)
    if any(map(_is_odd, known)):
        values = _without_odd(seen, values)
        known = ends_of(values)
    seen.others += len(values) - values.null_count
    seen.ends += known
    seen.ends = [min(seen.ends), max(seen.ends)] if seen.ends else []


def _without_odd(seen: _Seen, values: pa.Array) -> pa.Array:
    """Count the lowest and the highest of some values where they are odd, and return the others."""
    # by scalars of Arrow, as it compares with a value of Python's by pandas
    for end in pc.min_max(values).values():
        if _is_odd(end.as_py()):
            is_odd = pc.equal(values, end)
            count = pc.sum(is_odd).as_py() or 0
            seen.odd[end.as_py()] = seen.odd.get(end.as_py(), 0) + count
            values = values.filter(pc.invert(is_odd))
    return values


def _is_odd(value: Any) -> bool:
    return value in DAYS if isinstance(value, datetime.date) else value in LOW or value in HIGH


def _told(name: str, seen: _Seen) -> Iterator[str]:
    for value, count in sorted(seen.odd.items()):
        if count < FEWEST or seen.others < OTHERS or not _is_apart(value, *seen.ends):
            continue
        token = str(value) if isinstance(value, datetime.date) else str(int(value))
        spec = in_line({name: {"type": seen.kind, "nulls": [token]}})
        yield (
            f"`{name}` is {token} {count:,} times, far from all other values ({seen.ends[0]} to "
            f"{seen.ends[1]}): if that is no value, `columns: {spec}`"
        )


def _is_apart(value: Any, low: Any, high: Any) -> bool:
    if isinstance(value, datetime.date):
        return value.year < low.year - YEARS or value.year > high.year + YEARS
    return bool(low >= 0) if value < 0 else bool(high * APART <= value)

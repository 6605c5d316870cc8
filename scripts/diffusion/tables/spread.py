"""How numbers, days and moments are spread, counted from a sample while row groups are written.

Up to `SAMPLE` rows all are looked at. Of more, those whose number has a hash below a threshold,
which is halved as often as need be: the same rows in every run, and rows that come in a period,
such as one a year, are not passed over as they would be by every n-th.
"""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.hashes import hashes_of_places
from diffusion.tables.texts import places_of

SAMPLE = 20_000  # rows: a share is right within 1 % of all or so
PARTS = 64  # that lie apart: row groups of geometries are small
BINS = 20
FAR = 3  # times as far apart as 98 % of the values: the ends are left out
FINE = 16  # steps of floats in a bar: of numbers beyond 2⁵³, neighbours are one float
HUGE = 1e300  # floats from here on stand for no value, and their differences have no end
EPOCH = datetime.date(1970, 1, 1)
MOMENT = datetime.datetime(1970, 1, 1)


class Spread:
    """Samples the columns of a table whose values can be told apart by how large they are."""

    def __init__(self) -> None:
        self._rows, self._size, self._halved = 0, 0, 0
        self._kept: list[tuple[np.ndarray, pa.Table]] = []  # hashes of rows, and their values

    def add(self, table: pa.Table) -> None:
        """Look at a row group."""
        names = [field.name for field in table.schema if _is_measured(field.type)]
        hashes = hashes_of_places(self._rows, table.num_rows)
        self._rows += table.num_rows
        if not names:
            return
        new = self._chosen(hashes, table.select(names))
        while self._size + len(new[0]) > SAMPLE:
            self._halved += 1
            self._gather()
            new = self._chosen(*new)
        self._kept.append(new)
        self._size += len(new[0])
        if len(self._kept) > PARTS:
            self._gather()

    def found(self) -> dict[str, dict]:
        """Return ``spread`` of each column that has `BINS` values or more.

        It has the ends of the bars (``from``, ``to``), how many values each bar has (``counts``),
        how many lie beyond the ends (``outside``), and whether these are of a sample
        (``sampled``).
        """
        if not self._kept:
            return {}
        self._gather()
        found, table = {}, self._kept[0][1]
        for name, column in zip(table.column_names, table.columns, strict=True):
            if spread := _spread(column):
                sampled = {"sampled": True} if self._halved else {}
                found[name] = {"spread": spread | sampled}
        return found

    def _chosen(self, hashes: np.ndarray, table: pa.Table) -> tuple[np.ndarray, pa.Table]:
        """Return the rows that belong to the sample."""
        if not self._halved:
            return hashes, table
        chosen = np.flatnonzero(hashes < np.uint64(1 << (64 - self._halved)))
        return hashes[chosen], table.take(places_of(chosen))

    def _gather(self) -> None:
        """Make one part of all that is kept, without what no longer belongs to the sample."""
        if self._kept:
            hashes = np.concatenate([part for part, _ in self._kept])
            table = pa.concat_tables([part for _, part in self._kept])
            self._kept = [self._chosen(hashes, table.combine_chunks())]
            self._size = len(self._kept[0][0])


def merged(*many: Mapping[str, dict]) -> dict[str, dict]:
    """Return what is known of each column as one."""
    found: dict[str, dict] = {}
    for known in many:
        for name, told in known.items():
            found[name] = found.get(name, {}) | told
    return found


def _is_measured(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(test(kind) for test in (*tests, pa.types.is_date, pa.types.is_timestamp))


def _spread(column: pa.ChunkedArray) -> dict[str, Any]:
    """Return the bars of a column; nothing where it has few values, or one alone."""
    known = _numbers(column)
    values = known[np.abs(known) < HUGE]
    if len(values) < BINS or values.min() == values.max():
        return {}
    kind = column.type
    low, high, first, last = np.quantile(values, [0.01, 0.99, 0, 1])
    if last - first <= FAR * (high - low) or low == high:
        low, high = first, last
    if high - low < BINS * FINE * np.spacing(np.abs([low, high]).max()):
        return {}
    is_whole = pa.types.is_integer(kind) or pa.types.is_date(kind)
    edges = _whole_edges(low, high) if is_whole else np.linspace(low, high, BINS + 1)
    counts = np.histogram(values, edges)[0].tolist()
    outside = len(known) - sum(counts)
    found = {"from": _end(edges[0], kind), "to": _end(edges[-1] - is_whole, kind)}
    found |= {"counts": counts}
    return found | ({"outside": outside} if outside else {})


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return the values as numbers: days, and seconds, since 1970."""
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.date32()).cast(pa.int32())
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
    plain = pc.drop_null(column).cast(pa.float64(), safe=False).combine_chunks()
    # not by `to_numpy`, nor `pa.array` of numpy's below: they import pandas
    values = np.frombuffer(plain.buffers()[1], np.float64, len(plain), plain.offset * 8)
    values = values / 1e6 if pa.types.is_timestamp(kind) else values
    return values[np.isfinite(values)]


def _whole_edges(low: float, high: float) -> np.ndarray:
    """Return edges between whole numbers, each bar as wide as the others."""
    low, high = np.floor(low), np.ceil(high)
    width = np.ceil((high - low + 1) / BINS)
    return low + width * np.arange(np.ceil((high - low + 1) / width) + 1)


def _end(value: float, kind: pa.DataType) -> float | int | str:
    """Return an end of the bars as JSON has it."""
    try:
        if pa.types.is_date(kind):
            return (EPOCH + datetime.timedelta(days=int(value))).isoformat()
        if pa.types.is_timestamp(kind):
            moment = MOMENT + datetime.timedelta(seconds=round(float(value)))
            return moment.isoformat()
    except OverflowError:  # beyond the days that Python has, as a bar may end
        day = datetime.date.max if value > 0 else datetime.date.min
        return day.isoformat()
    return int(value) if pa.types.is_integer(kind) else float(value) + 0.0

"""Rows that are the same, counted where they stand side by side: of a table sorted by all columns.

Each row is compared with the one before in the few columns that tell most rows apart, and in all
columns only where it is equal there: no row is left out, and none is kept. Floating point numbers
within lists and objects are in no such order: a sort takes -0.0 for 0.0, and only those of plain
columns are made the same.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.drawing import drawing
from diffusion.tables.order import equal
from diffusion.tables.texts import places_of
from diffusion.tables.whole_hashes import hashes_of_columns

BITS = {pa.float32(): pa.int32(), pa.float64(): pa.int64()}


class SideBySide:
    """Looks at all rows of a table in their order.

    Attributes:
        doubled: how many rows are the same as the one before.
        different: how many are not.
        place, row: of the first two that are the same, if any are.
    """

    def __init__(self, names: Sequence[str]):
        """Args: names: of the columns in which rows have to be the same."""
        self._names = names
        self._telling: Sequence[str] | None = None
        self._last: pa.RecordBatch | None = None
        self._open = 0  # rows at the end that are the same, so far
        self._times, self._most = 0, 0  # what divides the number of each row; the largest number
        self.doubled, self.different = 0, 0
        self.place: int | None = None
        self.row: pa.RecordBatch | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at the next rows, one at least."""
        if self._telling is None:
            self._telling = drawing(batch, self._names)
        is_new = np.ones(batch.num_rows, bool)
        is_new[1 + self._same(batch.slice(0, batch.num_rows - 1), batch.slice(1))] = False
        if self._last is not None:
            is_new[self._same(self._last, batch.slice(0, 1))] = False
        if self.row is None and not is_new.all():
            first = np.flatnonzero(~is_new)[:1]
            self.place = self.doubled + self.different + int(first[0]) - 1
            self.row = batch.take(places_of(first))
        self._count(is_new)
        self._last = batch.slice(batch.num_rows - 1)

    def times(self) -> tuple[int, int]:
        """Return what divides the number of each row, and the number of the most frequent one."""
        return int(np.gcd(self._times, self._open)), max(self._most, self._open)

    def _count(self, is_new: np.ndarray) -> None:
        begins = np.flatnonzero(is_new)
        self.different += len(begins)
        self.doubled += len(is_new) - len(begins)
        if not len(begins):
            self._open += len(is_new)
            return
        closed = np.append(np.diff(begins), self._open + begins[0])
        self._times = int(np.gcd.reduce(closed, initial=self._times))
        self._most = max(self._most, int(closed.max()))
        self._open = len(is_new) - int(begins[-1])

    def _same(self, before: pa.RecordBatch, after: pa.RecordBatch) -> np.ndarray:
        """Return where rows of two batches, which have as many, are the same."""
        ties: pa.BooleanArray | None = None
        for name in self._telling or ():
            alike = equal(_bits(before[name]), _bits(after[name]))
            ties = alike if ties is None else pc.and_(ties, alike)
            if not ties.true_count:
                return np.empty(0, np.int64)
        at = places_of(np.arange(before.num_rows)) if ties is None else pc.indices_nonzero(ties)
        tables = (pa.Table.from_batches([rows.take(at)]) for rows in (before, after))
        one, other = (hashes_of_columns(table, [self._names])[0] for table in tables)
        return np.from_dlpack(at)[one == other].astype(np.int64)


def are_side_by_side(kinds: Iterable[pa.DataType]) -> bool:
    """Whether rows that are the same stand side by side, if sorted by all columns of such types."""
    return not any(pa.types.is_nested(kind) and _has_floats(kind) for kind in kinds)


def _has_floats(kind: pa.DataType) -> bool:
    if pa.types.is_nested(kind):
        return any(_has_floats(kind.field(at).type) for at in range(kind.num_fields))
    return bool(pa.types.is_floating(kind))


def _bits(column: pa.Array) -> pa.Array:
    """Return floating point numbers as what they are stored as: NaN is the same as NaN."""
    return column.view(BITS[column.type]) if column.type in BITS else column

"""How many different values the columns of a table have, counted while its row groups are written.

Few values are kept as they are; of more, hashes. Beyond `EXACT` of them only those below a
threshold are kept, which is halved as often as need be, and their number stands for the whole
(Wegman's adaptive sampling): one look at each value, 3 MB a column at most. Where there are very
few, how often each comes is counted by the same look.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.hashes import are_there, hashes_of, is_number
from diffusion.tables.ranges import as_json
from diffusion.tables.whole_hashes import hashes_of_columns

EXACT = 100_000  # different values that are counted one by one
FEW = 10_000  # that are kept as they are
FEW_BYTES = 1_000_000
TALLIED, TOP = 20, 5  # different values that are counted each, and that are told
SAMPLE = 20_000  # hashes that are kept of more than EXACT: the count is within 2 %
SLOTS = 1 << 18  # of hashes that were seen lately
TOGETHER = 10_000  # rows that are hashed at once: row groups of geometries are small


class Distinct:
    """Counts the different values of the plain columns of a table, missing ones aside."""

    def __init__(self, sorted_by: Sequence[str] = ()):
        """Args: sorted_by: by the first of these the rows are sorted: its values come in a row."""
        self._sorted = sorted_by[0] if sorted_by else ""
        self._runs = _Runs()
        self._few: dict[str, pa.Array] = {}
        self._tallies: dict[str, Counter] = {}
        self._many: dict[str, _Hashes] = {}
        self._waiting: list[pa.Table] = []  # columns of row groups that are not hashed yet

    def add(self, table: pa.Table) -> dict[str, int]:
        """Look at a row group, whose columns are of one chunk each.

        Returns:
            how many different values of it columns have, of those that are not hashed.
        """
        counted, hashed = dict[str, int](), list[str]()
        for name, column in zip(table.column_names, table.columns, strict=True):
            if not _is_plain(column.type) or not column.num_chunks:
                continue
            if name == self._sorted and not pa.types.is_floating(column.type):
                counted[name] = self._runs.add(column.chunk(0))
            elif name not in self._many:
                counted[name] = self._keep(name, column.chunk(0))
            if name in self._many:
                hashed.append(name)
        if hashed:
            if self._waiting and self._waiting[0].column_names != hashed:
                self._hash()
            self._waiting.append(table.select(hashed))
            if sum(map(len, self._waiting)) >= TOGETHER:
                self._hash()
        return counted

    def counts(self) -> dict[str, dict]:
        """Return ``distinct`` of each column, with ``approximate`` where it is an estimate.

        Of a column with very few values, ``top`` has the most frequent ones, with their counts.
        """
        self._hash()
        found = {
            name: {"distinct": len(kept), **_top(self._tallies[name])}
            for name, kept in self._few.items()
        }
        found |= {name: hashes.count() for name, hashes in self._many.items()}
        return found | ({self._sorted: {"distinct": self._runs.count}} if self._runs.count else {})

    def _keep(self, name: str, column: pa.Array) -> int:
        """Keep the values of a column if they are few; else begin to hash those that were kept.

        Returns:
            how many different ones come here.
        """
        values = new = self._different(name, column)
        before = self._few.pop(name, None)
        if before is not None and len(new) <= FEW:
            values = pc.unique(pa.concat_arrays([before, new]))
        if len(values) <= FEW and values.nbytes <= FEW_BYTES:
            self._few[name] = values
            return len(new)
        self._many[name] = _Hashes()
        if before is not None:
            self._many[name].add(self._hashed(pa.table({name: before}))[name])
        return len(new)

    def _different(self, name: str, column: pa.Array) -> pa.Array:
        """Return the different values, and count how often each comes as long as they are few."""
        tally = self._tallies.setdefault(name, Counter({None: 0}))
        if not tally:  # emptied, as there were too many: it stays so
            return pc.unique(column).drop_null()
        values, counts = pc.value_counts(column).flatten()
        if not _is_named(values.type) or len(values) > TALLIED + 1:
            tally.clear()
        else:
            for value, count in zip(values.to_pylist(), counts.to_pylist(), strict=True):
                tally[value] += count
            if len(tally) > TALLIED + 1:
                tally.clear()
        return values.drop_null()

    def _hash(self) -> None:
        """Add what waits: row group by row group, as an estimate depends on what is added when."""
        if not self._waiting:
            return
        hashed = self._hashed(pa.concat_tables(self._waiting))
        for name, hashes in hashed.items():
            ends = np.cumsum([len(table) - table[name].null_count for table in self._waiting])
            for group in np.split(hashes, ends[:-1]):
                self._many[name].add(group)
        self._waiting = []

    def _hashed(self, table: pa.Table) -> Mapping[str, np.ndarray]:
        """Return the hashes of the values of each column that are not missing."""
        others = [name for name in table.column_names if not is_number(table[name].type)]
        whole = hashes_of_columns(table, [[name] for name in others]) if others else []
        found = dict(zip(others, whole, strict=True))
        for name, column in zip(table.column_names, table.columns, strict=True):
            if name not in found:
                found[name] = np.concatenate([hashes_of(chunk) for chunk in column.chunks])
            if column.null_count:
                valid = np.concatenate([are_there(chunk) for chunk in column.chunks])
                found[name] = found[name][valid]
        return found


class _Runs:
    """Counts the different values of a column that is sorted, nulls last."""

    def __init__(self) -> None:
        self.count = 0
        self._last: pa.Scalar | None = None

    def add(self, column: pa.Array) -> int:
        """Look at the next values; return how many are different."""
        values = column.drop_null() if column.null_count else column
        if not len(values):
            return 0
        changes = pc.sum(pc.not_equal(values[1:], values[:-1])).as_py() or 0
        self.count += changes + (self._last is None or values[0] != self._last)
        self._last = values[len(values) - 1]
        return changes + 1


class _Hashes:
    """Different hashes: all of them, or those below a threshold that falls as they become more."""

    def __init__(self) -> None:
        self._kept: np.ndarray = np.empty(0, np.uint64)
        self._new: list[np.ndarray] = []
        self._halved = 0
        self._lately = np.zeros(SLOTS, np.uint64)
        self._lately[0] = 1  # 0 is a hash, too, and not seen yet; 1 is of another slot

    def add(self, hashes: np.ndarray) -> None:
        if self._halved:
            hashes = hashes[hashes < self._threshold]
        slots = (hashes & np.uint64(SLOTS - 1)).view(np.int64)
        is_new = self._lately.take(slots) != hashes
        hashes = hashes[is_new]
        self._lately[slots[is_new]] = hashes
        self._new.append(hashes)
        if sum(map(len, self._new)) > (SAMPLE if self._halved else EXACT):
            self._gather()

    def count(self) -> dict:
        self._gather()
        found: dict = {"distinct": len(self._kept) << self._halved}
        return found | ({"approximate": True} if self._halved else {})

    def _gather(self) -> None:
        every = np.sort(np.concatenate([self._kept, *self._new]))
        is_first = np.append(True, every[1:] != every[:-1])[: len(every)]
        self._new, self._kept = [], every[is_first]
        if len(self._kept) > (SAMPLE if self._halved else EXACT):
            while len(self._kept) > SAMPLE // 2:
                self._halved += 1
                self._kept = self._kept[self._kept < self._threshold]

    @property
    def _threshold(self) -> np.uint64:
        return np.uint64(1 << (64 - self._halved))


def _is_named(kind: pa.DataType) -> bool:
    """Say whether values of a type name things: no measures, and no moments."""
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    return any(test(kind) for test in (*tests, pa.types.is_boolean, pa.types.is_date))


def _top(tally: Counter) -> dict[str, list[list]]:
    """Return the most frequent values; none where all are different, or one is a long text."""
    told = [(count, as_json(value)) for value, count in tally.items() if value is not None]
    if all(count == 1 for count, _ in told) or any(value is None for _, value in told):
        return {}
    told.sort(key=lambda one: (-one[0], str(one[1])))
    return {"top": [[value, count] for count, value in told[:TOP]]}


def _is_plain(kind: pa.DataType) -> bool:
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return not (pa.types.is_nested(kind) or pa.types.is_dictionary(kind) or is_bytes)

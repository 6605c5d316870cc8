"""Rows that are the same to the last value, counted as the rows of a table pass.

Tables without a key have such rows, and that is no fault: it is told. Where each row is there
twice, or three times, the table is (or a partition of it, or a member): a check says so. Where each
row of a member or a partition is in others, too, but for its name, it is told loudly: one file may
hold the other.

Where rows are sorted by all columns, those stand side by side (``side_by_side``), but for rows of
two files, and for floating point numbers in lists. Elsewhere up to `EXACT` rows all are compared,
by a hash of each. Of more, those whose values in a few columns (see ``drawing``) have a hash below
a threshold, which is halved as often as need be: rows that are the same are both among them, or
neither, and their number stands for the whole.
"""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from diffusion.base.variables import shown
from diffusion.tables.boxes import BBOX, GEOMETRY
from diffusion.tables.drawing import drawing
from diffusion.tables.hashes import ODD, different, hashes_of_rows, mixed
from diffusion.tables.multiples import FEWEST, times_if_sure, times_of
from diffusion.tables.rows import Watcher
from diffusion.tables.side_by_side import SideBySide, are_side_by_side
from diffusion.tables.texts import places_of
from diffusion.tables.whole_hashes import hashes_of_columns

EXACT = 100_000  # rows whose hashes are kept
KEPT = 10_000  # rows at the beginning of which one can be shown
SHOWN, LONGEST = 4, 30  # columns of it, and characters of a value
WAITING = 10_000  # rows of the sample that are hashed at once
HALVED = 63  # times at most
CHANCE = 0.1  # by so much, at most, the size of a sample is another than expected


class Doubles(Watcher):
    """Counts the rows that are the same as another one."""

    def __init__(self, groups: Collection[str] = ()):
        """Args: groups: columns whose values say which partition or member a row is of."""
        self._groups = groups

    def begin(self, schema: pa.Schema) -> None:
        left_out = {BBOX} if GEOMETRY in schema.names else set()  # it follows from the shape
        self._names = [name for name in schema.names if name not in left_out]
        self._parts = [name for name in schema.names if name in self._groups]
        self._own = [name for name in self._names if name not in self._parts]
        kinds = (schema.field(name).type for name in self._own)
        self._are_side_by_side = not self._parts and are_side_by_side(kinds)  # once sorted
        self._key: list[str] = []
        self._rows, self._halved, self._size = 0, 0, 0
        self._kept: list[np.ndarray] = []  # of each row: hashes of key, own and part, its place
        self._waiting: list[tuple[pa.RecordBatch, np.ndarray, np.ndarray]] = []  # key and place
        self._first: pa.RecordBatch | None = None
        self._labels: dict[int, str] = {}
        self._found: dict[str, Any] | None = None
        self._side_by_side: SideBySide | None = None

    def begin_sorted(self) -> None:
        if self._are_side_by_side:
            self._side_by_side = SideBySide(self._own)

    def look(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows or not self._own:
            return
        if self._side_by_side:
            self._side_by_side.add(batch)
            self._rows += batch.num_rows
            return
        if self._first is None:
            self._first, self._key = batch.slice(0, KEPT), drawing(batch, self._own)
        self._waiting.append(self._chosen(batch))
        self._rows += batch.num_rows
        if sum(len(key) for _, key, _ in self._waiting) >= WAITING:
            self._gather()

    def notes(self) -> list[str]:
        """Return how many rows are the same as one before, and one of them."""
        rows, places = self._count()["rows"], self._count()["places"]
        if not rows or self._rows < FEWEST:
            return []
        about = "about " if self._halved else ""
        what = "1 row is" if rows == 1 and not about else f"{about}{rows:,} rows are"
        where = ""
        if places:
            where = f", such as rows {places[0] + 1:,} and {places[1] + 1:,}"
            where += self._example(places[0])
        return [f"{what} the same as another one in all columns{where}"]

    def alerts(self) -> list[str]:
        """Return which part of the table has rows that are all in others, too."""
        within = self._count()["within"]
        if not within:
            return []
        (part, rows, other), more = within[0], len(within) - 1
        others = f" (and so it is with {more:,} more)" if more else ""
        found = f"each of the {rows:,} rows of {part} is in others, such as {other}, too{others}: "
        found = found.replace("of the", "of about", 1) if self._halved else found
        return [f"{found}where one file holds the other, who adds up has everything twice"]

    def facts(self) -> dict[str, Any]:
        """Return how often each row is there, and in which part of the table; empty for once."""
        doubled = self._count()["doubled"]
        return {"doubled": doubled} if doubled else {}

    def _gather(self) -> None:
        """Hash the rows that wait, and halve the sample where they make it too large."""
        if not self._waiting:
            return
        batches, keys, many = zip(*self._waiting, strict=True)
        batch, key, places = pa.concat_batches(batches), np.concatenate(keys), np.concatenate(many)
        own = self._of_rows(batch, self._own) if self._key else key
        parts = self._of_rows(batch, self._parts) if self._parts else np.zeros_like(places)
        self._label(batch, parts)
        self._waiting = []
        self._kept.append(np.stack([key, own, parts, places]))
        self._size += len(key)
        while self._size > EXACT and self._halved < HALVED:
            self._halved += 1
            every = np.concatenate(self._kept, axis=1)
            self._kept = [every[:, every[0] < self._threshold]]
            self._size = self._kept[0].shape[1]

    def _count(self) -> dict[str, Any]:
        """Return how many rows are like one before, the places of two, and what is doubled."""
        if self._found is not None:
            return self._found
        if self._side_by_side:
            self._found = self._counted(self._side_by_side)
            return self._found
        self._gather()
        self._found = {"rows": 0, "places": [], "doubled": {}, "within": []}
        if not self._size:  # rows of which none is drawn are all alike
            self._found["rows"] = self._scaled(0, 0)
            return self._found
        _, own, parts, places = np.concatenate(self._kept, axis=1)
        every = own * ODD + parts
        _, at, counts = different(every)
        more = int(len(every) - len(at))
        if more:
            first = at[counts > 1]
            chosen = every[first[np.argmin(places[first])]]
            both = np.sort(places[every == chosen])[:2].tolist()
            doubled = self._doubled(counts, parts[at])
            self._found |= {"places": both, "doubled": doubled}
        self._found["rows"] = self._scaled(more, len(at))
        if self._parts:
            self._found["within"] = self._within(own[at], parts[at])
        return self._found

    def _counted(self, rows: SideBySide) -> dict[str, Any]:
        places = [] if rows.place is None else [rows.place, rows.place + 1]
        times = times_if_sure(*rows.times(), rows.different)
        doubled = {"times": times, "of": ""} if times else {}
        return {"rows": rows.doubled, "places": places, "doubled": doubled, "within": []}

    def _scaled(self, more: int, different: int) -> int:
        """Return how many of all rows are like one before, by those of the sample.

        Args:
            more, different: rows of the sample that are like one before, and the others.
        """
        if not self._halved:
            return more
        drawn, expected = more + different, self._rows / 2**self._halved
        is_whole = not self._key or set(self._key) == set(self._own)
        if is_whole and abs(drawn - expected) > CHANCE * expected:
            # a row that is there very often is drawn each time, or never: the others are counted
            return max(0, self._rows - (different << self._halved))
        return round(more * self._rows / drawn) if drawn else 0

    def _within(self, own: np.ndarray, parts: np.ndarray) -> list[tuple[str, int, str]]:
        """Return the parts all rows of which are in others: name, rows, and one of the others.

        Args:
            own, parts: hashes of different rows.
        """
        values, _, counts = different(own)
        which = np.searchsorted(values, own)
        found = []
        for part, rows in _grouped(parts):
            if len(rows) >= FEWEST and counts[which[rows]].min() > 1:
                same = parts[(which == which[rows[0]]) & (parts != part)]
                found.append((self._labels[part], len(rows), self._labels[int(same[0])]))
        if self._halved:
            found = [(part, round(rows * 2**self._halved), other) for part, rows, other in found]
        return sorted(found)

    def _doubled(self, counts: np.ndarray, parts: np.ndarray) -> dict[str, Any]:
        """Return what each row is there so and so many times of: the table, or a part of it."""
        if times := times_of(counts):
            return {"times": times, "of": ""}
        known = [(self._labels[part], times_of(counts[rows])) for part, rows in _grouped(parts)]
        found = sorted((label, times) for label, times in known if times and label)
        return {"times": found[0][1], "of": found[0][0], "parts": len(found)} if found else {}

    def _label(self, batch: pa.RecordBatch, parts: np.ndarray) -> None:
        """Note what each part is called; of thousands of partitions, too."""
        if not self._parts:
            self._labels[0] = ""
            return
        values, at, _ = different(parts)
        for value, row in zip(values.tolist(), at.tolist(), strict=True):
            if value not in self._labels:
                named = (f"{name}={batch[name][row].as_py()}" for name in self._parts)
                self._labels[value] = ", ".join(named)

    def _example(self, place: int) -> str:
        if self._side_by_side and self._side_by_side.row is not None:
            row = self._side_by_side.row.to_pylist()[0]
        elif self._first is not None and place < self._first.num_rows:
            row = self._first.slice(place, 1).to_pylist()[0]
        else:
            return ""
        told = [(name, row[name]) for name in self._names if name != "geometry"]
        values = (f"{name} {str(value)[:LONGEST]}" for name, value in told if value is not None)
        listed = ", ".join(list(values)[:SHOWN])
        return f" ({shown(listed)})" if listed else ""

    def _chosen(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, np.ndarray, np.ndarray]:
        """Return the rows that belong to the sample, hashes of their keys, and their places."""
        key = hashes_of_rows(batch, self._key) if self._key else self._of_rows(batch, self._own)
        places = np.arange(self._rows, self._rows + batch.num_rows, dtype=np.uint64)
        if not self._halved:
            return batch, key, places
        chosen = np.flatnonzero(key < self._threshold)
        return batch.take(places_of(chosen)), key[chosen], places[chosen]

    def _of_rows(self, batch: pa.RecordBatch, names: list[str]) -> np.ndarray:
        """Return one hash of some columns for each row."""
        table = pa.Table.from_batches([batch.select(names)])
        # mixed, as the hash of a number that is 0 is 0: such rows would be in each sample
        return mixed(hashes_of_columns(table, [names])[0])

    @property
    def _threshold(self) -> np.uint64:
        return np.uint64(1 << (64 - self._halved))


def _grouped(parts: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each part with the places of its rows; parts of a few rows are left out."""
    order = np.argsort(parts, kind="stable")
    values, begins, counts = different(parts[order])
    for at in np.flatnonzero(counts >= FEWEST):
        yield int(values[at]), order[begins[at] : begins[at] + counts[at]]

"""Rows that hold a label and nothing else, as headings of the rows below them: they are told.

`Hommes` above rows of ages, `Femmes` above the same ages again: what the headings say is in no
column of those rows, two of which look the same. Feet of pages (`Page 1`) are such rows, too.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.write import Rows

FEWEST = 3  # columns: of two, one that has no value is a row like others
MOST = 0.25  # of all rows
SHOWN = 3
LONGEST = 40  # characters of each
LABELS = 10_000  # of groups that are named once


class Headings:
    """Watches rows on their way to a file.

    Args:
        columns: of the table, without those that no file holds.
    """

    def __init__(self, columns: Iterable[Column]):
        self._names = [column.name for column in columns]
        self._rows = 0
        self._found: dict[str, list] = {}  # column → how often it stands alone, and first labels

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        names = [name for name in self._names if name in rows.schema.names]
        if len(names) < FEWEST or "geometry" in rows.schema.names:
            return rows
        return Rows(rows.schema, self._looked_at(rows, names))

    def _looked_at(self, rows: Rows, names: list[str]) -> Iterator[pa.RecordBatch]:
        self._rows, self._found = 0, {}
        for batch in rows.batches:
            self._rows += batch.num_rows
            full = [name for name in names if not batch[name].null_count]
            if len(full) < 2:  # else each row has two values
                self._look(batch, full or names, names)
            yield batch

    def _look(self, batch: pa.RecordBatch, labels: list[str], names: list[str]) -> None:
        for label in labels:
            if not pa.types.is_string(batch.schema.field(label).type):
                continue
            alone = pc.is_valid(batch[label])
            for name in names:
                if name != label:
                    alone = pc.and_(alone, pc.is_null(batch[name]))
            if count := pc.sum(alone).as_py():
                known = self._found.setdefault(label, [0, []])
                known[0] += count
                shown = batch[label].filter(alone).slice(0, SHOWN).to_pylist()
                known[1] = sorted({*known[1], *shown})[:SHOWN]

    def notes(self) -> list[str]:
        """Return what is told, once all rows have passed."""
        return [
            f"{count:,} rows have `{name}` and no other value ("
            + ", ".join(f"`{text[:LONGEST]}`" for text in shown)
            + "): if they are headings, what they say is in no column of the rows below them"
            for name, (count, shown) in self._found.items()
            if 1 < count <= MOST * self._rows
        ]


class NamedOnce:
    """Watches whether the first column names each group of rows once, as a pivot table does.

    Then no two of its values are the same, and half of the rows or more have none: they are of the
    group above.

    Args:
        columns: of the table, without those that no file holds, in their order.
    """

    def __init__(self, columns: Iterable[Column]):
        self._name = next((column.name for column in columns if not column.spec.fill), "")
        self._begin()

    def _begin(self) -> None:
        self._rows = 0
        self._known: set[str] = set()
        self._may_be = True

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        if self._name not in rows.schema.names:
            return rows
        if not pa.types.is_string(rows.schema.field(self._name).type):
            return rows
        return Rows(rows.schema, self._looked_at(rows))

    def _looked_at(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        self._begin()
        for batch in rows.batches:
            texts = batch[self._name]
            if self._may_be and len(texts):
                self._may_be = texts.null_count > 0 and (self._rows > 0 or texts[0].is_valid)
            if self._may_be:
                given = texts.drop_null().to_pylist()
                self._may_be = len(self._known.union(given)) == len(self._known) + len(given)
                self._known.update(given[:LABELS])
            self._rows += len(texts)
            yield batch

    def notes(self) -> list[str]:
        """Return what is told, once all rows have passed."""
        count = len(self._known)
        if not self._may_be or count < 2 or 2 * count > self._rows:
            return []
        fix = f"`columns: {in_line({self._name: {'fill': 'down'}})}` gives each the one above"
        found = (
            f"`{self._name}` has a value in {count:,} of {self._rows:,} rows, each another one: "
        )
        return [f"{found}if it names groups of rows, {fix}"]

"""Rows that hold a label and nothing else, as headings of the rows below them: they are told.

`Hommes` above rows of ages, `Femmes` above the same ages again: what the headings say is in no
column of those rows, two of which look the same. Feet of pages (`Page 1`) are such rows, too.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.convert.columns import Column
from diffusion.tables.write import Rows

FEWEST = 3  # columns: of two, one that has no value is a row like others
MOST = 0.25  # of all rows
SHOWN = 3
LONGEST = 40  # characters of each


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

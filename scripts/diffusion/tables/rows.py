"""Rows of a table on their way to its file, and who looks at them as they pass."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

BATCH_ROWS = 50_000
FEW, TOGETHER = 2_048, 64  # rows of a batch that is small; so many small ones make one


@dataclass(frozen=True)
class Rows:
    """Record batches on their way to a file, and their schema.

    ``is_sorted``: by all columns, so that rows that are the same stand side by side.
    """

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    is_sorted: bool = False


def rows_of(con: duckdb.DuckDBPyConnection, sql: str, *, is_sorted: bool = False) -> Rows:
    """Return the rows of a SELECT, read as they are asked for."""
    reader = con.sql(sql).to_arrow_reader(BATCH_ROWS)
    return Rows(reader.schema, _gathered(reader), is_sorted)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Put batches of a few rows together: thousands of small files give one each.

    Each takes the memory of a batch that is full, and all that is done with it as long.
    """
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if batch.num_rows >= FEW or len(held) == TOGETHER:
            yield from held if len(held) == 1 else [pa.concat_batches(held)]
            held = []
    if held:
        yield pa.concat_batches(held)


class Watcher:
    """Looks at all rows of a table, and tells what may be wrong once they have passed."""

    def begin(self, schema: pa.Schema) -> None:
        """Forget what was seen: rows come, perhaps again and in another order."""

    def begin_sorted(self) -> None:
        """Learn, after ``begin``, that the rows are sorted by all columns."""

    def look(self, batch: pa.RecordBatch) -> None:
        """Look at some rows."""

    def notes(self) -> list[str]:
        """Return what is told."""
        return []

    def alerts(self) -> list[str]:
        """Return what is told loudly."""
        return []

    def facts(self) -> dict[str, Any]:
        """Return what is recorded in the table for its checks."""
        return {}


@dataclass(frozen=True)
class Watched:
    """All who look at the rows of a table, in the order in which they tell what they saw."""

    watchers: Sequence[Watcher]

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        return Rows(rows.schema, self._looked_at(rows), rows.is_sorted)

    def _looked_at(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        for watcher in self.watchers:
            watcher.begin(rows.schema)
            if rows.is_sorted:
                watcher.begin_sorted()
        for batch in rows.batches:
            for watcher in self.watchers:
                watcher.look(batch)
            yield batch

    def notes(self) -> list[str]:
        """Return what is told, once all rows have passed."""
        return [note for watcher in self.watchers for note in watcher.notes()]

    def alerts(self) -> list[str]:
        """Return what is told loudly, once all rows have passed."""
        return [alert for watcher in self.watchers for alert in watcher.alerts()]

    def facts(self) -> dict[str, Any]:
        """Return what is recorded in the table for its checks, once all rows have passed."""
        return {key: fact for each in self.watchers for key, fact in each.facts().items()}

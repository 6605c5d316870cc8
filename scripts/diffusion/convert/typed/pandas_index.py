"""The index of a table that pandas has left out of a Parquet file, and keeps in metadata alone.

pandas writes an index of evenly spaced whole numbers as start, stop and step, without a column:
from version 3 on, `df.set_index("annee")` makes one of years. Every reader but pandas loses it.
Source of the format: pandas' developer documentation, *Storing pandas DataFrame objects in Apache
Parquet format*.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Index:
    """A named index of evenly spaced numbers."""

    name: str
    start: int
    step: int

    @property
    def field(self) -> pa.Field:
        return pa.field(self.name, pa.int64())

    def added(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield all batches of the file, in their order, with the index as their last column."""
        at = self.start
        for batch in batches:
            numbers = at + self.step * np.arange(batch.num_rows, dtype=np.int64)
            at += self.step * batch.num_rows
            yield batch.append_column(self.field, pa.array(numbers))


def hidden_index(schema: pa.Schema, rows: int) -> Index | None:
    """Return the index that only the metadata of a file have; None if there is none with a name.

    As in pandas, metadata of another number of rows are those of a table that it was cut from.

    Args:
        rows: how many the file holds.
    """
    try:
        noted = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    except ValueError:  # pandas does not read it either
        return None
    for index in noted.get("index_columns", []):
        if not isinstance(index, dict) or index.get("kind") != "range":
            continue
        name, numbers = index["name"], range(index["start"], index["stop"], index["step"])
        if name is not None and name not in schema.names and len(numbers) == rows:
            return Index(str(name), numbers.start, numbers.step)
    return None

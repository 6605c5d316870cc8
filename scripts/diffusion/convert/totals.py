"""A row that holds the sums of all others, as publishers write below a table: it is told.

Whoever adds up the column has everything twice. What the row is called and what it holds are both
needed: a place may be called so, and a number may be a sum by chance.
"""

import json
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.conditions import condition_problem
from diffusion.config.reading import Convert
from diffusion.convert.columns import Column
from diffusion.tables.sql import identifier, literal
from diffusion.tables.write import Rows

WORDS = (
    "total|totaux|total général|grand total|ensemble|somme|sum|totale|insgesamt|gesamt|summe|all"
)
SPELLED = sorted(
    {form(word) for word in WORDS.split("|") for form in (str.lower, str.upper, str.capitalize)}
)
LOOKED, SHOWN = 2, 3  # columns of text; of numbers
NEAR = 1e-4  # of sums of floats: publishers round each number


class Totals:
    """Watches rows on their way to a file."""

    def __init__(self, columns: Iterable[Column], convert: Convert, *, has_where: bool):
        """Args: of the table; how it is made; whether `where` can leave rows out."""
        self._raw = {column.name: column.raw for column in columns}
        self._where, self._has_where = convert.where, has_where
        self._begin(pa.schema([]))

    def _begin(self, schema: pa.Schema) -> None:
        texts = [f.name for f in schema if pa.types.is_string(f.type)]
        self._texts, self._rows = texts[:LOOKED], 0
        kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
        self._numbers = [f.name for f in schema if any(is_of(f.type) for is_of in kinds)]
        self._sums = dict.fromkeys(self._numbers, Decimal(0))
        self._found: list[tuple[str, str, Mapping[str, Any]]] = []

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        return Rows(rows.schema, self._seen(rows))

    def _seen(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        self._begin(rows.schema)
        for batch in rows.batches:
            if self._numbers:
                self._see(batch)
            yield batch

    def _see(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        for name in self._numbers:
            self._sums[name] += _exact(pc.sum(batch[name]).as_py())
        for name in self._texts:
            named = pc.is_in(batch[name], value_set=_texts(SPELLED))
            if len(self._found) < SHOWN and pc.any(named).as_py():
                for row in batch.filter(named).to_pylist():
                    self._found.append((name, row[name], row))

    def note(self) -> str:
        """Return what is told of the row, once all have passed; nothing where there is none."""
        if len(self._found) != 1 or self._rows < 3:
            return ""
        [(name, value, row)] = self._found
        summed = [n for n in self._numbers if self._is_sum(n, _exact(row[n]))]
        if not summed:
            return ""
        listed = ", ".join(f"`{column}`" for column in summed[:SHOWN])
        found = f"one row has `{value}` as `{name}`, and the sum of all others as {listed}"
        if not self._has_where:
            return found
        return f"{found}; `where: {self._without(self._raw.get(name, name), value)}` leaves it out"

    def _without(self, column: str, value: str) -> str:
        """Return the condition of all other rows, as YAML has it."""
        told = f"{column} IS DISTINCT FROM {literal(value)}"
        if condition_problem("", told):  # of SQL, the name is a word, or more than one
            told = f"{identifier(column)} IS DISTINCT FROM {literal(value)}"
        told = f"({self._where}) AND {told}" if self._where else told
        return json.dumps(told, ensure_ascii=False)

    def _is_sum(self, name: str, value: Decimal) -> bool:
        others = self._sums[name] - value
        return bool(value) and math.isclose(others, value, rel_tol=NEAR if value % 1 else 0)


def _texts(words: Sequence[str]) -> pa.StringArray:
    """Return texts as an array: `pa.array` would load pandas."""
    encoded = [word.encode() for word in words]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    return pa.StringArray.from_buffers(
        len(words), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))
    )


def _exact(value: Any) -> Decimal:
    found = Decimal(str(value or 0))
    return found if found.is_finite() else Decimal(0)

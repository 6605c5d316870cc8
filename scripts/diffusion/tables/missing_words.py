"""Words for no value that are texts: `nan` where pandas made a text of it, `#N/A` of a spreadsheet.

Not `NA`, which is Namibia, nor `None`, which is a word.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.tables.texts import texts_of
from diffusion.tables.write import Rows

WORDS = (
    "nan", "NaN", "NaT", "<NA>", "null", "NULL", "undefined",
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
)  # fmt: skip
SHOWN = 3


class MissingWords:
    """Watches rows on their way to a file."""

    def __init__(self) -> None:
        self._found: dict[str, Counter[str]] = {}

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        return Rows(rows.schema, self._looked_at(rows))

    def _looked_at(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        self._found, words = {}, texts_of(WORDS)
        texts = [f.name for f in rows.schema if pa.types.is_string(f.type)]
        for batch in rows.batches:
            for name in texts:
                found = batch[name].filter(pc.is_in(batch[name], value_set=words))
                if len(found):
                    self._found.setdefault(name, Counter()).update(found.to_pylist())
            yield batch

    def notes(self, known: Collection[str] = ()) -> list[str]:
        """Return what is told, once all rows have passed.

        Args:
            known: columns of which it is told anyway.
        """
        told = []
        for name, counts in sorted(self._found.items()):
            if name not in known:
                most = sorted(counts.items())[:SHOWN]
                listed = ", ".join(f"{count:,} × `{word}`" for word, count in most)
                words = json.dumps(sorted(counts))
                told.append(f"`{name}` has {listed} as texts: no value (`nulls: {words}`)?")
        return told

"""Words for no value that are texts: `nan` where pandas made a text of it, `#N/A` of a spreadsheet.

Not `NA`, which is Namibia, nor `None`, which is a word.
"""

import json
from collections import Counter
from collections.abc import Collection

import pyarrow as pa

from diffusion.tables.rows import Watcher
from diffusion.tables.texts import Words, text_columns

WORDS = (
    "nan", "NaN", "NaT", "<NA>", "null", "NULL", "undefined",
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
)  # fmt: skip
SHOWN = 3


class MissingWords(Watcher):
    """Looks for such words in columns of text.

    Args:
        known: columns of which it is told anyway.
    """

    def __init__(self, known: Collection[str] = ()):
        self._known, self._words = known, Words(WORDS)

    def begin(self, schema: pa.Schema) -> None:
        self._found: dict[str, Counter[str]] = {}
        self._texts = text_columns(schema)

    def look(self, batch: pa.RecordBatch) -> None:
        for name in self._texts:
            if len(places := self._words.places(batch[name])):
                found = batch[name].take(places).to_pylist()
                self._found.setdefault(name, Counter()).update(found)

    def notes(self) -> list[str]:
        told = []
        for name, counts in sorted(self._found.items()):
            if name not in self._known:
                most = sorted(counts.items())[:SHOWN]
                listed = ", ".join(f"{count:,} × `{word}`" for word, count in most)
                words = json.dumps(sorted(counts))
                told.append(f"`{name}` has {listed} as texts: no value (`nulls: {words}`)?")
        return told

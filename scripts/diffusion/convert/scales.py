"""Rates that are fractions in one file or year, and per cent in another: told loudly.

0.12 and 12 are both ordinary, and none of a single row tells which it is. Told are columns named as
a rate, where all values of one part of the table are at most 1, most of another are above it, and
these are so many times as large that they are hardly the same thing in a better year.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa

from diffusion.convert.columns import Column
from diffusion.tables.codes import is_named
from diffusion.tables.hashes import are_there
from diffusion.tables.rows import Watcher

# how names of rates begin or end
RATES = frozenset(
    "taux tx rate rates part parts share shares pct percent percentage pourcentage proportion "
    "anteil quote aandeel percentuale quota porcentaje tasa andel".split()
)
YEARS = frozenset("annee an year anno ano jahr jaar ar millesime periode period vintage".split())
FEWEST = 5  # values of a part
MOST = 1_000  # parts of a table
TIMES = 20  # as large as fractions are per cent at least, on average
PERCENT = 100  # beyond which a value is no percentage, and the column something else


class Scales(Watcher):
    """Counts the values of rates up to 1, and above it, of each partition, member and year."""

    def __init__(self, columns: Sequence[Column], added: Collection[str]):
        own = [c.name for c in columns if c.raw not in added]
        self._rates = [name for name in own if is_named(name, RATES)]
        by = [c.name for c in columns if c.raw in added or is_named(c.name, YEARS)]
        self._parts = [name for name in by if name not in self._rates]

    def begin(self, schema: pa.Schema) -> None:
        kinds = {field.name: field.type for field in schema}
        self._by = [n for n in self._parts if _is_label(kinds[n])]
        self._names = [n for n in self._rates if self._by and pa.types.is_floating(kinds[n])]
        self._highest = dict.fromkeys(self._names, 0.0)
        # of each rate, column, and value of it: how many are not 0, and above 1, and their sum
        self._counts: dict[tuple[str, str], dict[str, np.ndarray]] = {
            (name, by): defaultdict(lambda: np.zeros(3)) for name in self._names for by in self._by
        }

    def look(self, batch: pa.RecordBatch) -> None:
        if not self._names or not batch.num_rows:
            return
        for by in self._by:
            labels = batch[by].cast(pa.string()).dictionary_encode(null_encoding="encode")
            codes, words = np.from_dlpack(labels.indices), labels.dictionary.to_pylist()
            for name in self._names:
                self._add(name, by, batch[name], codes, words)

    def _add(
        self, name: str, by: str, values: pa.Array, codes: np.ndarray, words: list[str | None]
    ) -> None:
        codes = codes[are_there(values)]
        sizes = np.nan_to_num(np.abs(np.from_dlpack(values.drop_null())), posinf=0)
        counts = self._counts[name, by]
        some = np.bincount(codes[sizes > 0], minlength=len(words))  # 0 is of both scales
        above = np.bincount(codes[sizes > 1], minlength=len(words))
        total = np.bincount(codes, sizes, minlength=len(words))
        self._highest[name] = max(self._highest[name], float(sizes.max(initial=0)))
        for word, found in zip(words, np.stack([some, above, total], axis=1), strict=True):
            if word is not None and (len(counts) < MOST or word in counts):
                counts[word] += found

    def alerts(self) -> list[str]:
        """Return what is told of each rate, once."""
        told = {
            name: words
            for (name, by), counts in reversed(self._counts.items())
            if self._highest[name] <= PERCENT and (words := _words(name, by, counts))
        }
        return list(told.values())


def _words(name: str, by: str, counts: dict[str, np.ndarray]) -> str:
    large = {label: found for label, found in sorted(counts.items()) if found[0] >= FEWEST}
    small = [label for label, (_, above, _) in large.items() if not above]
    percent = [label for label, (some, above, _) in large.items() if 2 * above > some]
    if not small or not percent or len(small) + len(percent) < len(large):
        return ""
    if _average(large, percent) < TIMES * _average(large, small):
        return ""
    return (
        f"`{name}` is at most 1 where `{by}` is {_listed(small)}, and mostly above 1 where it is "
        f"{_listed(percent)}: fractions and per cent, it seems, which cannot be compared; in SQL "
        "of `derive`, multiply the first by 100"
    )


def _average(counts: dict[str, np.ndarray], labels: Sequence[str]) -> float:
    some, _, total = np.sum([counts[label] for label in labels], axis=0)
    return float(total / some)


def _listed(labels: Sequence[str]) -> str:
    return f"`{labels[0]}`" + (f" (and {len(labels) - 1:,} more)" if len(labels) > 1 else "")


def _is_label(kind: pa.DataType) -> bool:
    """Whether values of a type name parts of a table: no objects, lists, and bytes."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer)
    more = (pa.types.is_floating, pa.types.is_date, pa.types.is_timestamp)
    return any(test(kind) for test in (*tests, *more))

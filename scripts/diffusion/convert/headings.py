"""Rows that hold a label and nothing else, as headings of the rows below them: they are told.

`Hommes` above rows of ages, `Femmes` above the same ages again: what the headings say is in no
column of those rows, two of which look the same. Feet of pages (`Page 1`) are such rows, too. Of
two columns, a row that lacks its value is one like others, but where its label never has one, and
other labels come again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.write import Rows

MOST = 0.25  # of all rows
SHOWN = 3
LONGEST = 40  # characters of each
LABELS = 10_000  # of groups that are named once, or of rows of two columns
PAIR = 2  # columns
IDENTIFIER = re.compile(r"[\d -]{8,}|.*@.*")


class Headings:
    """Watches rows on their way to a file.

    Args:
        columns: of the table, without those that no file holds.
    """

    def __init__(self, columns: Iterable[Column]):
        self._names = [column.name for column in columns]
        self._begin()

    def _begin(self) -> None:
        self._rows = 0
        self._found: dict[str, list] = {}  # column → how often it stands alone, and first labels
        # of the first of two columns: labels that have no value, those that have, and come again
        self._bare: set[str] = set()
        self._valued = Counter[str]()

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        names = [name for name in self._names if name in rows.schema.names]
        if len(names) < PAIR or "geometry" in rows.schema.names:
            return rows
        return Rows(rows.schema, self._looked_at(rows, names))

    def _looked_at(self, rows: Rows, names: list[str]) -> Iterator[pa.RecordBatch]:
        self._begin()
        is_pair = len(names) == PAIR and pa.types.is_string(rows.schema.field(names[0]).type)
        for batch in rows.batches:
            self._rows += batch.num_rows
            if is_pair and len(self._valued) <= LABELS:
                self._look_at_pair(batch[names[0]], batch[names[1]])
            if len(names) == PAIR:
                yield batch
                continue
            if sum(not batch[name].null_count for name in names) < PAIR:  # else each row has two
                self._look(batch, names)
            yield batch

    def _look_at_pair(self, labels: pa.Array, values: pa.Array) -> None:
        given = labels.filter(pc.is_valid(values)).drop_null().to_pylist()
        bare = labels.filter(pc.is_null(values)).drop_null().to_pylist()
        self._valued.update(given)
        self._bare.update(bare)

    def _look(self, batch: pa.RecordBatch, names: list[str]) -> None:
        alone = batch.filter(_have_one(batch, names))
        if not alone.num_rows:
            return
        for name in names:
            texts = alone[name].drop_null()
            if len(texts) and pa.types.is_string(texts.type):
                known = self._found.setdefault(name, [0, []])
                known[0] += len(texts)
                known[1] = sorted({*known[1], *texts.slice(0, SHOWN).to_pylist()})[:SHOWN]

    def notes(self) -> list[str]:
        """Return what is told, once all rows have passed."""
        found = {n: of for n, of in self._found.items() if 1 < of[0] <= MOST * self._rows}
        if self._are_blocks():
            found[self._names[0]] = [len(self._bare), sorted(self._bare)[:SHOWN]]
        return [
            f"{count:,} rows have `{name}` and no other value ("
            + ", ".join(f"`{text[:LONGEST]}`" for text in shown)
            + "): if they are headings, what they say is in no column of the rows below them"
            for name, (count, shown) in found.items()
        ]

    def _are_blocks(self) -> bool:
        """Whether labels of two columns come once below each heading, most of them in several."""
        count, times = len(self._bare), self._valued.values()
        if count < PAIR or not times or len(times) > LABELS or self._bare & self._valued.keys():
            return False
        return max(times) <= count and 2 * sum(n > 1 for n in times) >= len(times)


def _have_one(batch: pa.RecordBatch, names: list[str]) -> pa.BooleanArray:
    """Say which rows have one value and no other; each column is looked at once."""
    some = pc.is_valid(batch[names[0]])
    more = pc.xor(some, some)  # none yet; a scalar would load pandas
    for name in names[1:]:
        valid = pc.is_valid(batch[name])
        more, some = pc.or_(more, pc.and_(some, valid)), pc.or_(some, valid)
        if pc.all(more).as_py():
            break
    return pc.and_(some, pc.invert(more))


class NamedOnce:
    """Watches whether the first column names each group of rows once, as a pivot table does.

    Then no two of its values are the same, and half of the rows or more have none: they are of the
    group above. Long numbers are none of groups, but of one row each, which others lack.

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
        if any(map(IDENTIFIER.fullmatch, self._known)):
            return []
        fix = f"`columns: {in_line({self._name: {'fill': 'down'}})}` gives each the one above"
        found = (
            f"`{self._name}` has a value in {count:,} of {self._rows:,} rows, each another one: "
        )
        return [f"{found}if it names groups of rows, {fix}"]

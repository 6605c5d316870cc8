"""Rows that hold a label and nothing else, as headings of the rows below them: they are told.

`Hommes` above rows of ages, `Femmes` above the same ages again: what the headings say is in no
column of those rows, two of which look the same. Feet of pages (`Page 1`) are such rows, too. Of
two columns, a row that lacks its value is one like others, but where its label never has one, and
other labels come again.
"""

import re
from collections import Counter
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.rows import Watcher

MOST = 0.25  # of all rows
SHOWN = 3
LONGEST = 40  # characters of each
LABELS = 10_000  # most, of groups that are named once, or of rows of two columns
PAIR = 2  # columns
IDENTIFIER = re.compile(r"[\d -]{8,}|.*@.*")


class Headings(Watcher):
    """Looks for such rows.

    Args:
        columns: of the table, without those that no file holds.
    """

    def __init__(self, columns: Iterable[Column]):
        self._names = [column.name for column in columns]

    def begin(self, schema: pa.Schema) -> None:
        names = [name for name in self._names if name in schema.names]
        self._present = [] if "geometry" in schema.names else names
        self._is_pair = len(self._present) == PAIR and pa.types.is_string(
            schema.field(names[0]).type
        )
        self._rows = 0
        self._found: dict[str, list] = {}  # column → how often it stands alone, and first labels
        # of the first of two columns: labels that have no value, those that have, and come again
        self._bare: set[str] = set()
        self._valued = Counter[str]()

    def look(self, batch: pa.RecordBatch) -> None:
        names = self._present
        self._rows += batch.num_rows
        if self._is_pair and len(self._valued) <= LABELS:
            self._look_at_pair(batch[names[0]], batch[names[1]])
        is_wide = len(names) > PAIR
        if is_wide and sum(not batch[name].null_count for name in names) < PAIR:  # else all have 2
            self._look_at_all(batch, names)

    def _look_at_pair(self, labels: pa.Array, values: pa.Array) -> None:
        given = labels.filter(pc.is_valid(values)).drop_null().to_pylist()
        bare = labels.filter(pc.is_null(values)).drop_null().to_pylist()
        self._valued.update(given)
        self._bare.update(bare)

    def _look_at_all(self, batch: pa.RecordBatch, names: list[str]) -> None:
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


class NamedOnce(Watcher):
    """Looks whether the first column names each group of rows once, as a pivot table does.

    Then no two of its values are the same, they are `LABELS` at most, and half of the rows or more
    have none: they are of the group above. Long numbers are none of groups, but of one row each,
    which others lack.

    Args:
        columns: of the table, without those that no file holds, in their order.
    """

    def __init__(self, columns: Iterable[Column]):
        self._name = next((column.name for column in columns if not column.spec.fill), "")

    def begin(self, schema: pa.Schema) -> None:
        self._rows = 0
        self._known: set[str] = set()
        self._may_be = self._name in schema.names and pa.types.is_string(
            schema.field(self._name).type
        )

    def look(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        if not self._may_be or not batch.num_rows:
            return
        texts = batch[self._name]
        self._may_be = texts.null_count > 0 and (bool(self._known) or texts[0].is_valid)
        if self._may_be:
            given = texts.drop_null().to_pylist()
            count = len(self._known) + len(given)
            self._known.update(given)
            self._may_be = len(self._known) == count <= LABELS

    def notes(self) -> list[str]:
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

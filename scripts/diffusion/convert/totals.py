"""Rows that hold the sums of all others, as publishers write below a table: they are told loudly.

Whoever adds up the column has everything twice. What the rows are called and what they hold are
both needed: a place may be called so, and a number may be a sum by chance. Long tables have such a
row for each group (`sexe` is H, F and Ensemble), and others subtotals beside the total of all. In a
ROLLUP of SQL, and in sheets, they have no label: such rows, fewer than the others, are a kind, too.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.conditions import condition_problem
from diffusion.config.reading import Convert
from diffusion.convert.columns import Column
from diffusion.convert.sums import Ends, Sums, add, are_small, is_sum
from diffusion.tables.rows import Watcher
from diffusion.tables.sql import identifier, literal
from diffusion.tables.texts import Words, text_columns

WORDS = (
    "total|totaux|total général|total general|grand total|ensemble|somme|sum|totale|totaal|totalt|"
    "insgesamt|gesamt|summe|all|tous|toutes|_t|t|tot|celkem|razem|ogółem|yhteensä|i alt|összesen|"
    "spolu|ukupno|skupaj|france|france entière|france entiere|france métropolitaine|"
    "france metropolitaine|france hors mayotte|métropole|deutschland|italia|españa|belgique|"
    "united kingdom|great britain|world|monde"
)
# words that are of no place: a country may be more than the others together
SURE = ("total", "totaux", "total général", "total general", "grand total", "ensemble", "somme")
BEYOND = "more than the sum of all others, some of which have no value,"
FORMS = (str.lower, str.upper, str.capitalize, str.title)
SPELLED = sorted({form(word) for word in WORDS.split("|") for form in FORMS})
BEGIN = ("Total ", "TOTAL ", "Ensemble ", "ENSEMBLE ", "Sous-total", "SOUS-TOTAL", "Subtotal")
NAMED = Words(SPELLED, BEGIN)
LOOKED, SHOWN = 6, 3  # columns of text; of numbers
MOST = 50  # labels of one column: more are no totals
LEVELS = 3  # rows at least beside a total of which some are its subtotals
NOTHING = ""  # the label of rows that have none: as a value, an empty text is none as well


class Note(NamedTuple):
    """What is told of rows with some labels."""

    labels: Sequence[str]
    words: str


class Totals(Watcher):
    """Adds up the rows that are called as totals are, and all rows."""

    def __init__(
        self,
        columns: Iterable[Column],
        convert: Convert,
        added: Collection[str],
        *,
        has_where: bool,
    ):
        """Args: of the table; how it is made; as of ``watchers``."""
        columns = list(columns)
        self._raw = {column.name: column.raw for column in columns}
        self._tokens = {column.name: column.tokens for column in columns}  # words for no value
        self._added = frozenset(added)
        self._where, self._has_where = convert.where, has_where

    def begin(self, schema: pa.Schema) -> None:
        texts = text_columns(schema)
        self._texts = [name for name in texts if self._raw.get(name, name) not in self._added]
        self._rows = self._bare = 0  # rows, and those without any text
        kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
        self._numbers = [f.name for f in schema if any(is_of(f.type) for is_of in kinds)]
        self._sums, self._ends = dict.fromkeys(self._numbers, Decimal(0)), Ends(self._numbers)
        self._missing = dict.fromkeys(self._numbers, 0)
        # column of text → label of a total → sums of its rows, and how many they are
        self._found: dict[str, dict[str, Sums]] = {name: {} for name in texts[:LOOKED]}
        self._counts: dict[tuple[str, str], int] = {}

    def look(self, batch: pa.RecordBatch) -> None:
        if not self._numbers:
            return
        self._rows += batch.num_rows
        add(self._sums, batch)
        self._ends.add(batch)
        if self._texts and all(batch[name].null_count for name in self._texts):
            without = reduce(pc.and_, (pc.is_null(batch[name]) for name in self._texts))
            self._bare += pc.sum(without).as_py() or 0
        for name in self._missing:
            self._missing[name] += batch[name].null_count
        numbers = batch.select(self._numbers)
        for name, known in self._found.items():
            if batch[name].null_count:
                self._take(numbers.filter(pc.is_null(batch[name])), name, NOTHING)
            if len(known) > MOST or not len(places := NAMED.places(batch[name])):
                continue
            named = batch.take(places)
            # scalars of Arrow: pandas is imported for those of Python
            for label in named[name].unique()[: MOST + 1]:
                self._take(named.filter(pc.equal(named[name], label)), name, label.as_py())

    def _take(self, rows: pa.RecordBatch, name: str, label: str) -> None:
        known = self._found[name]
        add(known.setdefault(label, dict.fromkeys(self._numbers, Decimal(0))), rows)
        self._counts[name, label] = self._counts.get((name, label), 0) + rows.num_rows

    def alerts(self) -> list[str]:
        """Return what is told of such rows; a column of labels once."""
        if self._rows < 3:
            return []
        told = {name: note for name in self._found if (note := self._note(name))}
        named = [self._rows_of(name, note) for name, note in told.items() if all(note.labels)]
        return [
            note.words
            for name, note in told.items()
            if all(note.labels) or self._rows_of(name, note) not in named
        ]

    def _rows_of(self, name: str, note: Note) -> tuple[int, Sums]:
        """Return by what rows are known again that another column tells of as well."""
        count = sum(self._counts[name, label] for label in note.labels)
        return count, self._held(self._found[name], note.labels)

    def _note(self, name: str) -> Note | None:
        known = dict(self._found[name])
        if 2 * self._counts.get((name, NOTHING), 0) >= self._rows:
            known.pop(NOTHING, None)
        if not known or len(known) > MOST:
            return None
        alone, named = [[label] for label in known], [label for label in known if label]
        together = [labels for labels in (named, list(known)) if labels]
        ways = [*((each, 1) for each in alone)]
        ways += [(labels, times) for labels in together for times in (1, 2)]
        for labels, times in [*ways, *((each, 0.5) for each in alone)]:
            held = self._held(known, labels)
            count = sum(self._counts[name, label] for label in labels)
            summed = [n for n in self._numbers if self._is_sum(n, held[n], times, count)]
            if NOTHING in labels and self._may_be_chance(name, held, summed, count):
                continue
            if summed and count < self._rows:
                return self._told(name, labels, count, summed, times)
        others = {label: of for label, of in known.items() if label}
        return self._one_of(name, others) or self._one_of(name, known)

    def _one_of(self, name: str, known: Mapping[str, Sums]) -> Note | None:
        """Return the note on totals of several kinds, one of which is that of all other rows."""
        held = self._held(known, list(known))
        others = {n: self._sums[n] - held[n] for n in self._numbers}
        for of in known.values():
            count = sum(self._counts[name, label] for label in known)
            summed = [n for n in self._numbers if of[n] and of[n] == others[n]]
            is_chance = NOTHING in known and self._may_be_chance(name, of, summed, count)
            if summed and not is_chance:
                return self._told(name, list(known), count, summed, 1)
        return self._beyond(name, known)

    def _beyond(self, name: str, known: Mapping[str, Sums]) -> Note | None:
        """Return the note on one row above the sum of all others, of which some have no value.

        Statistical secrecy hides values of rows, and not their part of the total.
        """
        for label, of in known.items():
            if self._counts[name, label] > 1 or label.lower() not in SURE:
                continue
            larger = [n for n in self._numbers if self._missing[n] and self._is_beyond(n, of[n])]
            if larger:
                return self._told(name, [label], 1, larger, 1, BEYOND)
        return None

    def _may_be_chance(self, name: str, sums: Sums, summed: Sequence[str], count: int) -> bool:
        """Whether rows without a label may be of any kind; a row without any text hardly is."""
        are_bare = self._counts.get((name, NOTHING)) == self._bare
        return are_small(sums, summed, self._rows - count, are_bare=are_bare)

    def _is_beyond(self, name: str, value: Decimal) -> bool:
        return 0 < self._sums[name] - value < value

    def _held(self, known: Mapping[str, Sums], labels: Sequence[str]) -> Sums:
        """Return the sums of the rows with some labels."""
        return {n: sum((known[label][n] for label in labels), Decimal(0)) for n in self._sums}

    def _told(
        self,
        name: str,
        labels: Sequence[str],
        count: int,
        summed: Sequence[str],
        times: float,
        holds: str = "the sum of all others",
    ) -> Note:
        listed = ", ".join(f"`{column}`" for column in summed[:SHOWN])
        rows = "one row has" if count == 1 else f"{count:,} rows have"
        shown = (f"`{label}`" if label else "no value" for label in labels[:SHOWN])
        words = " or ".join(shown)
        words += " …" if len(labels) > SHOWN else ""
        if times < 1:
            return Note(
                labels,
                f"{rows} {words} as `{name}`, and half the sum of all others as {listed}: others "
                "are subtotals, it seems, and who adds up the column has everything several times",
            )
        found = f"{rows} {words} as `{name}`, and {holds} as {listed}: who adds up "
        found += "the column has everything twice"
        if not self._has_where:
            return Note(labels, found)
        it = "it" if count == 1 else "them"
        return Note(labels, f"{found}; `where: {self._without(name, labels)}` leaves {it} out")

    def _without(self, name: str, labels: Sequence[str]) -> str:
        """Return the condition of all other rows, as YAML has it."""
        column = self._raw.get(name, name)
        if NOTHING in labels:
            labels = [*labels, *self._tokens.get(name, [])]
        told = _other_than(column, labels)
        if condition_problem("", told):  # of SQL, the name is a word, or more than one
            told = _other_than(identifier(column), labels)
        told = f"({self._where}) AND {told}" if self._where else told
        return json.dumps(told, ensure_ascii=False)

    def _is_sum(self, name: str, value: Decimal, times: float, count: int) -> bool:
        """Whether the rows with a value hold so many times the sum of all others."""
        if self._ends.is_constant(name) or not is_sum(
            value, Decimal(times) * (self._sums[name] - value)
        ):
            return False
        is_above = count > 1 or self._ends.is_highest(name, value)
        return times >= 1 or (self._rows - count >= LEVELS and is_above)


def _other_than(column: str, labels: Sequence[str]) -> str:
    if list(labels) == [NOTHING]:
        return f"coalesce({column}, '') <> ''"
    if NOTHING in labels:
        return f"coalesce({column}, '') NOT IN ({', '.join(map(literal, labels))})"
    if len(labels) == 1:
        return f"{column} IS DISTINCT FROM {literal(labels[0])}"
    return f"coalesce({column} NOT IN ({', '.join(map(literal, labels))}), true)"

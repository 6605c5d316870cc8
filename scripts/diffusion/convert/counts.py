"""What is counted while columns are typed: casts that failed, and null tokens."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.model import Conversion
from diffusion.config.reading import ColumnSpec, Convert, reasons_of
from diffusion.convert.column_sql import MARK, ZEROS, marks_of
from diffusion.convert.columns import Column
from diffusion.convert.completeness import verify_rows
from diffusion.convert.doubts import TextDoubts
from diffusion.convert.garbled import Damage, damage_of_batches, find_damage
from diffusion.convert.kept_rows import left_out_words
from diffusion.convert.null_tokens import added_up
from diffusion.convert.relation import FILE, ROW, RawTable, numbered_sql
from diffusion.convert.unread import unread_of
from diffusion.convert.zeros_left_out import count_zeros, zeros_note, zeros_of_batches
from diffusion.tables.rows import Rows

logger = logging.getLogger(__name__)
EXAMPLES = 10
ON_PAGES = ("on_both", "apart", "too_many")  # see `on_two_pages`


@dataclass
class Tally:
    """Counts what could not be cast and what null tokens there were.

    Rows are watched as they pass on their way to the file; the raw files are read again only if a
    row has a mark (``typed_sql``), and the rows are not kept: ``kept``, see ``read_once``.
    """

    con: duckdb.DuckDBPyConnection
    raws: Sequence[RawTable]
    columns: Sequence[Column]
    decimal: str
    kept: str = ""
    marked: bool = False
    has_zeros: bool = False  # in front of a number
    rows: int = 0
    values: dict[str, int] = field(default_factory=dict)
    zones: dict[str, set[bool]] = field(default_factory=dict)  # whether values state one
    damage: dict[str, Damage] = field(default_factory=dict)

    def watch(self, rows: Rows) -> Rows:
        """Return the rows without their marks; they are counted as they are read."""
        schema = rows.schema
        for mark in marks_of(self.columns):
            schema = schema.remove(schema.names.index(mark))
        return Rows(schema, self._unmarked(rows.batches))

    def _unmarked(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = [column.name for column in self.columns if column.is_cast]
        marks, zoned = marks_of(self.columns), [c for c in self.columns if c.may_mix_zones]
        self.values, self.rows = dict.fromkeys(names, 0), 0
        self.zones, self.damage = {column.name: set() for column in zoned}, {}
        for batch in batches:
            self.marked = self.marked or bool(pc.any(batch[MARK]).as_py())
            self.has_zeros |= ZEROS in marks and bool(pc.any(batch[ZEROS]).as_py())
            self.rows += batch.num_rows
            for name in names:
                self.values[name] += batch.num_rows - batch[name].null_count
            for column in zoned:
                seen = pc.min_max(batch[column.zone]).values()
                self.zones[column.name] |= {value.as_py() for value in seen} - {None}
            plain = batch.drop_columns(marks)
            find_damage(plain, self.damage)
            yield plain

    def counts(self) -> dict:
        """Return what was counted, once all rows have passed: as many as the raw files hold.

        Returns:
            ``cast_failures``: column → {failed, values, examples}, with or without failures, so
            that batches add up; ``nulls``: column → {token: count}; ``zones``: column → whether
            values state their zone, several where some do; ``damaged``: column → what
            ``find_damage`` found; ``kept``: how many rows came; ``zeros``: see ``count_zeros``.
        """
        verify_rows(self.con, self.raws, self.rows)
        counts: dict = {"zones": {name: sorted(seen) for name, seen in self.zones.items()}}
        counts["kept"] = self.rows
        counts["zeros"] = count_zeros(self.con, self.raws, self.columns) if self.has_zeros else {}
        counts["damaged"] = {name: asdict(damage) for name, damage in self.damage.items()}
        if self.marked:
            counts |= _count_values(self)
        else:
            good = {n: {"failed": 0, "values": v, "examples": []} for n, v in self.values.items()}
            counts |= {"cast_failures": good, "nulls": {}}
        counts["cast_failures"] |= unread_of(raw.unread for raw in self.raws)
        return counts


def _count_values(tally: Tally) -> dict:
    con, raws, columns, decimal = tally.con, tally.raws, tally.columns, tally.decimal
    cast = [c for c in columns if c.is_cast]
    tokens = [(c, token) for c in columns for token in c.tokens]
    values = {c.name: c.value(decimal) for c in cast}
    parts = [f"count({values[c.name]}), count({c.typed(decimal, values[c.name])})" for c in cast]
    parts += [f"count(*) FILTER (WHERE {c.is_token(token, decimal)})" for c, token in tokens]
    select = f"SELECT {', '.join([FILE, *parts])} FROM ({tally.kept or numbered_sql(raws)})"
    files = con.execute(f"{select} GROUP BY {FILE} ORDER BY {FILE}").fetchall()
    found = [sum(numbers) for numbers in list(zip(*files, strict=True))[1:]]
    failures = {}
    for index, column in enumerate(cast):
        at = 1 + 2 * index
        failed = [raws[row[0]] for row in files if row[at] > row[at + 1]]
        examples = _examples(con, failed, column, decimal)
        values, good = found[2 * index : 2 * index + 2]
        failures[column.name] = {"failed": values - good, "values": values, "examples": examples}
    nulls: dict = {}
    for (column, token), count in zip(tokens, found[2 * len(cast) :], strict=True):
        if count:
            nulls.setdefault(column.name, {})[token] = count
    return {"cast_failures": failures, "nulls": nulls}


def _examples(
    con: duckdb.DuckDBPyConnection, failed: Sequence[RawTable], column: Column, decimal: str
) -> list[dict]:
    """Return the first ten values that failed, with file and row (without header)."""
    value = column.value(decimal)
    typed = column.typed(decimal, value)
    examples: list[dict] = []
    for raw in failed:
        rows = con.execute(
            f"SELECT {ROW}, {value}::VARCHAR "
            f"FROM ({numbered_sql([raw], with_rows=True)}) "
            f"WHERE {value} IS NOT NULL AND {typed} IS NULL "
            f"ORDER BY {ROW} LIMIT {EXAMPLES - len(examples)}"
        ).fetchall()
        examples += [{"file": raw.label, "row": r, "value": v[:200]} for r, v in rows]
        if len(examples) == EXAMPLES:
            break
    return examples


def merge_counts(many: Sequence[Mapping]) -> dict:
    """Add up what was counted in several batches."""
    total: dict = {"cast_failures": {}, "nulls": {}, "zones": {}, "skipped": 0, "kept": 0}
    total |= dict.fromkeys(ON_PAGES, 0)
    for counts in many:
        for key in ("skipped", "kept", *ON_PAGES):
            total[key] += counts.get(key, 0)
        for name, seen in counts["zones"].items():
            total["zones"][name] = sorted({*total["zones"].get(name, []), *seen})
        for name, failure in counts["cast_failures"].items():
            sum_ = total["cast_failures"].setdefault(
                name, {"failed": 0, "values": 0, "examples": []}
            )
            sum_["failed"] += failure["failed"]
            sum_["values"] += failure["values"]
            sum_["examples"] = (sum_["examples"] + failure["examples"])[:EXAMPLES]
        total["nulls"] = added_up(total["nulls"], counts["nulls"])
    damaged = damage_of_batches([counts["damaged"] for counts in many])
    total["zeros"] = zeros_of_batches([counts.get("zeros", {}) for counts in many])
    return total | {"damaged": {name: asdict(damage) for name, damage in damaged.items()}}


def final_counts(
    counted: dict,
    source: Conversion,
    notes: Sequence[str],
    doubts: TextDoubts,
    nulls: dict,
    where: str,
) -> dict:
    """Return what was counted as a table has it.

    Args:
        doubts: about texts.
        nulls: tokens of columns whose types were proven.
    """
    told, left_out = left_out_words(counted, source.convert.where, where)
    notes = [*notes, *zeros_note(counted.get("zeros", {})), *told, *doubts.notes]
    counted |= {"notes": notes, "left_out": left_out or []}
    for key in ("zones", "skipped", "kept", "zeros"):
        counted.pop(key, None)
    counted |= {key: counted.get(key) or [] for key in ON_PAGES}
    counted["damaged"] = dict(sorted(counted["damaged"].items())) or []
    counted["nulls"] = added_up(counted["nulls"], nulls)
    counted["reasons"] = _reasons(counted["nulls"], source.convert) or []
    failures = {c: f for c, f in counted["cast_failures"].items() if f["failed"]}
    counted |= {"cast_failures": failures, "decimal_commas": doubts.commas}
    return counted | {"missing_words": doubts.tokens or []}


def _reasons(
    counted: Mapping[str, Mapping[str, int]], convert: Convert
) -> dict[str, dict[str, str]]:
    """Return column → {token: reason} of the tokens that stood there."""
    stated = {
        name: reasons_of(convert, convert.columns.get(name, ColumnSpec())) for name in counted
    }
    found = {
        name: {t: stated[name][t] for t in counted[name] if t in stated[name]} for name in counted
    }
    return {name: tokens for name, tokens in found.items() if tokens}


def log_counts(name: str, counts: Mapping) -> None:
    """Note in the job's log what could not be read, and what stood for no value."""
    for column, failure in counts["cast_failures"].items():
        if not failure["failed"]:
            continue
        first = "; ".join(
            f"record {e['row']} of {e['file']}: {e['value']!r}" for e in failure["examples"]
        )
        logger.warning(
            "%s.%s: %d of %d values could not be read: %s",
            name,
            column,
            failure["failed"],
            failure["values"],
            first,
        )
    for column, tokens in counts["nulls"].items():
        listed = ", ".join(f"{count} × {token!r}" for token, count in tokens.items())
        logger.info("%s.%s: no value: %s", name, column, listed)

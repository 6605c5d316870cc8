"""The raw files of a batch as typed rows, and what is counted of them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from diffusion.base.progress import Progress
from diffusion.config.model import Conversion
from diffusion.config.reading import Convert
from diffusion.convert.agreement import agreed, verify_days
from diffusion.convert.column_sql import typed_sql
from diffusion.convert.columns import Column, plan_columns
from diffusion.convert.counts import Tally, log_counts
from diffusion.convert.facts import facts_of_batch
from diffusion.convert.first_and_last import Typing, verify_first_and_last
from diffusion.convert.headers.stated import Stated, usual_of, verify_stated
from diffusion.convert.json.void import without_void
from diffusion.convert.json.waiting import Waiting
from diffusion.convert.json.wide import WIDE, spelled_out
from diffusion.convert.kept_rows import kept_rows, refuse_no_records
from diffusion.convert.lost_zeros import verify_zeros
from diffusion.convert.readers import open_raw
from diffusion.convert.relation import Nested, RawTable, Types, ordered_sql
from diffusion.convert.same_columns import (
    KEYED,
    ONE_STATEMENT,
    Header,
    note_on_columns,
    verify_headers,
    verify_replaced,
)
from diffusion.convert.small_files import read_once
from diffusion.convert.status import with_status
from diffusion.convert.typed.own_types import own_types
from diffusion.convert.zones import verify_zones
from diffusion.raw.inputs import RawInput
from diffusion.tables.limits import THREAD_MB, Limits, affordable
from diffusion.tables.rows import Rows, rows_of
from diffusion.tables.spelled import with_entities

logger = logging.getLogger(__name__)
NO_ROWS = "SELECT NULL AS nothing WHERE false"


@dataclass
class TypedRows:
    """Rows with their declared scalars typed: SQL, its columns, and what is recorded of them.

    ``seen``: what the files turned out to be, see ``RawTable``.
    ``found``: all raw columns, kept or not; ``added``: those that no file holds. ``left_out``,
    ``strings``, ``numbers``, ``stated`` (of most files), ``nested``: see ``RawTable``. ``tally``:
    what counts as the rows are read, where that is not yet known.
    """

    sql: str
    columns: list[Column]
    found: list[str]
    strings: list[str]
    numbers: list[str]
    seen: list[str]
    facts: dict
    tally: Tally | None = None
    added: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    stated: Stated | None = None
    nested: Nested = field(default_factory=Nested)

    def rows(self, con: duckdb.DuckDBPyConnection, sql: str | None = None) -> Rows:
        """Return the rows, or those of a SELECT made of them, counted as they are read."""
        rows = rows_of(con, sql or self.sql)
        rows = self.tally.watch(rows) if self.tally else rows
        progress = Progress("table", "rows", self.total)
        return Rows(rows.schema, progress.counted(rows.batches))

    @property
    def total(self) -> int | None:
        """How many there are, where all files told it."""
        held = [raw.held for raw in self.tally.raws] if self.tally else []
        counts = [one.records for one in held if one.records is not None and not one.recount]
        return sum(counts) if held and len(counts) == len(held) else None

    def counted(self, name: str) -> dict:
        """Return the facts with what was counted, once all rows are read."""
        if not self.tally:
            return self.facts
        counts = self.tally.counts()
        verify_zones(self.tally, counts["zones"], f"sources.{name}")
        log_counts(name, counts)
        return self.facts | counts

    def verify(
        self, con: duckdb.DuckDBPyConnection, table: Path, proven: Mapping[str, str] | None = None
    ) -> None:
        """Refuse a table that lacks the first or the last record of a raw file.

        Args:
            proven: the types of what was not declared; None for a part.
        """
        if self.tally:
            typing = Typing(self.columns, self.tally.decimal, proven or {})
            verify_first_and_last(con, self.tally.raws, typing, table)


def typed_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    source: Conversion,
    inputs: Sequence[RawInput],
    folder: Path,
    limits: Limits,
) -> TypedRows:
    """Return the rows of the raw files of a batch, declared scalars typed.

    Args:
        name: of the source.
        folder: for copies of the raw files, as long as the rows are read.

    Raises:
        DiffusionError: a raw file cannot be read, or is in doubt.
    """
    waiting, where = Waiting(con, limits.layers_mb << 20), f"sources.{name}"
    given = [open_raw(waiting, item, source, folder) for item in inputs]
    files = _asked_for(waiting, given, source, where, folder)
    opened = [raw for raws in files for raw in raws]
    seen = sorted(frozenset().union(*(raw.seen for raw in opened)))
    opened, nested = without_void(opened, source.convert)
    convert = spelled_out(source.convert, _names(opened), source.read.joint, seen)
    raws, added, notes = _together(con, [raw for raw in opened if raw.columns], convert, where)
    relation = _relation(con, raws, limits)
    held, types = _types(con, relation, raws)
    columns = _planned(con, raws, plan_columns(held, types, convert, where), convert, where)
    found = [*held, *sorted({twin for raw in raws for twin in raw.named.twins}.difference(held))]
    facts = facts_of_batch(inputs, files, notes, name)
    if not columns:
        counts: dict = {"cast_failures": {}, "nulls": {}, "zones": {}, "damaged": {}}
        return TypedRows(NO_ROWS, [], found, [], [], seen, facts | counts)
    relation, kept = read_once(con, raws, [column.raw for column in columns], relation)
    decimal = source.read.decimal
    tally, sql = Tally(con, raws, columns, decimal, kept), typed_sql(relation, columns, decimal)
    left_out = sorted(frozenset().union(*(raw.named.left_out for raw in raws)))
    lists = (sorted(types.strings), sorted(types.numbers), seen)
    stated = usual_of([raw.named.stated for raw in raws if raw.named.stated])
    return TypedRows(sql, columns, found, *lists, facts, tally, added, left_out, stated, nested)


def _names(raws: Sequence[RawTable]) -> list[str]:
    return list(dict.fromkeys(n for raw in raws for n in (*raw.columns, *raw.named.twins)))


def _relation(con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], limits: Limits) -> str:
    """Return SQL of all rows, which as many threads read as memory has room for."""
    each = max((raw.thread_mb for raw in raws), default=THREAD_MB)
    con.execute(f"SET threads = {affordable(limits.threads, limits.duckdb_mb, each)}")
    return ordered_sql(raws) or NO_ROWS


def _planned(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    columns: list[Column],
    convert: Convert,
    where: str,
) -> list[Column]:
    """Return the columns with those of statuses, what they need of the engine being there."""
    columns = with_status(columns, convert, where)
    with_entities(con, (column.spec for column in columns))
    verify_days(con, raws, columns, where)
    if len(columns) > WIDE:
        # searching for repeated expressions takes time quadratic in their number
        con.execute("SET disabled_optimizers = 'common_subexpressions'")
    return columns


def _types(
    con: duckdb.DuckDBPyConnection, relation: str, raws: Sequence[RawTable]
) -> tuple[list[str], Types]:
    """Return the columns of raw files, in their order, and their types: text in all of them."""
    found = list(dict.fromkeys(column for raw in raws for column in raw.columns))
    text = frozenset(
        c for c in found if all(c in raw.types.text for raw in raws if c in raw.columns)
    )
    strings = frozenset().union(*(raw.types.strings for raw in raws)) & text
    numbers = frozenset().union(*(raw.types.numbers for raw in raws)) - strings
    return found, Types(text, strings, numbers, own_types(con, relation, set(found) - text))


def _asked_for(
    waiting: Waiting,
    files: Sequence[Sequence[RawTable]],
    source: Conversion,
    where: str,
    folder: Path,
) -> list[list[RawTable]]:
    """Return raw files without the rows that `where:` leaves out, and with their geometries."""
    raws = [raw for raws in files for raw in raws if raw.columns]
    raws = kept_rows(waiting.con, raws, source.convert.where, where)
    refuse_no_records(raws)
    if source.read.shapes.source.is_stated:
        from diffusion.convert.layers.placed import (
            placed,  # shapely only where there are geometries
        )

        raws = [
            placed(waiting, raw, source, folder / f"placed-{number}.parquet", where)
            for number, raw in enumerate(raws)
        ]
    rest = iter(raws)
    return [[next(rest) if raw.columns else raw for raw in of] for of in files]


def _together(
    con: duckdb.DuckDBPyConnection, raws: Sequence[RawTable], convert: Convert, where: str
) -> tuple[list[RawTable], list[str], list[str]]:
    """Return raw files that can be put together, columns that none of them holds, and notes."""
    verify_stated([(raw.label, raw.named.stated) for raw in raws if raw.named.stated], where)
    headers = [Header(r.label, r.columns, frozenset(r.added), r.named.left_out) for r in raws]
    verify_headers(headers, convert, where, are_one=any(ONE_STATEMENT in r.seen for r in raws))
    verify_replaced(raws, where)
    declared = {spec.source or column: spec for column, spec in convert.columns.items()}
    verify_zeros(con, raws, declared, where)
    added = {column for raw in raws for column in raw.added}
    alike, notes = agreed(con, raws, declared, where)
    if not any(KEYED & raw.seen for raw in raws):
        notes += note_on_columns(headers, "files")
    return alike, sorted(added.difference(*(h.own for h in headers))), notes

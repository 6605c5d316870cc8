"""The raw files of a batch as typed rows, and what is counted of them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from diffusion.config.model import Conversion
from diffusion.config.reading import Convert, FileRead
from diffusion.convert.agreement import agreed, verify_days
from diffusion.convert.columns import Column, plan_columns, typed_sql
from diffusion.convert.counts import Tally, log_counts
from diffusion.convert.first_and_last import Typing, verify_first_and_last
from diffusion.convert.headers.stated import Stated, usual_of, verify_stated
from diffusion.convert.json.void import without_void
from diffusion.convert.json.waiting import Waiting
from diffusion.convert.json.wide import WIDE, spelled_out
from diffusion.convert.kept_rows import kept_rows, refuse_no_records, skipped_of
from diffusion.convert.lost_zeros import verify_zeros
from diffusion.convert.on_two_pages import on_pages_note, on_two_pages
from diffusion.convert.readers import open_raw
from diffusion.convert.relation import Nested, RawTable, ordered_sql
from diffusion.convert.same_bytes import all_again
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
from diffusion.convert.told import gathered
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
        return self.tally.watch(rows) if self.tally else rows

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
    named = [name for raw in opened for name in (*raw.columns, *raw.named.twins)]
    convert = spelled_out(source.convert, list(dict.fromkeys(named)), source.read.joint, seen)
    raws, added, notes = _together(con, [raw for raw in opened if raw.columns], convert, where)
    each = max((raw.thread_mb for raw in raws), default=THREAD_MB)
    con.execute(f"SET threads = {affordable(limits.threads, limits.duckdb_mb, each)}")
    kinds, relation = _kinds(raws), read_once(con, raws, ordered_sql(raws)) or NO_ROWS
    columns = _planned(con, kinds, relation, convert, where)
    with_entities(con, (column.spec for column in columns))
    verify_days(con, raws, columns, where)
    twins = frozenset().union(*(raw.named.twins for raw in raws)) - set(kinds.found)
    found = [*kinds.found, *sorted(twins)]
    if len(columns) > WIDE:
        # searching for repeated expressions takes time quadratic in their number
        con.execute("SET disabled_optimizers = 'common_subexpressions'")
    facts = _facts(inputs, opened, notes, name) | {"without": _without(inputs, files)}
    if not columns:
        counts: dict = {"cast_failures": {}, "nulls": {}, "zones": {}, "damaged": {}}
        return TypedRows(NO_ROWS, [], found, [], [], seen, facts | counts)
    decimal = decimal_of(source)
    tally, sql = Tally(con, raws, columns, decimal), typed_sql(relation, columns, decimal)
    left_out = sorted(frozenset().union(*(raw.named.left_out for raw in raws)))
    lists = (sorted(kinds.strings), sorted(kinds.numbers), seen)
    stated = usual_of([raw.named.stated for raw in raws if raw.named.stated])
    return TypedRows(sql, columns, found, *lists, facts, tally, added, left_out, stated, nested)


def _planned(
    con: duckdb.DuckDBPyConnection, kinds: "_Kinds", relation: str, convert: Convert, where: str
) -> list[Column]:
    own = own_types(con, relation, set(kinds.found) - kinds.text)
    given = (kinds.found, kinds.text, kinds.strings, kinds.numbers)
    columns = plan_columns(*given, convert, where, own)
    return with_status(columns, convert, where)


@dataclass(frozen=True)
class _Kinds:
    """The columns of raw files, in their order; ``text`` in all files that have them."""

    found: list[str]
    text: frozenset[str]
    strings: frozenset[str]
    numbers: frozenset[str]


def _kinds(raws: Sequence[RawTable]) -> _Kinds:
    found = list(dict.fromkeys(column for raw in raws for column in raw.columns))
    text = frozenset(
        c for c in found if all(c in raw.types.text for raw in raws if c in raw.columns)
    )
    strings = frozenset().union(*(raw.types.strings for raw in raws)) & text
    numbers = frozenset().union(*(raw.types.numbers for raw in raws)) - strings
    return _Kinds(found, text, strings, numbers)


def _without(inputs: Sequence[RawInput], files: Sequence[Sequence[RawTable]]) -> list[str]:
    """Return the partitions that hold no record."""
    return [
        item.partition
        for item, of in zip(inputs, files, strict=True)
        if not item.records and not any(raw.columns and raw.held.records != 0 for raw in of)
    ]


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

        decimal = decimal_of(source)
        raws = [
            placed(waiting, raw, source, decimal, folder / f"placed-{number}.parquet", where)
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


def _facts(
    inputs: Sequence[RawInput], raws: Sequence[RawTable], notes: Sequence[str], name: str
) -> dict:
    facts: dict = {"raw": {item.partition: item.sha256 for item in inputs}}
    facts |= merged_geometry([raw.geo for raw in raws if raw.geo], name)
    facts["read"] = sorted({raw.told.found for raw in raws if raw.told.found})
    for words in facts["read"]:
        logger.info("read as %s", words)
    told = [(raw.label, note) for raw in raws for note in raw.told.notes]
    told += [(key, "has no byte, and is left out") for item in inputs for key in item.empty]
    told += [(raw.label, "holds no record") for raw in raws if raw.held.records == 0]
    told += [(item.partition, note) for item in inputs for note in on_pages_note(item)]
    told += all_again([(raw.label, raw.held.records) for raw in raws])
    facts |= on_two_pages(inputs)
    facts["skipped"] = skipped_of(raws)
    facts["notes"] = gathered([*told, *(("", note) for note in notes)])
    return facts


def decimal_of(source: Conversion) -> str:
    """Return the decimal separator of a source."""
    return source.read.csv.decimal if isinstance(source.read, FileRead) else "."


def merged_geometry(geos: Sequence[Mapping], name: str) -> dict:
    """Return what is known of the geometries of several files, as facts; nothing if of none."""
    if not geos:
        return {}
    from diffusion.tables.geoparquet import merge_geo  # pyproj only where there are geometries

    return {"geometry": merge_geo(geos, f"sources.{name}")}

"""Convert the raw copies of a batch to a part, or at once to the table when it is the only batch.

Two stages, the same for both: a *part* has the declared scalars typed and counted, and all else as
text; *finishing* proves the types of what was not declared over all parts, sorts, and writes.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from diffusion.config.model import Conversion
from diffusion.config.reading import FileRead
from diffusion.config.unused_options import unused_read_option
from diffusion.convert.agreement import agreed, verify_parts_agree
from diffusion.convert.columns import (
    MARK,
    Column,
    final_sql,
    missing_columns,
    plan_columns,
    typed_sql,
)
from diffusion.convert.completeness import verify_parts
from diffusion.convert.counts import Tally, log_counts, merge_counts
from diffusion.convert.doubts import decimal_commas
from diffusion.convert.readers import open_raw
from diffusion.convert.relation import ordered_sql, reading_error
from diffusion.convert.waiting import Waiting
from diffusion.errors import DiffusionError
from diffusion.raw.inputs import RawInput
from diffusion.tables.engine import duckdb_errors, engine
from diffusion.tables.limits import THREAD_MB, Limits, affordable
from diffusion.tables.order import OutOfOrder, in_order
from diffusion.tables.parquet import dump_metadata, read_metadata, rows_in
from diffusion.tables.sql import file_literal
from diffusion.tables.write import (
    OrderedQuery,
    Rows,
    geometry_facts,
    ordered_query,
    rows_of,
    table_facts,
    write_rows,
)

logger = logging.getLogger(__name__)
WIDE = 200  # columns
NO_ROWS = "SELECT NULL AS nothing WHERE false"


@dataclass
class TypedRows:
    """Rows with their declared scalars typed: SQL, its columns, and what is recorded of them.

    ``seen``: what the files turned out to be, see ``RawTable``.
    ``found``: all raw columns, kept or not. ``strings``, ``numbers``: see ``RawTable``. ``tally``:
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

    def rows(self, con: duckdb.DuckDBPyConnection, sql: str | None = None) -> Rows:
        """Return the rows, or those of a SELECT made of them, counted as they are read."""
        rows = rows_of(con, sql or self.sql)
        return self.tally.watch(rows) if self.tally else rows


@contextmanager
def _working(name: str, limits: Limits) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    limits.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=limits.scratch, prefix="convert-"))
    try:
        with engine(limits) as con, duckdb_errors(f"sources.{name}", reading_error):
            yield con, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def convert_table(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert all raw copies of a source with one batch to its final table."""
    with _working(name, limits) as (con, folder):
        typed = _typed_rows(con, name, source, inputs, folder, limits)
        _finish(con, name, source, typed, target)


def convert_part(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert the raw copies of one batch among several to a part; it may hold no record."""
    with _working(name, limits) as (con, folder):
        typed = _typed_rows(con, name, source, inputs, folder, limits)
        batch_facts = {"found": typed.found, "strings": typed.strings, "seen": typed.seen}
        batch_facts["numbers"] = typed.numbers

        def final_metadata() -> dict[bytes, bytes]:
            return dump_metadata(_counted(name, typed) | batch_facts)

        write_rows(
            typed.rows(con),
            target,
            source.write,
            {},
            final_metadata=final_metadata,
        )


def combine_parts(
    name: str, source: Conversion, parts: Sequence[Path], target: Path, limits: Limits
) -> None:
    """Make the final table of the parts of all batches, in the order of the batches."""
    with _working(name, limits) as (con, _):
        notes = [read_metadata(part) for part in parts]
        found = list(dict.fromkeys(column for note in notes for column in note["found"]))
        strings = sorted({column for note in notes for column in note["strings"]})
        seen = sorted({thing for note in notes for thing in note["seen"]})
        files = ", ".join(
            file_literal(part) for part, note in zip(parts, notes, strict=True) if note["found"]
        )
        options = "union_by_name=true, hive_partitioning=false"
        sql = f"SELECT * FROM read_parquet([{files}], {options})" if files else NO_ROWS
        verify_parts_agree(con, parts, source.convert.columns, f"sources.{name}")
        described = con.execute(f"DESCRIBE {sql}").fetchall()
        back = {new: spec.source or new for new, spec in source.convert.columns.items()}
        text = frozenset(back.get(row[0], row[0]) for row in described if row[1] == "VARCHAR")
        numbers = frozenset(n for note in notes for n in note["numbers"]) - set(strings)
        columns = plan_columns(
            found, text, frozenset(strings), numbers, source.convert, f"sources.{name}"
        )
        facts = merge_counts(notes)
        facts["raw"] = {k: v for note in notes for k, v in note["raw"].items()}
        facts["read"] = sorted({words for note in notes for words in note["read"]})
        facts |= _geometry([note["geometry"] for note in notes if "geometry" in note], name)
        _finish(
            con,
            name,
            source,
            TypedRows(sql, columns, found, strings, sorted(numbers), seen, facts),
            target,
        )
        verify_parts([rows_in(part) for part in parts], rows_in(target))


def _typed_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    source: Conversion,
    inputs: Sequence[RawInput],
    folder: Path,
    limits: Limits,
) -> TypedRows:
    waiting = Waiting(con, limits.layers_mb << 20)
    opened = [raw for item in inputs for raw in open_raw(waiting, item, source, folder)]
    seen = sorted(frozenset().union(*(raw.seen for raw in opened)))
    convert, where = source.convert, f"sources.{name}"
    declared = {spec.source or column for column, spec in convert.columns.items()}
    raws = agreed([raw for raw in opened if raw.columns], declared, where)
    each = max((raw.thread_mb for raw in raws), default=THREAD_MB)
    con.execute(f"SET threads = {affordable(limits.threads, limits.duckdb_mb, each)}")
    found = list(dict.fromkeys(column for raw in raws for column in raw.columns))
    text = frozenset(c for c in found if all(c in raw.text for raw in raws if c in raw.columns))
    strings = frozenset().union(*(raw.strings for raw in raws)) & text
    numbers = frozenset().union(*(raw.numbers for raw in raws)) - strings
    columns = plan_columns(found, text, strings, numbers, convert, where)
    found += sorted(frozenset().union(*(raw.twins for raw in raws)) - set(found))
    relation = ordered_sql(raws) or NO_ROWS
    if len(columns) > WIDE:
        # searching for repeated expressions takes time quadratic in their number
        con.execute("SET disabled_optimizers = 'common_subexpressions'")
    decimal = _decimal(source)
    facts: dict = {"raw": {item.partition: item.sha256 for item in inputs}}
    facts |= _geometry([raw.geo for raw in raws if raw.geo], name)
    facts["read"] = sorted({raw.found for raw in raws if raw.found})
    for words in facts["read"]:
        logger.info("read as %s", words)
    if not columns:
        counts: dict = {"cast_failures": {}, "nulls": {}}
        return TypedRows(NO_ROWS, [], found, [], [], seen, facts | counts)
    tally = Tally(con, raws, columns, decimal)
    sql = typed_sql(relation, columns, decimal)
    return TypedRows(sql, columns, found, sorted(strings), sorted(numbers), seen, facts, tally)


def _counted(name: str, typed: TypedRows) -> dict:
    """Return the facts with what was counted, once all rows are read."""
    if not typed.tally:
        return typed.facts
    counts = typed.tally.counts()
    log_counts(name, counts)
    return typed.facts | counts


def _finish(
    con: duckdb.DuckDBPyConnection, name: str, source: Conversion, typed: TypedRows, target: Path
) -> None:
    where = f"sources.{name}"
    if not typed.found:
        fix = "check `url`, `params` and `partitions`"
        raise DiffusionError(where, "the data hold no record at all", fix)
    if problem := unused_read_option(where, source.read, typed.seen):
        raise problem
    if problem := missing_columns(typed.found, source.convert, where):
        raise problem
    marks = [MARK] if typed.tally else []
    sql, proven = final_sql(con, typed.sql, typed.columns, _decimal(source), marks)
    kinds = {c.name: c.kind or proven.get(c.name, "as it came") for c in typed.columns}
    texts = [c.name for c in typed.columns if proven.get(c.name) == "string" and not c.is_number]
    commas = decimal_commas(con, typed.sql, texts) if _decimal(source) == "." else []
    logger.info("types: %s", ", ".join(f"{column}: {kind}" for column, kind in kinds.items()))
    geo = typed.facts.pop("geometry", None)
    geo = geo if "geometry" in kinds else None

    def final_metadata() -> dict[bytes, bytes]:
        counted = _counted(name, typed)
        failures = {c: f for c, f in counted["cast_failures"].items() if f["failed"]}
        counted |= {"cast_failures": failures, "decimal_commas": commas} | geometry_facts(geo)
        return dump_metadata(table_facts(name, source.vintage, source.credit, counted))

    ordered = ordered_query(con, where, sql, list(kinds), source.write, geo)
    write = partial(
        write_rows,
        target=target,
        write=source.write,
        metadata=ordered.metadata,
        sorted_by=ordered.columns,
        final_metadata=final_metadata,
    )
    _write_in_order(con, typed, sql, ordered, write)


def _write_in_order(
    con: duckdb.DuckDBPyConnection,
    typed: TypedRows,
    sql: str,
    ordered: OrderedQuery,
    write: Callable[[Rows], None],
) -> None:
    """Write rows as they come if that is their final order, else sorted: as much work again."""
    if ordered.keys:
        try:
            write(in_order(typed.rows(con, sql), ordered.keys))
            return
        except OutOfOrder:
            logger.info("the rows do not come in their final order: they are sorted")
    write(typed.rows(con, ordered.sql))


def _decimal(source: Conversion) -> str:
    return source.read.csv.decimal if isinstance(source.read, FileRead) else "."


def _geometry(geos: Sequence[Mapping], name: str) -> dict:
    if not geos:
        return {}
    from diffusion.tables.geoparquet import merge_geo  # pyproj only where there are geometries

    return {"geometry": merge_geo(geos, f"sources.{name}")}

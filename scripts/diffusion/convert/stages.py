"""Convert the raw copies of a batch to a part, or at once to the table when it is the only batch.

Two stages, the same for both: a *part* has the declared scalars typed and counted, and all else as
text; *finishing* proves the types of what was not declared over all parts, sorts, and writes.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

import duckdb

from diffusion.config.model import Conversion
from diffusion.config.unused_options import unused_fill, unused_read_option
from diffusion.convert.agreement import verify_parts_agree
from diffusion.convert.batches import added_in, found_in, verify_together
from diffusion.convert.columns import final_sql, marks_of, plan_columns
from diffusion.convert.completeness import verify_parts
from diffusion.convert.counts import final_counts, merge_counts
from diffusion.convert.doubts import decimals_or_thousands, text_doubts
from diffusion.convert.json.odd_records import note_on_features
from diffusion.convert.json.wide import spelled_out
from diffusion.convert.lost_zeros import verify_written_zeros
from diffusion.convert.missing_columns import missing_columns
from diffusion.convert.null_tokens import count_proven
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.same_bytes import ignored_axis, same_note
from diffusion.convert.short_years import refuse_late_years
from diffusion.convert.status import status_names, with_status
from diffusion.convert.told import gathered, in_words, merged
from diffusion.convert.typed_rows import (
    NO_ROWS,
    TypedRows,
    decimal_of,
    merged_geometry,
    typed_rows,
)
from diffusion.convert.watchers import watchers
from diffusion.convert.zones import verify_zones_of_parts
from diffusion.errors import RowsError
from diffusion.raw.inputs import RawInput
from diffusion.tables.engine import duckdb_errors, engine
from diffusion.tables.limits import Limits
from diffusion.tables.order import OutOfOrder, in_order
from diffusion.tables.parquet import dump_metadata, read_metadata, rows_in
from diffusion.tables.rows import Rows
from diffusion.tables.sql import file_literal
from diffusion.tables.write import (
    OrderedQuery,
    geometry_doubts,
    geometry_facts,
    ordered_query,
    table_facts,
    write_rows,
)

logger = logging.getLogger(__name__)


@contextmanager
def _working(name: str, limits: Limits) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    limits.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=limits.scratch, prefix="convert-"))
    try:
        with engine(limits) as con, duckdb_errors(f"sources.{name}", reading_error):
            # a long `IN (…)`, as of null tokens, would become a join: rows in no order
            con.execute("SET disabled_optimizers = 'in_clause'")
            yield con, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def convert_table(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> dict[str, dict]:
    """Convert all raw copies of a source with one batch to its final table.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    with _working(name, limits) as (con, folder):
        typed = typed_rows(con, name, source, inputs, folder, limits)
        return _finish(con, name, source, typed, target)


def convert_part(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert the raw copies of one batch among several to a part; it may hold no record."""
    with _working(name, limits) as (con, folder):
        typed = typed_rows(con, name, source, inputs, folder, limits)
        batch_facts: dict = {"found": typed.found, "strings": typed.strings, "seen": typed.seen}
        batch_facts |= {"numbers": typed.numbers, "added": typed.added}
        batch_facts |= {"left_out": typed.left_out}
        batch_facts |= {"nested": {key: sorted(x) for key, x in asdict(typed.nested).items()}}
        batch_facts |= {"stated": asdict(typed.stated) if typed.stated else None}

        def final_metadata() -> dict[bytes, bytes]:
            return dump_metadata(typed.counted(name) | batch_facts)

        write_rows(
            typed.rows(con),
            target,
            source.write,
            {},
            final_metadata=final_metadata,
        )
        typed.verify(con, target)


def combine_parts(
    name: str, source: Conversion, parts: Sequence[Path], target: Path, limits: Limits
) -> dict[str, dict]:
    """Make the final table of the parts of all batches, in the order of the batches.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    with _working(name, limits) as (con, _):
        notes = [read_metadata(part) for part in parts]
        found = found_in(notes, source.convert)
        strings = sorted({column for note in notes for column in note["strings"]})
        seen = sorted({thing for note in notes for thing in note["seen"]})
        convert = spelled_out(source.convert, found, source.read.joint, seen)
        apart = verify_together(parts, notes, convert, f"sources.{name}")
        files = ", ".join(
            file_literal(part) for part, note in zip(parts, notes, strict=True) if note["found"]
        )
        options = "union_by_name=true, hive_partitioning=false"
        sql = f"SELECT * FROM read_parquet([{files}], {options})" if files else NO_ROWS
        verify_zones_of_parts(parts, notes, f"sources.{name}")
        where = f"sources.{name}"
        agreement = verify_parts_agree(con, parts, convert.columns, where)
        described = con.execute(f"DESCRIBE {sql}").fetchall()
        back = {new: spec.source or new for new, spec in convert.columns.items()}
        own = [row for row in described if row[0] not in status_names(convert)]
        text = frozenset(back.get(row[0], row[0]) for row in own if row[1] == "VARCHAR")
        numbers = frozenset(n for note in notes for n in note["numbers"]) - set(strings)
        columns = plan_columns(found, text, frozenset(strings), numbers, convert, where)
        columns = with_status(columns, convert, where)
        facts = merge_counts(notes)
        facts["raw"] = {k: v for note in notes for k, v in note["raw"].items()}
        facts["without"] = [partition for note in notes for partition in note["without"]]
        facts["read"] = sorted({words for note in notes for words in note["read"]})
        told = gathered(("", note) for note in (*agreement, *apart))
        facts["notes"] = merged([*(note["notes"] for note in notes), told])
        facts |= merged_geometry([note["geometry"] for note in notes if "geometry" in note], name)
        typed = TypedRows(sql, columns, found, strings, sorted(numbers), seen, facts)
        typed.added = added_in(notes)
        distinct = _finish(con, name, source, typed, target)
        verify_parts([rows_in(part) for part in parts], rows_in(target))
        return distinct


def _finish(
    con: duckdb.DuckDBPyConnection, name: str, source: Conversion, typed: TypedRows, target: Path
) -> dict[str, dict]:
    where = f"sources.{name}"
    _verify_columns(source, typed, where)
    refuse_late_years(con, typed.sql, typed.columns, source.vintage, where)
    marks = marks_of(typed.columns) if typed.tally else []
    sql, proven = final_sql(con, typed.sql, typed.columns, decimal_of(source), marks)
    kinds = {c.name: c.kind or proven.get(c.name, "as it came") for c in typed.columns}
    logger.info("types: %s", ", ".join(f"{column}: {kind}" for column, kind in kinds.items()))
    texts = [c.name for c in typed.columns if proven.get(c.name) == "string"]
    doubts = text_doubts(con, typed.sql, texts, decimal_of(source))
    notes = in_words(typed.facts.pop("notes"))
    floats = [c.name for c in typed.columns if proven.get(c.name) == "float" and not c.is_number]
    notes += decimals_or_thousands(con, typed.sql, floats, typed.facts["read"])
    nulls = count_proven(con, typed.sql, typed.columns, proven, decimal_of(source))
    geo = typed.facts.pop("geometry", None)
    geo = geo if "geometry" in kinds else None
    raw, without = typed.facts["raw"], typed.facts.pop("without")
    notes += same_note(raw, without, source.read)
    if axis := ignored_axis(raw, without, source.read):
        typed.facts["ignored_axis"] = axis
    for note in notes:
        logger.info("%s", note)

    def final_metadata() -> dict[bytes, bytes]:
        told = [*notes, *note_on_features({c.raw for c in typed.columns}), *watched.notes()]
        counted = final_counts(typed.counted(name), source, told, doubts, nulls, where)
        counted["alerts"] = [*watched.alerts(), *geometry_doubts(geo)]
        counted |= geometry_facts(geo) | watched.facts()
        return dump_metadata(table_facts(name, source.vintage, source.credit, counted))

    looked_at = (typed.columns, source.convert, typed.added, doubts.tokens)
    watched = watchers(*looked_at, has_where=geo is None)
    ordered = ordered_query(con, where, sql, list(kinds), source.write, geo)
    write = partial(
        write_rows,
        target=target,
        write=source.write,
        metadata=ordered.metadata,
        sorted_by=ordered.columns,
        final_metadata=final_metadata,
        counted=True,
    )

    def write_watched(rows: Rows) -> dict[str, dict]:
        return write(watched.watch(rows))

    distinct = _write_in_order(con, typed, sql, ordered, write_watched)
    typed.verify(con, target, proven)
    verify_written_zeros(con, target, typed.columns, kinds, typed.added, where)
    return distinct


def _verify_columns(source: Conversion, typed: TypedRows, where: str) -> None:
    """Refuse a table without columns, or without those that the configuration names."""
    if not typed.found:
        fix = (
            "check `url`, `params` and `partitions`; a text that has a header alone gives an empty "
        )
        fix += "table, as it names the columns"
        raise RowsError(where, "the data hold no record at all", fix)
    if problem := unused_read_option(where, source.read, typed.seen):
        raise problem
    if problem := unused_fill(where, source.convert, typed.seen):
        raise problem
    convert = spelled_out(source.convert, typed.found, source.read.joint, typed.seen)
    if problem := missing_columns(typed.found, convert, where):
        raise problem
    if not typed.columns:
        fix = f"keep one of them; the data have: {', '.join(typed.found)}"
        raise RowsError(where, "no column is left: `drop` and `keep` leave out all", fix)


def _write_in_order(
    con: duckdb.DuckDBPyConnection,
    typed: TypedRows,
    sql: str,
    ordered: OrderedQuery,
    write: Callable[[Rows], dict[str, dict]],
) -> dict[str, dict]:
    """Write rows as they come if that is their final order, else sorted: as much work again."""
    if ordered.keys:
        try:
            return write(in_order(typed.rows(con, sql), ordered.keys))
        except OutOfOrder:
            logger.info("the rows do not come in their final order: they are sorted")
    return write(typed.rows(con, ordered.sql))

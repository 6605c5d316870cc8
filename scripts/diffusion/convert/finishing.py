"""The end of a conversion: what was not declared is proven, the rows are sorted and written."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from diffusion.config.model import Conversion
from diffusion.config.unused_reading import unused_fill, unused_read_option
from diffusion.convert.column_sql import final_sql, marks_of
from diffusion.convert.counts import final_counts
from diffusion.convert.doubts import TextDoubts, decimals_or_thousands, text_doubts, unused_decimal
from diffusion.convert.json.odd_records import note_on_features
from diffusion.convert.json.wide import spelled_out
from diffusion.convert.lost_zeros import verify_written_zeros
from diffusion.convert.missing_columns import missing_columns
from diffusion.convert.null_tokens import count_proven
from diffusion.convert.same_bytes import ignored_axis, same_note
from diffusion.convert.several_units import multiplier_left_out
from diffusion.convert.short_years import refuse_late_years
from diffusion.convert.told import in_words
from diffusion.convert.typed_rows import TypedRows
from diffusion.convert.watchers import watchers
from diffusion.errors import RowsError
from diffusion.tables.order import OutOfOrder, in_order, prove_order
from diffusion.tables.parquet import dump_metadata
from diffusion.tables.rows import FEW, Rows, Watched
from diffusion.tables.ties import settled, sorted_by, telling
from diffusion.tables.write import (
    OrderedQuery,
    geometry_doubts,
    geometry_facts,
    ordered_query,
    table_facts,
    write_rows,
)

logger = logging.getLogger(__name__)
LARGE = 500_000  # records


def finish(
    con: duckdb.DuckDBPyConnection, name: str, source: Conversion, typed: TypedRows, target: Path
) -> dict[str, dict]:
    """Write the final table.

    Args:
        name: of the source.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    where = f"sources.{name}"
    _verify_columns(source, typed, where)
    refuse_late_years(con, typed.sql, typed.columns, source.vintage, where)
    marks = marks_of(typed.columns) if typed.tally else []
    sql, proven = final_sql(con, typed.sql, typed.columns, source.read.decimal, marks)
    kinds = {c.name: c.kind or proven.get(c.name, "as it came") for c in typed.columns}
    logger.info("types: %s", ", ".join(f"{column}: {kind}" for column, kind in kinds.items()))
    proof = _proof(con, source, typed, proven)
    geo = typed.facts.pop("geometry", None)
    geo = geo if "geometry" in kinds else None
    looked_at = (typed.columns, source.convert, typed.added, proof.doubts.tokens)
    watched = watchers(*looked_at, has_where=geo is None)
    ordered = ordered_query(con, where, sql, list(kinds), source.write, geo)

    def write(rows: Rows) -> dict[str, dict]:
        return write_rows(
            watched.watch(rows),
            target,
            source.write,
            ordered.metadata,
            sorted_by=ordered.columns,
            final_metadata=partial(_metadata, name, source, typed, watched, proof, geo),
            counted=True,
        )

    distinct = _write_in_order(con, typed, ordered, write)
    typed.verify(con, target, proven)
    verify_written_zeros(con, target, typed.columns, kinds, typed.added, where)
    return distinct


@dataclass(frozen=True)
class _Proof:
    """What was found when types were proven: doubts about texts, notes, null tokens."""

    doubts: TextDoubts
    notes: Sequence[str]
    nulls: dict


def _proof(
    con: duckdb.DuckDBPyConnection,
    source: Conversion,
    typed: TypedRows,
    proven: Mapping[str, str],
) -> _Proof:
    texts = [c.name for c in typed.columns if proven.get(c.name) == "string"]
    floats = [c.name for c in typed.columns if proven.get(c.name) == "float" and not c.is_number]
    doubts = text_doubts(con, typed.sql, texts, source.read.decimal)
    notes = in_words(typed.facts.pop("notes"))
    if not source.read.shapes.source.is_stated:  # coordinates are numbers in text, too
        notes += unused_decimal(source.read.decimal, typed.columns)
    notes += multiplier_left_out(typed.found, typed.columns)
    notes += decimals_or_thousands(con, typed.sql, floats, typed.facts["read"])
    raw, without = typed.facts["raw"], typed.facts.pop("without")
    notes += same_note(raw, without, source.read)
    if axis := ignored_axis(raw, without, source.read):
        typed.facts["ignored_axis"] = axis
    for note in notes:
        logger.info("%s", note)
    nulls = count_proven(con, typed.sql, typed.columns, proven, source.read.decimal)
    return _Proof(doubts, notes, nulls)


def _metadata(
    name: str,
    source: Conversion,
    typed: TypedRows,
    watched: Watched,
    proof: _Proof,
    geo: Mapping | None,
) -> dict[bytes, bytes]:
    """Return what is recorded in the file, once all rows have passed."""
    told = [*proof.notes, *note_on_features({c.raw for c in typed.columns}), *watched.notes()]
    found, where = typed.counted(name), f"sources.{name}"
    counted = final_counts(found, source, told, proof.doubts, proof.nulls, where)
    counted["alerts"] = [*watched.alerts(), *geometry_doubts(geo)]
    counted |= geometry_facts(geo) | watched.facts()
    return dump_metadata(table_facts(name, source.vintage, source.credit, counted))


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
    ordered: OrderedQuery,
    write: Callable[[Rows], dict[str, dict]],
) -> dict[str, dict]:
    """Write rows as they come if that is their final order, else sorted: as much work again."""
    keys, unsorted, sample = ordered.keys, ordered.unsorted, None
    if keys:
        try:
            if _is_large(typed):  # a few rows tell sooner than the first batch, whose job goes on
                few_rows = con.sql(f"SELECT * FROM ({unsorted}) LIMIT {FEW}").to_arrow_table()
                sample = few_rows.select(keys)
                prove_order(Rows(sample.schema, sample.to_batches()), keys)
            return write(in_order(typed.rows(con, unsorted), keys))
        except OutOfOrder:
            logger.info("the rows do not come in their final order: they are sorted")
    if sample and (few := telling(sample, keys)):
        by_few = sorted_by(unsorted, few, sample.schema)
        try:
            return write(settled(con, typed.rows(con, by_few), few, keys))
        except OutOfOrder:
            logger.info("too many rows are equal in %s: all columns are keys", ", ".join(few))
    return write(replace(typed.rows(con, ordered.sql), is_sorted=ordered.is_total))


def _is_large(typed: TypedRows) -> bool:
    """Whether rows are of one file with many records, which is read from its beginning."""
    raws = typed.tally.raws if typed.tally else ()
    return len(raws) == 1 and (raws[0].held.records or 0) > LARGE

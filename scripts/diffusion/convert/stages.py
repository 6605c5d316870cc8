"""Convert the raw copies of a batch to a part, or at once to the table when it is the only batch.

Two stages, the same for both: a *part* has the declared scalars typed and counted, and all else as
text; *finishing* proves the types of what was not declared over all parts, sorts, and writes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from diffusion.base.progress import step
from diffusion.config.model import Conversion
from diffusion.convert.agreement import verify_parts_agree
from diffusion.convert.batches import added_in, found_in, verify_together
from diffusion.convert.columns import plan_columns
from diffusion.convert.completeness import verify_parts
from diffusion.convert.facts import facts_of_parts
from diffusion.convert.finishing import finish
from diffusion.convert.json.wide import spelled_out
from diffusion.convert.reading_errors import reading_error
from diffusion.convert.relation import Types
from diffusion.convert.status import status_names, with_status
from diffusion.convert.typed_rows import NO_ROWS, TypedRows, typed_rows
from diffusion.convert.zones import verify_zones_of_parts
from diffusion.raw.inputs import RawInput
from diffusion.tables.engine import duckdb_errors, engine
from diffusion.tables.limits import Limits
from diffusion.tables.parquet import dump_metadata, read_metadata, rows_in
from diffusion.tables.sql import file_literal
from diffusion.tables.write import write_rows


@contextmanager
def _working(name: str, limits: Limits) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    limits.scratch.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(None, "convert-", limits.scratch, ignore_cleanup_errors=True) as folder,
        engine(limits) as con,
        duckdb_errors(f"sources.{name}", reading_error),
    ):
        # a long `IN (…)`, as of null tokens, would become a join: rows in no order
        con.execute("SET disabled_optimizers = 'in_clause'")
        yield con, Path(folder)


def convert_table(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> dict[str, dict]:
    """Convert all raw copies of a source with one batch to its final table.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    step("reading the raw files")
    with _working(name, limits) as (con, folder):
        typed = typed_rows(con, name, source, inputs, folder, limits)
        step("proving the types of its columns")
        return finish(con, name, source, typed, target)


def convert_part(
    name: str, source: Conversion, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert the raw copies of one batch among several to a part; it may hold no record."""
    step("reading the raw files")
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
        types = Types(text, frozenset(strings), numbers)
        columns = with_status(plan_columns(found, types, convert, where), convert, where)
        facts = facts_of_parts(notes, [*agreement, *apart], name)
        typed = TypedRows(sql, columns, found, strings, sorted(numbers), seen, facts)
        typed.added = added_in(notes)
        step("proving the types of its columns")
        distinct = finish(con, name, source, typed, target)
        verify_parts([rows_in(part) for part in parts], rows_in(target))
        return distinct

"""Convert the raw copies of a batch to a part, or at once to the table when it is the only batch.

Two stages, the same for both: a *part* has the declared scalars typed and counted, and all else as
text; *finishing* proves the types of what was not declared over all parts, sorts, and writes.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from diffusion.columns import (
    Column,
    add_examples,
    count_values,
    final_sql,
    merge_counts,
    missing_columns,
    plan_columns,
)
from diffusion.engine import engine
from diffusion.errors import DiffusionError
from diffusion.inputs import RawInput
from diffusion.output import geometry_facts, table_facts, write_rows, write_table
from diffusion.parquet import dump_metadata, read_metadata
from diffusion.readers import open_raw
from diffusion.tables import unreadable
from diffusion.types import identifier, literal

logger = logging.getLogger(__name__)
SHARE_OF_MEMORY = 0.6  # of the job's memory for DuckDB; the rest for Arrow batches and Python


@dataclass(frozen=True)
class Limits:
    """What the job may use: memory in MiB, threads, and a folder for what it spills."""

    memory_mb: int
    threads: int
    scratch: Path


@contextmanager
def _working(limits: Limits) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    limits.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=limits.scratch, prefix="convert-"))
    try:
        with engine(int(limits.memory_mb * SHARE_OF_MEMORY), limits.threads, folder) as con:
            yield con, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def convert_table(
    name: str, source: Mapping, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert all raw copies of a source with one batch to its final table."""
    with _working(limits) as (con, folder):
        typed, columns, facts = _typed(con, name, source, inputs, folder)
        problem = missing_columns(
            [c.raw for c in columns] + source["drop"], source, f"sources.{name}"
        )
        if problem:
            raise problem
        _finish(con, name, source, typed, columns, facts, target)


def convert_part(
    name: str, source: Mapping, inputs: Sequence[RawInput], target: Path, limits: Limits
) -> None:
    """Convert the raw copies of one batch among several to a part."""
    with _working(limits) as (con, folder):
        typed, _, facts = _typed(con, name, source, inputs, folder)
        write_rows(con, typed, target, source, dump_metadata(facts), [])


def combine_parts(
    name: str, source: Mapping, parts: Sequence[Path], target: Path, limits: Limits
) -> None:
    """Make the final table of the parts of all batches, in the order of the batches."""
    with _working(limits) as (con, _):
        files = ", ".join(literal(str(part)) for part in parts)
        relation = (
            f"SELECT * FROM read_parquet([{files}], union_by_name=true, hive_partitioning=false)"
        )
        described = con.execute(f"DESCRIBE {relation}").fetchall()
        text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
        found = [row[0] for row in described]
        back = {new: spec["from"] or new for new, spec in source["columns"].items()}

        def raw(names: Iterable[str]) -> list[str]:
            return [back.get(name, name) for name in names]

        problem = missing_columns(raw(found) + source["drop"], source, f"sources.{name}")
        if problem:
            raise problem
        notes = [read_metadata(part) for part in parts]
        strings = {name for note in notes for name in note["strings"]}
        columns = plan_columns(raw(found), frozenset(raw(text)), frozenset(raw(strings)), source)
        facts = merge_counts(notes)
        if geos := [note["geometry"] for note in notes if "geometry" in note]:
            facts["geometry"] = _merged(geos, name)
        facts["raw"] = {k: v for note in notes for k, v in note["raw"].items()}
        _finish(con, name, source, relation, columns, facts, target)


def _typed(
    con: duckdb.DuckDBPyConnection,
    name: str,
    source: Mapping,
    inputs: Sequence[RawInput],
    folder: Path,
):  # noqa: ANN202
    """Return SQL of the typed rows, its columns, and the counts."""
    raws = [raw for item in inputs for raw in open_raw(con, item, source, folder)]
    raws = [raw for raw in raws if raw.columns]
    found = list(dict.fromkeys(column for raw in raws for column in raw.columns))
    if not found:
        fix = "check `url`, `params` and `partitions`"
        raise DiffusionError(f"sources.{name}", "the data hold no record at all", fix)
    text = frozenset(c for c in found if all(c in raw.text for raw in raws if c in raw.columns))
    strings = frozenset().union(*(raw.strings for raw in raws)) & text
    columns = plan_columns(found, text, strings, source)
    relation = " UNION ALL BY NAME ".join(f"({raw.sql})" for raw in raws)
    decimal = source["csv"]["decimal"]
    try:
        counts = count_values(con, relation, columns, decimal)
        add_examples(con, raws, columns, counts, decimal)
    except duckdb.Error as error:
        raise unreadable(f"sources.{name}", error) from error
    _tell(name, counts)
    selected = ", ".join(f"{c.typed(decimal)} AS {identifier(c.name)}" for c in columns)
    facts = counts | {"raw": {item.partition: item.sha256 for item in inputs}}
    facts["strings"] = sorted(c.name for c in columns if c.raw in strings)
    if geos := [raw.geo for raw in raws if raw.geo]:
        facts["geometry"] = _merged(geos, name)
    return f"SELECT {selected} FROM ({relation})", columns, facts


def _finish(
    con: duckdb.DuckDBPyConnection,
    name: str,
    source: Mapping,
    typed: str,
    columns: Sequence[Column],
    facts: dict,
    target: Path,
) -> None:
    sql, proven = final_sql(con, typed, columns, source["csv"]["decimal"])
    geo = facts.pop("geometry", None)
    kinds = {
        column.name: column.kind or proven.get(column.name, "as it came") for column in columns
    }
    logger.info("types: %s", ", ".join(f"{name}: {kind}" for name, kind in kinds.items()))
    facts = table_facts(name, source, facts | geometry_facts(geo))
    write_table(con, f"sources.{name}", sql, list(kinds), source, facts, geo, target)


def _merged(geos: Sequence[Mapping], name: str) -> dict:
    from diffusion.geoparquet import merge_geo  # pyproj only where there are geometries

    return merge_geo(geos, f"sources.{name}")


def _tell(name: str, counts: Mapping) -> None:
    for column, failure in counts["cast_failures"].items():
        first = "; ".join(
            f"row {e['row']} of {e['file']}: {e['value']!r}" for e in failure["examples"]
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
        said = ", ".join(f"{count} × {token!r}" for token, count in tokens.items())
        logger.info("%s.%s: no value: %s", name, column, said)

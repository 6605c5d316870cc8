"""Convert the raw copies of a batch to a part, or at once to the table when it is the only batch.

Two stages, the same for both: a *part* has the declared scalars typed and counted, and all else as
text; *finishing* proves the types of what was not declared over all parts, sorts, and writes.
"""

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion import VERSION
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
from diffusion.parquet import dump_metadata, read_metadata, write_parquet
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


def convert_table(name: str, source: Mapping, inputs: Sequence[RawInput], target: Path, limits: Limits) -> None:
    """Convert all raw copies of a source with one batch to its final table."""
    with _working(limits) as (con, folder):
        typed, columns, facts = _typed(con, name, source, inputs, folder)
        problem = missing_columns([c.raw for c in columns] + source["drop"], source, f"sources.{name}")
        if problem:
            raise problem
        _finish(con, name, source, typed, columns, facts, target)


def convert_part(name: str, source: Mapping, inputs: Sequence[RawInput], target: Path, limits: Limits) -> None:
    """Convert the raw copies of one batch among several to a part."""
    with _working(limits) as (con, folder):
        typed, _, facts = _typed(con, name, source, inputs, folder)
        _write(con, typed, target, source, dump_metadata(facts), [])


def combine_parts(name: str, source: Mapping, parts: Sequence[Path], target: Path, limits: Limits) -> None:
    """Make the final table of the parts of all batches, in the order of the batches."""
    with _working(limits) as (con, _):
        files = ", ".join(literal(str(part)) for part in parts)
        relation = f"SELECT * FROM read_parquet([{files}], union_by_name=true, hive_partitioning=false)"
        described = con.sql(f"DESCRIBE {relation}").fetchall()
        text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
        found = [row[0] for row in described]
        renamed = {spec["from"] or new: new for new, spec in source["columns"].items()}
        back = {new: old for old, new in renamed.items()}
        problem = missing_columns([back.get(n, n) for n in found] + source["drop"], source, f"sources.{name}")
        if problem:
            raise problem
        notes = [read_metadata(part) for part in parts]
        typed = all(note["typed"] for note in notes)
        columns = plan_columns([back.get(n, n) for n in found], frozenset(back.get(n, n) for n in text), source, typed)
        facts = merge_counts(notes)
        if geos := [note["geometry"] for note in notes if "geometry" in note]:
            facts["geometry"] = _merged(geos, name)
        facts["raw"] = {k: v for note in notes for k, v in note["raw"].items()}
        _finish(con, name, source, relation, columns, facts, target)


def _typed(con: duckdb.DuckDBPyConnection, name: str, source: Mapping, inputs: Sequence[RawInput], folder: Path):  # noqa: ANN202
    """Return SQL of the typed rows, its columns, and the counts."""
    raws = [raw for item in inputs for raw in open_raw(con, item, source, folder)]
    raws = [raw for raw in raws if raw.columns]
    found = list(dict.fromkeys(column for raw in raws for column in raw.columns))
    if not found:
        fix = "check `url`, `params` and `partitions`"
        raise DiffusionError(f"sources.{name}", "the data hold no record at all", fix)
    text = frozenset(c for c in found if all(c in raw.text for raw in raws if c in raw.columns))
    typed = all(raw.typed for raw in raws)
    columns = plan_columns(found, text, source, typed)
    relation = " UNION ALL BY NAME ".join(f"({raw.sql})" for raw in raws)
    decimal = source["csv"]["decimal"]
    try:
        counts = count_values(con, relation, columns, decimal)
        add_examples(con, raws, columns, counts, decimal)
    except duckdb.Error as error:
        raise unreadable(f"sources.{name}", error) from error
    _tell(name, counts)
    selected = ", ".join(f"{c.typed(decimal)} AS {identifier(c.name)}" for c in columns)
    facts = counts | {"raw": {item.partition: item.sha256 for item in inputs}, "typed": typed}
    if geos := [raw.geo for raw in raws if raw.geo]:
        facts["geometry"] = _merged(geos, name)
    return f"SELECT {selected} FROM ({relation})", columns, facts


def _finish(
    con: duckdb.DuckDBPyConnection, name: str, source: Mapping, typed: str, columns: Sequence[Column], facts: dict, target: Path
) -> None:
    sql, proven = final_sql(con, typed, columns, source["csv"]["decimal"])
    names = [column.name for column in columns]
    for column in [*source["sort_by"], *source["partition_by"]]:
        if column not in names:
            fix = f"columns: {', '.join(names)}"
            raise DiffusionError(f"sources.{name}.sort_by", f"there is no column `{column}`", fix)
    order = list(dict.fromkeys([*source["partition_by"], *source["sort_by"]]))
    geo, curve, bounds = facts.pop("geometry", None), [], []
    if geo:
        from diffusion.geoparquet import geo_metadata, hilbert_order

        position, bounds = hilbert_order(con, sql)
        curve = [] if source["sort_by"] else [position]
    if order or curve:
        # every other column as a tie-break: one order, whatever the number of threads
        others = (identifier(n) for n in names if n not in order)
        keys = [*map(identifier, order), *curve, *others]
        sql += " ORDER BY " + ", ".join(f"{key} NULLS LAST" for key in keys)
    metadata = dump_metadata(table_facts(name, source, facts | _geometry_facts(geo)))
    metadata |= geo_metadata(geo, bounds) if geo else {}
    kinds = {column.name: column.kind for column in columns}
    logger.info("types: %s", ", ".join(f"{n}: {kinds[n] or proven.get(n, 'as it came')}" for n in names))
    _write(con, sql, target, source, metadata, order)


def _geometry_facts(geo: Mapping | None) -> dict:
    """What readers should know of repairs; CRS and types stand in the ``geo`` metadata."""
    keys = ("repaired", "area_before", "area_after")
    return {"geometry": {key: geo[key] for key in keys}} if geo else {}


def _merged(geos: Sequence[Mapping], name: str) -> dict:
    from diffusion.geoparquet import merge_geo  # pyproj only where there are geometries

    return merge_geo(geos, f"sources.{name}")


def _write(
    con: duckdb.DuckDBPyConnection, sql: str, target: Path, source: Mapping, metadata: dict, order: list[str]
) -> None:
    try:
        reader = con.sql(sql).to_arrow_reader(50_000)
        schema = _arrow_schema(reader.schema, source)
        rows = write_parquet(
            reader,
            schema,
            target,
            row_group_rows=source["row_group_rows"] // (10 if b"geo" in metadata else 1),
            metadata=metadata,
            sorted_by=order,
        )
    except (duckdb.Error, pa.ArrowException) as error:
        raise unreadable(str(target.stem), error) from error
    logger.info("%s: %s rows, %s bytes", target.name, f"{rows:,}", f"{target.stat().st_size:,}")


def _arrow_schema(schema: pa.Schema, source: Mapping) -> pa.Schema:
    """Categories are dictionaries in Arrow, and so in pandas and in the file's Arrow schema."""
    for name, spec in source["columns"].items():
        if spec["type"] == "category" and name in schema.names:
            index = schema.names.index(name)
            schema = schema.set(index, pa.field(name, pa.dictionary(pa.int32(), pa.string())))
    return schema


def table_facts(name: str, entry: Mapping, facts: Mapping) -> dict:
    """Return what is noted in a table: origin, licence, hash of the raw bytes, counts.

    Up to 20 partitions each have their hash; beyond, one hash over all "partition sha256" lines.
    """
    raw = dict(sorted(facts.get("raw", {}).items()))
    lines = "".join(f"{partition} {digest}\n" for partition, digest in raw.items())
    origin = {"source": name, "vintage": entry.get("vintage"), "licence": entry["licence"]}
    origin |= {"attribution": entry["attribution"], "workflow": VERSION}
    if raw:
        origin["raw_sha256"] = raw if len(raw) <= 20 else hashlib.sha256(lines.encode()).hexdigest()
    return origin | {k: v for k, v in facts.items() if k not in ("raw", "typed")}


def _tell(name: str, counts: Mapping) -> None:
    for column, failure in counts["cast_failures"].items():
        first = "; ".join(f"row {e['row']} of {e['file']}: {e['value']!r}" for e in failure["examples"])
        logger.warning(
            "%s.%s: %d of %d values could not be read: %s", name, column, failure["failed"], failure["values"], first
        )
    for column, tokens in counts["nulls"].items():
        said = ", ".join(f"{count} × {token!r}" for token, count in tokens.items())
        logger.info("%s.%s: no value: %s", name, column, said)


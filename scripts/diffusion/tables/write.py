"""The end of every table, converted or derived: total order, metadata, Parquet or GeoParquet."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion import VERSION
from diffusion.convert.columns import MARK
from diffusion.convert.counts import Tally
from diffusion.errors import DiffusionError
from diffusion.tables.parquet import LEVEL, dump_metadata, write_parquet
from diffusion.tables.types import identifier

logger = logging.getLogger(__name__)
# Geometries are large: small row groups, so that a window of a map reads few others' shapes, and
# more effort in compression, which is little beside what writing them costs anyway.
GEO_SHARE, GEO_LEVEL = 200, 5


def write_table(
    con: duckdb.DuckDBPyConnection,
    where: str,
    sql: str,
    names: Sequence[str],
    entry: Mapping,
    facts: Mapping,
    geo: Mapping | None,
    target: Path,
    keep_order: bool = True,
    tally: Tally | None = None,
    late: Callable[[], Mapping] = dict,
) -> None:
    """Write the rows of a SELECT as a table.

    Args:
        where: how errors name the entry, e.g. ``sources.dpe``.
        names: the columns of ``sql``.
        entry: the resolved source or derived entry (sort_by, partition_by, row_group_rows).
        facts: what is noted in the file.
        geo: CRS and geometry types, or None for a table without geometries.
        keep_order: without ``sort_by``, rows keep the order of ``sql``; False where that order is
            not the same in every run, so that all columns give it.
        tally: what counts the rows, if they are marked.
        late: gives the facts that are known only once all rows are read.
    """
    order = list(dict.fromkeys([*entry["partition_by"], *entry["sort_by"]]))
    for column in order:
        if column not in names:
            fix = f"columns: {', '.join(names)}"
            raise DiffusionError(f"{where}.sort_by", f"there is no column `{column}`", fix)
    curve, shapes = [], {}
    if geo:
        from diffusion.tables.geoparquet import geo_metadata, hilbert_order

        position, bounds = hilbert_order(con, sql)
        curve = [position] if position and not entry["sort_by"] else []
        shapes = geo_metadata(geo, bounds)
    if order or curve or not keep_order:
        # every other column as a tie-break: one order, whatever the number of threads
        others = (identifier(name) for name in names if name not in order)
        keys = [*map(identifier, order), *curve, *others]
        sql += " ORDER BY " + ", ".join(f"{key} NULLS LAST" for key in keys)
    write_rows(con, sql, target, entry, shapes, order, tally, lambda: dump_metadata(facts | late()))


def write_rows(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    target: Path,
    entry: Mapping,
    metadata: Mapping[bytes, bytes],
    order: Sequence[str],
    tally: Tally | None = None,
    late: Callable[[], Mapping[bytes, bytes]] = dict,
) -> None:
    """Write the rows of a SELECT in its own order; ``late``: as for ``write_parquet``."""
    is_geo = b"geo" in metadata
    reader = con.sql(sql).to_arrow_reader(50_000)
    schema, batches = reader.schema, reader
    if tally:
        schema, batches = schema.remove(schema.names.index(MARK)), tally.watch(reader)
    rows = write_parquet(
        batches,
        _arrow_schema(schema, entry),
        target,
        row_group_rows=entry["row_group_rows"] // (GEO_SHARE if is_geo else 1),
        metadata=metadata,
        sorted_by=order,
        late=late,
        level=GEO_LEVEL if is_geo else LEVEL,
    )
    logger.info("%s: %s rows, %s bytes", target.name, f"{rows:,}", f"{target.stat().st_size:,}")


def _arrow_schema(schema: pa.Schema, entry: Mapping) -> pa.Schema:
    """Categories are dictionaries in Arrow, and so in pandas and in the file's Arrow schema."""
    for name, spec in entry.get("columns", {}).items():
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
    return origin | {k: v for k, v in facts.items() if k not in ("raw", "strings")}


def geometry_facts(geo: Mapping | None) -> dict:
    """Return what readers should know of repairs; CRS and types stand in the ``geo`` metadata."""
    keys = ("repaired", "area_before", "area_after")
    return {"geometry": {key: geo[key] for key in keys}} if geo else {}

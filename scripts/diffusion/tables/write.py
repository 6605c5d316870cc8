"""The end of every table, converted or derived: total order, metadata, Parquet or GeoParquet."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion.base.variables import shown
from diffusion.config.parts import Credit, Write
from diffusion.errors import DerivedError
from diffusion.tables.distinct import Distinct
from diffusion.tables.ground import Ground
from diffusion.tables.parquet import ZSTD_LEVEL, write_parquet
from diffusion.tables.rows import Rows
from diffusion.tables.spread import Spread, merged
from diffusion.tables.sql import identifier, order_by

logger = logging.getLogger(__name__)
# Geometries are large: small row groups, so that a window of a map reads few others' shapes, and
# more effort in compression, which is little beside what writing them costs anyway.
GEO_SHARE, GEO_ZSTD_LEVEL = 200, 5
# facts that quote the data: a secret that a server repeats may stand there
SAID = ("read", "notes", "alerts", "left_out", "cast_failures", "damaged", "missing_words")


@dataclass(frozen=True)
class OrderedQuery:
    """A SELECT whose rows are in their final order.

    Attributes:
        sql: the SELECT.
        columns: what the rows are sorted by first, recorded in the file.
        metadata: the file's metadata that follow from the rows: ``geo``, or nothing.
        keys: all columns in the order in which they count, where rows that come in that order
            need no sort (see ``tables.order``), and others perhaps one by few of them (see
            ``tables.ties``); nothing where that is not to be known.
        unsorted: the SELECT of these rows as they come.
        is_total: whether all columns are keys, so that equal rows stand side by side.
    """

    sql: str
    columns: Sequence[str] = ()
    metadata: Mapping[bytes, bytes] = field(default_factory=dict)
    keys: Sequence[str] = ()
    unsorted: str = ""
    is_total: bool = False


def ordered_query(
    con: duckdb.DuckDBPyConnection,
    where: str,
    sql: str,
    names: Sequence[str],
    write: Write,
    geo: Mapping | None = None,
    keep_order: bool = True,
) -> OrderedQuery:
    """Return a SELECT with its rows in one total order, whatever the number of threads.

    Args:
        where: how errors name the entry, e.g. ``sources.dpe``.
        names: the columns of ``sql``.
        geo: CRS and geometry types, or None for a table without geometries.
        keep_order: without ``sort_by``, rows keep the order of ``sql``; False where that order is
            not the same in every run, so that all columns give it.

    Raises:
        DiffusionError: a column to sort by is not there.
    """
    unsorted = sql = _with_one_zero_and_nan(con, sql)
    order = list(dict.fromkeys([*write.partition_by, *write.sort_by]))
    for column in order:
        if column not in names:
            fix = f"columns: {', '.join(names)}"
            raise DerivedError(f"{where}.sort_by", f"there is no column `{column}`", fix)
    curve: list[str] = []
    metadata: Mapping[bytes, bytes] = {}
    if geo:
        from diffusion.tables.geoparquet import geo_metadata, hilbert_order

        curve = [hilbert_order(con, geo["bounds"])] if geo["bounds"] and not write.sort_by else []
        metadata = geo_metadata(geo)
    others = [name for name in names if name not in order]
    if is_total := bool(order or curve or not keep_order):
        keys = [*map(identifier, order), *curve, *_ties(others, is_geo=bool(geo))]
        sql += order_by(keys)
    known = [] if curve or geo or not order else [*order, *others]
    return OrderedQuery(sql, order, metadata, known, unsorted, is_total)


def _ties(names: Sequence[str], *, is_geo: bool) -> list[str]:
    """Return all other columns as keys: one order, whatever the number of threads.

    Shapes come last, and as 64 bits: as keys they would be copied and compared, 1 kB a row.
    """
    shapes = [name for name in names if is_geo and name == "geometry"]
    plain = [identifier(name) for name in names if name not in shapes]
    return [*plain, *(f"hash({identifier(name)})" for name in shapes)]


def _with_one_zero_and_nan(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Make 0.0 of -0.0, and one NaN of all: no order would tell two rows apart by them.

    NaN has a sign, too: processors set it where they divide 0 by 0, and numpy does not.
    """
    described = con.execute(f"DESCRIBE {sql}").fetchall()
    floats = [identifier(name) for name, kind, *_ in described if kind in ("FLOAT", "DOUBLE")]
    if not floats:
        return sql
    one = (f"CASE WHEN isnan({x}) THEN 'nan' ELSE {x} + 0 END AS {x}" for x in floats)
    replaced = ", ".join(one)
    return f"SELECT * REPLACE ({replaced}) FROM ({sql})"


def write_rows(
    rows: Rows,
    target: Path,
    write: Write,
    metadata: Mapping[bytes, bytes],
    *,
    sorted_by: Sequence[str] = (),
    final_metadata: Callable[[], Mapping[bytes, bytes]] = dict,
    counted: bool = False,
) -> dict[str, dict]:
    """Write rows in the order in which they come.

    Args:
        metadata: of the file; with ``geo``, row groups are small.
        sorted_by: columns that the rows are sorted by.
        final_metadata: gives the metadata that are known only once all rows are written.
        counted: return how many different values each column has, how they are spread, and where
            on earth geometries lie: see ``Distinct.counts``, ``Spread.found``, ``Ground.found``.
    """
    distinct, spread, ground = Distinct(sorted_by), Spread(), Ground(metadata)

    def look(table: pa.Table) -> Mapping[str, int]:
        spread.add(table)
        ground.add(table)
        return distinct.add(table)

    is_geo = b"geo" in metadata
    count = write_parquet(
        rows.batches,
        rows.schema,
        target,
        row_group_rows=write.row_group_rows // (GEO_SHARE if is_geo else 1),
        metadata=metadata,
        sorted_by=sorted_by,
        final_metadata=final_metadata,
        level=GEO_ZSTD_LEVEL if is_geo else ZSTD_LEVEL,
        look=look if counted else None,
    )
    logger.info("%s: %s rows, %s bytes", target.name, f"{count:,}", f"{target.stat().st_size:,}")
    return merged(distinct.counts(), spread.found(), ground.found()) if counted else {}


def table_facts(name: str, vintage: str | None, credit: Credit, facts: Mapping) -> dict:
    """Return what is recorded in a table: origin, licence, hash of the raw bytes, counts.

    Nothing of the code that made it: a fix that changes no value makes no new version of the file.
    Up to 20 partitions each have their hash; beyond, one hash over all "partition sha256" lines.
    """
    raw = dict(sorted(facts.get("raw", {}).items()))
    lines = "".join(f"{partition} {digest}\n" for partition, digest in raw.items())
    origin: dict = {"source": name, "vintage": vintage, "licence": credit.licence}
    origin |= {"attribution": credit.attribution}
    if raw:
        origin["raw_sha256"] = raw if len(raw) <= 20 else hashlib.sha256(lines.encode()).hexdigest()
    kept = {k: v for k, v in facts.items() if k not in ("raw", "strings") and v != []}
    return origin | {k: shown(v) if k in SAID else v for k, v in kept.items()}


def geometry_facts(geo: Mapping | None) -> dict:
    """Return what readers should know of repairs; CRS and types are in the ``geo`` metadata."""
    if not geo:
        return {}
    keys = ["repaired", "unsound", "area_before", "area_after"]
    keys += ["reshaped"] if geo["reshaped"] else []
    return {"geometry": {key: geo[key] for key in keys}}


def geometry_doubts(geo: Mapping | None) -> list[str]:
    """Return in words where shapes lie as those of their CRS hardly do: told loudly."""
    return list(geo["doubts"]) if geo else []

"""Derive tables from published tables, read in place.

Inputs are lazy: only the columns and row groups that a query needs leave the server.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from diffusion.config.model import Derivation
from diffusion.config.names import derive_file, is_query
from diffusion.config.parts import Geometry
from diffusion.derive.changing import refuse_changing
from diffusion.derive.frames import as_table
from diffusion.derive.geometry import (
    WORKED,
    binary_columns,
    has_geometries,
    renamed_geometry,
    work_geometries,
)
from diffusion.derive.inputs import PublishedTable, Readable
from diffusion.derive.refused_queries import (
    describe_errors,
    query_error,
    refuse_intervals,
    refuse_renamed,
)
from diffusion.derive.user_code import Inputs, load_function
from diffusion.errors import DerivedError
from diffusion.tables.doubles import Doubles
from diffusion.tables.engine import duckdb_errors
from diffusion.tables.missing_words import MissingWords
from diffusion.tables.no_numbers import NoNumbers
from diffusion.tables.parquet import dump_metadata
from diffusion.tables.rows import Watched, rows_of
from diffusion.tables.sql import identifier
from diffusion.tables.write import (
    geometry_doubts,
    geometry_facts,
    ordered_query,
    table_facts,
    write_rows,
)

logger = logging.getLogger(__name__)
BATCH_ROWS = 10_000


def derive_sql(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Derivation,
    inputs: Mapping[str, PublishedTable],
    project: Path,
    target: Path,
) -> dict[str, dict]:
    """Run one SELECT over the inputs, each a view of its name, and write the result.

    Args:
        project: the folder that file names start from.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    query = query_text(entry, project)
    refuse_changing(con, query, inputs, f"derive.{name}.sql")
    return _derived(con, name, query, inputs, entry, inputs, target)


def derive_by_spark(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Derivation,
    inputs: Mapping[str, PublishedTable],
    rows: Readable,
    target: Path,
) -> dict[str, dict]:
    """Write what Spark made of the inputs, as ``derive_sql`` writes its own result.

    Args:
        rows: see ``spark.queried_by_spark``.
    """
    return _derived(con, name, "SELECT * FROM spark", {"spark": rows}, entry, inputs, target)


def query_text(entry: Derivation, project: Path) -> str:
    """Return the SELECT of a derived entry, from its file if it names one."""
    query = entry.derive.sql or ""
    if not is_query(query):
        query = derive_file(project, query).read_text("utf-8")
    return query.strip().rstrip(";") + "\n"  # which ends what may be a comment


def _derived(
    con: duckdb.DuckDBPyConnection,
    name: str,
    query: str,
    read: Mapping[str, Readable],
    entry: Derivation,
    inputs: Mapping[str, PublishedTable],
    target: Path,
) -> dict[str, dict]:
    where = f"derive.{name}.sql"
    with duckdb_errors(where, describe_errors(inputs)):
        _register_inputs(con, read)
        sql, names, geo = _queried(con, f"derive.{name}", query, entry.derive.geometry, inputs)
        if read is inputs:  # Spark names its columns itself
            refuse_renamed(query, names, inputs, where)
        return _write(con, where, name, sql, names, entry, inputs, geo, target)


def _queried(
    con: duckdb.DuckDBPyConnection,
    where: str,
    query: str,
    options: Geometry,
    inputs: Mapping[str, PublishedTable],
) -> tuple[str, list[str], Mapping | None]:
    """Return a query, its columns, and what is known of its geometries: worked on, if any."""
    query = _sums_as_ints(con, query, where)
    schema = con.sql(f"SELECT * FROM ({query}) LIMIT 0").to_arrow_table().schema
    if binary := [name for name in binary_columns(schema) if name != "geometry"]:
        chosen = ", ".join(f"any_value({identifier(c)}) AS {identifier(c)}" for c in binary)
        (found,) = con.execute(f"SELECT {chosen} FROM ({query})").fetchall()
        first = dict(zip(binary, found, strict=True))
        if renamed := renamed_geometry(first, schema.names, inputs, where):
            query = f"SELECT * RENAME ({identifier(renamed)} AS geometry) FROM ({query})"
            schema = con.sql(f"SELECT * FROM ({query}) LIMIT 0").to_arrow_table().schema
    if not has_geometries(schema, options, inputs, where):
        return f"SELECT * FROM ({query})", schema.names, None
    rows = con.cursor().sql(query).to_arrow_reader(BATCH_ROWS)
    names, geo = work_geometries(con, rows, schema, options, inputs, where)
    return f'SELECT * FROM "{WORKED}"', names, geo


def _sums_as_ints(con: duckdb.DuckDBPyConnection, query: str, where: str) -> str:
    """Let sums of ints be ints: DuckDB's have 128 bits, which readers take for decimals.

    One that does not fit ends in DuckDB's own words; `CAST(… AS DECIMAL(38, 0))` keeps it.
    """
    found = con.sql(f"SELECT * FROM ({query}) LIMIT 0")
    refuse_intervals(dict(zip(found.columns, map(str, found.types), strict=True)), where)
    wide = [n for n, kind in zip(found.columns, found.types, strict=True) if kind == "HUGEINT"]
    if not wide:
        return query
    ints = ", ".join(f"CAST({identifier(n)} AS BIGINT) AS {identifier(n)}" for n in wide)
    return f"SELECT * REPLACE ({ints}) FROM ({query})"


def _register_inputs(con: duckdb.DuckDBPyConnection, inputs: Mapping[str, Readable]) -> None:
    """Let a query read its inputs, each a view of its name, and nothing else."""
    from diffusion.storage.ranges import PublishedFiles

    files = PublishedFiles()
    con.register_filesystem(files)
    known = []
    for name, table in inputs.items():
        paths = [files.add(table.filesystem, path, size) for path, size in table.files.items()]
        select = f"SELECT * FROM read_parquet({paths}, hive_partitioning = false)"
        con.execute(f"CREATE VIEW {identifier(name)} AS {select}")
        known += paths
    con.execute(f"SET allowed_paths = {known}")
    con.execute("SET enable_external_access = false")


def derive_script(
    con: duckdb.DuckDBPyConnection,
    name: str,
    entry: Derivation,
    inputs: Mapping[str, PublishedTable],
    project: Path,
    target: Path,
) -> dict[str, dict]:
    """Call ``derive(inputs, params)`` of a script and write the table it returns.

    It may return a pandas DataFrame, a GeoDataFrame, or a pyarrow Table.

    Returns:
        how many different values its columns have, see ``Distinct.counts``.
    """
    derive, script = entry.derive, entry.derive.script or ""
    result = load_function(project, script, "derive")(Inputs(inputs), derive.params)
    where = f"derive.{name} ({script})"
    result, geo = as_table(result, derive.geometry, where)
    if not isinstance(result, pa.Table):
        fix = "return a pandas DataFrame, a GeoDataFrame or a pyarrow Table"
        raise DerivedError(where, f"`derive` returned {type(result).__name__}", fix)
    result = result.replace_schema_metadata()
    binary = {name: result[name].drop_null() for name in binary_columns(result.schema)}
    first = {n: v[0].as_py() for n, v in binary.items() if len(v)}
    if renamed := renamed_geometry(first, result.column_names, inputs, where):
        names = ["geometry" if name == renamed else name for name in result.column_names]
        result = result.rename_columns(names)
    with duckdb_errors(where, query_error):
        con.register("result", result)
        sql, names = "SELECT * FROM result", result.column_names
        if geo is None and has_geometries(result.schema, derive.geometry, inputs, where):
            rows = (con, result.to_batches(BATCH_ROWS), result.schema)
            names, geo = work_geometries(*rows, derive.geometry, inputs, where)
            sql = f'SELECT * FROM "{WORKED}"'
        return _write(con, where, name, sql, names, entry, inputs, geo, target)


def _write(
    con: duckdb.DuckDBPyConnection,
    where: str,
    name: str,
    sql: str,
    names: Sequence[str],
    entry: Derivation,
    inputs: Mapping[str, PublishedTable],
    geo: Mapping | None,
    target: Path,
) -> dict[str, dict]:
    found: dict = {}
    if geo and geo["repaired"]:
        found |= geometry_facts(geo)
    ordered = ordered_query(con, where, sql, names, entry.write, geo, keep_order=False)
    watched = Watched([MissingWords(), NoNumbers(), Doubles()])

    def final_metadata() -> dict[bytes, bytes]:
        told = {"notes": watched.notes(), "alerts": [*geometry_doubts(geo), *watched.alerts()]}
        facts = _origin(inputs) | found | told | watched.facts()
        return dump_metadata(table_facts(name, None, entry.credit, facts))

    return write_rows(
        watched.watch(rows_of(con, ordered.sql, is_sorted=ordered.is_total)),
        target,
        entry.write,
        ordered.metadata,
        sorted_by=ordered.columns,
        final_metadata=final_metadata,
        counted=True,
    )


def _origin(inputs: Mapping[str, PublishedTable]) -> dict:
    credit = dict.fromkeys(line for table in inputs.values() for line in table.credits)
    return {
        "inputs": {name: table.sha256 for name, table in inputs.items()},
        "credits": list(credit),
    }

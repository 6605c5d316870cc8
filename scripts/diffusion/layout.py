"""What one table becomes when published: Parquet (one file or a folder), CSV, member files.

A folder is laid out as ``<name>/by_<column>=_<value>/data.parquet``, and the column itself stays in
each file. Hive values such as ``01`` are inferred as integers by pyarrow, DuckDB and Spark; with a
key of another name and a leading ``_`` nothing is inferred, and the column comes back as written.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow.parquet as pq

from diffusion.archive import Limits, extract, list_members, select_members
from diffusion.inputs import RawInput
from diffusion.output import write_rows
from diffusion.partitions import fill
from diffusion.publish import Upload
from diffusion.types import identifier, literal


def table_uploads(
    con: duckdb.DuckDBPyConnection,
    entry: Mapping,
    table: Path,
    inputs: Sequence[RawInput],
    folder: Path,
) -> list[Upload]:
    """Return every object that a table is published as; derived files are made in ``folder``.

    Args:
        entry: the resolved source or derived entry.
        inputs: the raw files, needed for ``keep_members`` only.
    """
    name = entry["publish_as"]
    if entry["partition_by"]:
        uploads = _folder(con, name, entry, table, folder)
    else:
        uploads = [Upload(f"{name}.parquet", table)]
    if "csv" in entry["also"]:
        uploads.append(Upload(f"{name}.csv", write_csv(con, table, folder / f"{name}.csv")))
    if entry.get("keep_members"):
        for item in inputs:
            uploads += _members(name, entry, item, folder / "members" / item.partition)
    return uploads


def _folder(
    con: duckdb.DuckDBPyConnection, name: str, entry: Mapping, table: Path, folder: Path
) -> list[Upload]:
    columns, metadata = entry["partition_by"], pq.read_schema(table).metadata
    source = f"read_parquet({literal(str(table))}, hive_partitioning=false)"
    keys = ", ".join(map(identifier, columns))
    uploads = []
    rows = con.execute(f"SELECT DISTINCT {keys} FROM {source} ORDER BY {keys}").fetchall()
    for values in rows:
        place = "/".join(_segment(c, v) for c, v in zip(columns, values, strict=True))
        same = " AND ".join(
            f"{identifier(c)} IS NOT DISTINCT FROM {_constant(v)}"
            for c, v in zip(columns, values, strict=True)
        )
        path = folder / place / "data.parquet"
        kept = {k: v for k, v in metadata.items() if k != b"ARROW:schema"}
        write_rows(con, f"SELECT * FROM {source} WHERE {same}", path, entry, kept, columns)
        uploads.append(Upload(f"{name}/{place}/data.parquet", path))
    return uploads


def _segment(column: str, value: object) -> str:
    text = "" if value is None else quote(str(value), safe="")
    return f"by_{column}=_{text}"


def _constant(value: object) -> str:
    return "NULL" if value is None else literal(str(value))


def write_csv(con: duckdb.DuckDBPyConnection, table: Path, target: Path) -> Path:
    """Copy a table to CSV (UTF-8, comma, header); geometries as WKT, boxes left out."""
    names = pq.read_schema(table).names
    columns = [identifier(name) for name in names]
    if b"geo" in (pq.read_schema(table).metadata or {}):
        _register_wkt(con)
        columns = [identifier(n) for n in names if n not in ("geometry", "bbox")] + [
            "wkt(geometry) AS geometry"
        ]
    source = f"read_parquet({literal(str(table))}, hive_partitioning=false)"
    target.parent.mkdir(parents=True, exist_ok=True)
    con.execute(
        f"COPY (SELECT {', '.join(columns)} FROM {source}) TO {literal(str(target))} (FORMAT csv, HEADER true)"
    )
    return target


def _register_wkt(con: duckdb.DuckDBPyConnection) -> None:
    import pyarrow as pa
    import shapely

    def wkt(shapes: pa.Array) -> pa.Array:
        return pa.array(
            shapely.to_wkt(shapely.from_wkb(shapes.to_numpy(zero_copy_only=False))), pa.string()
        )

    con.create_function("wkt", wkt, ["BLOB"], "VARCHAR", type="arrow")


def _members(name: str, entry: Mapping, item: RawInput, folder: Path) -> list[Upload]:
    limits = Limits(entry["max_size"], entry["max_members"])
    uploads = []
    for path in item.paths:
        pattern = fill(entry["member"], item.axes)
        groups = select_members(
            list_members(path, limits), pattern, entry["members"] == "many", item.url
        )
        for file in extract(path, [member for group in groups for member in group], folder, limits):
            place = "" if item.partition == "all" else f"{item.partition}/"
            uploads.append(Upload(f"{name}/{place}{file.name}", file))
    return uploads

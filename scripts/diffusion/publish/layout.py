"""What one table becomes when published: Parquet (one file or a folder), CSV, member files.

A folder is laid out as ``<name>/by_<column>=_<value>/data-<hash>.parquet``, and the column itself
stays in each file. With the hash of its bytes in its name a file is never replaced: a new version
lies beside the old one until the manifest names it, and who reads by the manifest sees one or the
other. Hive values such as ``01`` are inferred as integers by pyarrow, DuckDB and Spark; with a
key of another name and a leading ``_`` nothing is inferred, and the column comes back as written.
A missing value is ``by_<column>=null``, which no value is called.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import PythonUDFType

from diffusion.config.partitions import fill
from diffusion.config.parts import Publish, Write
from diffusion.config.reading import ArchiveRead
from diffusion.errors import PublishedError
from diffusion.files.opened import open_datasets
from diffusion.publish.before import Upload
from diffusion.raw.inputs import RawInput
from diffusion.storage.hashing import sha256_of
from diffusion.tables.rows import rows_of
from diffusion.tables.sql import file_literal, identifier, literal
from diffusion.tables.texts import texts_of
from diffusion.tables.write import write_rows

LONGEST = 255  # bytes of a file name
# of the CSV that is published beside a table, see ``write_csv``
DIALECT = (
    ("delimiter", ","),
    ("quoteChar", '"'),
    ("doubleQuote", True),
    ("lineTerminator", "\n"),
    ("header", True),
)
HASHED = 12  # hexadecimal digits of a hash in a name


def table_uploads(
    con: duckdb.DuckDBPyConnection, publish: Publish, write: Write, table: Path, folder: Path
) -> list[Upload]:
    """Return every object that a table is published as; files that are not there are made.

    Args:
        folder: where they are made.
    """
    name = publish.publish_as
    if write.partition_by:
        uploads = _folder(con, name, write, table, folder)
    else:
        uploads = [Upload(f"{name}.parquet", table)]
    if "csv" in publish.also:
        path = write_csv(con, table, folder / f"{name}.csv")
        uploads.append(Upload(f"{name}.csv", path, dialect=DIALECT))
    return uploads


def member_uploads(
    name: str, read: ArchiveRead, inputs: Sequence[RawInput], folder: Path
) -> list[Upload]:
    """Return the member files of archives, as they came, for ``keep_members``.

    Args:
        name: under which the table is published.
        inputs: the raw files.
        folder: where the archives are opened.
    """
    return [
        upload
        for item in inputs
        for upload in _members(name, read, item, folder / "members" / item.partition)
    ]


def _folder(
    con: duckdb.DuckDBPyConnection, name: str, write: Write, table: Path, folder: Path
) -> list[Upload]:
    columns, schema = write.partition_by, pq.read_schema(table)
    source = f"read_parquet({file_literal(table)}, hive_partitioning=false)"
    keys = ", ".join(map(identifier, columns))
    uploads = []
    found = con.execute(f"SELECT DISTINCT {keys} FROM {source} ORDER BY {keys}").fetchall()
    for values in found:
        place = "/".join(_segment(c, v) for c, v in zip(columns, values, strict=True))
        same = " AND ".join(
            f"{identifier(c)} IS NOT DISTINCT FROM {_constant(v)}"
            for c, v in zip(columns, values, strict=True)
        )
        path = folder / place / "data.parquet"
        kept = {k: v for k, v in (schema.metadata or {}).items() if k != b"ARROW:schema"}
        rows = rows_of(con, f"SELECT * FROM {source} WHERE {same}")
        write_rows(rows, path, write, kept, sorted_by=columns)
        digest = sha256_of(path)
        texts = (None if value is None else str(value) for value in values)
        named = tuple(zip(columns, texts, strict=True))
        key = f"{name}/{place}/data-{digest[:HASHED]}.parquet"
        uploads.append(Upload(key, path, named, digest))
    return uploads


def _segment(column: str, value: object) -> str:
    text = "null" if value is None else "_" + quote(str(value), safe="")
    segment = f"by_{quote(column, safe='')}={text}"
    if len(segment) > LONGEST:
        found = f"`{column}` has the value {str(value)[:60]!r}…, too long to name a folder"
        raise PublishedError("partition_by", found, "choose a column of codes")
    return segment


def _constant(value: object) -> str:
    return "NULL" if value is None else literal(str(value))


def write_csv(con: duckdb.DuckDBPyConnection, table: Path, target: Path) -> Path:
    """Copy a table to CSV (UTF-8, comma, header).

    Geometries are WKT, boxes are left out; lists and structs are JSON.
    """
    schema = pq.read_schema(table)
    is_geo = b"geo" in (schema.metadata or {})
    if is_geo:
        _register_wkt(con)
    columns = []
    for field in schema:
        name = identifier(field.name)
        if is_geo and field.name == "geometry":
            columns.append(f"wkt({name}) AS {name}")
        elif is_geo and field.name == "bbox":
            continue
        else:
            is_nested = pa.types.is_nested(field.type)
            columns.append(f"to_json({name}) AS {name}" if is_nested else name)
    source = f"read_parquet({file_literal(table)}, hive_partitioning=false)"
    target.parent.mkdir(parents=True, exist_ok=True)
    query = f"SELECT {', '.join(columns)} FROM {source}"
    con.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT csv, HEADER true)")
    return target


def _register_wkt(con: duckdb.DuckDBPyConnection) -> None:
    import shapely

    from diffusion.tables.wkb import as_objects

    def wkt(wkb: pa.Array) -> pa.Array:
        shapes = shapely.from_wkb(as_objects(wkb))
        return texts_of(shapely.to_wkt(shapes, rounding_precision=-1).tolist())

    con.create_function("wkt", wkt, ["BLOB"], "VARCHAR", type=PythonUDFType.ARROW)


def _members(name: str, read: ArchiveRead, item: RawInput, folder: Path) -> list[Upload]:
    """Return the files of a partition's datasets; with their folders, where names come twice."""
    found: list[tuple[str, Path]] = []
    for path in item.paths:
        pattern = fill(read.member, item.axes)
        given = (read.takes_many, read.limits, folder, item.url)
        for dataset in open_datasets(path, pattern, *given):
            place = dataset.name.rpartition("/")[0]
            found += [(place, file) for file in dataset.files]
    is_unique = len({file.name for _, file in found}) == len(found)
    partition = "" if item.partition == "all" else f"{item.partition}/"
    return [
        Upload(f"{name}/{partition}{file.name if is_unique else f'{place}/{file.name}'}", file)
        for place, file in found
    ]

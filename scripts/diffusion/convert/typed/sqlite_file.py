"""A table of an SQLite file, each column of the type that its values really have.

A first pass, in SQLite, counts the types, and a second one reads. Sources of the formats: SQLite's
documentation (``PRAGMA table_list``), and those of GeoPackage and SpatiaLite.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.given import Given
from diffusion.convert.typed.as_parquet import ROWS, Copied, write_rows
from diffusion.convert.typed.own_tables import TODAY, refuse_changing_view, table_of
from diffusion.convert.typed.sqlite_types import Column, columns_of
from diffusion.errors import DiffusionError, FileFormatError
from diffusion.files.encodings import FileEncodingError
from diffusion.files.journals import refuse_journal
from diffusion.files.other_encodings import readings
from diffusion.tables.sql import identifier

OURS = ("gpkg_", "rtree_", "sqlite_")  # of GeoPackage and SQLite themselves
SPATIALITE = re.compile(  # its own tables and views, and the indices that it makes
    r"spatial_ref_sys.*|spatialite_history|geometry_columns.*|geom_cols_ref_sys|elementarygeometries"
    r"|views_geometry_columns.*|virts_geometry_columns.*|vector_layers.*|spatialindex|sql_statements_log"
    r"|data_licenses|idx_.*|knn2?|iso_metadata.*",
    re.IGNORECASE,
)
# tables that name the columns of geometries, of GeoPackage and of SpatiaLite: by which column
SHAPES = {"gpkg_geometry_columns": "table_name", "geometry_columns": "f_table_name"}
# what gives another value each time; functions of dates do where they are given nothing, or `now`
CHANGING = re.compile(
    r"\brandom(?:blob)?\s*\(|\b(?:date|time|datetime|julianday|unixepoch)\s*\(\s*\)|'now'|" + TODAY,
    re.IGNORECASE,
)
DAMAGED = "if it is encrypted, ask its publisher for it without; else fetch it again under a new "
DAMAGED += "`vintage`: it is cut off or damaged"


def copy_sqlite(given: Given) -> Copied:
    """Copy one table or view.

    Raises:
        DiffusionError: it is damaged, has a journal or several tables, or a text that is none.
    """
    refuse_journal(given.path, given.label)
    codec = given.read.encoding_of(given.label)
    with _opened(given.path, given.label) as connection:
        table = table_of(given.read.table, *_tables(connection), given.label)
        views = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
        refuse_changing_view(table, dict(views.fetchall()), CHANGING, given.label)
        _refuse_shapes(connection, table, given)
        names = _names(connection, table)
        columns, records = columns_of(connection, table, names)
        if codec != "auto":
            connection.text_factory = lambda raw: raw.decode(codec)
        schema = pa.schema([(column.name, column.held_as) for column in columns])
        batches = _batches(connection, table, columns, schema, given.label)
        path = write_rows(given, schema, batches, records)
    return Copied(path, notes=tuple(filter(None, (column.note for column in columns))))


@contextmanager
def _opened(path: Path, label: str) -> Iterator[sqlite3.Connection]:
    try:
        # nothing changes it, so that one in WAL mode needs no index beside it
        address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            yield connection
    except sqlite3.Error as error:
        is_damaged = any(word in str(error) for word in ("malformed", "not a database", "I/O"))
        fix = DAMAGED if is_damaged else "name another table: `table: …`; or ask its publisher"
        raise FileFormatError(label, f"cannot be read by SQLite: {error}", fix) from error


def _tables(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    listed = connection.execute("PRAGMA main.table_list").fetchall()
    own = [row for row in listed if not row[1].lower().startswith(OURS)]
    if any(row[1] == "spatial_ref_sys" for row in own):
        own = [row for row in own if not SPATIALITE.fullmatch(row[1])]
    tables = [row[1] for row in own if row[2] in ("table", "virtual")]
    return sorted(tables), sorted(row[1] for row in own if row[2] == "view")


def _refuse_shapes(connection: sqlite3.Connection, table: str, given: Given) -> None:
    """Refuse a layer: its geometries have a form of their own, which is no WKB."""
    for shapes, named in SHAPES.items():
        try:
            found = connection.execute(f"SELECT * FROM {shapes}")
            names = [column[0].lower() for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
        except sqlite3.OperationalError:
            continue  # there is no such table
        of = [row for row in rows if str(row.get(named, "")).lower() == table.lower()]
        if of and named == "table_name":
            fix = f"read it as one: `layer: {table}`, in place of `table`"
            raise FileFormatError(given.label, f"`{table}` is a layer, with geometries", fix)
        for name in (str(row.get("f_geometry_column", "")) for row in of):
            if given.wanted(name):
                fix = "ask its publisher for a GeoPackage; or leave them out: `drop: "
                fix += f"[{in_line(name)}]`"
                what = f"`{name}` has geometries of SpatiaLite, which are not read"
                raise FileFormatError(given.label, what, fix)


def _names(connection: sqlite3.Connection, table: str) -> list[str]:
    found = connection.execute(f"SELECT * FROM {identifier(table)} LIMIT 0")
    return [column[0] for column in found.description]


def _batches(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[Column],
    schema: pa.Schema,
    label: str,
) -> Iterator[pa.RecordBatch]:
    cursor, rows = connection.execute(f"SELECT * FROM {identifier(table)}"), 0
    texts = [n for n, kind in enumerate(schema.types) if kind == pa.string()]
    mixed = [n for n in texts if columns[n].kinds != {"text"}]
    while chunk := _fetched(cursor, connection, table, schema, label, rows):
        values: list[Sequence] = list(zip(*chunk, strict=True))
        for number in mixed:
            values[number] = [v if isinstance(v, str) else _text(v) for v in values[number]]
        arrays = [pa.array(each, kind) for each, kind in zip(values, schema.types, strict=True)]
        for number in texts:
            _refuse_nul(arrays[number], schema.names[number], label, rows)
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        rows += len(chunk)


def _fetched(
    cursor: sqlite3.Cursor,
    connection: sqlite3.Connection,
    table: str,
    schema: pa.Schema,
    label: str,
    rows: int,
) -> list[tuple]:
    try:
        return cursor.fetchmany(ROWS)
    except (sqlite3.OperationalError, UnicodeDecodeError) as error:
        if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error).lower():
            raise
        raise _no_text(connection, table, schema, label, rows) from error


def _no_text(
    connection: sqlite3.Connection, table: str, schema: pa.Schema, label: str, rows: int
) -> DiffusionError:
    """Return the error that shows a text that is not in the encoding, as others read it."""
    connection.text_factory = bytes
    for number, row in enumerate(connection.execute(f"SELECT * FROM {identifier(table)}"), 1):
        for name, kind, value in zip(schema.names, schema.types, row, strict=True):
            if number > rows and kind == pa.string() and isinstance(value, bytes):
                try:
                    value.decode()
                except UnicodeDecodeError:
                    found = f"`{name}` of record {number:,} is not in UTF-8, as it should be"
                    return FileEncodingError(label, found, readings(value, "utf-8"))
    found = "a text is not in the encoding that is declared"
    return FileFormatError(label, found, "remove `encoding`: all texts are UTF-8")


def _text(value: int | float | bytes | None) -> str | None:
    if value is None:
        return None
    return "\\x" + value.hex() if isinstance(value, bytes) else repr(value)


def _refuse_nul(column: pa.Array, name: str, label: str, rows: int) -> None:
    has = pc.match_substring(column, "\0")
    if pc.any(has).as_py():
        row = rows + pc.index(has, True).as_py() + 1
        fix = f"leave it out, `drop: [{in_line(name)}]`; or ask its publisher to correct it"
        raise FileFormatError(label, f"`{name}` of record {row:,} has a NUL within its text", fix)

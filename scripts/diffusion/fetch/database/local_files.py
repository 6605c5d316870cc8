"""SQLite and DuckDB: databases that are files, opened to be read only."""

import math
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import duckdb

from diffusion.fetch.database.asking import (
    Answer,
    Asked,
    RefusedError,
    named_once,
    shown,
    too_long,
)
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.tables.sql import identifier

ROWS = 5_000  # that are written at once
MEMORY = "400MB"  # of DuckDB; a query that needs more spills to disk
CHECK = "check the names and the query, in the SQL of this database; nothing was frozen"
NO_FILE = (
    "check the path: it is looked for from the folder of the project (four slashes: from the root)"
)
# how values of a type of DuckDB are written; all others as their text
WRITTEN = {"BLOB": "'\\x' || lower(hex({0}))", "BIT": "{0}::VARCHAR"}
NESTED = ("STRUCT", "MAP", "UNION")


def read_sqlite(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT of SQLite, and return what is known of them.

    SQLite keeps a type with each value: the type of a column is what its values are.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    with _sqlite(asked) as connection:
        connection.execute("BEGIN")
        text, values = asked.text("?{}".format)
        cursor = connection.execute(text, values)
        names = named_once([column[0] for column in cursor.description or []])
        rows.write_rows([names], "columns")
        kinds: list[set[type]] = [set() for _ in names]
        count = 0
        while chunk := cursor.fetchmany(ROWS):
            for column, of in zip(zip(*chunk, strict=True), kinds, strict=True):
                of.update(map(type, column))
            texts = (list(map(_sqlite_text, row)) for row in chunk)
            count += rows.write_rows(texts, asked.address.public)
    columns = dict(zip(names, map(_sqlite_type, kinds), strict=True))
    return Answer(columns, count, f"SQLite {sqlite3.sqlite_version}")


def read_duckdb(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT of DuckDB, and return what is known of them.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    with _duckdb(asked) as connection:
        text, values = asked.text("${}".format)
        described = connection.execute(f"DESCRIBE {text}", values).fetchall()
        names = named_once([row[0] for row in described])
        columns = {row[0]: row[1] for row in described}
        rows.write_rows([names], "columns")
        written = ", ".join(_duckdb_text(name, kind) for name, kind in columns.items())
        cursor = connection.execute(f"SELECT {written} FROM (\n{text}\n)", values)
        count = 0
        while chunk := cursor.fetchmany(ROWS):
            count += rows.write_rows(chunk, asked.address.public)
    return Answer(columns, count, f"DuckDB {duckdb.__version__}")


def look_at_file(asked: Asked) -> str:
    """Return the version of what reads a file, once the query is known to have columns.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    mark = "${}" if asked.address.kind == "duckdb" else "?{}"
    text, values = Asked(asked.address, asked.without_rows, asked.timeout).text(mark.format)
    if asked.address.kind == "duckdb":
        with _duckdb(asked) as connection:
            connection.execute(text, values)
        return f"DuckDB {duckdb.__version__}"
    with _sqlite(asked) as opened:
        opened.execute(text, values)
    return f"SQLite {sqlite3.sqlite_version}"


@contextmanager
def _sqlite(asked: Asked) -> Iterator[sqlite3.Connection]:
    path = _there(asked)
    try:
        address = f"file:{quote(str(path))}?mode=ro"
        opened = sqlite3.connect(address, uri=True, isolation_level=None)
        with closing(opened) as connection, _within(asked.timeout, connection):
            yield connection
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            raise too_long(asked.timeout) from error
        is_locked = "locked" in str(error) or "busy" in str(error)
        raise RefusedError(shown(error), CHECK, again=is_locked) from error


@contextmanager
def _duckdb(asked: Asked) -> Iterator[duckdb.DuckDBPyConnection]:
    path = _there(asked)
    settings: dict = {"memory_limit": MEMORY, "threads": 1, "autoinstall_known_extensions": False}
    try:
        with duckdb.connect(str(path), read_only=True, config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("BEGIN")
            with _within(asked.timeout, connection):
                yield connection
    except duckdb.InterruptException as error:
        raise too_long(asked.timeout) from error
    except duckdb.Error as error:
        is_held = "lock" in str(error).lower()
        raise RefusedError(shown(error), CHECK, again=is_held) from error


def _there(asked: Asked) -> Path:
    path = Path(asked.address.name)
    if not path.is_file():
        raise RefusedError(f"there is no file {path}", NO_FILE, key="url")
    return path


@contextmanager
def _within(seconds: float, connection: sqlite3.Connection | duckdb.DuckDBPyConnection) -> Iterator:
    """Interrupt a query that takes longer."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _sqlite_text(value: object) -> str | None:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    return None if value is None else str(value)


def _sqlite_type(kinds: set[type]) -> str:
    """Return the type of a column by those of its values; ``mixed`` is text."""
    kinds = kinds - {type(None)}
    names = {int: "integer", float: "real", str: "text", bytes: "blob"}
    if kinds == {int, float}:
        return "real"
    return names[kinds.pop()] if len(kinds) == 1 else "mixed" if kinds else "null"


def _duckdb_text(name: str, kind: str) -> str:
    column = identifier(name)
    is_nested = kind.startswith(NESTED) or kind.endswith("]")
    text = f"to_json({column})::VARCHAR" if is_nested else WRITTEN.get(kind, "{0}::VARCHAR")
    return f"{text.format(column)} AS {column}"

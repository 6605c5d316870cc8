"""DuckDB: a database that is a file, opened to be read only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain

import duckdb

from diffusion.fetch.database.asking import Answer, Asked, named_once
from diffusion.fetch.database.local_files import CHECK, ROWS, path_of, within
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.fetch.database.refusals import RefusedError, shown, too_long
from diffusion.tables.sql import identifier

MEMORY = "400MB"  # a query that needs more spills to disk
# how values of a type are written; all others as their text
WRITTEN = {"BLOB": "'\\x' || lower(hex({0}))"}
NESTED = ("STRUCT", "MAP", "UNION")


def read_duckdb(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT of DuckDB, and return what is known of them.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    with _opened(asked) as connection:
        text, values = asked.text("${}".format)
        names = _names(connection, asked)
        described = connection.execute(f"DESCRIBE {text}", values).fetchall()
        columns = {row[0]: row[1] for row in described}
        rows.write_rows([names])
        written = ", ".join(_text(name, kind) for name, kind in columns.items())
        cursor = connection.execute(f"SELECT {written} FROM (\n{text}\n)", values)
        chunks = iter(lambda: cursor.fetchmany(ROWS), [])
        count = rows.write_rows(chain.from_iterable(chunks))
    return Answer(columns, count, f"DuckDB {duckdb.__version__}")


def look_duckdb(asked: Asked) -> str:
    """Return the version of what reads a file, once the query is known to have columns.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    with _opened(asked) as connection:
        _names(connection, asked)
    return f"DuckDB {duckdb.__version__}"


def _names(connection: duckdb.DuckDBPyConnection, asked: Asked) -> list[str]:
    """Return the names of columns; of a query within another, DuckDB gives a second one another.

    Raises:
        RefusedError: see ``named_once``.
    """
    text, values = replace(asked, most=None).text("${}".format)
    return named_once([row[0] for row in connection.execute(f"DESCRIBE {text}", values).fetchall()])


@contextmanager
def _opened(asked: Asked) -> Iterator[duckdb.DuckDBPyConnection]:
    path = path_of(asked)
    settings: dict = {"memory_limit": MEMORY, "threads": 1, "autoinstall_known_extensions": False}
    try:
        with duckdb.connect(str(path), read_only=True, config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("BEGIN")
            with within(asked.timeout, connection):
                yield connection
    except duckdb.InterruptException as error:
        raise too_long(asked.timeout) from error
    except duckdb.Error as error:
        is_held = "lock" in str(error).lower()
        raise RefusedError(shown(error), CHECK, again=is_held) from error


def _text(name: str, kind: str) -> str:
    column = identifier(name)
    is_nested = kind.startswith(NESTED) or kind.endswith("]")
    text = f"to_json({column})::VARCHAR" if is_nested else WRITTEN.get(kind, "{0}::VARCHAR")
    return f"{text.format(column)} AS {column}"

"""SQLite: a database that is a file, opened to be read only."""

import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from urllib.parse import quote

from diffusion.fetch.database.asking import Answer, Asked, named_once
from diffusion.fetch.database.local_files import CHECK, ROWS, path_of, within
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.fetch.database.refusals import RefusedError, shown, too_long

AGAIN = re.compile(r":\d+$")


def read_sqlite(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT of SQLite, and return what is known of them.

    SQLite keeps a type with each value: the type of a column is what its values are.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    with _opened(asked) as connection:
        connection.execute("BEGIN")
        text, values = asked.text("?{}".format)
        cursor = connection.execute(text, values)
        names = _names(cursor)
        rows.write_rows([names])
        kinds: list[set[type]] = [set() for _ in names]
        count = rows.write_rows(_texts(cursor, kinds))
    columns = dict(zip(names, map(_type, kinds), strict=True))
    return Answer(columns, count, f"SQLite {sqlite3.sqlite_version}")


def look_sqlite(asked: Asked) -> str:
    """Return the version of what reads a file, once the query is known to have columns.

    Raises:
        RefusedError: there is no such file, it is no database, or the query is refused.
    """
    text, values = replace(asked, query=asked.without_rows).text("?{}".format)
    with _opened(asked) as connection:
        _names(connection.execute(text, values))
    return f"SQLite {sqlite3.sqlite_version}"


@contextmanager
def _opened(asked: Asked) -> Iterator[sqlite3.Connection]:
    path = path_of(asked)
    try:
        address = f"file:{quote(str(path))}?mode=ro"
        opened = sqlite3.connect(address, uri=True, isolation_level=None)
        with closing(opened) as connection, within(asked.timeout, connection):
            yield connection
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            raise too_long(asked.timeout) from error
        is_locked = "locked" in str(error) or "busy" in str(error)
        raise RefusedError(shown(error), CHECK, again=is_locked) from error


def _names(cursor: sqlite3.Cursor) -> list[str]:
    """Return the names of columns; of a query within another, SQLite calls a second one `id:1`.

    Raises:
        RefusedError: see ``named_once``.
    """
    names = [column[0] for column in cursor.description or []]
    own = [AGAIN.sub("", name) if AGAIN.sub("", name) in names else name for name in names]
    return named_once(own)


def _texts(cursor: sqlite3.Cursor, kinds: list[set[type]]) -> Iterator[list[str | None]]:
    """Yield rows as text, and note the types of the values of each column."""
    while chunk := cursor.fetchmany(ROWS):
        for column, of in zip(zip(*chunk, strict=True), kinds, strict=True):
            of.update(map(type, column))
        for row in chunk:
            yield list(map(_text, row))


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    return None if value is None else str(value)


def _type(kinds: set[type]) -> str:
    """Return the type of a column by those of its values; ``mixed`` is text."""
    kinds = kinds - {type(None)}
    names = {int: "integer", float: "real", str: "text", bytes: "blob"}
    if kinds == {int, float}:
        return "real"
    return names[kinds.pop()] if len(kinds) == 1 else "mixed" if kinds else "null"

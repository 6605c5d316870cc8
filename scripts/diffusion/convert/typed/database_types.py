"""What a server calls a type, and the type of DuckDB that holds each of its values.

PostgreSQL: https://www.postgresql.org/docs/current/datatype.html; MySQL and MariaDB:
https://mariadb.com/kb/en/data-types/. A type that is not here is text, as the server writes it.
"""

import re

from diffusion.config.remedies import in_line

TEXT = "VARCHAR"
NUMBER = "number"  # of any number of digits: int or float where all values prove it
PADDED = "padded text"  # blanks at the end are none of its value
BYTES = "BLOB"
SHAPES = "GEOMETRY"
NOTHING = "NULL"  # the type of a column without a value
MOMENT = "TIMESTAMP WITH TIME ZONE"
MOST_DIGITS = 38  # of a decimal of DuckDB
DECIMAL = re.compile(r"(?:numeric|decimal)\((\d+),(\d+)\)", re.IGNORECASE)
SIZE = re.compile(r"\([^)]*\)")

POSTGRESQL = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "oid": "BIGINT",
    "real": "FLOAT", "double precision": "DOUBLE", "numeric": NUMBER, "boolean": "BOOLEAN",
    "date": "DATE", "timestamp without time zone": "TIMESTAMP", "timestamp with time zone": MOMENT,
    "bytea": BYTES, "character": PADDED, "bpchar": PADDED, "geometry": SHAPES, "geography": SHAPES,
}  # fmt: skip
MYSQL = {
    "tinyint": "TINYINT", "smallint": "SMALLINT", "mediumint": "INTEGER", "int": "INTEGER",
    "bigint": "BIGINT", "tinyint unsigned": "UTINYINT", "smallint unsigned": "USMALLINT",
    "mediumint unsigned": "UINTEGER", "int unsigned": "UINTEGER", "bigint unsigned": "UBIGINT",
    "year": "SMALLINT", "bit": "UBIGINT", "float": "FLOAT", "double": "DOUBLE", "decimal": NUMBER,
    "date": "DATE", "datetime": "TIMESTAMP", "timestamp": MOMENT, "blob": BYTES, "geometry": SHAPES,
}  # fmt: skip
SQLITE = {"integer": "BIGINT", "real": "DOUBLE", "blob": BYTES, "null": NOTHING}
OWN = (
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP", MOMENT, BYTES, SHAPES,
)  # fmt: skip
DUCKDB = {kind: kind for kind in OWN} | {"HUGEINT": NUMBER, "UHUGEINT": NUMBER}
KNOWN = {"postgresql": POSTGRESQL, "mysql": MYSQL, "sqlite": SQLITE, "duckdb": DUCKDB}


def held_as(database: str, kind: str) -> str:
    """Return the type that holds the values of a server's type.

    Args:
        database: the kind of server.
        kind: as the server states it: ``numeric(10,2)``, ``character varying(5)``.
    """
    if (digits := DECIMAL.fullmatch(kind)) and 0 < int(digits[1]) <= MOST_DIGITS:
        is_plain = int(digits[2]) <= int(digits[1])
        return f"DECIMAL({digits[1]},{digits[2]})" if is_plain else NUMBER
    if kind.endswith("]") or DECIMAL.fullmatch(kind):
        return TEXT
    return KNOWN[database].get(SIZE.sub("", kind).replace("  ", " ").strip(), TEXT)


def note_on(name: str, database: str, kind: str) -> str | None:
    """Return what readers should know of a column, by its type on the server."""
    if database == "mysql" and kind == "float":
        return f"`{name}` is FLOAT: its server sends six digits of each value"
    if kind == "mixed":
        return f"`{name}` holds values of several types on its server, and is text"
    if held_as(database, kind) == NUMBER:
        words = f"`{name}` is {kind} without a number of digits: beyond 15 of them, a float keeps "
        return f"{words}only the first ones, and `columns: {{{in_line(name)}: string}}` all"
    return None

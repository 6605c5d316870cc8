"""A table of a DuckDB file, copied by DuckDB with its types; what has none in Parquet is text."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from diffusion.config.remedies import in_line
from diffusion.convert.completeness import readers_disagree
from diffusion.convert.given import Given
from diffusion.convert.typed.as_parquet import Copied
from diffusion.convert.typed.own_tables import TODAY, refuse_changing_view, table_of
from diffusion.errors import FileFormatError
from diffusion.files.journals import refuse_journal
from diffusion.tables.parquet import rows_in
from diffusion.tables.sql import file_literal, identifier

MEMORY = "400MB"  # what needs more spills to disk
# those that Parquet has, or that a table reads of it; all others are their text
KEPT = re.compile(
    r"BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|BLOB|DATE|TIME"
    r"|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE|GEOMETRY(\(.*\))?"
)
LONG = ("HUGEINT", "UHUGEINT", "BIGNUM")  # whole numbers that no other type holds
NESTED = re.compile(r"STRUCT\(.*\)|MAP\(.*\)|.*\]", re.DOTALL)
ODD = re.compile(r"\b(U?HUGEINT|BIGNUM|UNION|VARIANT|INTERVAL|BIT|TIME WITH TIME ZONE)\b")
NO_DAYS = ("DATE", "TIMESTAMP")  # types that have values without a day: infinity
OTHER = "have its publisher write the table as Parquet, `COPY t TO 't.parquet'`; or, if the file "
OTHER += "is damaged, fetch it again under a new `vintage`"
SYSTEM = "NOT internal AND NOT temporary AND database_name = current_database()"


def copy_duckdb(given: Given) -> Copied:
    """Copy one table or view.

    Raises:
        DiffusionError: it is damaged, of a version that is not read, encrypted, has a journal or
            several tables.
    """
    refuse_journal(given.path, given.label)
    with _opened(given) as connection:
        tables, views = (_names(connection, kind) for kind in ("table", "view"))
        wanted = table_of(given.read.table, list(tables), list(views), given.label)
        if wanted in views:
            refuse_changing_view(wanted, _texts(connection), _changing(connection), given.label)
        table = (tables | views)[wanted]
        columns = {r[0]: r[1] for r in connection.execute(f"DESCRIBE {table}").fetchall()}
        _refuse_infinity(connection, table, columns, given)
        selected = ", ".join(_selected(name, kind) for name, kind in columns.items())
        target = given.place / "rows.parquet"
        options = "(FORMAT parquet, COMPRESSION zstd)"
        sql = f"COPY (SELECT {selected} FROM {table}) TO {file_literal(target)} {options}"
        connection.execute(sql)
        records = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    if records != rows_in(target):
        found = f"the table has {records:,} rows, {rows_in(target):,} came"
        raise readers_disagree(given.label, found)
    return Copied(target, [name for name, kind in columns.items() if kind in LONG])


@contextmanager
def _opened(given: Given) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a file whose views read no other one."""
    settings: dict = {"memory_limit": MEMORY, "threads": 1, "autoinstall_known_extensions": False}
    settings["temp_directory"] = str(given.place / "spilled")
    try:
        path = str(given.path)
        with duckdb.connect(path, read_only=True, config=settings) as connection:
            connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            connection.execute(f"SET allowed_directories = [{file_literal(given.place)}]")
            connection.execute("SET enable_external_access = false")
            yield connection
    except duckdb.Error as error:
        words = " ".join(str(error).split())[:300]
        raise FileFormatError(given.label, f"cannot be read by DuckDB: {words}", OTHER) from error


def _names(connection: duckdb.DuckDBPyConnection, kind: str) -> dict[str, str]:
    """Return the names of tables or views, in SQL, by those that `table:` has."""
    query = f"SELECT schema_name, {kind}_name FROM duckdb_{kind}s() WHERE {SYSTEM} ORDER BY ALL"
    found = connection.execute(query).fetchall()
    return {
        name if schema == "main" else f"{schema}.{name}": f"{identifier(schema)}.{identifier(name)}"
        for schema, name in found
    }


def _texts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the SQL of each view."""
    query = f"SELECT schema_name, view_name, sql FROM duckdb_views() WHERE {SYSTEM}"
    rows = connection.execute(query).fetchall()
    return {name if schema == "main" else f"{schema}.{name}": sql for schema, name, sql in rows}


def _changing(connection: duckdb.DuckDBPyConnection) -> re.Pattern[str]:
    """Return the functions of which DuckDB itself knows that they may give another value."""
    query = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    names = "|".join(sorted(re.escape(name) for (name,) in connection.execute(query).fetchall()))
    return re.compile(rf"\b(?:{names})\s*\(|{TODAY}", re.IGNORECASE)


def _selected(name: str, kind: str) -> str:
    column = identifier(name)
    if kind == "GEOMETRY":  # nothing states its CRS; in Parquet, that would state one
        return f"ST_AsWKB({column}) AS {column}"
    if KEPT.fullmatch(kind) or (NESTED.fullmatch(kind) and not ODD.search(kind)):
        return column
    text = f"to_json({column})::VARCHAR" if ODD.search(kind) and "(" in kind else ""
    return f"{text or f'{column}::VARCHAR'} AS {column}"


def _refuse_infinity(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], given: Given
) -> None:
    """Refuse days that no reader of Parquet has: infinity, and beyond the years 1 to 9999."""
    days = [n for n, k in columns.items() if k.startswith(NO_DAYS) and given.wanted(n)]
    if not days:
        return
    known = "isinf({0}) OR year({0}) NOT BETWEEN 1 AND 9999"
    asked = ", ".join(f"bool_or({known.format(identifier(name))})" for name in days)
    for name, has in zip(
        days, connection.execute(f"SELECT {asked} FROM {table}").fetchall()[0], strict=True
    ):
        if has:
            found = f"`{name}` holds a day that is infinity, or not of the years 1 to 9999"
            fix = f"leave it out: `drop: [{in_line(name)}]`; or ask its publisher for days, or none"
            raise FileFormatError(given.label, found, fix)

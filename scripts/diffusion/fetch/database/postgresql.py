"""PostgreSQL: rows by COPY, in one read-only snapshot, as fast as the server writes them.

COPY states how many rows it sent. Values are bound by libpq's own quoting, as COPY takes no
parameters of the protocol (https://www.postgresql.org/docs/current/sql-copy.html).

Why not connectorx (7.4 s for 5 M rows in one run) or ADBC (11.8 s), where COPY into DuckDB took
9.6 s: they give Arrow, in types of their choice, and not what the server sent, which can be frozen
and read again by other code. psycopg is pure Python around libpq, whose files, services and
certificates users know.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from diffusion.config.databases import Address
from diffusion.config.queries import Bound, Query
from diffusion.fetch.database.asking import CONNECT_SECONDS, Answer, Asked, named_once
from diffusion.fetch.database.copying import copy_rows
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.fetch.database.refusals import AWAY, RefusedError, ended, shown, too_long

# one spelling of values, whatever the server, the role or the database have set
SPELLINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
}
# a dead line is noticed within a minute, also where nothing says that it is dead
ALWAYS: dict[str, int | str] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "connect_timeout": CONNECT_SECONDS,
    "client_encoding": "utf8",
    "application_name": "diffusion",
}
HAS_SNAPSHOT = 130000  # pg_current_snapshot
# https://www.postgresql.org/docs/current/errcodes-appendix.html: what may pass
AGAIN = ("08", "40001", "40P01", "53300", "55006", "57P", "58")
CANCELED, NO_RIGHT, READ_ONLY, NO_TEXT = "57014", "42501", "25006", "22021"
UNKNOWN = ("42P01", "42703", "3F000", "42883")
# libpq's words where no server answered, or not yet
NO_ANSWER = (
    "could not", "refused", "timeout", "timed out", "unreachable", "starting up", "shutting down",
    "too many", "closed the connection", "failed to resolve", "recovery mode", "reset by peer",
)  # fmt: skip
GRANT = (
    "ask its owner for the right to read: `GRANT SELECT ON … TO …` (and `GRANT USAGE ON SCHEMA`)"
)
LOGIN = "check PGUSER and PGPASSWORD, ~/.pgpass or PGSERVICE, and the name of the database"

# libpq's words where there is no TLS, or where it does not trust the server
TLS = {
    "not support SSL": "have TLS switched on at the server; `sslmode` of the URL asks for it",
    "certificate": "name the certificate of its authority, `sslrootcert=` in the URL, and the host "
    "as the server's own certificate has it",
}


def read_postgresql(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT, and return what is known of them.

    Raises:
        RefusedError: not reached, refused, ended, or cut off.
    """
    with _connected(asked.address) as connection, _refusals(asked):
        server = f"PostgreSQL {connection.info.parameter_status('server_version')}"
        with connection.cursor() as cursor:
            snapshot = _snapshot(connection, cursor, asked.timeout)
            columns = _columns(cursor, asked)
        copy = [sql.SQL("COPY (\n"), _composed(asked.limited)]
        copy.append(sql.SQL("\n) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')"))
        count = copy_rows(connection, sql.Composed(copy).as_bytes(connection), rows.write)
    driver = {"psycopg": psycopg.__version__}
    return Answer(columns, count, server, snapshot, driver)


def look_postgresql(asked: Asked) -> str:
    """Return the server's version, once the query is known to have columns that may be read.

    Raises:
        RefusedError: not reached, or refused.
    """
    with _connected(asked.address) as connection, _refusals(asked):
        with connection.cursor() as cursor:
            _snapshot(connection, cursor, asked.timeout)
            _columns(cursor, asked)
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"


@contextmanager
def _connected(address: Address) -> Iterator[psycopg.Connection]:
    given = {"host": address.host, "port": address.port, "dbname": address.name}
    given |= {"user": address.user, "password": address.password}
    given |= address.options
    stated = {key: value for key, value in given.items() if value}
    try:
        connection = psycopg.connect(make_conninfo("", **stated, **ALWAYS))
    except psycopg.Error as error:
        words = shown(error)
        if any(sign in words.lower() for sign in NO_ANSWER):
            raise RefusedError(words, AWAY, again=True, key="url") from error
        fixes = (fix for sign, fix in TLS.items() if sign in words)
        raise RefusedError(words, next(fixes, LOGIN), key="url") from error
    with closing(connection):  # a transaction that only reads needs no end
        yield connection


def _snapshot(
    connection: psycopg.Connection, cursor: psycopg.Cursor, timeout: float
) -> dict[str, str]:
    """Begin a transaction that sees one state of the base and changes none; say which state."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    settings = SPELLINGS | {"statement_timeout": str(max(1, round(timeout * 1000)))}
    for name, value in settings.items():
        cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
    has_id = connection.info.server_version >= HAS_SNAPSHOT
    state = sql.SQL("pg_current_snapshot()::text" if has_id else "''")
    cursor.execute(sql.SQL("SELECT to_json(transaction_timestamp())::text, {}").format(state))
    moment, state_id = next(iter(cursor))
    found = {"snapshot": moment.strip('"')}
    return found | ({"snapshot_id": state_id} if state_id else {})


def _columns(cursor: psycopg.Cursor, asked: Asked) -> dict[str, str]:
    """Return the type of each column; from now on, no table that is read can be changed."""
    cursor.execute(_composed(asked.without_rows))
    described, result = cursor.description or [], cursor.pgresult
    names = named_once([column.name for column in described])
    if result is None:
        raise RefusedError("the query has no columns", "write one SELECT")
    oids = [result.ftype(number) for number in range(len(names))]
    marks = [result.fmod(number) for number in range(len(names))]
    query = "SELECT format_type(oid, mark) FROM unnest(%s::oid[], %s::int[]) AS t (oid, mark)"
    cursor.execute(query, (oids, marks))
    return dict(zip(names, (row[0] for row in cursor), strict=True))


def _composed(query: Query) -> sql.Composed:
    return sql.Composed(
        [
            # of the configuration, as written: no value of a partition goes this way
            sql.Literal(part.text) if isinstance(part, Bound) else sql.SQL(part)
            for part in query
        ]
    )


@contextmanager
def _refusals(asked: Asked) -> Iterator[None]:
    """Raise what the server refuses in words that users can act on."""
    begun = time.monotonic()
    try:
        yield
    except psycopg.Error as error:
        raise _refusal(error, asked, time.monotonic() - begun) from error


def _refusal(error: psycopg.Error, asked: Asked, seconds: float) -> RefusedError:
    state, words = error.sqlstate or "", shown(error)
    if state == CANCELED:
        return too_long(asked.timeout) if seconds >= asked.timeout else ended()
    if state.startswith(AGAIN) or (not state and isinstance(error, psycopg.OperationalError)):
        return RefusedError(f"the connection broke: {words}", AWAY, again=True, key="url")
    if state == NO_RIGHT:
        return RefusedError(words, GRANT)
    if state == READ_ONLY:
        fix = "a source is only read: write one SELECT that changes nothing"
        return RefusedError(words, fix)
    if state == NO_TEXT:  # of a base without an encoding (SQL_ASCII)
        fix = "state its encoding in the query: `convert_from(name::bytea, 'LATIN1') AS name`"
        return RefusedError(words, fix)
    fix = "correct `query`, in the SQL of this server; nothing was frozen"
    if state in UNKNOWN:
        fix = 'check the names, capitals included (those in the query stand in "…" where they '
        fix += "have capitals); nothing was frozen"
    return RefusedError(words, fix)

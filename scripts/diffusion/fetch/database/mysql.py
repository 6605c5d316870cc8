"""MySQL and MariaDB: rows from a cursor that streams, in one read-only snapshot.

The servers send every value as text, which is kept as it is; bytes become hexadecimal, the bits of
BIT a number, and moments (TIMESTAMP, which the servers keep in UTC) state that they are UTC.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE, FLAG
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from diffusion.config.databases import Address
from diffusion.config.queries import Query
from diffusion.fetch.database.asking import CONNECT_SECONDS, Answer, Asked, named_once
from diffusion.fetch.database.raw_rows import RawRows
from diffusion.fetch.database.refusals import AWAY, RefusedError, ended, shown, too_long

CONFIG, GROUP = "~/.my.cnf", "client"
COMPATIBLE = "5.5.5-"  # MariaDB says it before its own version, for old clients of MySQL
BINARY = 63  # the number of the character set of bytes
# https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html
TYPES = {
    FIELD_TYPE.TINY: "tinyint", FIELD_TYPE.SHORT: "smallint", FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int", FIELD_TYPE.LONGLONG: "bigint", FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double", FIELD_TYPE.YEAR: "year", FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date", FIELD_TYPE.DATETIME: "datetime", FIELD_TYPE.TIME: "time",
    FIELD_TYPE.TIMESTAMP: "timestamp", FIELD_TYPE.BIT: "bit", FIELD_TYPE.JSON: "json",
    FIELD_TYPE.GEOMETRY: "geometry", FIELD_TYPE.NULL: "null",
}  # fmt: skip
# what is sent is made text; what comes stays as it was sent
AS_SENT = {kind: encode for kind, encode in conversions.items() if not isinstance(kind, int)}
DECIMALS = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL)
WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint")
# numbers of errors, of servers and of clients:
# https://mariadb.com/kb/en/mariadb-error-code-reference/
AGAIN = (1040, 1053, 1205, 1213, 1927, 2002, 2003, 2006, 2013, 2055)
LOGINS, NO_RIGHTS, UNKNOWN = (1045, 1049, 1698, 2059), (1044, 1142, 1143, 1227), (1054, 1146)
ENDED, TOO_LONG, READ_ONLY = 1317, (1969, 3024), 1792
GRANT = "ask its owner for the right to read: `GRANT SELECT ON … TO …`"
LOGIN = "check MYSQL_USER and MYSQL_PWD, or [client] in ~/.my.cnf, and the name of the database"


def read_mysql(asked: Asked, rows: RawRows) -> Answer:
    """Write the rows of a SELECT, and return what is known of them.

    Raises:
        RefusedError: not reached, refused, ended, or cut off.
    """
    with _connected(asked) as connection:
        server, snapshot = _snapshot(connection, asked.timeout)
        with _streamed(connection, _text(connection, asked.limited)) as cursor:
            columns, writers = _columns(cursor)
            rows.write_rows([list(columns)])
            texts = (_texts(row, writers) for row in iter(cursor.fetchone, None))
            count = rows.write_rows(texts)
    driver = {"PyMySQL": version("PyMySQL")}
    return Answer(columns, count, server, snapshot, driver)


def look_mysql(asked: Asked) -> str:
    """Return the server's version, once the query is known to have columns that may be read.

    Raises:
        RefusedError: not reached, or refused.
    """
    with _connected(asked) as connection:
        server, _ = _snapshot(connection, asked.timeout)
        with _streamed(connection, _text(connection, asked.without_rows)) as cursor:
            _columns(cursor)
    return server


@contextmanager
def _connected(asked: Asked) -> Iterator[pymysql.Connection]:
    begun = False
    try:
        connection = _connect(asked.address, asked.timeout)
        begun = True
        try:
            yield connection
        finally:
            connection.close()
    except pymysql.Error as error:
        raise _refusal(error, asked, begun) from error
    except RuntimeError as error:
        if "cryptography" not in str(error):
            raise
        fix = "have TLS switched on at the server; or install the package `cryptography` beside it"
        found = "without TLS, this server's way to check a password needs a further package"
        raise RefusedError(found, fix, key="url") from error


def _connect(address: Address, timeout: float) -> pymysql.Connection:
    options: dict[str, Any] = dict(address.options)
    options |= {"port": address.port} if address.port else {}
    options |= {"ssl_verify_identity": True} if "ssl_ca" in options else {}  # else it is not used
    user = address.user or os.environ.get("MYSQL_USER")
    secret = address.password or os.environ.get("MYSQL_PWD") or os.environ.get("MYSQL_PASSWORD")
    return pymysql.connect(
        host=address.host or None,
        user=user,
        password=secret.encode() if secret else "",  # text would be sent as Latin-1
        database=address.name or None,
        read_default_file=CONFIG,
        read_default_group=GROUP,
        charset="utf8mb4",
        conv=AS_SENT,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=timeout + CONNECT_SECONDS,
        program_name="diffusion",
        **options,
    )


def _snapshot(connection: pymysql.Connection, timeout: float) -> tuple[str, dict[str, str]]:
    """Begin a transaction that sees one state of the base and changes none; say which state."""
    stated = str(connection.get_server_info()).removeprefix(COMPATIBLE)
    is_mariadb = "mariadb" in stated.lower()
    limit = f"max_statement_time = {timeout:g}" if is_mariadb else ""
    limit = limit or f"max_execution_time = {max(1, round(timeout * 1000))}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {limit}")
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        cursor.execute("SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f')")
        row = cursor.fetchone()
    moment = f"{row[0]}+00:00" if row else ""
    name = "MariaDB" if is_mariadb else "MySQL"
    return f"{name} {stated}", {"snapshot": moment}


@contextmanager
def _streamed(connection: pymysql.Connection, query: str) -> Iterator[SSCursor]:
    """Give a cursor whose rows are fetched one by one; what is left is not waited for."""
    cursor = connection.cursor(SSCursor)
    try:
        cursor.execute(query)
        yield cursor
    finally:
        cursor.connection = None  # closed or forgotten, it would read all rows that are left
        if cursor._result:
            cursor._result.unbuffered_active = False


def _text(connection: pymysql.Connection, query: Query) -> str:
    """Return SQL in which values stand as literals: the protocol of text has no parameters."""
    return "".join(
        part if isinstance(part, str) else connection.escape(part.text) for part in query
    )


def _columns(cursor: SSCursor) -> tuple[dict[str, str], list[Callable | None]]:
    """Return the type of each column, and what makes text of its values where they are none."""
    fields = cursor._result.fields if cursor._result else []
    names = named_once([field.name for field in fields])
    types = [_type(vars(field)) for field in fields]
    return dict(zip(names, types, strict=True)), [WRITERS.get(kind) for kind in types]


def _type(known: Mapping) -> str:
    """Return a type as SQL writes it, of what the server says of a column."""
    code, unsigned = known["type_code"], known["flags"] & FLAG.UNSIGNED
    if code in DECIMALS:
        digits = known["length"] - (known["scale"] > 0) - (not unsigned)
        return f"decimal({digits},{known['scale']})"
    kind = TYPES.get(code) or ("blob" if known["charsetnr"] == BINARY else "text")
    return f"{kind} unsigned" if kind in WHOLE and unsigned else kind


def _texts(row: Sequence, writers: Sequence[Callable | None]) -> list[str | None]:
    return [
        value if value is None or write is None else write(value)
        for value, write in zip(row, writers, strict=True)
    ]


def _hex(value: bytes) -> str:
    return "\\x" + value.hex()


def _bits(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _moment(value: str) -> str:
    return f"{value}+00"


# what makes text of values that are none, or that lack their zone
WRITERS: Mapping[str, Callable[..., str]] = {
    "bit": _bits,
    "blob": _hex,
    "geometry": _hex,
    "timestamp": _moment,
}


def _refusal(error: pymysql.Error, asked: Asked, begun: bool) -> RefusedError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    words = shown(error.args[-1] if error.args else error)
    if number == ENDED:
        return ended()
    if number in TOO_LONG:
        return too_long(asked.timeout)
    is_login = number in LOGINS or (not begun and number in NO_RIGHTS)
    if number in AGAIN or (not begun and not is_login):
        said = f"the connection broke: {words}" if begun else words
        return RefusedError(said, AWAY, again=True, key="url")
    if is_login:
        return RefusedError(words, LOGIN, key="url")
    if number in NO_RIGHTS:
        return RefusedError(words, GRANT)
    fix = "correct `query`, in the SQL of this server; nothing was frozen"
    if number in UNKNOWN:
        fix = "check the names, capitals included; nothing was frozen"
    if number == READ_ONLY:
        fix = "a source is only read: write one SELECT that changes nothing"
    return RefusedError(words, fix)

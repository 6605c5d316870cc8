"""Take what COPY sends, row by row, by libpq itself.

psycopg's own loop takes twice as long for each row, and would be most of what a fetch costs. As
there, nothing blocks: Ctrl-C ends it, and a dead line is noticed.
(https://www.postgresql.org/docs/current/libpq-copy.html)
"""

import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors, pq

Waits = Callable[[], None]


def copy_rows(connection: psycopg.Connection, query: bytes, take: Callable) -> int:
    """Give each row that COPY sends, header included, to ``take``; return how many it says it sent.

    The connection is good for nothing else after an error.

    Raises:
        psycopg.Error: refused, ended, or cut off; with the server's ``sqlstate`` where it said one.
    """
    server = connection.pgconn
    server.send_query(query)
    with _waiting(server) as wait:
        _result(server, wait, pq.ExecStatus.COPY_OUT)
        while True:
            size, row = server.get_copy_data(1)
            if size > 0:
                take(row)
            elif size == 0:  # not yet
                wait()
            else:
                break
        done = _result(server, wait, pq.ExecStatus.COMMAND_OK)
        while server.get_result():
            pass  # none follows
    if done.command_tuples is None:
        raise psycopg.OperationalError("the server did not say how many rows it sent")
    return done.command_tuples


@contextmanager
def _waiting(server: pq.abc.PGconn) -> Iterator[Waits]:
    """Give a function that waits until the server has sent something, and takes it in."""
    with selectors.DefaultSelector() as selector:
        selector.register(server.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while server.flush():  # of the query: it is longer than a socket takes at once
            selector.select()
            server.consume_input()
        selector.modify(server.socket, selectors.EVENT_READ)

        def wait() -> None:
            selector.select()
            server.consume_input()

        yield wait


def _result(server: pq.abc.PGconn, wait: Waits, expected: pq.ExecStatus) -> pq.abc.PGresult:
    while server.is_busy():
        wait()
    result = server.get_result()
    if result is None:
        raise psycopg.OperationalError("the server ended without an answer")
    if result.status != expected:
        words = (result.error_message or b"").decode("utf-8", "replace")
        raise _error_of(result.error_field(pq.DiagnosticField.SQLSTATE))(words)
    return result


def _error_of(state: bytes | None) -> type[psycopg.Error]:
    try:
        return errors.lookup((state or b"").decode())
    except KeyError:
        return psycopg.OperationalError if not state else psycopg.DatabaseError

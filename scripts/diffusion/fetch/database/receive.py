"""The rows of one partition of a database: asked, tried again where that is safe, and described."""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import tenacity

from diffusion.base.progress import Progress
from diffusion.config.databases import ELSEWHERE, Address, parse_address
from diffusion.config.fetching import DatabaseFetch
from diffusion.config.partitions import Partition, fill
from diffusion.config.queries import Bound, Query, bound
from diffusion.errors import DatabaseError, VariableError
from diffusion.fetch.database.asking import Answer, Asked, Look, Read
from diffusion.fetch.database.raw_rows import NAME, RawRows
from diffusion.fetch.database.refusals import RefusedError
from diffusion.raw.copies import Received

logger = logging.getLogger(__name__)
LONGEST = 30  # seconds between tries
T = TypeVar("T")
LOOKING = 10.0  # seconds


def receive_rows(
    where: str,
    fetch: DatabaseFetch,
    axes: Partition,
    place: Path,
    progress: Progress,
    most: int | None = None,
) -> tuple[list[Received], dict]:
    """Return the file with the rows of one partition, and what is known of its origin.

    Args:
        where: how errors name the source, e.g. ``sources.rents``.
        place: folder for the file; what an earlier try left there is dropped.
        most: of the rows, for a try.

    Raises:
        DiffusionError: not reached, refused, ended, cut off after all tries, or no file.
    """
    asked = asked_of(where, fetch, axes, most)
    path = place / NAME
    read, _ = _driver(asked.address.kind)

    def once() -> Answer:
        with RawRows(path, progress) as rows:
            return read(asked, rows)

    answer = _patiently(where, fetch, fetch.retries, once)
    return [Received.at(NAME, path)], _facts(asked, answer)


def look(where: str, fetch: DatabaseFetch, axes: Partition) -> str:
    """Return what answers, its version included; the statement is looked at, and gives no row.

    Raises:
        DiffusionError: not reached, or refused.
    """
    asked = replace(asked_of(where, fetch, axes), timeout=LOOKING)
    _, look_at = _driver(asked.address.kind)
    version = _patiently(where, fetch, 0, lambda: look_at(asked))
    return f"{asked.address.public} answers ({version})"


def asked_of(where: str, fetch: DatabaseFetch, axes: Partition, most: int | None = None) -> Asked:
    """Return what is asked for a partition.

    Raises:
        DiffusionError: the variable of the URL is not set, or holds none.
    """
    address = address_of(where, fetch, axes)
    query: Query = bound(fetch.query, axes) if fetch.query else _whole(fetch, address, axes)
    return Asked(address, query, fetch.timeout, most)


def address_of(where: str, fetch: DatabaseFetch, axes: Partition) -> Address:
    """Return where a database is: by ``url``, or by the variable that ``url_env`` names.

    Raises:
        DiffusionError: the variable is not set, or holds no URL; it is never shown.
    """
    if not fetch.url_env:
        return parse_address(fill(fetch.url, axes, in_url=True))
    text = os.environ.get(fetch.url_env, "").strip()
    if not text:
        fix = (
            f"export {fetch.url_env}=postgresql://… ; or write `url`, and the secret by {ELSEWHERE}"
        )
        found = f"the variable {fetch.url_env} is not set"
        raise VariableError(f"{where}.url_env", found, fix)
    try:
        return parse_address(text)
    except ValueError as error:
        found = f"what the variable {fetch.url_env} holds {error}"
        fix = "write it as postgresql://user:password@host:5432/base, or mysql://…, sqlite:///…"
        raise VariableError(f"{where}.url_env", found, fix) from None


def _whole(fetch: DatabaseFetch, address: Address, axes: Partition) -> Query:
    """Return the query of a whole table; the names of schema and table are its own, as written."""
    mark = "`" if address.kind == "mysql" else '"'
    names = [fill(name, axes) for name in (fetch.table or "").split(".")]
    quoted = (f"{mark}{name.replace(mark, mark * 2)}{mark}" for name in names)
    return [f"SELECT * FROM {'.'.join(quoted)}"]


def _driver(kind: str) -> tuple[Read, Look]:
    """Return what reads a kind of database; drivers are imported only where they are asked."""
    if kind == "postgresql":
        from diffusion.fetch.database.postgresql import look_postgresql, read_postgresql

        return read_postgresql, look_postgresql
    if kind == "mysql":
        from diffusion.fetch.database.mysql import look_mysql, read_mysql

        return read_mysql, look_mysql
    if kind == "sqlite":
        from diffusion.fetch.database.sqlite import look_sqlite, read_sqlite

        return read_sqlite, look_sqlite
    from diffusion.fetch.database.duckdb_file import look_duckdb, read_duckdb

    return read_duckdb, look_duckdb


def _patiently(where: str, fetch: DatabaseFetch, retries: int, once: Callable[[], T]) -> T:
    """Ask, and ask again as a whole where the reason may pass."""
    tries = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda e: isinstance(e, RefusedError) and e.again),
        stop=tenacity.stop_after_attempt(retries + 1),
        wait=tenacity.wait_exponential_jitter(1, LONGEST),
        before_sleep=lambda state: _tell(where, state),
        reraise=True,
    )
    try:
        return tries(once)
    except RefusedError as error:
        tried = f" (tried {retries + 1} times)" if error.again and retries else ""
        key = "table" if fetch.table and error.key == "query" else error.key
        raise DatabaseError(f"{where}.{key}", error.found + tried, error.fix) from error


def _tell(where: str, state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    words = "%s: %s; asking again for all rows in %.1f s"
    logger.warning(words, where, error, state.upcoming_sleep)


def _facts(asked: Asked, answer: Answer) -> dict:
    """Return what provenance notes; nothing of who asked."""
    sent = "".join(f"{{{p.axis}}}" if isinstance(p, Bound) else p for p in asked.query)
    return {
        "url": asked.address.public,
        "database": asked.address.kind,
        "query": sent,
        "parameters": {p.axis: p.text for p in asked.query if isinstance(p, Bound)},
        "records": answer.rows,
        "server": answer.server,
        **answer.snapshot,
        "columns": [{"name": name, "type": kind} for name, kind in answer.columns.items()],
        "drivers": dict(answer.driver),
    }

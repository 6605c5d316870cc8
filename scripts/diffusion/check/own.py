"""Checks that a project writes itself, in SQL: conditions of rows, and queries for what is wrong.

A query reads the table as ``this``, other tables by their names, and what is published of it as
``before``; nothing else can be read.
"""

import glob
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from diffusion.check.plain import plain
from diffusion.check.result import Result, inapplicable, result_of, sentence
from diffusion.check.subject import EXAMPLES, CheckError, Table
from diffusion.config.checking import SqlCheck
from diffusion.storage.store import Store
from diffusion.tables.sql import identifier, literal

KIND = "sql"
THIS, BEFORE = "this", "before"
SHOWN = 8  # columns of an example
NO_VERSION = "no version is published that it could be compared with"


@dataclass(frozen=True)
class Version:
    """The published version of a table: where it is, and its entry in the manifest."""

    store: Store
    name: str
    entry: Mapping


def own_results(
    table: Table,
    checks: Mapping[str, SqlCheck],
    others: Mapping[str, Path],
    before: Version | None,
    key: Sequence[str] = (),
) -> Iterator[Result]:
    """Yield the result of each check.

    Args:
        key: columns that identify a row, which examples show.
        others: name → Parquet file of the tables that they name.
        before: what is published of the table; None if nothing is.
    """
    if not checks:
        return
    places = {THIS: [str(table.path)]} | {name: [str(path)] for name, path in others.items()}
    if before and any(check.needs_before for check in checks.values()):
        places[BEFORE] = _published(table.connection, before)
    _let_read(table.connection, places)
    for name, check in checks.items():
        result = _result(table, name, check, BEFORE in places, key)
        yield result.as_warning() if check.warn else result


def _let_read(con: duckdb.DuckDBPyConnection, places: Mapping[str, Sequence[str]]) -> None:
    """Let queries read files, as a view of each name, and nothing else."""
    for name, paths in places.items():
        listed = ", ".join(literal(glob.escape(path)) for path in paths)
        source = f"read_parquet([{listed}], hive_partitioning = false)"
        con.execute(f"CREATE TEMP VIEW {identifier(name)} AS SELECT * FROM {source}")
    # DuckDB compares paths as they are written, escaped for a glob, and again as they are opened
    every = {path for paths in places.values() for path in paths}
    known = ", ".join(map(literal, sorted(every | {glob.escape(path) for path in every})))
    con.execute(f"SET allowed_paths = [{known}]")
    con.execute("SET enable_external_access = false")


def _result(
    table: Table, name: str, check: SqlCheck, has_before: bool, key: Sequence[str]
) -> Result:
    if check.needs_before and not has_before:
        return result_of(KIND, name, 0, 0, NO_VERSION)
    try:
        if check.query:
            return _query(table, name, check.query)
        return _rows(table, name, check.rows, key)
    except CheckError as problem:
        return inapplicable(KIND, name, str(problem))


def _rows(table: Table, name: str, condition: str, key: Sequence[str]) -> Result:
    """Check each row by itself; as in a CHECK of SQL, a condition that is unknown (null) passes."""
    fails = f"NOT coalesce(({condition}\n), true)"
    (found,) = table.ask(f"SELECT count(*) FILTER (WHERE {fails}) AS failed FROM {THIS}")
    failed = found["failed"]
    told = sentence(failed, table.rows, "rows", "do", f"not fulfil `{' '.join(condition.split())}`")
    examples = _examples(table, condition, fails, key) if failed else []
    return result_of(KIND, name, failed, table.rows, told, examples)


def _examples(table: Table, condition: str, fails: str, key: Sequence[str]) -> list[dict]:
    named = [c for c in table.columns if re.search(rf"\b{re.escape(c)}\b", condition, re.I)]
    known = [c for c in key if c in table.columns]
    texts = (name for name, column in table.columns.items() if column.type == "VARCHAR")
    known = known or list(islice(texts, 1))  # what a reader finds the row by
    shown = list(dict.fromkeys([*known, *named]) if named else table.columns)[:SHOWN]
    columns = ", ".join(f"{identifier(c)} AS v{n}" for n, c in enumerate(shown))
    rows = table.ask(
        f'SELECT number AS "row", * FROM (SELECT row_number() OVER () AS number, {columns}, '
        f"{fails} AS fails FROM {THIS}) WHERE fails LIMIT {EXAMPLES}"
    )
    return [
        {"row": row["row"], "values": {c: plain(row[f"v{n}"]) for n, c in enumerate(shown)}}
        for row in rows
    ]


def _query(table: Table, name: str, query: str) -> Result:
    """Run a query for what is wrong: it must give no row."""
    inner = query.strip().removesuffix(";")
    (found,) = table.ask(f"SELECT count(*) AS failed FROM ({inner}\n)")
    failed = found["failed"]
    told = f"its query gives {failed:,} row{'' if failed == 1 else 's'}"
    examples: list[dict] = []
    if failed:
        for number, row in enumerate(table.ask(f"FROM ({inner}\n) LIMIT {EXAMPLES}"), 1):
            values = {key: plain(value) for key, value in list(row.items())[:SHOWN]}
            examples.append({"result": number, "values": values})
    return result_of(KIND, name, failed, table.rows, told, examples)


def _published(con: duckdb.DuckDBPyConnection, before: Version) -> list[str]:
    """Let the published files be read in place; return their paths for DuckDB."""
    from diffusion.storage.ranges import PublishedFiles, filesystem_of, paths_of, rows_among

    files = PublishedFiles()
    con.register_filesystem(files)
    place = filesystem_of(before.store.url, before.store.link)
    objects = rows_among(before.name, before.entry["objects"])
    paths = paths_of(before.store.url, objects).items()
    return [files.add(place, path, size) for path, size in paths]

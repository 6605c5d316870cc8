"""One raw file as SQL: each becomes one SELECT, and several are put together by column name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from diffusion.errors import DiffusionError
from diffusion.tables.engine import duckdb_errors
from diffusion.tables.limits import THREAD_MB
from diffusion.tables.sql import file_literal

NESTED = ("json", "struct", "list")


@dataclass(frozen=True)
class RawTable:
    """One raw file as SQL.

    ``text``: the columns that are text. ``strings``: those of them that are text by the file's own
    types (a quoted JSON value, a Parquet string), and so are never proven to be something else.
    ``seen``: what the file turned out to be: its format, ``geometry``, ``archive``. ``geo``: what
    is known of its geometries. ``thread_mb``: MiB that a thread needs to read it and sort it.
    """

    label: str
    sql: str
    columns: list[str]
    text: frozenset[str]
    strings: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    geo: Mapping | None = None
    thread_mb: int = THREAD_MB


def distinct(names: list[str], label: str, fix: str) -> list[str]:
    """Refuse names that differ by case only, as SQL does not distinguish them, and empty ones."""
    if "" in names:
        raise DiffusionError(label, "a column without a name", fix)
    folded = [name.lower() for name in names]
    twice = sorted({name for name, low in zip(names, folded, strict=True) if folded.count(low) > 1})
    if twice:
        raise DiffusionError(label, f"columns of one name: {', '.join(twice)}", fix)
    return names


def read_parquet(con: duckdb.DuckDBPyConnection, path: Path, label: str) -> RawTable:
    """Read Parquet; columns keep their types."""
    sql = f"SELECT * FROM read_parquet({file_literal(path)}, hive_partitioning=false)"
    with duckdb_errors(label, reading_error):
        described = con.execute(f"DESCRIBE {sql}").fetchall()
    text = frozenset(row[0] for row in described if row[1] == "VARCHAR")
    columns = [row[0] for row in described]
    return RawTable(label, sql, columns, text, strings=text, seen=frozenset({"parquet"}))


def reading_error(label: str, text: str) -> DiffusionError:
    """Return DuckDB's error about a raw file in words that users can act on."""
    file = re.search(r"^\s*file = (.+)$", text, re.MULTILINE)
    lines = [line.strip() for line in text.split("Possible")[0].splitlines() if line.strip()]
    found = "cannot be read: " + " ".join(lines[:4])[:400]
    fix = "see `csv:` and `format:` of the source"
    if "nvalid unicode" in text:
        fix = "declare `csv: {encoding: latin-1}`"
    elif "Number of Columns" in text:
        fix = "a row has another number of columns: see `csv.delimiter`, `csv.quote`, `csv.header`"
    elif "top-level JSON array" in text:
        found = "the file is one JSON object, not an array of records"
        fix = "say where its array of records is: `records: …`; if it is a record: `format: ndjson`"
    return DiffusionError(f"{label} ({Path(file[1]).name})" if file else label, found, fix)

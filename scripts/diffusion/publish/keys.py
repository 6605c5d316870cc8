"""Which keys a new version of a table adds, removes or changes, where `unique` names its rows.

The published version is read in place, by the entry of the manifest; DuckDB counts within its
memory and spills the rest. Where it cannot, keys are counted part by part, by a hash of them.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from diffusion.errors import DiffusionError
from diffusion.storage.ranges import PublishedFiles, filesystem_of, paths_of, rows_among
from diffusion.storage.store import Store
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from diffusion.tables.sql import file_literal

logger = logging.getLogger(__name__)
NOT_COMPARED = "%s: keys not compared with those published: %s"
MOST_PARTS = 512  # of the keys, counted one after the other
OF = "of"  # key of the result: the version it was compared with, by the hash of its table
# the names in SQL are positions: a column may be called anything, and `a` may stand beside `A`
COUNT = """
SELECT count(*) FILTER (WHERE before = 0), count(*) FILTER (WHERE now = 0),
  count(*) FILTER (WHERE before > 0 AND now > 0 AND (before <> now OR was <> becomes))
FROM (
  SELECT count(*) FILTER (WHERE old) AS before, count(*) FILTER (WHERE NOT old) AS now,
    coalesce(sum(content) FILTER (WHERE old), 0) AS was,
    coalesce(sum(content) FILTER (WHERE NOT old), 0) AS becomes
  FROM ({rows}) GROUP BY {keys}
)"""


def compare_keys(
    store: Store,
    name: str,
    known: Mapping,
    table: Path,
    facts: Mapping,
    unique: Sequence[str],
    limits: Limits,
) -> dict | None:
    """Count the keys that a new version adds, removes, or has other values beside.

    Values are compared of the columns that both versions have in the same type, by a hash of 64
    bits for each row. Rows that share a key are compared together.

    Args:
        name: under which the table is published.
        known: its entry in the manifest.
        table: the new version.
        facts: see ``facts_of``.
        unique: the columns that name a row.

    Returns:
        ``added``, ``removed``, ``changed``, and ``of``, the hash of the published table; None where
        nothing else is published, or a key is not to be compared: it is new, or of another type,
        or what is published cannot be read, which the log says.
    """
    columns = _columns(known), _columns(facts)
    both = [column for column, kind in columns[1].items() if columns[0].get(column) == kind]
    is_other = known.get("table_sha256") not in (None, facts["sha256"])
    if not (unique and is_other and set(unique) <= set(both)):
        return None
    try:
        with engine(limits) as con:
            _view(con, "old", _published(con, store, name, known), len(columns[0]))
            _view(con, "new", file_literal(table), len(columns[1]))
            added, removed, changed = _count(con, columns, unique, both)
    except (duckdb.Error, DiffusionError, OSError) as error:
        logger.warning(NOT_COMPARED, name, str(error).strip().splitlines()[0][:400])
        return None
    return {OF: known["table_sha256"], "added": added, "removed": removed, "changed": changed}


def _columns(entry: Mapping) -> dict[str, str]:
    return {column["name"]: column["type"] for column in entry.get("columns", ())}


def _published(con: duckdb.DuckDBPyConnection, store: Store, name: str, known: Mapping) -> str:
    """Return the files of a published table as SQL has them."""
    files = PublishedFiles()
    con.register_filesystem(files)
    place = filesystem_of(store.url, store.link)
    found = paths_of(store.url, rows_among(name, known["objects"])).items()
    return str([files.add(place, path, size) for path, size in found])


def _view(con: duckdb.DuckDBPyConnection, view: str, path: str, columns: int) -> None:
    names = ", ".join(f"c{number}" for number in range(columns))
    source = f"read_parquet({path}, hive_partitioning = false)"
    con.execute(f"CREATE TEMP VIEW {view}({names}) AS SELECT * FROM {source}")


def _count(
    con: duckdb.DuckDBPyConnection,
    columns: tuple[Mapping[str, str], Mapping[str, str]],
    unique: Sequence[str],
    both: Sequence[str],
) -> tuple[int, int, int]:
    """Return how many keys are new, gone, and have other values."""
    selects = []
    values = [column for column in both if column not in unique]
    for view, names in zip(("old", "new"), map(list, columns), strict=True):
        keys = [f"c{names.index(name)} AS k{number}" for number, name in enumerate(unique)]
        hashed = ", ".join(f"c{names.index(name)}" for name in values)
        content = f"hash({hashed})" if hashed else "0"
        old = "true" if view == "old" else "false"
        chosen = ", ".join([*keys, f"{old} AS old", f"{content}::HUGEINT AS content"])
        selects.append(f"SELECT {chosen} FROM {view}")
    grouped = ", ".join(f"k{number}" for number in range(len(unique)))
    return _counted(con, " UNION ALL ".join(selects), grouped)


def _counted(
    con: duckdb.DuckDBPyConnection, rows: str, keys: str, parts: int = 1
) -> tuple[int, int, int]:
    """Return the same of the rows of a SELECT, in more parts where memory does not suffice.

    Raises:
        duckdb.OutOfMemoryException: also in the smallest parts.
    """
    chosen = (f"SELECT * FROM ({rows}) WHERE hash({keys}) % {parts} = {n}" for n in range(parts))
    try:
        found = [con.execute(COUNT.format(rows=some, keys=keys)).fetchall()[0] for some in chosen]
    except duckdb.OutOfMemoryException:
        if parts >= MOST_PARTS:
            raise
        return _counted(con, rows, keys, parts * 8)
    added, removed, changed = map(sum, zip(*found, strict=True))
    return added, removed, changed

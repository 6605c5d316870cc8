"""The file of an axis, written from a column of a published table: codes to ask an API for."""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from diffusion.base.json_files import write_whole
from diffusion.config.axes import values_of_file
from diffusion.config.model import Config
from diffusion.config.schema import did_you_mean
from diffusion.errors import AxisError
from diffusion.publish.manifest import read_manifest
from diffusion.storage.hashing import sha256_of
from diffusion.storage.places import open_place
from diffusion.storage.store import Store
from diffusion.tables.sql import file_literal, identifier

SHOWN = 5  # values that were added or removed
TYPES = ("string", "int", "date", "category")


def write_axis(config: Config, table: str, column: str, path: Path) -> list[str]:
    """Write the distinct values of a column, in their order, as a CSV; return what to tell.

    Args:
        table: as it is published.
        path: of the file; one that is there must have this column alone.

    Raises:
        DiffusionError: no such table or column, no value, or a file that holds more than that.
    """
    values, missing = _values(config, table, column)
    before = _before(path, column)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[column], *([v] for v in values)])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.getvalue().encode())
    told = [f"{path}: {len(values):,} values of {table}.{column}"]
    if missing:
        told.append(f"{missing:,} rows have none and were left out")
    told += _difference(before, values)
    told.append(f"to use it: partitions: {{{column}: {{file: {path}, column: {column}}}}}")
    return [*told, "Commit that file: it is part of the plan."]


def _values(config: Config, table: str, column: str) -> tuple[list[str], int]:
    """Return the values as text, sorted, and how many rows have none."""
    store = open_place(config.storage, "url")
    tables = read_manifest(store)[0]["tables"] if store else {}
    if store is None or table not in tables or "columns" not in tables[table]:
        fix = f"{did_you_mean(table, tables)}Published: {', '.join(tables) or 'nothing'}"
        raise AxisError(table, f"no such table is published in {config.storage.url}", fix)
    types = {given["name"]: given["type"] for given in tables[table]["columns"]}
    if column not in types:
        fix = f"{did_you_mean(column, types)}Its columns: {', '.join(types)}"
        raise AxisError(f"{table}.{column}", "there is no such column", fix)
    if types[column] not in TYPES:
        fix = f"an axis has codes, whole numbers or dates ({', '.join(TYPES)})"
        raise AxisError(f"{table}.{column}", f"its type is {types[column]}", fix)
    with tempfile.TemporaryDirectory() as scratch:
        files = _files(store, tables[table]["objects"], Path(scratch))
        values, missing = _distinct(files, column)
    if not values:
        raise AxisError(f"{table}.{column}", "no row has a value", "choose another column")
    return values, missing


def _files(store: Store, objects: Sequence[Mapping], scratch: Path) -> list[Path]:
    """Return the files of a published table on this machine, their hashes verified."""
    found = []
    for number, item in enumerate(o for o in objects if o["key"].endswith(".parquet")):
        path = store.local_path(item["key"])
        if path is None:
            path = scratch / f"{number}.parquet"
            store.download(item["key"], path)
        if sha256_of(path) != item["sha256"]:
            fix = "publish it again: snakemake --forcerun publish_sources publish_derived"
            words = "another file than the one that was published"
            raise AxisError(store.address(item["key"]), words, fix)
        found.append(path)
    return found


def _distinct(files: Sequence[Path], column: str) -> tuple[list[str], int]:
    import duckdb

    name, paths = identifier(column), ", ".join(map(file_literal, files))
    with duckdb.connect() as con:
        table = f"read_parquet([{paths}], hive_partitioning=false)"
        row = con.execute(f"SELECT count(*) FILTER (WHERE {name} IS NULL) FROM {table}").fetchone()
        rows = con.execute(
            f"SELECT DISTINCT CAST({name} AS VARCHAR) v FROM {table} WHERE v IS NOT NULL ORDER BY v"
        ).fetchall()
    return [value for (value,) in rows], row[0] if row else 0


def _before(path: Path, column: str) -> list[str]:
    """Return the values that the file has now; none if there is no file."""
    if not path.exists():
        return []
    header = path.read_text("utf-8-sig").partition("\n")[0].strip()
    if header != column:
        fix = "it would be lost: choose another file"
        raise AxisError(str(path), f"holds something else (its header is `{header}`)", fix)
    return values_of_file(str(path), path, column)


def _difference(before: list[str], values: list[str]) -> list[str]:
    if not before:
        return []
    told = []
    for what, these, others in (("added", values, before), ("removed", before, values)):
        differing = sorted(set(these) - set(others))
        if differing:
            more = ", …" if len(differing) > SHOWN else ""
            told.append(f"{len(differing):,} {what}: {', '.join(differing[:SHOWN])}{more}")
    return told or ["the same values as before"]

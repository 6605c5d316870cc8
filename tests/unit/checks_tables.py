"""Small Parquet files to check, and rules that check nothing."""

from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.check.checks import Result, run_checks
from diffusion.config.checking import Checks
from diffusion.tables.limits import Limits

NONE = {
    "required": [],
    "unique": [],
    "not_null": [],
    "allowed": {},
    "range": {},
    "regex": {},
    "rows": [None, None],
    "cast_failures": 1,
    "valid_geometry": True,
    "missing_geometry": None,
    "partitions": True,
    "foreign_keys": {},
    "sql": {},
    "warn": [],
}


def write(path: Path, columns) -> Path:
    """Write columns to Parquet, three rows a row group."""
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path, row_group_size=3)
    return path


def checked(path: Path, rules: dict, others: dict[str, Path] | None = None) -> list[Result]:
    """Check a file with enough memory and two threads."""
    return run_checks(
        path, msgspec.convert(rules, Checks), others or {}, Limits(2000, 2, path.parent / "scratch")
    )


def one(results: list[Result]) -> Result:
    assert len(results) == 1, results
    return results[0]


def checker(folder: Path):
    """Return a function that writes columns, checks one kind and returns its results."""

    def check(columns, kind: str, rule, others=None, **more) -> list[Result]:
        table = write(folder / "table.parquet", columns)
        paths = {n: write(folder / f"{n}.parquet", c) for n, c in (others or {}).items()}
        results = checked(table, NONE | {kind: rule} | more, paths)
        return [result for result in results if result.check == kind]

    return check

"""A CSV of 3 million rows to Parquet; and the same four times as large."""

from pathlib import Path

from bench.base import OURS, Bench, convert, resolved
from bench.data import CHECKS, CODES, COLUMNS, ORDER, dpe_file
from bench.measure import Goal, Row, ratio

ROWS = 3_000_000
CONVERT = "Diffusion, conversion alone"
DUCKDB, UNSORTED = "DuckDB COPY, sorted", "DuckDB COPY, as it comes"


def measure(bench: Bench) -> Row:
    place, rows = bench.place("csv"), bench.size(ROWS, 1000)
    csv, out = dpe_file(place / "dpe.csv", rows), place / "out.parquet"
    contenders = [
        bench.ours(OURS, "csv_to_parquet.diffusion", csv, place / "ours.parquet", "checks"),
        bench.ours(CONVERT, "csv_to_parquet.diffusion", csv, out),
        bench.ours("pandas", "csv_to_parquet.pandas", csv, out),
        bench.ours(DUCKDB, "csv_to_parquet.bare_duckdb", csv, out, "sorted"),
        bench.ours(UNSORTED, "csv_to_parquet.bare_duckdb", csv, out),
        bench.peer("polars sink_parquet, sorted", "csv_to_parquet.polars", csv, out),
    ]
    runs = bench.alternate(contenders, "csv")
    goals = [
        Goal("time, to pandas", ratio(runs, OURS, "pandas"), 0.6),
        Goal("memory, to pandas", ratio(runs, OURS, "pandas", "peak"), 0.5),
        Goal("time, to bare DuckDB that sorts too", ratio(runs, OURS, DUCKDB), 1.3),
        Goal("time, to bare DuckDB as it comes", ratio(runs, OURS, UNSORTED), 1.3),
    ]
    notes = [
        f"{csv.stat().st_size / 1e6:,.0f} MB, 15 columns, codes kept as text.",
        "Diffusion counts every value that cannot be cast, sorts in a total order (same bytes "
        "whatever the threads), and checks: unique, not null, regex, allowed, range. The others "
        "do not check; pandas and DuckDB as it comes do not sort either.",
        _files(place, runs),
    ]
    return Row(f"CSV of {rows:,} rows → typed, checked, sorted Parquet (zstd)", runs, goals, notes)


def measure_larger(bench: Bench) -> Row:
    place, rows = bench.place("csv"), bench.size(ROWS, 1000)
    small, large = dpe_file(place / "dpe.csv", rows), dpe_file(place / "dpe4.csv", 4 * rows)
    out = place / "out.parquet"
    four = f"{OURS}, {4 * rows:,} rows"
    contenders = [
        bench.ours(four, "csv_to_parquet.diffusion", large, out, "checks", rounds=2),
        bench.ours(OURS, "csv_to_parquet.diffusion", small, out, "checks", rounds=2),
    ]
    runs = bench.alternate(contenders, "csv")
    large.unlink()
    goals = [
        Goal("time, to itself", ratio(runs, four, OURS), 4.2),
        Goal("memory, to itself", ratio(runs, four, OURS, "peak"), 1.1),
    ]
    return Row("The same, four times as large", runs, goals)


def _files(place: Path, runs: dict) -> str:
    sizes = {name: run.facts["bytes"] for name, run in runs.items() if "bytes" in run.facts}
    return "Files: " + ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes.items())


def diffusion(csv: str, target: str, checks: str = "") -> dict:
    """What the job convert_table calls, with their memory and two threads."""
    source = resolved(
        **{"from": "file", "url": csv, "csv": {"delimiter": ";"}},
        columns={name: kind for name, kind in COLUMNS.items()},
        sort_by=ORDER,
        checks=CHECKS,
    )
    table = convert(source, csv, target)
    if checks:
        from diffusion.check.checks import run_checks
        from diffusion.tables.limits import Limits

        results = run_checks(table, source.checks, {}, Limits(2000, 2, table.parent))
        assert all(result.passed for result in results), results
    return {"bytes": table.stat().st_size}


def pandas(csv: str, target: str) -> dict:
    """The chapter's two lines; codes are text, or 01001 becomes a number."""
    import pandas as pd

    frame = pd.read_csv(csv, sep=";", dtype=dict.fromkeys(CODES, str))
    frame.to_parquet(target)
    return {"bytes": Path(target).stat().st_size}


def bare_duckdb(csv: str, target: str, order: str = "") -> dict:
    import duckdb

    types = ", ".join(f"'{code}': 'VARCHAR'" for code in CODES)
    sort = f"ORDER BY {', '.join(ORDER)}" if order else ""
    duckdb.sql(f"""
        COPY (SELECT * FROM read_csv('{csv}', delim=';', types={{{types}}}) {sort})
        TO '{target}' (FORMAT parquet, COMPRESSION zstd)""")
    return {"bytes": Path(target).stat().st_size}


def polars(csv: str, target: str) -> dict:
    import polars as pl

    types = dict.fromkeys(CODES, pl.String)
    frame = pl.scan_csv(csv, separator=";", schema_overrides=types, try_parse_dates=True)
    frame.sort(ORDER).sink_parquet(target, compression="zstd")
    return {"bytes": Path(target).stat().st_size}

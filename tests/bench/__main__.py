"""Run the benchmarks and write docs/benchmarks.md and docs/benchmarks.svg (`make bench`)."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import (
    api_to_parquet,
    chapter,
    csv_to_parquet,
    database,
    publishing,
    reading,
    report,
    second_looks,
    shapefile,
)
from bench.base import Bench, started
from bench.measure import Row

ROWS: dict[str, Callable[[Bench], Row]] = {
    "csv": csv_to_parquet.measure,
    "larger": csv_to_parquet.measure_larger,
    "api": api_to_parquet.measure,
    "database": database.measure,
    "shapefile": shapefile.measure,
    "looks": second_looks.measure,
    "small": publishing.measure_small,
    "large": publishing.measure_large,
    "reading": reading.measure,
    "chapter": chapter.measure,
}


def main() -> None:
    options = _options()
    begun, rows = time.monotonic(), {}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        started(Path(folder), scale=options.scale, rounds=options.rounds) as bench,
    ):
        for name in options.rows:
            print(name, file=sys.stderr)
            rows[name] = ROWS[name](bench)
            seconds = time.monotonic() - begun
            print(f"  {seconds:.0f} s so far", file=sys.stderr)
            for goal in rows[name].goals:
                print(f"  {report.verdict(goal)}", file=sys.stderr)
    options.out.mkdir(parents=True, exist_ok=True)
    report.write(options.out, rows, options.scale, options.rounds, time.monotonic() - begun)
    if options.figures:
        text = json.dumps({name: asdict(row) for name, row in rows.items()}, indent=1)
        options.figures.write_text(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=", ".join(ROWS))
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes; 1 is full")
    parser.add_argument("--rounds", type=int, default=3, help="A B A B: how many times")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="where the table goes")
    parser.add_argument("--figures", type=Path, help="also write every figure as JSON")
    options = parser.parse_args()
    for name in options.rows:
        if name not in ROWS:
            parser.error(f"there is no row `{name}`; rows: {', '.join(ROWS)}")
    return options


if __name__ == "__main__":
    main()

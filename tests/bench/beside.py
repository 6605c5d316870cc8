"""Conversions by two checkouts in turn, and rows of the table that compares them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import dpe_file, dpe_in_order, polygons_gpkg, polygons_zip
from bench.worker import RESULT
from projects import REPOSITORY

ROWS = 3_000_000  # of the CSV


@dataclass(frozen=True)
class Spent:
    """What a run took: seconds, of CPU too, and MiB, the peak of its largest process."""

    time: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Goal:
    """What this version may take: of the earlier one's CPU, time, memory; of an ideal; MiB."""

    cpu: float | None = None
    time: float | None = None
    memory: float | None = None
    ideal: float | None = None  # seconds, of which 1.2 × may be taken
    most: float | None = None  # MiB

    def state(self, before: Spent, now: Spent) -> str:
        """Say what was aimed at, and whether it is reached."""
        found = [
            ("CPU", "×", self.cpu, now.cpu / before.cpu),
            ("time", "×", self.time, now.time / before.time),
            ("memory", "×", self.memory, now.peak / before.peak),
            ("time", "× the ideal", self.ideal and 1.2, now.time / (self.ideal or 1)),
            ("memory", "MiB", self.most, now.peak),
        ]
        return ", ".join(
            f"{name} ≤ {goal:g} {unit}: {'reached' if value <= goal else '**missed**'}"
            for name, unit, goal, value in found
            if goal is not None
        )


def measured(command: Sequence[str], **settings: Any) -> tuple[Spent, str]:
    """Run a command that must end well; return what it took, and what it said."""
    runner = [sys.executable, "-m", "bench.ran", *command]
    environment = settings.pop("env", os.environ) | {"PYTHONPATH": str(REPOSITORY / "tests")}
    words = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(runner, env=environment, timeout=3600, check=False, **words, **settings)
    assert done.returncode == 0, done.stdout
    said, _, spent = done.stdout.rpartition(RESULT)
    return Spent(**json.loads(spent)), said


@dataclass(frozen=True)
class Conversion:
    """A file that is converted: by which function of the benchmarks, and what it is given.

    ``other``: what the earlier version converts, where that is not the same file.
    """

    called: tuple[str, str]
    data: Callable[[Path], Path]
    goal: Goal
    further: tuple[str, ...] = ()
    other: Callable[[Path], Path] | None = None


def _dpe(folder: Path) -> Path:
    return dpe_file(folder / "dpe.csv", ROWS)


CSV = ("csv_to_parquet", "diffusion")
CONVERSIONS = {
    f"CSV of {ROWS:,} rows, with its checks": Conversion(
        CSV, _dpe, Goal(cpu=0.95, memory=1), ("checks",)
    ),
    "the same rows in their final order, beside those": Conversion(
        CSV,
        lambda folder: dpe_in_order(folder / "ordered.csv", ROWS),
        Goal(cpu=0.7, memory=1),
        ("checks",),
        _dpe,
    ),
    "zipped shapefile of 35,000 polygons": Conversion(
        ("shapefile", "diffusion"),
        lambda folder: polygons_zip(folder / "communes.zip", 35_000),
        Goal(cpu=0.65),
    ),
    "GeoPackage of 150,000 polygons": Conversion(
        ("huge", "gpkg"),
        lambda folder: polygons_gpkg(folder / "shapes.gpkg", 150_000),
        Goal(cpu=0.75),
        ("2000",),
    ),
}


def measure_conversion(name: str, before: Path, folder: Path, rounds: int) -> str:
    """Convert a file by both checkouts in turn; return its row of the table."""
    work, target = CONVERSIONS[name], folder / "out.parquet"
    files = {REPOSITORY: work.data(folder), before: (work.other or work.data)(folder)}
    spent: dict[Path, list[Spent]] = {before: [], REPOSITORY: []}
    for _ in range(rounds):
        for checkout, runs in spent.items():
            given = (files[checkout], target, *work.further)
            runs.append(_convert_by(checkout, *work.called, *given))
            print(name, checkout, runs[-1], file=sys.stderr)
    return row(name, spent[before], spent[REPOSITORY], work.goal)


def row(name: str, before: list[Spent], now: list[Spent], goal: Goal) -> str:
    was, found = (
        Spent(*(median(getattr(run, key) for run in runs) for key in ("time", "cpu", "peak")))
        for runs in (before, now)
    )
    cells = [
        name,
        f"{was.time:.1f} ({was.cpu:.1f})",
        f"{found.time:.1f} ({found.cpu:.1f})",
        f"{found.time / was.time:.2f} ×",
        f"{found.cpu / was.cpu:.2f} ×",
        f"{was.peak:,.0f} → {found.peak:,.0f}",
        goal.state(was, found),
    ]
    return f"| {' | '.join(cells)} |"


def _convert_by(checkout: Path, module: str, function: str, *arguments: object) -> Spent:
    """Convert a file as a row of the benchmarks does, by the code of a checkout."""
    path = f"PYTHONPATH={checkout / 'scripts'}:{checkout / 'tests'}"
    worker = ["-m", "bench.worker", module, function, *map(str, arguments)]
    return measured(["env", path, sys.executable, *worker])[0]

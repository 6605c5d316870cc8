"""Conversions by two checkouts in turn, and rows of the table that compares them."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.data import dpe_file, polygons_zip
from bench.measure import cpu_seconds
from projects import REPOSITORY


@dataclass(frozen=True)
class Goal:
    """What this version may take of what the earlier one takes: of CPU, of time, or of both."""

    cpu: float | None = None
    time: float | None = None

    def state(self, time: float, cpu: float) -> str:
        """Say of ratios what was aimed at, and whether it is reached."""
        told = [
            f"{name} ≤ {goal:g} ×: {'reached' if found <= goal else '**missed**'}"
            for name, goal, found in (("CPU", self.cpu, cpu), ("time", self.time, time))
            if goal is not None
        ]
        return ", ".join(told)


# a file is converted: its row of the benchmarks, its data, further arguments, the goal
CONVERSIONS = {
    "CSV of 3,000,000 rows, with its checks": (
        "csv_to_parquet",
        lambda folder: dpe_file(folder / "dpe.csv", 3_000_000),
        ("checks",),
        Goal(0.95),
    ),
    "zipped shapefile of 35,000 polygons": (
        "shapefile",
        lambda folder: polygons_zip(folder / "communes.zip", 35_000),
        (),
        Goal(0.65),
    ),
}


def measure_conversion(name: str, before: Path, folder: Path, rounds: int) -> str:
    """Convert a file by both checkouts in turn; return its row of the table."""
    module, data, further, goal = CONVERSIONS[name]
    file, target = data(folder), folder / "out.parquet"
    spent: dict[Path, list[tuple[float, float]]] = {before: [], REPOSITORY: []}
    for _ in range(rounds):
        for checkout, seconds in spent.items():
            begun, used = time.perf_counter(), cpu_seconds()
            _convert_by(checkout, module, file, target, *further)
            seconds.append((time.perf_counter() - begun, cpu_seconds() - used))
    return row(name, spent[before], spent[REPOSITORY], goal)


def row(name: str, before: list, now: list, goal: Goal) -> str:
    (was, was_cpu), (wall, cpu) = (
        tuple(median(run[index] for run in runs) for index in (0, 1)) for runs in (before, now)
    )
    ratios = wall / was, cpu / was_cpu
    figures = f"{was:.1f} ({was_cpu:.1f}) | {wall:.1f} ({cpu:.1f})"
    return f"| {name} | {figures} | {ratios[0]:.2f} × | {ratios[1]:.2f} × | {goal.state(*ratios)} |"


def _convert_by(checkout: Path, module: str, *arguments: object) -> None:
    """Convert a file as a row of the benchmarks does, by the code of a checkout."""
    path = f"{checkout / 'scripts'}:{checkout / 'tests'}"
    command = [sys.executable, "-m", "bench.worker", module, "diffusion", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": path}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=900)

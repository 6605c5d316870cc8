"""Contenders, run in alternation: A B A B, each in a process of its own; time and peak memory."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.worker import RESULT

TESTS = Path(__file__).parents[1]
TIMEOUT = 900  # seconds


class Failed(Exception):
    """A contender did not end well."""


@dataclass
class Contender:
    """One way to do the work.

    ``prepare`` runs before each run and is not measured. ``rounds``: fewer than the others' for
    one that takes minutes. ``tree``: several processes; their memory is then the sum. ``timeout``:
    seconds after which it is ended.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    rounds: int | None = None
    tree: bool = False
    timeout: int = TIMEOUT


@dataclass
class Runs:
    """What the runs of one contender cost: seconds, of CPU too, MiB; what it said of itself."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    facts: dict = field(default_factory=dict)

    @property
    def time(self) -> float:
        return statistics.median(self.seconds)

    @property
    def peak(self) -> float:
        return statistics.median(self.peaks)


@dataclass(frozen=True)
class Goal:
    """What is to be reached: ``value`` is at most (or, when ``least``, at least) ``limit``."""

    what: str
    value: float
    limit: float
    unit: str = "×"
    least: bool = False

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit


@dataclass
class Row:
    """One row of the table; the first of ``runs`` is this project's."""

    work: str
    runs: dict[str, Runs]
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def function(name: str, python: str, module: str, *arguments: object, **rest: object) -> Contender:
    """Return a contender that is a function: ``module`` is ``row.function``."""
    row, _, called = module.partition(".")
    command = [python, "-m", "bench.worker", row, called, *map(str, arguments)]
    return Contender(name, command, **rest)


def cpu_seconds() -> float:
    """Return the CPU time of all processes that have been started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def alternate(contenders: Sequence[Contender], rounds: int, folder: Path) -> dict[str, Runs]:
    """Run every contender ``rounds`` times, in turn."""
    runs = {contender.name: Runs() for contender in contenders}
    for number in range(rounds):
        for contender in contenders:
            if contender.rounds is None or number < contender.rounds:
                contender.prepare()
                _run(contender, folder, runs[contender.name])
    return runs


def _run(contender: Contender, folder: Path, into: Runs) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= {"PYTHONPATH": f"{TESTS.parent / 'scripts'}:{TESTS}"} | contender.environment
    log = folder / "output.log"
    with log.open("w+") as output:
        begun, used = time.perf_counter(), cpu_seconds()
        process = subprocess.Popen(
            contender.command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        peak = _watch(process, contender, begun)
        seconds = time.perf_counter() - begun
    words = log.read_text("utf-8", "replace")
    if process.returncode:
        raise Failed(f"{contender.name}: exit {process.returncode}\n{words[-3000:]}")
    said = next((line for line in words.splitlines() if line.startswith(RESULT)), None)
    facts = json.loads(said.removeprefix(RESULT)) if said else {}
    into.seconds.append(seconds)
    into.cpu.append(cpu_seconds() - used)
    into.peaks.append(max(peak, facts.pop("peak", 0)))
    into.facts |= facts
    print(f"  {contender.name:32} {seconds:8.2f} s {into.peaks[-1]:8.0f} MiB", file=sys.stderr)


def _watch(process: subprocess.Popen, contender: Contender, begun: float) -> float:
    """Wait for the end; return the peak memory seen, in MiB."""
    import psutil

    peak, pause = 0.0, 0.1 if contender.tree else 0.01
    watched = psutil.Process(process.pid)
    while True:
        try:
            process.wait(pause)
            return peak
        except subprocess.TimeoutExpired:
            peak = max(peak, _resident(watched, contender.tree))
        if time.perf_counter() - begun > contender.timeout:
            process.kill()


def _resident(process: "psutil.Process", tree: bool) -> float:  # noqa: F821
    """Return what a process (with all it started) holds now, in MiB."""
    import psutil

    total = 0
    try:
        for one in [process, *(process.children(recursive=True) if tree else [])]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:  # it has just ended
        return 0.0
    return total / 2**20


def ratio(runs: Mapping[str, Runs], one: str, other: str, of: str = "time") -> float:
    """Return how much more time (or ``peak``) one contender takes than the other."""
    return getattr(runs[one], of) / getattr(runs[other], of)

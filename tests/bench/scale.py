"""Sources of 10 to 10,000 partitions: plan, first run, nothing to do, one partition added.

    make scale          all four, written into docs/scale.md (some minutes)

A partition is one small answer of an API that runs beside it, without latency, so that what is
measured is this project and Snakemake.
"""

import argparse
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.api_to_parquet import serving
from bench.measure import cpu_seconds
from projects import Project, job_counts

SIZES = [10, 100, 1_000, 10_000]
COLUMNS = "partitions jobs plan first_run again one_added asked_anew files megabytes".split()
TIMES = ("plan", "first_run", "again", "one_added")
HEADER = """| partitions | jobs | plan | first run | again | one added | asked anew | files | MB |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""


def measure(folder: Path, url: str, count: int) -> dict:
    """Measure one size: seconds (of CPU), and what stands on the disk after it."""
    project = Project(folder, config(url, count))
    jobs = sum(job_counts(project.run("--dry-run")).values())
    plan = _seconds(project, "--dry-run", "--quiet")
    first = _seconds(project)
    again = _seconds(project)
    asked = _asked(url)
    project.configure(config(url, count + 1))
    added = _seconds(project)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    figures = (count, jobs, plan, first, again, added, _asked(url) - asked, len(files), size)
    return dict(zip(COLUMNS, figures, strict=True))


def config(url: str, count: int) -> dict:
    source = {
        "from": "api",
        "url": f"{url}/parts/{{commune}}",
        "pages": {"style": "none", "records": "results", "total": "total"},
        "partitions": {"commune": [f"{number:05}" for number in range(count)]},
        "columns": {"commune": "string", "annee": "int", "valeur": "float"},
        "sort_by": ["commune", "annee"],
        "checks": {"unique": ["commune", "annee"], "rows": [5 * count, 5 * count]},
    }
    return {
        "project": {"name": "scale", "licence": "Licence Ouverte 2.0"},
        "vintage": "2026-01-01",
        "sources": {"communes": source},
    }


def _seconds(project: Project, *arguments: str) -> tuple[float, float]:
    """Run Snakemake; return the time and the CPU time of all its processes, in seconds."""
    begun, used = time.perf_counter(), cpu_seconds()
    project.run(*arguments, timeout=3600)
    return time.perf_counter() - begun, cpu_seconds() - used


def _asked(url: str) -> int:
    with urllib.request.urlopen(f"{url}/asked") as answer:
        return int(answer.read())


def table(measured: list[dict]) -> str:
    """Return the figures as a Markdown table."""
    lines = [HEADER]
    for row in measured:
        times = ["{:.1f} s ({:.1f})".format(*row[key]) for key in TIMES]
        counts = [f"{row['asked_anew']}", f"{row['files']:,}", f"{row['megabytes']:,.0f}"]
        cells = [f"{row['partitions']:,}", str(row["jobs"]), *times, *counts]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_block(page: Path, name: str, text: str) -> None:
    """Write a table in its place in a page: between ``<!-- name -->`` and ``<!-- end -->``."""
    block = re.compile(f"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
    found = page.read_text("utf-8")
    page.write_text(block.sub(lambda _: f"{text}\n", found, count=1), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of partitions")
    parser.add_argument("--page", type=Path, help="write the table into it (docs/scale.md)")
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="scale-") as folder, serving(0, 0, 0) as url:
        for count in options.sizes:
            measured.append(measure(Path(folder) / str(count), url, count))
            print(measured[-1], file=sys.stderr)
    print(table(measured))
    if options.page:
        write_block(options.page, "curve", table(measured))


if __name__ == "__main__":
    main()

"""The demo, from nothing, by two checkouts in turn."""

import compileall
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from bench.beside import Goal, Spent, measured, row
from projects import REPOSITORY

DEMO = "the demo"
RUN_DEMO = """
import resource, sys
sys.path[:0] = ["scripts", "tests"]
import demo

ran, spent = demo.run, []

def run(command, environment):
    code = ran(command, environment)
    spent.append(resource.getrusage(resource.RUSAGE_CHILDREN))
    return code

demo.run = run
assert demo.main([]) == 0
print(spent[0].ru_utime + spent[0].ru_stime)"""  # of the run, and not of its S3 server and sources


def measure_demo(before: Path, folder: Path, rounds: int) -> str:
    """Run the demo from nothing by copies of both checkouts; return its row of the table.

    Their code is compiled before, as it is after a first run: one checkout may have been used more.
    """
    spent: dict[Path, list[Spent]] = {before: [], REPOSITORY: []}
    for number in range(rounds):
        for checkout, runs in spent.items():
            place = folder / f"demo-{number}-{checkout.name}"
            shutil.copytree(checkout, place, ignore=shutil.ignore_patterns(".*", "results"))
            compileall.compile_dir(place / "scripts", quiet=2)
            run, said = measured([sys.executable, "-c", RUN_DEMO], cwd=place)
            runs.append(replace(run, cpu=float(said.split()[-1])))
            print(DEMO, checkout, runs[-1], file=sys.stderr)
    return row(DEMO, spent[before], spent[REPOSITORY], Goal(cpu=0.6))

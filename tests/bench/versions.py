"""This version beside an earlier one: the same projects, run by two checkouts in alternation.

    git worktree add ../before REVISION && ln -s "$PWD/.venv" ../before/
    make versions BEFORE=../before      some minutes; writes a table of docs/benchmarks.md

Both run in the same environment, so that what is measured is the project's own code, on MinIO.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import scale
from bench.api_to_parquet import serving
from bench.beside import CONVERSIONS, Goal, Spent, measure_conversion, measured, row
from bench.chapter import standins
from bench.demo_chain import DEMO, measure_demo
from bench.earlier import Versioned, as_known
from demo import give_filosofi
from diffusion.config.parts import Server
from diffusion.storage.connection import connection
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store
from minio_server import Minio
from projects import REPOSITORY, Project, chapter_config

NO_GOAL = Goal()
OBJECTS, LARGE = 5_000, 427  # small objects; MB of a large one
SLOW = 6  # seconds of each answer of a slow host
HEADER = """| work | before, s (CPU) | now, s (CPU) | time | CPU | peak, MiB | goal |
|---|---:|---:|---:|---:|---:|---:|"""


@dataclass(frozen=True)
class Servers:
    """What the projects ask: stand-ins of the chapter's sources, an API of partitions, S3."""

    sources: str
    partitions: str
    slow: tuple[str, str]
    s3: Mapping[str, str]


@dataclass(frozen=True)
class Work:
    """A project, and the change that is measured after its first run."""

    name: str
    config: Callable[[Servers, str], dict]
    goal: Goal
    then: Callable[[Servers, str], dict] | None = None
    then_name: str = ""
    then_goal: Goal = NO_GOAL
    target: tuple[str, ...] = ("all",)
    less: Callable[[Servers, str], dict] | None = None  # whose run is not counted: the start of all
    once: bool = False  # takes the earlier version many minutes


def chapter(derive: bool) -> Callable[[Servers, str], dict]:
    def config(servers: Servers, place: str) -> dict:
        found = chapter_config(servers.sources)
        found["storage"] = {"url": f"s3://lake/{place}/d", "raw": f"s3://lake/{place}/raw"}
        return found if derive else found | {"derive": {}}

    return config


def partitions(count: int) -> Callable[[Servers, str], dict]:
    return lambda servers, place: scale.config(servers.partitions, count)


def objects(servers: Servers, place: str) -> dict:
    source = {"from": "s3", "url": "s3://many/csv/*.csv", "columns": {"code": "string"}}
    return {"project": {"name": "many"}, "vintage": "1", "sources": {"many": source}}


def one_object(key: str) -> Callable[[Servers, str], dict]:
    def config(servers: Servers, place: str) -> dict:
        storage = {"url": f"s3://lake/{place}/d", "raw": f"s3://lake/{place}/raw"}
        sources = {"one": {"from": "s3", "url": f"s3://many/{key}"}}
        return {"project": {"name": "one"}, "vintage": "1", "storage": storage, "sources": sources}

    return config


def two_slow_hosts(servers: Servers, place: str) -> dict:
    parts = {"from": "file", "format": "json", "partitions": {"i": list("1234")}}
    sources = {
        f"of_{n}": parts | {"url": f"{url}/parts/{{i}}"} for n, url in enumerate(servers.slow)
    }
    return {"project": {"name": "slow"}, "vintage": "1", "sources": sources}


WORKS = [
    Work(
        "the chapter's sources",
        chapter(False),
        Goal(0.45, 0.5),
        chapter(False),
        "the same, again",
        Goal(0.75),
    ),
    Work("the chapter with all it derives", chapter(True), Goal(0.55)),
    Work(
        "100 API partitions",
        partitions(100),
        Goal(0.12),
        partitions(101),
        "100: one added",
        Goal(1),
    ),
    Work(
        "1,000 API partitions",
        partitions(1_000),
        Goal(0.3),
        partitions(1_001),
        "1,000: one added",
        Goal(1),
    ),
    Work(
        "two hosts of four slow files each: their fetch",
        two_slow_hosts,
        Goal(ideal=4 * SLOW),
        target=("--until", "fetch_raw"),
        once=True,
    ),
    Work(f"{OBJECTS:,} small objects by a glob", objects, Goal(time=0.08, most=400), once=True),
    Work(
        f"one object of {LARGE} MB, S3 to S3: its fetch",
        one_object("large.csv"),
        Goal(time=0.6),
        target=("results/raw/one/all.json",),
        less=one_object("csv/00000.csv"),
    ),
]


def measure(work: Work, servers: Servers, before: Path, folder: Path, rounds: int) -> list[str]:
    """Run a project by both checkouts in turn; return its rows of the table."""
    seconds: dict[tuple[str, Path], list[Spent]] = {}
    for number in range(1 if work.once else rounds):
        for version, checkout in (("before", before), ("now", REPOSITORY)):
            place = f"{WORKS.index(work)}-{number}-{version}"
            config = work.config(servers, place)
            project = Versioned(folder / place, config, servers.s3, checkout)
            spent = _seconds(project, work.target)
            if work.less:
                config = work.less(servers, f"{place}-less")
                least = Versioned(folder / f"{place}-less", config, servers.s3, checkout)
                spent = _difference(spent, _seconds(least, work.target))
            seconds.setdefault((work.name, checkout), []).append(spent)
            if work.then:
                project.configure(as_known(work.then(servers, place), checkout))
                seconds.setdefault((work.then_name, checkout), []).append(_seconds(project))
            last = {name: runs[-1] for (name, by), runs in seconds.items() if by == checkout}
            print(place, last, file=sys.stderr)
    goals = {work.name: work.goal, work.then_name: work.then_goal}
    return [
        row(name, seconds[name, before], seconds[name, REPOSITORY], goal)
        for name, goal in goals.items()
        if name
    ]


def _seconds(project: Project, target: tuple[str, ...] = ("all",)) -> Spent:
    """Return what a run takes: up to its target where that is a file, and else to its end.

    Behind the last job of the earlier version, Snakemake's process sleeps for up to a second.
    """
    command, begun, made = project.command(*target), time.time(), project.folder / target[0]
    spent = measured(command, cwd=project.folder, env=project.variables())[0]
    return replace(spent, time=made.stat().st_mtime - begun) if made.is_file() else spent


def _difference(whole: Spent, start: Spent) -> Spent:
    return Spent(whole.time - start.time, whole.cpu - start.cpu, whole.peak)


@contextmanager
def _servers(folder: Path) -> Iterator[Servers]:
    with ExitStack() as stack:
        buckets = ["lake", "many", "donnees-insee"]
        s3 = stack.enter_context(Minio(folder / "s3", buckets))
        give_filosofi(s3)
        store = Store("s3://many", connection(Server(), s3.environment()))
        keys = [f"csv/{number:05}.csv" for number in range(OBJECTS)]
        side_by_side(lambda key: store.put(key, b"code,n\n01001,1\n", ""), keys, lambda key: 1)
        large = folder / "large.csv"
        large.write_bytes(b"code,n\n" + b"01001,1\n" * (LARGE * 125_000))
        store.put("large.csv", large, "")
        sources = stack.enter_context(standins())
        slow = tuple(stack.enter_context(serving(0, 0, SLOW)) for _ in range(2))
        yield Servers(sources, stack.enter_context(serving(0, 0, 0)), slow, s3.environment())


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.versions", description=__doc__)
    parser.add_argument("before", type=Path, help="checkout of the earlier version")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default="", help="regular expression: the works that it finds")
    parser.add_argument("--page", type=Path, help="write the table into it (docs/benchmarks.md)")
    options = parser.parse_args()
    if options.page and options.only:
        parser.error("--page wants all works")
    with tempfile.TemporaryDirectory(prefix="versions-") as name:
        folder, before = Path(name), options.before.resolve()
        with _servers(folder) as servers:
            rows = [
                line
                for work in WORKS
                if re.search(options.only, work.name)
                for line in measure(work, servers, before, folder / work.name, options.rounds)
            ]
        if re.search(options.only, DEMO):
            rows.append(measure_demo(before, folder, options.rounds))
        rows += [
            measure_conversion(name, before, folder, options.rounds)
            for name in CONVERSIONS
            if re.search(options.only, name)
        ]
    text = "\n".join([HEADER, *rows])
    print(text)
    if options.page:
        scale.write_block(options.page, "versions", text)


if __name__ == "__main__":
    main()

"""Random kills of runs that publish folder tables to MinIO: nothing lost, the next run ends well.

    PYTHONPATH=scripts:tests .venv/bin/python -m faults.kills FOLDER --kills 200 --seed 1

For developers, and no test: 200 kills take the better part of an hour. A third of them comes at any
time of a run, the others while it publishes. Each fault is printed; the last line says how many
there were, and the command ends with 1 if there were any.
"""

import argparse
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from diffusion.config.parts import Server
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from minio_server import Minio
from projects import Project, is_list

PUBLISHED, RAW = "s3://lake/diffusion/kills", "s3://lake/raw/kills"
SQL = "SELECT dep, count(*) AS n, min(v) AS v FROM folder GROUP BY dep"
LATEST = 60  # seconds after which a run that publishes nothing is killed all the same
WHILE_PUBLISHING = 2.5  # seconds; both publications of a run take less
PUBLISHING = ("logs/publish_sources.log", "logs/publish_derived/sums.log")


class Trials:
    """One project that is published again and again, and killed each time."""

    def __init__(self, folder: Path, s3: Minio, seed: int):
        link = connection(Server(), s3.environment())
        self.published, self.raw = Store(PUBLISHED, link), Store(RAW, link)
        self.chance, self.data = random.Random(seed), folder / "data.csv"
        self.project = Project(folder / "project", self.version(0), s3.environment())
        began = time.monotonic()
        self.project.run()
        self.lasts = time.monotonic() - began
        self.copies: set[str] = set()
        self.publishing = 0

    def version(self, number: int) -> dict:
        """Write a version of the data, with partitions of its own; return its configuration."""
        deps = random.Random(number).sample(range(60), 40)
        rows = (f"{dep:02d},{n},{number}\n" for dep in deps for n in range(200))
        self.data.write_text("dep,n,v\n" + "".join(rows), "utf-8")
        read = {"from": "file", "url": str(self.data), "columns": {"dep": "string"}}
        return {
            "project": {"name": "kills"},
            "vintage": f"v{number}",
            "storage": {"url": PUBLISHED, "raw": RAW},
            "sources": {"folder": {**read, "partition_by": ["dep"]}, "single": read},
            "derive": {"sums": {"sql": SQL, "inputs": ["folder"], "partition_by": ["dep"]}},
        }

    def kill(self, number: int) -> bool:
        """Start a run of a new version and kill it; say whether it was still running."""
        self.project.configure(self.version(number))
        said = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        place = {"cwd": self.project.folder, "env": self.project.variables()}
        began = time.time()
        run = subprocess.Popen(self.project.command(), start_new_session=True, **said, **place)
        if number % 3:
            self._wait_until_it_publishes(run, began)
            time.sleep(self.chance.uniform(0, WHILE_PUBLISHING))
        else:
            time.sleep(self.chance.uniform(0.5, self.lasts))
        ended = run.poll() is not None
        if not ended:
            os.killpg(run.pid, signal.SIGKILL)
            self.publishing += self._publishes(began)
        run.wait()
        return not ended

    def between(self, number: int, before: int) -> Iterator[str]:
        """Yield what is lost or half there after a kill, before anything is run again."""
        for name, item in self._objects():
            found = self.published.read(item["key"])
            if found is None:
                yield f"{item['key']}: lost"
            elif hashlib.sha256(found[0]).hexdigest() != item["sha256"]:
                # a table in one file is replaced before the manifest names it
                versions = set(pq.read_table(io.BytesIO(found[0]))["v"].to_pylist())
                if name != "single" or versions not in ({number}, {before}):
                    yield f"{item['key']}: not what the manifest says, nor a whole version"
        now = {key for key, _ in self.raw.list("")}
        yield from (f"{key}: raw copy lost" for key in self.copies - now)
        self.copies = now

    def after(self, number: int) -> Iterator[str]:
        """Run again; yield what is not as if nothing had been."""
        done = self.project.snakemake()
        if done.returncode:
            yield f"the next run fails: {done.stdout[-1000:]}"
        named = {item["key"]: item["sha256"] for _, item in self._objects()}
        there = {key for key, _ in self.published.list("") if not is_list(key)}
        yield from (f"{key}: of no version" for key in sorted(there - named.keys()))
        for key, sha256 in named.items():
            found = self.published.read(key)
            if not found or hashlib.sha256(found[0]).hexdigest() != sha256:
                yield f"{key}: not what the manifest says"
        manifest = self._manifest()
        if manifest.get("unfinished"):
            yield f"unfinished: {manifest['unfinished']}"
        if manifest["tables"]["single"]["vintage"] != f"v{number}":
            yield f"the next run published {manifest['tables']['single']['vintage']}"

    def _wait_until_it_publishes(self, run: subprocess.Popen, began: float) -> None:
        while run.poll() is None and time.time() < began + LATEST and not self._publishes(began):
            time.sleep(0.02)

    def _publishes(self, began: float) -> bool:
        """Say whether a publishing job of the run that began then has started."""
        logs = (self.project.path(name) for name in PUBLISHING)
        return any(log.exists() and log.stat().st_mtime >= began for log in logs)

    def _manifest(self) -> dict:
        found = self.published.read("manifest.json")
        return json.loads(found[0]) if found else {"tables": {}}

    def _objects(self) -> list[tuple[str, dict]]:
        tables = self._manifest()["tables"]
        return [(name, item) for name, entry in tables.items() for item in entry["objects"]]


def main() -> int:
    """Kill as many runs as asked; return 1 if anything was lost, half there or left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="made anew; what was there is removed")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    killed = tried = faults = before = 0
    with Minio(given.folder / "minio", ["lake"]) as s3:
        trials = Trials(given.folder, s3, given.seed)
        while killed < given.kills:
            tried += 1
            killed += trials.kill(tried)
            found = list(trials.between(tried, before))
            before = tried
            if tried % 4 == 0:  # the next run is of yet another version
                before = tried + 1_000_000
                trials.project.configure(trials.version(before))
            found += trials.after(before)
            faults += len(found)
            for words in found:
                print(f"run {tried}: {words}", flush=True)
            if tried % 10 == 0 or killed == given.kills:
                counts = f"{killed} killed, {trials.publishing} of them after publishing had begun"
                print(f"{tried} runs: {counts}; faults: {faults}", flush=True)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())

"""A million records of an API, a thousand pages one after the other, to Parquet, end to end."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.base import OURS, Bench
from bench.data import COLUMNS, ORDER
from bench.measure import TESTS, Contender, Goal, Row, ratio

PAGES, RECORDS, LATENCY = 1000, 1000, 0.02
PANDAS, DLT = "requests + json_normalize", "dlt REST source"
QUARTER = f"{OURS}, a quarter of the pages"


def measure(bench: Bench) -> Row:
    pages, records = bench.size(PAGES, 8), min(RECORDS, bench.size(RECORDS * 50, 10))
    place = bench.place("api")
    with serving(pages, records) as url:
        quarter = _ours(QUARTER, place / "quarter", f"{url}/lines?last={pages // 4}", rounds=1)
        contenders = [
            _ours(OURS, place / "ours", f"{url}/lines", rounds=2),
            quarter if bench.complete else None,
            bench.ours(
                PANDAS, "api_to_parquet.pandas", f"{url}/lines", place / "pandas.parquet", rounds=2
            ),
            bench.peer(
                DLT,
                "api_to_parquet.dlt_rest",
                url,
                place / "dlt",
                rounds=1,
                environment={"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(place)},
            ),
        ]
        runs = bench.alternate(contenders, "api")
    others = [other for other in (PANDAS, DLT) if other in runs]
    goals = [Goal(f"time, to {other}", ratio(runs, OURS, other), 1.0) for other in others]
    if QUARTER in runs:
        memory = ratio(runs, OURS, QUARTER, "peak")
        goals.append(Goal("memory, to a quarter of the pages", memory, 1.2))
    notes = [
        f"Waiting alone is {pages * LATENCY:.0f} s for all: pages name the next one, so none can "
        "be asked ahead.",
        "Diffusion is a whole `snakemake` here (its start and three processes included; memory is "
        "the sum of all its processes), and keeps the raw records, compressed and verified, beside "
        "the table.",
    ]
    return Row(f"API, {pages * records:,} records in {pages:,} pages → Parquet", runs, goals, notes)


@contextmanager
def serving(pages: int, records: int, latency: float = LATENCY) -> Iterator[str]:
    """Give the URL of an API that runs in a process of its own."""
    command = [sys.executable, "-m", "bench.api_server", str(pages), str(records), str(latency)]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _ours(name: str, folder: Path, url: str, **rest: object) -> Contender:
    from projects import Project

    source = {
        "from": "api",
        "url": url,
        "pages": {"style": "next_url", "records": "results", "total": "total"},
        "columns": COLUMNS,
        "sort_by": ORDER,
    }
    config = {
        "project": {"name": "bench", "licence": "Licence Ouverte 2.0"},
        "vintage": "2026-01-01",
        "sources": {"dpe": source},
    }

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        Project(folder, config)

    prepare()
    project = Project(folder, config)
    command = project.command("results/tables/dpe.parquet")
    return Contender(name, command, project.variables(), prepare, tree=True, **rest)


def pandas(url: str, target: str) -> None:
    """What the chapter does for one page, for all of them."""
    import pandas as pd
    import requests

    frames, session = [], requests.Session()
    while url:
        page = session.get(url).json()
        frames.append(pd.json_normalize(page["results"]))
        url = page.get("next")
    pd.concat(frames, ignore_index=True).to_parquet(target)


def dlt_rest(url: str, folder: str) -> None:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    shutil.rmtree(folder, ignore_errors=True)
    paginator = {"type": "json_link", "next_url_path": "next"}
    endpoint = {"path": "lines", "data_selector": "results", "paginator": paginator}
    source = rest_api_source(
        {"client": {"base_url": url}, "resources": [{"name": "dpe", "endpoint": endpoint}]}
    )
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=f"{folder}/state",
        destination=dlt.destinations.filesystem(f"{folder}/out"),
        dataset_name="dpe",
    )
    pipeline.run(source, loader_file_format="parquet")

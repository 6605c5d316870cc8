"""The chapter's project, end to end: once from nothing, once with nothing to do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.base import BUCKET, OURS, Bench
from bench.measure import TESTS, Contender, Goal, Row, ratio

CELLS, CHAIN, NOOP = "the chapter's cells", "Diffusion, all it derives too", "Diffusion, again"
PATH = f"{BUCKET}/diffusion"


def measure(bench: Bench) -> Row:
    from demo import give_filosofi
    from projects import COMMUNES

    place, environment = bench.place("chapter"), dict(bench.s3_environment())
    communes = COMMUNES if bench.complete else COMMUNES[:1]
    give_filosofi(bench.s3())
    with standins() as url:
        cells = bench.ours(
            CELLS, "chapter.cells", url, ",".join(communes), place, environment=environment
        )
        chain = _ours(bench, CHAIN, url, communes, derive=True, rounds=2)
        contenders = [
            _ours(bench, OURS, url, communes, derive=False),
            chain if bench.complete else None,
            _ours(bench, NOOP, url, communes, derive=bench.complete, again=True),
            cells,
        ]
        runs = bench.alternate(contenders, "chapter")
    cost = runs[OURS].time - runs[CELLS].time
    goals = [Goal("seconds with nothing to do", runs[NOOP].time, 5, "s")]
    notes = [
        f"What the safety costs here: {cost:.1f} s ({ratio(runs, OURS, CELLS):.1f} ×), most of it "
        "the start of Snakemake and of one Python a job. For it: raw copies frozen with "
        "provenance, every page verified against the announced total, types, checks, a manifest, "
        "and a second run that contacts no source.",
        "The cells take the first answer for the whole, keep no raw copy and check nothing. "
        f"`{CHAIN}` makes four more tables and two figures, which the cells do not.",
        "Memory of Diffusion is the sum of all its processes.",
    ]
    return Row("The chapter's project, end to end", runs, goals, notes)


@contextmanager
def standins() -> Iterator[str]:
    """Give the URL of the stand-ins of the sources, in a process of their own."""
    command = [sys.executable, "-m", "standins.server"]
    environment = os.environ | {"PYTHONPATH": str(TESTS.parent / "scripts")}
    with subprocess.Popen(
        command, cwd=TESTS, stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        try:
            url = server.stdout.readline().strip()
            assert url, "the stand-ins did not start"
            yield url
        finally:
            server.terminate()


def _ours(
    bench: Bench,
    name: str,
    url: str,
    communes: list[str],
    derive: bool,
    again: bool = False,
    **rest: object,
) -> Contender:
    """Return a whole `snakemake`: from nothing, or ``again`` where it has just been run."""
    from projects import Project, chapter_config

    config, prefix = chapter_config(url), "all" if derive else "sources"
    config["sources"]["dpe"]["partitions"] = {"commune": communes}
    config["storage"] = {"url": f"s3://{PATH}/{prefix}", "raw": f"s3://{BUCKET}/raw/{prefix}"}
    if not derive:
        config["derive"] = {}
    folder = bench.folder / "chapter" / prefix
    project = Project(folder, config, bench.s3_environment())

    def prepare() -> None:
        if not again:
            shutil.rmtree(folder, ignore_errors=True)
            bench.empty(f"diffusion/{prefix}/")
            bench.empty(f"raw/{prefix}/")
            Project(folder, config)

    return Contender(name, project.command(), project.variables(), prepare, tree=True, **rest)


def cells(url: str, communes: str, folder: str) -> None:
    """The cells of the chapter, one after the other, for the communes of the project.

    As there: get the certificates, write CSV and Parquet to S3, unzip the outlines and put the
    folder, read FILOSOFI in place, read all of it back.
    """
    import io
    import zipfile

    import geopandas as gpd
    import pandas as pd
    import requests
    import s3fs

    fs = s3fs.S3FileSystem()
    frames = []
    for commune in communes.split(","):
        query = f'code_insee_commune_actualise:"{commune}"'
        lines = f"{url}/data-fair/api/v1/datasets/dpe-france/lines"
        response = requests.get(lines, params={"size": 10000, "qs": query}, timeout=60)
        frames.append(pd.json_normalize(response.json()["results"]))
    df_dpe = pd.concat(frames)
    with fs.open(f"{PATH}/cells/df_dpe.csv", "w") as file_out:
        df_dpe.to_csv(file_out)
    with fs.open(f"{PATH}/cells/df_dpe.parquet", "wb") as file_out:
        df_dpe.to_parquet(file_out)
    contours = f"{url}/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"
    response = requests.get(contours, stream=True, timeout=60)
    zipfile.ZipFile(io.BytesIO(response.content)).extractall(f"{folder}/departements_fr")
    target = f"{PATH}/cells/departements_fr/"
    fs.put(f"{folder}/departements_fr/", target, recursive=True)
    filosofi = "donnees-insee/diffusion/FILOSOFI/2014/FILOSOFI_COM.csv"
    with fs.open(filosofi, mode="rb") as file_in:
        pd.read_csv(file_in, sep=";")
    with fs.open(f"{PATH}/cells/df_dpe.parquet", "rb") as file_in:
        pd.read_parquet(file_in)
    fs.get(target, f"{folder}/again/", recursive=True)
    gpd.read_file(f"{folder}/departements_fr")

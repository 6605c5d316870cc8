"""The same query of a published table by DuckDB and by Spark: when is Spark worth it?

    PYTHONPATH=scripts:tests .venv/bin/python -m bench.engines --folder /tmp/engines

Run by hand: 10⁸ rows take an hour and 40 GB of disk. It needs `make minio spark`, and Java. Each is
what the job derive_table calls, in a process of its own: DuckDB with its one thread, Spark on this
machine. Memory is that of all processes together; disk, what stands in the job's scratch folder.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from bench.base import Bench, connection_to, started
from bench.measure import Contender, Failed, Runs

COMMUNE = "code_insee_commune_actualise AS commune"
QUERIES = {
    "communes": f"""
        SELECT {COMMUNE}, count(*) AS n, count(*) FILTER (WHERE
            classe_consommation_energie IN ('F', 'G')) AS passoires, min(numero_dpe) AS premier,
            CAST(sum(CAST(consommation_energie AS DECIMAL(9, 2))) AS DECIMAL(18, 2)) AS energie
        FROM dpe GROUP BY code_insee_commune_actualise""",
    "addresses": """
        SELECT tv016_departement_code AS departement, count(DISTINCT geo_adresse) AS adresses,
            count(DISTINCT numero_dpe) AS certificats
        FROM dpe GROUP BY tv016_departement_code""",
    "ranks": f"""
        SELECT numero_dpe, {COMMUNE}, consommation_energie,
            CAST(rank() OVER (PARTITION BY code_insee_commune_actualise
                ORDER BY consommation_energie, numero_dpe) AS BIGINT) AS rang
        FROM dpe""",
}
COLUMNS = {"communes": ["commune"], "addresses": ["departement"], "ranks": ["commune", "rang"]}
ENGINES = {"duckdb": 1, "spark": 2}
NAMES = ("query", "rows in", "rows out", "engine", "threads", "`mem_mb`")
HEADER = f"""| {" | ".join(NAMES)} | time | CPU | memory | disk |
|---|---:|---:|---|---:|---:|---:|---:|---:|---:|"""


def measure(bench: Bench, name: str, rows: int, memory_mb: int) -> list[str]:
    """Run a query by both engines; return their lines of the table."""
    receipt = bench.folder / f"receipt-{rows}.json"
    runs = {}
    for engine in ENGINES:
        contender = _contender(bench, engine, name, receipt, memory_mb)
        try:
            runs |= bench.alternate([contender], f"{name}-{rows}", rounds=1)
        except Failed as failed:
            print(failed, file=sys.stderr)
    results = {run.facts["sha256"] for run in runs.values()}
    assert len(results) <= 1, f"{name}: DuckDB and Spark differ"
    return [_line(name, rows, engine, memory_mb, runs.get(engine)) for engine in ENGINES]


def _contender(bench: Bench, engine: str, name: str, receipt: Path, memory_mb: int) -> Contender:
    target = bench.place(f"{name}-{engine}") / "out.parquet"
    return bench.ours(
        engine,
        f"engines.{engine}",
        *(name, receipt, target, memory_mb),
        environment=dict(bench.s3_environment()),
        tree=True,
        timeout=7200,
    )


def _line(name: str, rows: int, engine: str, memory_mb: int, run: Runs | None) -> str:
    if run is None:
        cells = [name, f"{rows:,}", "–", engine, str(ENGINES[engine]), f"{memory_mb:,}", "fails"]
        return f"| {' | '.join(cells)} | | | |"
    cells = [name, f"{rows:,}", f"{run.facts['rows']:,}", engine, str(ENGINES[engine])]
    cells += [f"{memory_mb:,}", f"{run.time:,.0f} s", f"{run.cpu[0]:,.0f} s"]
    cells += [f"{run.peak:,.0f} MiB", f"{run.facts['disk'] / 1e9:.1f} GB"]
    return f"| {' | '.join(cells)} |"


def duckdb(name: str, receipt: str, target: str, memory_mb: str) -> dict:
    from diffusion.derive.table import derive_sql
    from diffusion.tables.engine import engine
    from diffusion.tables.limits import Limits

    entry, table, out = _given(name, receipt, "duckdb"), _table(receipt), Path(target)

    def run(scratch: Path) -> None:
        with engine(Limits(int(memory_mb), ENGINES["duckdb"], scratch)) as con:
            derive_sql(con, name, entry, {"dpe": table}, out.parent, out)

    return _run(run, out)


def spark(name: str, receipt: str, target: str, memory_mb: str) -> dict:
    from diffusion.derive.spark import queried_by_spark
    from diffusion.derive.table import derive_by_spark
    from diffusion.tables.engine import engine
    from diffusion.tables.limits import Limits

    entry, inputs, out = _given(name, receipt, "spark"), {"dpe": _table(receipt)}, Path(target)

    def run(scratch: Path) -> None:
        memory, link = int(memory_mb), connection_to()
        shared = Limits(memory, ENGINES["spark"], scratch)
        with (
            engine(Limits(memory, 1, scratch)) as con,
            queried_by_spark(name, QUERIES[name], inputs, link, shared) as rows,
        ):
            derive_by_spark(con, name, entry, inputs, rows, out)

    return _run(run, out)


def _given(name: str, receipt: str, engine: str):
    from diffusion.config.resolve import resolve_config

    derived = {"sql": QUERIES[name], "inputs": ["dpe"], "sort_by": COLUMNS[name], "engine": engine}
    project = {"name": "bench", "licence": "Licence Ouverte 2.0"}
    sources = {"dpe": {"from": "file", "url": "x", "vintage": "2026-01-01"}}
    config = resolve_config({"project": project, "sources": sources, "derive": {name: derived}})
    return config.derive[name]


def _table(receipt: str):
    from diffusion.derive.inputs import PublishedTable

    return PublishedTable(json.loads(Path(receipt).read_text()), connection_to())


def _run(run: Callable[[Path], None], out: Path) -> dict:
    """Run with a scratch folder that is looked at each second; return what there is to say."""
    import pyarrow.parquet as pq

    scratch, ended, disk = out.parent / "scratch", threading.Event(), [0]

    def look() -> None:
        while not ended.wait(1):
            disk.append(sum(_size(path) for path in scratch.rglob("*")))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        run(scratch)
    finally:
        ended.set()
        watcher.join()
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    found = {"rows": pq.read_metadata(out).num_rows, "disk": max(disk), "sha256": digest}
    out.unlink()
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:  # it has just been removed
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.engines", description=__doc__)
    parser.add_argument("queries", nargs="*", default=list(QUERIES), help=", ".join(QUERIES))
    parser.add_argument("--rows", type=int, nargs="*", default=[10**6, 10**7, 10**8])
    parser.add_argument("--memory", type=int, default=4000, help="of each job, in MiB")
    parser.add_argument("--folder", type=Path, help="where the servers and jobs have their files")
    options = parser.parse_args()
    print(HEADER, flush=True)
    with (
        tempfile.TemporaryDirectory(dir=options.folder, prefix="engines-") as folder,
        started(Path(folder)) as bench,
    ):
        for rows in options.rows:
            _publish(bench, rows)
            for name in options.queries:
                print("\n".join(measure(bench, name, rows, options.memory)), flush=True)


def _publish(bench: Bench, rows: int) -> None:
    from bench.reading import published

    bench.empty("reading/")
    receipt = published(bench, bench.place("published") / "dpe.parquet", rows)
    (bench.folder / f"receipt-{rows}.json").write_text(json.dumps(receipt))


if __name__ == "__main__":
    main()

"""Inputs larger than memory: the peak of each job, beside the limit that the job was given.

    make huge           all, written into docs/scale.md (a quarter of an hour, 40 GB of disk)
    make huge HUGE="csv --scale 0.1"

Each is what the job calls, in a process of its own with two threads; its peak is read at its end
(VmHWM), not sampled.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.base import Bench, connection_to, convert, resolved, started
from bench.scale import write_block

RANKS = """
    SELECT numero_dpe, code_insee_commune_actualise AS commune, consommation_energie,
        rank() OVER (PARTITION BY code_insee_commune_actualise ORDER BY consommation_energie,
            numero_dpe) AS rang
    FROM dpe"""
HEADER = """| job | input | `mem_mb` | peak, MiB | time | output |
|---|---|---:|---:|---:|---:|"""


@dataclass(frozen=True)
class Work:
    """One job: what it is given, in GB, and its limit in MiB."""

    says: str
    gigabytes: float
    memory_mb: int


WORKS = {
    "csv": Work("convert a CSV, sorted", 10, 1000),
    "ndjson": Work("convert NDJSON, sorted", 10, 1000),
    "gpkg": Work("convert a GeoPackage, along a Hilbert curve", 5, 2000),
    "derive": Work("derive ranks of all rows of a published table", 2, 1000),
}


def measure(bench: Bench, name: str) -> str:
    """Run one work; return its line of the table."""
    work, place = WORKS[name], bench.place(f"huge-{name}")
    made = MAKERS[name](bench, place, int(work.gigabytes * 1e9 * bench.scale))
    target = place / "out.parquet"
    environment = dict(bench.s3_environment()) if name == "derive" else {}
    contender = bench.ours(
        work.says, f"huge.{name}", made, target, work.memory_mb, environment=environment
    )
    run = bench.alternate([contender], f"huge-{name}", rounds=1)[work.says]
    size = run.facts["input"] / 1e9
    made.unlink()
    if run.peak > work.memory_mb:
        print(f"  {name}: more than its {work.memory_mb} MiB", file=sys.stderr)
    return (
        f"| {work.says} | {size:.1f} GB, {run.facts['rows']:,} rows | {work.memory_mb:,} | "
        f"{run.peak:,.0f} | {run.time:,.0f} s | {target.stat().st_size / 1e9:.1f} GB |"
    )


def _text(kind: str):
    def make(bench: Bench, place: Path, size: int) -> Path:
        from bench.data import dpe_file

        each = dpe_file(place / f"sample.{kind}", 100_000).stat().st_size / 100_000
        return dpe_file(place / f"dpe.{kind}", max(1, int(size / each)))

    return make


def _geopackage(bench: Bench, place: Path, size: int) -> Path:
    from bench.data import polygons_gpkg

    return polygons_gpkg(place / "shapes.gpkg", max(500, size // 1380))


def _published(bench: Bench, place: Path, size: int) -> Path:
    """Publish a table of a size; return its receipt."""
    from bench.reading import published

    receipt = place / "receipt.json"
    receipt.write_text(json.dumps(published(bench, place / "dpe.parquet", max(20_000, size // 44))))
    return receipt


MAKERS = {
    "csv": _text("csv"),
    "ndjson": _text("ndjson"),
    "gpkg": _geopackage,
    "derive": _published,
}


def csv(path: str, target: str, memory_mb: str) -> dict:
    from bench.data import COLUMNS, ORDER

    delimited = {"from": "file", "url": path, "csv": {"delimiter": ";"}}
    return _converted(path, target, memory_mb, **delimited, columns=COLUMNS, sort_by=ORDER)


def ndjson(path: str, target: str, memory_mb: str) -> dict:
    from bench.data import COLUMNS, ORDER

    lines = {"from": "file", "url": path, "format": "ndjson"}
    return _converted(path, target, memory_mb, **lines, columns=COLUMNS, sort_by=ORDER)


def gpkg(path: str, target: str, memory_mb: str) -> dict:
    shapes = {"family": "polygon", "crs": "EPSG:4326"}
    return _converted(path, target, memory_mb, **{"from": "file", "url": path}, geometry=shapes)


def _converted(path: str, target: str, memory_mb: str, **keys: object) -> dict:
    table = convert(resolved(**keys), path, target, int(memory_mb))
    return {"input": Path(path).stat().st_size, "rows": _rows(table)}


def derive(receipt: str, target: str, memory_mb: str) -> dict:
    """What the job derive_table calls, with its one thread."""
    from diffusion.config.resolve import resolve_config
    from diffusion.derive.inputs import PublishedTable
    from diffusion.derive.table import derive_sql
    from diffusion.tables.engine import engine
    from diffusion.tables.limits import Limits

    entry = {"ranks": {"sql": RANKS, "inputs": ["dpe"], "sort_by": ["commune", "rang"]}}
    project = {"name": "bench", "licence": "Licence Ouverte 2.0"}
    sources = {"dpe": {"from": "file", "url": "x", "vintage": "2026-01-01"}}
    config = resolve_config({"project": project, "sources": sources, "derive": entry})
    known = json.loads(Path(receipt).read_text())
    table, out = PublishedTable(known, connection_to()), Path(target)
    with engine(Limits(int(memory_mb), 1, out.parent / "scratch")) as con:
        derive_sql(con, "ranks", config.derive["ranks"], {"dpe": table}, out.parent, out)
    return {"input": sum(item["size"] for item in known["objects"]), "rows": _rows(out)}


def _rows(table: Path) -> int:
    import pyarrow.parquet as pq

    return pq.read_metadata(table).num_rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.huge", description=__doc__)
    parser.add_argument("works", nargs="*", default=list(WORKS), help=", ".join(WORKS))
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes; 1 is full")
    parser.add_argument("--page", type=Path, help="write the table into it (docs/scale.md)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="huge-") as folder,
        started(Path(folder), scale=options.scale) as bench,
    ):
        lines = [HEADER, *(measure(bench, name) for name in options.works)]
    print("\n".join(lines))
    if options.page:
        write_block(options.page, "huge", "\n".join(lines))


if __name__ == "__main__":
    main()

"""Queries that one machine is too small for, by Spark: their rows come back to be written here.

Where and how Spark runs is said as Spark has it: SPARK_HOME, SPARK_MASTER, SPARK_CONF_DIR.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from pyarrow.fs import FileSelector, FileSystem, FileType

import diffusion.derive.spark_submitted as submitted
from diffusion.derive.inputs import PublishedTable
from diffusion.errors import SparkError
from diffusion.storage.connection import Connection, split_url
from diffusion.storage.ranges import filesystem_of
from diffusion.tables.limits import Limits

PROJECT = Path(__file__).parents[3]
INSTALLED = ".venv/spark/lib/python*/site-packages/pyspark"
SCRATCH = "DIFFUSION_SPARK_SCRATCH"  # a folder or s3://… that all of Spark's machines reach
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# what Spark's words mean, and what helps
REMEDIES = {
    "S3AFileSystem not found": "put hadoop-aws on Spark's class path: `make spark` does, or "
    "`spark.jars.packages` in spark-defaults.conf",
    "OutOfMemoryError": "raise the rule's `mem_mb` in the profile, or `spark.driver.memory` and "
    "`spark.executor.memory` in spark-defaults.conf",
}


@dataclass(frozen=True)
class SparkRows:
    """The Parquet files of a query's rows, as published tables have theirs."""

    filesystem: FileSystem
    files: Mapping[str, int]


@contextmanager
def queried_by_spark(
    where: str,
    sql: str,
    inputs: Mapping[str, PublishedTable],
    link: Connection | None,
    limits: Limits,
) -> Iterator[SparkRows]:
    """Run a SELECT of Spark SQL; its rows are there within the context.

    Args:
        where: how errors name the query.
        link: the S3 server of the inputs.
        limits: on this machine, Spark has the share of the memory that DuckDB would have, and the
            threads.

    Raises:
        DiffusionError: there is no Spark or no Java; it refuses the query; rows are missing.
    """
    home = _home(where)
    limits.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=limits.scratch.resolve(), prefix="spark-") as scratch:
        folder = Path(scratch)
        given = os.environ.get(SCRATCH, "").rstrip("/")
        place = f"{given}/diffusion-{uuid.uuid4().hex}" if given else f"{scratch}/rows"
        job = {
            "name": where,
            "sql": sql,
            "inputs": {name: _paths(table) for name, table in inputs.items()},
            "settings": _settings(link),
            "target": _hadoop(place),
        }
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        filesystem = filesystem_of(place, link)
        try:
            rows = _submit(where, home, folder, _environment(home, link, limits, folder))
            yield SparkRows(filesystem, _arrived(where, rows, filesystem, place))
        finally:
            if given:
                _remove(filesystem, _path(place))


def _home(where: str) -> Path:
    """Return Spark's folder: SPARK_HOME, what `make spark` installed, or that on the PATH."""
    given, program = os.environ.get("SPARK_HOME"), shutil.which("spark-submit")
    on_path = [Path(program).resolve().parents[1]] if program else []
    homes = [Path(given)] if given else [*PROJECT.glob(INSTALLED), *on_path]
    home = next((home for home in homes if (home / "bin" / "spark-submit").is_file()), None)
    if home is None:
        found = f"SPARK_HOME is {given}, where there is no bin/spark-submit"
        fix = "type `make spark`, or set SPARK_HOME to Spark's folder"
        raise SparkError(where, found if given else "`engine: spark`: there is no Spark", fix)
    java = os.environ.get("JAVA_HOME")
    if not shutil.which(f"{java}/bin/java" if java else "java"):
        found = "`engine: spark`: there is no Java" + (f" at JAVA_HOME, {java}" if java else "")
        fix = "install Java 17 or later, e.g. apt install openjdk-17-jre-headless"
        raise SparkError(where, found, fix)
    return home


def _path(url: str) -> str:
    return "/".join(split_url(url)) if url.startswith("s3://") else url


def _hadoop(url: str) -> str:
    """Return a place as Hadoop spells it, which decodes no `%`."""
    if url.startswith("s3://"):
        return f"s3a://{_path(url)}"
    return f"file://{Path(url).resolve()}"


def _paths(table: PublishedTable) -> list[str]:
    scheme = "s3://" if table.receipt["url"].startswith("s3://") else ""
    return [_hadoop(f"{scheme}{path}") for path in table.files]


def _settings(link: Connection | None) -> dict[str, str]:
    """Return what Spark is to know of the server; the keys come by the environment."""
    if link is None:
        return {}
    found = {
        "endpoint.region": link.region,
        "path.style.access": str(link.path_style).lower(),
        "input.stream.type": "classic",  # another reads columns that nobody asked for
    }
    if link.endpoint:
        found["endpoint"] = link.endpoint
    if link.anonymous:
        provider = "org.apache.hadoop.fs.s3a.AnonymousAWSCredentialsProvider"
        found["aws.credentials.provider"] = provider
    return {f"spark.hadoop.fs.s3a.{key}": value for key, value in found.items()}


def _environment(
    home: Path, link: Connection | None, limits: Limits, folder: Path
) -> dict[str, str]:
    """Return the variables of Spark: ours count where neither the user's nor its files do."""
    ours = {
        "MASTER": f"local[{limits.threads}]",
        "SPARK_DRIVER_MEMORY": f"{limits.duckdb_mb}m",
        "SPARK_LOCAL_DIRS": str(folder),
        "PYSPARK_PYTHON": sys.executable,
    }
    kept = {k: v for k, v in os.environ.items() if v and (link is None or k not in KEYS)}
    found = ours | kept | {"SPARK_HOME": str(home)}
    if link and not link.anonymous:
        keys = zip(KEYS, (link.access_key, link.secret_key, link.token), strict=True)
        found |= {name: value for name, value in keys if value}
    return found


def _submit(where: str, home: Path, folder: Path, environment: Mapping[str, str]) -> int:
    """Let Spark do what the folder's ``job.json`` says; return how many rows it wrote."""
    master = os.environ.get("SPARK_MASTER")
    command = [str(home / "bin" / "spark-submit"), "--deploy-mode", "client"]
    command += ["--master", master] if master else []
    command += [submitted.__file__, str(folder)]
    done = subprocess.run(
        command,
        env=environment,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    answer = folder / "answer.json"
    told = json.loads(answer.read_text("utf-8")) if answer.exists() else {}
    if "rows" in told:
        return told["rows"]
    if "apart" in told:
        tried = "what Spark's machines write to the job's folder does not arrive, as a try showed"
        raise _apart(where, f"{tried} before the query")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("\tat ")]
    words = told.get("error", "").partition("JVM stacktrace")[0] or "\n".join(lines[-8:])
    raise SparkError(where, f"Spark: {' '.join(words.split())[:600]}", _remedy(words))


def _remedy(words: str) -> str:
    return next((fix for said, fix in REMEDIES.items() if said in words), "")


def _arrived(where: str, rows: int, filesystem: FileSystem, place: str) -> dict[str, int]:
    """Return the files that Spark wrote, and their sizes in bytes.

    Raises:
        DiffusionError: they do not hold the rows that it says it wrote: without a word, its
            machines write each to a disk of its own.
    """
    found = filesystem.get_file_info(FileSelector(_path(place), allow_not_found=True))
    files = {
        item.path: item.size
        for item in sorted(found, key=lambda item: item.path)
        if item.type == FileType.File and item.path.endswith(".parquet")
    }
    arrived = sum(pq.read_metadata(path, filesystem=filesystem).num_rows for path in files)
    if arrived != rows or not files:
        raise _apart(where, f"Spark wrote {rows:,} rows, and {arrived:,} are in {place}")
    return files


def _apart(where: str, found: str) -> SparkError:
    fix = f"its machines do not share that folder: set {SCRATCH} to a place that they all reach"
    return SparkError(where, found, f"{fix}, e.g. s3://my-bucket/scratch")


def _remove(filesystem: FileSystem, path: str) -> None:
    """Remove what Spark wrote; there may be nothing."""
    if filesystem.get_file_info(path).type != FileType.NotFound:
        filesystem.delete_dir(path)

"""What Spark runs for `engine: spark`: one SELECT over files, into Parquet.

Started by spark-submit, with Spark's own Python packages: nothing of this project is imported.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# One meaning of a query, whatever the version: errors where 3.x gives null, UTC, days as pyarrow
# writes them; and a query reads its inputs only.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.runSQLOnFiles": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timeType.enabled": "true",  # times of a day; unknown before 4.1
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")  # what every pod has of its own


class ApartError(Exception):
    """Spark's machines do not share the folder that its rows are to be handed over in."""


def main(folder: Path) -> None:
    """Do what ``job.json`` says, and write ``answer.json``: the number of rows, or the error."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    job = json.loads((folder / "job.json").read_text("utf-8"))
    try:
        answer: dict[str, Any] = {"rows": run(job)}
    except ApartError:
        answer = {"apart": True}
    except (PySparkException, Py4JError) as error:  # the caller says it, in its own words
        answer = {"error": f"{type(error).__name__}: {error}"}
    (folder / "answer.json").write_text(json.dumps(answer), "utf-8")


def run(job: dict[str, Any]) -> int:
    """Write the rows of ``sql`` over ``inputs`` (name → paths) to ``target``; count them."""
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import Observation, SparkSession
    from pyspark.sql.functions import count, lit

    SparkContext._ensure_initialized()  # before it, a SparkConf knows nothing of what is set
    builder = SparkSession.builder.appName(job["name"])
    for key, value in (SETTINGS | job["settings"] | of_pod(SparkConf())).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    if not all_reach(spark, job["target"]):
        raise ApartError
    # each file by its path: what lies beside it is not read, and its folder's name is no column
    reader = spark.read.option("recursiveFileLookup", "true").option("__globPaths__", "false")
    for name, paths in job["inputs"].items():
        reader.parquet(*paths).createOrReplaceTempView(name)
    written = Observation()
    rows = spark.sql(f"SELECT * FROM (\n{job['sql']}\n)")
    rows = rows.observe(written, count(lit(1)).alias("rows"))
    rows.write.mode("overwrite").option("compression", "zstd").parquet(job["target"])
    found = written.get["rows"]
    spark.stop()
    return found


def all_reach(spark: Any, target: str) -> bool:
    """Say whether all of Spark's machines write to a place that this one reads.

    Asked before the query, which may take hours: each of them writes some rows there.
    """
    context = spark.sparkContext
    if not target.startswith("file://") or context.master.startswith("local"):
        return True
    tasks = context.defaultParallelism
    spark.range(0, tasks, 1, tasks).write.parquet(target)
    return len(list(Path(target.removeprefix("file://")).glob("part-*"))) == tasks


def of_pod(conf: Any) -> dict[str, str]:
    """Return what Spark must know of the pod that this runs in, to start others beside it.

    Args:
        conf: a SparkConf; what it says already is left as it is.
    """
    master = conf.get("spark.master", "")
    if not master.startswith("k8s://") or not ACCOUNT.is_dir():
        return {}
    found = {
        "spark.kubernetes.namespace": (ACCOUNT / "namespace").read_text("utf-8"),
        "spark.kubernetes.driver.pod.name": os.environ["HOSTNAME"],  # they end with it
        "spark.driver.host": own_address(
            master.removeprefix("k8s://")
        ),  # names are unknown to them
        "spark.kubernetes.container.image": os.environ.get("DIFFUSION_IMAGE", ""),
    }
    return {key: value for key, value in found.items() if value and not conf.contains(key)}


def own_address(server: str) -> str:
    """Return the address of this machine on the network of a server."""
    host = urlsplit(server if "//" in server else f"//{server}").hostname
    family, kind, _, _, place = socket.getaddrinfo(host, 443, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as probe:
        probe.connect(place)  # nothing is sent
        return probe.getsockname()[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))

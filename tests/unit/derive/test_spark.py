"""What is said where Spark cannot do it; Spark itself runs in tests/clients."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem

from diffusion.derive import spark, spark_submitted
from diffusion.derive.changing import refuse_changing
from diffusion.errors import DiffusionError
from diffusion.storage.connection import Connection
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits


def home_of(tmp_path):
    (tmp_path / "spark" / "bin").mkdir(parents=True)
    (tmp_path / "spark" / "bin" / "spark-submit").touch()
    return tmp_path / "spark"


@pytest.mark.parametrize("given", ["", "/nowhere"])
def test_there_is_no_spark(given, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_HOME", given)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(spark, "PROJECT", tmp_path)
    words = "SPARK_HOME is /nowhere" if given else "`engine: spark`: there is no Spark"
    with pytest.raises(DiffusionError, match=words) as caught:
        spark._home("derive.x.sql")
    assert caught.value.fix == "type `make spark`, or set SPARK_HOME to Spark's folder"


@pytest.mark.parametrize("java", ["", "/nowhere"])
def test_there_is_no_java(java, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_HOME", str(home_of(tmp_path)))
    monkeypatch.setenv("JAVA_HOME", java)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DiffusionError, match="there is no Java") as caught:
        spark._home("derive.x.sql")
    assert ("JAVA_HOME" in caught.value.found) == bool(java)
    assert "openjdk-17" in caught.value.fix


def test_rows_that_did_not_arrive(tmp_path):
    """Machines that share no folder write each to its own disk, and Spark does not notice."""
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "part-0.parquet")
    arrived = spark._arrived("x", 2, LocalFileSystem(), str(tmp_path))
    assert list(arrived) == [f"{tmp_path}/part-0.parquet"]
    for rows, place in ((3, tmp_path), (0, tmp_path / "none")):
        with pytest.raises(DiffusionError, match=f"Spark wrote {rows} rows, and") as caught:
            spark._arrived("x", rows, LocalFileSystem(), str(place))
        assert "set DIFFUSION_SPARK_SCRATCH" in caught.value.fix


class Machines:
    """Spark with four tasks, of which some write where this machine reads."""

    def __init__(self, master: str, here: int):
        self.sparkContext = self.write = self
        self.master, self.here, self.defaultParallelism = master, here, 4
        self.asked: tuple | None = None

    def range(self, *asked: int) -> "Machines":
        self.asked = asked
        return self

    def parquet(self, target: str) -> None:
        for n in range(self.here):
            Path(target.removeprefix("file://"), f"part-{n}").touch()


@pytest.mark.parametrize(
    ("master", "place", "here", "reach", "asked"),
    [
        ("spark://a:7077", "file://", 4, True, True),
        ("spark://a:7077", "file://", 1, False, True),
        ("k8s://a", "file://", 0, False, True),
        ("k8s://a", "s3a://b", 0, True, False),
        ("local[2]", "file://", 0, True, False),
    ],
)
def test_machines_that_share_no_folder_are_told_before_the_query(
    tmp_path, master, place, here, reach, asked
):
    machines = Machines(master, here)
    assert spark_submitted.all_reach(machines, f"{place}{tmp_path}") == reach
    assert machines.asked == ((0, 4, 1, 4) if asked else None)


def test_what_is_told_of_them(tmp_path):
    program = home_of(tmp_path) / "bin" / "spark-submit"
    program.write_text(
        "#!/bin/sh\nfor last; do :; done\necho '{\"apart\": true}' > $last/answer.json\n"
    )
    program.chmod(0o755)
    with pytest.raises(DiffusionError, match="a try showed before the query") as caught:
        spark._submit("x", tmp_path / "spark", tmp_path, {"PATH": os.environ["PATH"]})
    assert "set DIFFUSION_SPARK_SCRATCH" in caught.value.fix


def test_keys_come_by_the_environment_alone(tmp_path, monkeypatch):
    for name in spark.KEYS:
        monkeypatch.setenv(name, "another's")
    monkeypatch.setenv("MASTER", "local[7]")
    link = Connection("http://h:1", access_key="AK", secret_key="s3cr3t")
    given = spark._environment(tmp_path, link, Limits(2000, 2, tmp_path), tmp_path)
    assert (given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]) == ("AK", "s3cr3t")
    assert "AWS_SESSION_TOKEN" not in given
    assert given["MASTER"] == "local[7]"  # the user's own counts
    assert "s3cr3t" not in str(spark._settings(link))


def test_words_that_have_a_remedy():
    said = "ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found"
    assert "hadoop-aws" in spark._remedy(said)
    assert "mem_mb" in spark._remedy("java.lang.OutOfMemoryError: Java heap space")
    assert spark._remedy("[PARSE_SYNTAX_ERROR]") == ""


class Conf(dict):
    """What a SparkConf answers."""

    contains = dict.__contains__


@pytest.fixture
def account(tmp_path, monkeypatch):
    (tmp_path / "namespace").write_text("user-me")
    monkeypatch.setattr(spark_submitted, "ACCOUNT", tmp_path)
    monkeypatch.setenv("HOSTNAME", "snakejob-1")
    monkeypatch.delenv("DIFFUSION_IMAGE", raising=False)
    return tmp_path


def test_a_pod_tells_spark_where_others_are_to_begin(account, monkeypatch):
    monkeypatch.setenv("DIFFUSION_IMAGE", "registry.test/diffusion:1-spark")
    conf = Conf({"spark.master": "k8s://http://127.0.0.1:1"})
    assert spark_submitted.of_pod(conf) == {
        "spark.kubernetes.namespace": "user-me",
        "spark.kubernetes.driver.pod.name": "snakejob-1",
        "spark.driver.host": "127.0.0.1",
        "spark.kubernetes.container.image": "registry.test/diffusion:1-spark",
    }


def test_what_the_files_of_spark_say_counts(account):
    conf = Conf({"spark.master": "k8s://127.0.0.1:443", "spark.kubernetes.namespace": "another"})
    found = spark_submitted.of_pod(conf)
    assert found.keys() == {"spark.kubernetes.driver.pod.name", "spark.driver.host"}


@pytest.mark.parametrize("master", ["local[2]", "spark://127.0.0.1:7077"])
def test_other_masters_need_nothing_of_it(master, account):
    assert spark_submitted.of_pod(Conf({"spark.master": master})) == {}


def test_outside_of_a_pod_the_files_of_spark_say_it_all(monkeypatch, tmp_path):
    monkeypatch.setattr(spark_submitted, "ACCOUNT", tmp_path / "none")
    assert spark_submitted.of_pod(Conf({"spark.master": "k8s://https://127.0.0.1"})) == {}


def test_what_is_empty_is_not_set(tmp_path, monkeypatch):
    """The profile for Kubernetes gives each pod the same variables, some of them empty."""
    monkeypatch.setenv("SPARK_CONF_DIR", "")
    assert "SPARK_CONF_DIR" not in spark._environment(
        tmp_path, None, Limits(2000, 1, tmp_path), tmp_path
    )


DAY, KEY, SEED = "write the day that is meant", "make keys of the data", "or has a seed"
CHANGING = {
    "SELECT code, rand() AS r FROM t": ("rand()", SEED),
    "SELECT code, randn(42) AS r FROM t": ("randn()", SEED),
    "SELECT shuffle(codes) AS c FROM t": ("shuffle()", SEED),
    "SELECT * FROM t TABLESAMPLE (10 PERCENT)": ("a sample without a seed", SEED),
    "SELECT monotonically_increasing_id() AS id FROM t": ("monotonically_increasing_id()", KEY),
    "SELECT UUID () AS id FROM t": ("uuid()", KEY),
    "SELECT spark_partition_id() AS p FROM t": ("spark_partition_id()", KEY),
    "SELECT now() AS d FROM t": ("now()", DAY),
    "SELECT curdate() AS d FROM t": ("curdate()", DAY),
    "SELECT current_date AS d FROM t": ("current_date", DAY),
    "SELECT unix_timestamp() AS s FROM t": ("unix_timestamp()", DAY),
}


@pytest.mark.parametrize("query", CHANGING)
def test_a_query_of_spark_whose_result_changes(query, tmp_path):
    """DuckDB's parser is no judge of Spark's SQL: its words tell."""
    word, remedy = CHANGING[query]
    with engine(Limits(1000, 1, tmp_path)) as con, pytest.raises(DiffusionError) as caught:
        refuse_changing(con, query, {}, "derive.x.sql", "spark")
    assert word in caught.value.found and remedy in caught.value.fix


@pytest.mark.parametrize(
    "query",
    [
        "SELECT `rand`, 'now()' AS t, t.random FROM t -- uuid()",
        "SELECT unix_timestamp(d) AS s, date_format(d, 'y') AS y, age AS a FROM t",
        "SELECT * FROM t TABLESAMPLE (10 PERCENT) REPEATABLE (7)",
        "SELECT explode(sequence(1, n)) AS k FROM t LATERAL VIEW explode(codes) c AS code",
    ],
)
def test_a_query_of_spark_whose_result_is_the_same(query, tmp_path):
    with engine(Limits(1000, 1, tmp_path)) as con:
        refuse_changing(con, query, {}, "derive.x.sql", "spark")

"""`engine: spark` in a pod: on its own, and with executors, which are pods beside it.

make minio spark kubernetes && pytest --kubernetes --s3 minio tests/kubernetes/test_spark.py
"""

import json

import pytest
import yaml

from clones import Clone
from private_kubernetes import PROFILE, rights_of
from projects import REPOSITORY, small_config
from spark_kubernetes import ACCOUNT, SparkKubernetes
from watching import objects

pytestmark = [pytest.mark.kubernetes, pytest.mark.minio]
QUERY = """
SELECT departement, count(*) AS communes, CAST(sum(population) AS BIGINT) AS population
FROM plain GROUP BY departement
"""
CONF = "spark.executor.instances 2\nspark.executor.memory 600m\n"
BOTH = ("by_duckdb", "by_spark")
LONG = 900  # seconds: a Spark takes a minute to start on a machine that does other things, too


@pytest.fixture
def cluster(tmp_path, image, schema):
    with SparkKubernetes(tmp_path / "cluster", image, schema) as started:
        yield started


@pytest.fixture
def clone(on_kubernetes, standins) -> Clone:
    """A project with a table by each engine."""
    config = small_config(standins.url)
    del config["sources"]["communes"]
    derived = {"sql": QUERY, "inputs": ["plain"]}
    config["derive"] = {"by_duckdb": derived, "by_spark": derived | {"engine": "spark"}}
    return on_kubernetes(config)


def assert_same(s3) -> None:
    """Assert that both tables are the same: the manifest tells what is in each column."""
    found = json.loads(objects(s3, "diffusion/small")["diffusion/small/manifest.json"])["tables"]
    by_duckdb, by_spark = ((found[name]["rows"], found[name]["columns"]) for name in BOTH)
    assert by_spark == by_duckdb
    assert by_spark[0] > 1


def test_spark_in_the_pod_alone(clone, cluster, s3):
    clone.run("--set-threads", "derive_table=2", timeout=LONG)
    assert_same(s3)
    assert not cluster.executors


def test_executors_are_pods(clone, cluster, s3):
    """With the rights of the role, all of which it needs; no key is told, and nothing is left."""
    clone.environment |= {
        "SPARK_MASTER": f"k8s://{cluster.address}",
        "SPARK_CONF_DIR": "config/spark",
        "DIFFUSION_SPARK_SCRATCH": "s3://lake/scratch",
        "AWS_SESSION_TOKEN": "",
    }
    conf = clone.folder / "config/spark/spark-defaults.conf"
    conf.parent.mkdir()
    conf.write_text(CONF, "utf-8")
    clone.git("add", str(conf))
    words = clone.run("--kubernetes-service-account-name", ACCOUNT, timeout=LONG)
    assert_same(s3)

    images = [body["spec"]["containers"][0]["image"] for body in cluster.executors.values()]
    assert images == [clone.environment["DIFFUSION_IMAGE"]] * 2
    token = (cluster.accounts[ACCOUNT] / "token").read_text()
    # the one that is left removes an executor that does not begin
    spare = rights_of(PROFILE / "spark/role.yaml") - cluster.used[token]
    assert spare == {("", "pods", "delete")}
    shown = json.dumps([*cluster.executors.values(), *cluster.configmaps.values()]) + words
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert clone.environment[name] not in shown, name
    assert not cluster.pods
    assert not cluster.configmaps
    assert not [key for key in objects(s3, "scratch") if key != "scratch/"]


def test_the_roles_manifest_obeys_the_published_schema(schema):
    text = (PROFILE / "spark/role.yaml").read_text("utf-8")
    found = list(yaml.safe_load_all(text))
    assert [document["kind"] for document in found] == ["ServiceAccount", "Role", "RoleBinding"]
    for document in found:
        schema.check_document(document)
    assert {document["metadata"]["name"] for document in found} == {ACCOUNT}


def test_the_image_with_spark_has_what_make_spark_installs():
    """Its files are those of `make spark`, and its entry is the one that is tried here."""
    text = (PROFILE / "spark/Dockerfile").read_text("utf-8")
    copied = [line.split()[1] for line in text.splitlines() if line.startswith("COPY ")]
    here = [name for name in copied if not name.startswith("--")]
    assert here == [
        "envs/spark-s3.xml",
        "envs/requirements-spark.txt",
        "profiles/kubernetes/spark/executor.sh",
    ]
    assert all((REPOSITORY / name).is_file() for name in here)
    assert (PROFILE / "spark/executor.sh").stat().st_mode & 0o111

"""The profile for Kubernetes, as far as it can be tried without a cluster."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from private_kubernetes import Kubernetes
from projects import REPOSITORY, Project, folder_state, small_config
from watching import objects, told_by_files, wait_for

pytestmark = pytest.mark.kubernetes
WORK, PUBLISHED = "snakemake/small", "diffusion/small"
TOKEN = "a-session-token-that-nobody-may-see"


@pytest.fixture
def plain(standins) -> dict:
    """One source, and a table made from what is published of it."""
    config = small_config(standins.url)
    del config["sources"]["communes"]
    derive = {"total": {"sql": "SELECT count(*) AS n FROM plain", "inputs": ["plain"]}}
    return config | {"derive": derive}


def tables(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the Parquet files among files or objects, by their last name."""
    return {name.rpartition("/")[2]: data for name, data in files.items() if "parquet" in name}


def container(manifest: dict) -> dict:
    return manifest["spec"]["template"]["spec"]["containers"][0]


def test_a_run_and_another(on_kubernetes, cluster, s3, plain, tmp_path):
    """A job killed for memory gets more, the tables are as anywhere; then nothing is to do."""
    clone = on_kubernetes(plain)
    clone.environment["AWS_SESSION_TOKEN"] = TOKEN
    words = clone.run("--set-resources", "convert_table:mem_mb=60 if attempt == 1 else 2000")

    local = Project(tmp_path / "here", plain)
    local.run()
    here = {name: data for name, (_, data) in folder_state(local.path("published")).items()}
    assert tables(objects(s3, PUBLISHED)) == tables(here)
    assert len(tables(here)) == 2

    limits = [container(manifest)["resources"]["limits"] for manifest in cluster.manifests]
    tries = ["60M", "2000M"]  # convert; then derive
    assert [limit["memory"] for limit in limits] == [*tries, "2000M"]
    disks = ["10000M", "20000M", "10000M"]
    assert [limit["ephemeral-storage"] for limit in limits] == disks
    assert "✗ a pod was ended before it could say why" in words
    assert f"{WORK}/logs/convert_table/plain.log" in objects(s3, WORK)
    assert not cluster.secrets
    assert not cluster.pods
    assert_secret(clone, cluster, words)

    again = clone.run()
    assert "Nothing to be done" in again, again
    assert not cluster.secrets
    assert len(cluster.manifests) == len(limits)


def assert_secret(clone: Project, cluster: Kubernetes, words: str) -> None:
    """Assert that no key or token is in a manifest, a command line, a log or a file."""
    logs = [path.read_text() for path in cluster.folder.glob("*.log")]
    assert len(logs) == len(cluster.manifests)
    shown = "\n".join([words, json.dumps(cluster.manifests), *logs, *cluster.processes])
    assert "--deploy-sources" in shown, "no command line of a pod was seen"
    shown += told_by_files(clone.folder)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert clone.environment[name] not in shown, name


def test_a_job_that_cannot_succeed_says_why(on_kubernetes, cluster, s3, plain):
    """Its own words reach the terminal; nothing new is published, no Secret is left."""
    plain["sources"]["plain"]["columns"] = {"altitude": "int"}
    before = objects(s3, PUBLISHED)
    words = on_kubernetes(plain).fail("--retries", "0")
    assert re.search(r"✗ convert_table plain\n.*altitude", words), words
    assert "could say why" not in words
    assert objects(s3, PUBLISHED) == before
    assert not cluster.secrets


# `unshare` makes the command what it is in a pod: the first process, for which the kernel drops
# signals without a handler
FIRST_PROCESS = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def ended(main: subprocess.Popen, pid: int, number: int) -> int:
    """Send a signal, and return the exit code; again where a library drops it while imported.

    About 1 in 60 is dropped so, by code of others that runs before ours. A cluster then kills the
    pod when its time is over.
    """
    os.kill(pid, number)
    try:
        return main.wait(4)
    except subprocess.TimeoutExpired:
        os.kill(pid, number)
        return main.wait(26)


@pytest.mark.parametrize("moment", ["while it starts", "while a pod runs"])
def test_the_main_pod_is_ended(on_kubernetes, cluster, plain, moment):
    """With the image's STOPSIGNAL: it ends at once, and takes its jobs and its Secret along."""
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    number = signal.Signals[re.search(r"^STOPSIGNAL (\w+)$", dockerfile, re.MULTILINE)[1]]
    clone = on_kubernetes(plain)
    log = clone.folder / "run.log"
    with log.open("w") as out:
        main = subprocess.Popen(
            [*FIRST_PROCESS, *clone.command("--forceall")],
            cwd=clone.folder,
            env=clone.variables(),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    children = Path(f"/proc/{main.pid}/task/{main.pid}/children")
    pid = int(wait_for("the main process", children.read_text))
    if moment == "while it starts":
        python = sys.executable.encode()
        wait_for("Python", lambda: python in Path(f"/proc/{pid}/cmdline").read_bytes())
        mapped = Path(f"/proc/{pid}/maps")
        wait_for("its modules", lambda: "site-packages" in mapped.read_text(), timeout=60)
    else:
        wait_for("a pod", lambda: cluster.pods)
    assert ended(main, pid, number) != 0
    assert not cluster.pods, log.read_text()
    assert not cluster.secrets
    assert bool(cluster.manifests) == (moment == "while a pod runs")


def test_manifests_obey_the_published_schema(schema, documents):
    """Those in files; the private Kubernetes checks those that the executor sends."""
    found = [d for name in ("role.yaml", "cronjob.yaml") for d in documents(name)]
    assert [d["kind"] for d in found] == ["ServiceAccount", "Role", "RoleBinding", "CronJob"]
    for document in found:
        schema.check_document(document)
    account, role, binding, cronjob = found
    pod = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"][0]["name"] == account["metadata"]["name"]
    assert pod["serviceAccountName"] == account["metadata"]["name"]


def test_the_scheduled_pod_sets_all_that_the_profile_names(documents):
    """What is in the Secret is told in the file's head, what is not secret stands in it."""
    [cronjob] = documents("cronjob.yaml")
    [main] = cronjob["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    profile = (REPOSITORY / "profiles/kubernetes/config.yaml").read_text()
    text = (REPOSITORY / "profiles/kubernetes/cronjob.yaml").read_text()
    given = {item["name"] for item in main["env"]} | set(re.findall(r"literal=(\w+)=", text))
    settings = yaml.safe_load(profile)
    used = set(re.findall(r"\$(DIFFUSION_\w+)", yaml.safe_dump(settings)))
    may_be_empty = {name for name in settings["envvars"] if f'"{name}"' in profile}  # Spark's
    assert len(may_be_empty) == 3
    assert given == (used | set(settings["envvars"])) - may_be_empty

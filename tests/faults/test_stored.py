"""What happens to what the S3 server holds, and who else writes there."""

import copy
import json
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from counting_proxy import CountingProxy, refusal
from embedded_s3 import EmbeddedS3
from faults.gate import Gate
from faults.keeper import Object
from faults.rows import NEW, STEADY
from faults.servers import VICTIM_PUBLISHED, base, disk, server

__all__ = ["base", "disk", "server"]  # fixtures


def test_a_server_that_keeps_half_of_a_raw_copy(base, tmp_path, told):
    """It says 200 all the same; what is frozen in the end is whole."""
    halved = []

    def halve(request):
        key = request.path.partition("?")[0].removeprefix(f"/lake/{base.keeper.prefix}/")
        if request.method == "PUT" and key.startswith("raw/steady/") and key.endswith(".csv"):
            put = base.keeper._get(key)
            base.keeper.put(key, put._replace(body=put.body[: len(put.body) // 2]))
            halved.append(key)

    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.passed = halve
        project = base.begin(tmp_path / "project", proxy.endpoint)
        ended = project.snakemake()
    assert halved
    words = "it is not there as it was put"
    told("S3", "a server that keeps half of a raw copy", base.keeper, ended.stdout, words)
    base.keeper.known = {k: v for k, v in base.keeper.known.items() if k not in halved}
    project.environment = base.s3.environment()
    project.run()
    base.end(project)


def test_a_removal_that_is_refused(base, tmp_path, told):
    """Readers of the folder would read the old files, too: the next run removes them."""
    project, config = base.begin(tmp_path / "project"), copy.deepcopy(base.config)
    config |= {"vintage": NEW}
    config["sources"][STEADY]["partition_by"] = ["departement"]
    project.configure(config)
    project.run()
    base.keeper.look()
    old = {key for key in base.keeper.published() if key.startswith("diffusion/steady/")}
    config["sources"][STEADY]["drop"] = ["population"]
    project.configure(config)
    refused = []

    def refuse(request):
        removes = request.method == "DELETE" or request.path.endswith("?delete")
        if removes and not refused:
            refused.append(request)
            return refusal(403, "AccessDenied")
        return None

    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.refuse = refuse
        project.environment = base.s3.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}
        words = project.fail()
    told("S3", "a removal is refused once", base.keeper, words, "access is denied")
    assert old and refused
    assert old <= base.keeper.published().keys()
    project.environment = base.s3.environment()
    project.run()
    assert not old & base.keeper.objects().keys()
    assert "unfinished" not in json.loads(base.keeper.read("diffusion/manifest.json"))


def test_an_upload_in_parts_that_was_killed(base, tmp_path, told):
    """It is no object, and is paid for: the next run aborts it."""
    runs = []
    with Gate(lambda: base.s3.endpoint) as gate:
        project = base.begin(tmp_path / "project", gate.endpoint)
        gate.when(VICTIM_PUBLISHED, lambda: os.killpg(runs[0].pid, signal.SIGKILL))
        place = {"cwd": project.folder, "env": project.variables(), "start_new_session": True}
        said = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        runs.append(subprocess.Popen(project.command(), **place, **said))
        assert runs[0].wait(120) == -signal.SIGKILL
    key = "diffusion/victim.parquet"
    assert base.keeper.uploads(key) == [key]
    project.environment = base.s3.environment()
    words = project.run()
    told("S3", "an upload in parts that was killed", base.keeper)
    assert base.keeper.uploads(key) == []
    assert f"{key}: an upload that was killed is aborted" in words
    base.end(project)


def test_a_damaged_raw_copy(base, tmp_path, told):
    """The cache is lost, the raw copy is read again: it is not what was frozen."""
    project = base.begin(tmp_path / "project")
    project.run()
    base.keeper.look()
    (key,) = [
        key for key in base.keeper.known if "raw/victim" in key and NEW in key and "csv" in key
    ]
    good = base.keeper._get(key)
    base.keeper.put(key, Object(good.body[:-9] + b"12345678\n", good.content_type, good.metadata))
    shutil.rmtree(project.path(".diffusion/cache"))
    words = project.fail("--forcerun", "convert_table")
    base.keeper.put(key, good)
    told("S3", "a raw copy that was altered", base.keeper, words, "damaged: its hash is")
    base.end(project)


def test_a_damaged_cache(base, tmp_path, told):
    project = base.begin(tmp_path / "project")
    project.run()
    cache = project.path(".diffusion/cache").rglob("victim.csv")
    cached = max(cache, key=lambda path: path.stat().st_mtime_ns)
    cached.write_bytes(cached.read_bytes()[:-9] + b"12345678\n")
    project.run("--forcerun", "convert_table")
    told("S3", "a raw copy altered in this machine's cache", base.keeper)
    base.end(project)


def test_a_provenance_of_zero_bytes(base, tmp_path, told):
    project = base.begin(tmp_path / "project")
    project.run()
    base.keeper.look()
    [key] = [key for key in base.keeper.known if f"raw/victim/{NEW}/all/provenance.json" == key]
    good = base.keeper._get(key)
    base.keeper.put(key, good._replace(body=b""))
    words = project.fail("--forcerun", "fetch_raw")
    base.keeper.put(key, good)
    told("S3", "a provenance of zero bytes", base.keeper, words, "provenance.json: damaged (")
    base.end(project)


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        (None, "a published object that somebody removed", "is gone: published again"),
        (b"y", "a published object that somebody altered", "is not what was published"),
    ],
    ids=["removed", "altered"],
)
def test_a_published_object_behind_our_back(base, tmp_path, told, body, fault, words):
    project, key = base.begin(tmp_path / "project"), "diffusion/steady.parquet"
    project.run()
    base.keeper.look()
    good = base.keeper._get(key)
    if body:  # the embedded server has no ETags: only another size tells
        shorter = isinstance(base.s3, EmbeddedS3)
        changed = body * (len(good.body) - shorter)
        base.keeper.put(key, Object(changed, good.content_type, {}))
    else:
        base.keeper.remove(key)
    assert words in project.run()
    assert base.keeper._get(key).body == good.body
    told("S3", fault, base.keeper)
    base.end(project)


def test_another_server_is_named(base, s3, tmp_path, told):
    project = base.begin(tmp_path / "project")
    project.run()
    with type(s3)(tmp_path / "another", ["lake"]) as another:
        project.environment = another.environment()
        assert "is not in s3://lake/" in project.run()
    told("S3", "the environment names another server", base.keeper)
    base.end(project)


def test_another_project_publishes_there(base, tmp_path, told):
    project = base.begin(tmp_path / "project")
    config = base.config | {"vintage": NEW}
    project.configure(config | {"project": config["project"] | {"name": "another"}})
    words = project.fail()
    told("S3", "another project publishes to the same place", base.keeper, words, "`faults`")
    project.configure(config)
    base.end(project)


def test_a_clone_that_is_behind(base, tmp_path, told):
    """It would publish an older vintage over the newer one: not before somebody says so."""
    project, behind = base.begin(tmp_path / "project"), base.copy(tmp_path / "behind")
    behind.configure(base.config)
    project.run()
    words = behind.fail()
    assert "was published by another clone since" in words
    told("S3", "a run of a clone that is behind", base.keeper, words, "and this is the older")
    base.end(project)


def test_two_runs_at_the_same_time(base, tmp_path, told):
    projects = [base.begin(tmp_path / "one")]
    projects.append(base.copy(tmp_path / "two"))
    with ThreadPoolExecutor() as pool:
        for ended in pool.map(lambda project: project.snakemake(), projects):
            assert ended.returncode == 0, ended.stdout
    told("S3", "two runs of the same project at the same time, from two folders", base.keeper)
    for project in projects:
        base.end(project)

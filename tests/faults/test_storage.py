"""What happens to the S3 server, to the way there, and to what it holds."""

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from counting_proxy import CountingProxy, refusal
from embedded_s3 import EmbeddedS3
from faults.base import Base
from faults.disk import filled, small_disk
from faults.gate import Gate
from faults.keeper import Object
from faults.rows import NEW, STEADY
from standins.server import Standins

PUT = r"PUT /lake/[^ ]*{} HTTP"
STEADY_RAW = PUT.format(r"raw/steady/[^ ]*-communes.csv")
VICTIM_PUBLISHED = PUT.format(r"diffusion/victim.parquet\?[^ ]*partNumber=1[^ ]*")
STEADY_PUBLISHED = PUT.format(r"diffusion/steady.parquet")


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A disk that can be filled; what MinIO keeps of broken uploads fits on it, too."""
    with small_disk(tmp_path_factory.mktemp("small") / "disk", "1g") as folder:
        yield folder


@pytest.fixture(scope="module")
def server(s3, disk):
    """A server of these tests' own, of the kind that was chosen: it will be killed."""
    with type(s3)(disk / "data", ["lake", "donnees-insee"]) as started:
        yield started


@pytest.fixture(scope="module")
def base(server, tmp_path_factory):
    with Standins() as standins:
        yield Base(tmp_path_factory.mktemp("storage"), server, standins, "faults-storage")


@pytest.fixture(scope="module")
def thread():
    """A thread that stays: the embedded server ends with the thread that started it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


def kill(server) -> None:
    server._process.kill()  # as a power cut does; its own `stop` is polite
    server._process.wait()


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (STEADY_RAW, "the S3 server is killed during a put of a raw copy, and comes back"),
        (STEADY_PUBLISHED, "… during a put of a published table"),
        (VICTIM_PUBLISHED, "… during a multipart put of a published table"),
    ],
)
def test_a_server_that_comes_back(base, server, thread, tmp_path, told, request_, fault):
    def power_cut() -> None:
        kill(server)
        thread.submit(lambda: (time.sleep(2), server.start()))

    with Gate(lambda: server.endpoint) as gate:
        project = base.begin(tmp_path / "project", gate.endpoint)
        gate.when(request_, power_cut)
        project.run()
    told("S3", fault, base.keeper)
    base.end(project)


def test_a_server_that_does_not_come_back(base, server, thread, tmp_path, told):
    with Gate(lambda: server.endpoint) as gate:
        project = base.begin(tmp_path / "project", gate.endpoint)
        gate.when(VICTIM_PUBLISHED, lambda: kill(server))
        words = project.fail()
    thread.submit(server.start).result()
    told("S3", "the S3 server is killed and stays away", base.keeper, words, "cannot be reached")
    base.end(project)


def refusing(base, place, refuse):
    """Run the project behind a proxy that refuses some requests."""
    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.refuse = refuse
        project = base.begin(place, proxy.endpoint)
        return project, project.snakemake()


def test_slow_down(base, tmp_path, told):
    left = [refusal(503, "SlowDown")] * 6
    project, ended = refusing(
        base, tmp_path / "project", lambda r: left.pop() if left and r.method == "PUT" else None
    )
    assert ended.returncode == 0, ended.stdout
    told("S3", "503 SlowDown, six times", base.keeper)
    base.end(project)


def test_a_server_that_is_busy_at_the_start(base, tmp_path, told):
    left = [refusal(503, "SlowDown")] * 3
    project, ended = refusing(base, tmp_path / "project", lambda _: left.pop() if left else None)
    assert ended.returncode == 0, ended.stdout
    told("S3", "503 SlowDown at the very first request", base.keeper)
    base.end(project)


def test_etags_that_are_weak(base, tmp_path, told):
    def weak(request, header, value):
        """As nginx does with what it compresses: answers that have a body."""
        return f"W/{value}" if request.method == "GET" and header.lower() == "etag" else value

    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.changed = weak
        project = base.begin(tmp_path / "project", proxy.endpoint)
        project.run()
    told("S3", "a proxy makes each ETag weak", base.keeper)
    base.end(project)


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


@pytest.mark.parametrize(
    ("fault", "answer", "words"),
    [
        pytest.param(
            "the token expires between two jobs",
            refusal(400, "ExpiredToken"),
            "the session token has expired",
            marks=pytest.mark.embedded,  # a real one expires on MinIO: see test_token.py
        ),
        ("403 on the published prefix", refusal(403, "AccessDenied"), "access is denied"),
    ],
)
def test_refused_when_it_publishes(base, tmp_path, told, fault, answer, words):
    def refuse(request):
        return answer if request.method == "PUT" and "/diffusion/" in request.path else None

    project, ended = refusing(base, tmp_path / "project", refuse)
    told("S3", fault, base.keeper, ended.stdout, words)
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


@pytest.mark.embedded  # MinIO lists no uploads, and forgets them by itself after a day
def test_an_upload_in_parts_that_was_killed(base, tmp_path, told):
    """It is no object, and is paid for: the next run aborts it, once it is a day old."""
    runs = []
    with Gate(lambda: base.s3.endpoint) as gate:
        project = base.begin(tmp_path / "project", gate.endpoint)
        gate.when(VICTIM_PUBLISHED, lambda: os.killpg(runs[0].pid, signal.SIGKILL))
        place = {"cwd": project.folder, "env": project.variables(), "start_new_session": True}
        said = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        runs.append(subprocess.Popen(project.command(), **place, **said))
        assert runs[0].wait(120) == -signal.SIGKILL
    assert base.keeper.uploads() == ["diffusion/victim.parquet"]
    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.altered = a_year_older
        project.environment = base.s3.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}
        project.run()
    told("S3", "an upload in parts that was killed, a day later", base.keeper)
    assert base.keeper.uploads() == []
    assert "that was killed is aborted" in project.path("logs/write_summary.log").read_text()
    base.end(project)


def a_year_older(body: bytes) -> bytes:
    """Return an answer of S3 in which uploads were begun long ago."""
    return re.sub(rb"(?<=<Initiated>)\d{4}", lambda year: b"%d" % (int(year[0]) - 1), body)


def test_clock_skew(base, tmp_path, told):
    project, ended = refusing(
        base, tmp_path / "project", lambda _: refusal(403, "RequestTimeTooSkewed")
    )
    told("S3", "a clock that is wrong", base.keeper, ended.stdout, "this machine's clock is wrong")
    base.end(project)


def test_a_bucket_that_is_not_there(base, tmp_path, told):
    project = base.begin(tmp_path / "project")
    config = base.config | {"vintage": NEW}
    project.configure(config | {"storage": {"url": "s3://nowhere/x", "raw": "s3://nowhere/y"}})
    told(
        "S3", "a bucket that is not there", base.keeper, project.fail(), "the bucket does not exist"
    )
    assert "nowhere" not in base.keeper.buckets()
    project.configure(config)
    base.end(project)


def test_a_full_disk_at_the_server(base, disk, tmp_path, told):
    project = base.begin(tmp_path / "project")
    with filled(disk, but=4_000_000):
        ended = project.snakemake()
    told("S3", "a disk that is full, at the server", base.keeper, ended.stdout, "the S3 server")
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


def test_two_runs_at_the_same_time(base, tmp_path, told):
    projects = [base.begin(tmp_path / "one")]
    projects.append(base.copy(tmp_path / "two"))
    with ThreadPoolExecutor() as pool:
        for ended in pool.map(lambda project: project.snakemake(), projects):
            assert ended.returncode == 0, ended.stdout
    told("S3", "two runs of the same project at the same time, from two folders", base.keeper)
    for project in projects:
        base.end(project)

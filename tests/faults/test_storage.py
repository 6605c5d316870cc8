"""What happens to the S3 server, and to the way there."""

import time

import pytest

from counting_proxy import CountingProxy, refusal
from faults.disk import filled
from faults.gate import Gate
from faults.rows import NEW
from faults.servers import (
    STEADY_PUBLISHED,
    STEADY_RAW,
    VICTIM_PUBLISHED,
    base,
    disk,
    kill,
    refusing,
    server,
    thread,
)

__all__ = ["base", "disk", "server", "thread"]  # fixtures


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

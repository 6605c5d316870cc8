"""A host is asked by one job at a time, and the jobs that wait for it hold no core."""

import threading

import pytest

from fetches import Answer, Asked, Scripted
from projects import Project

SECONDS = 60  # after which the slow host gives up waiting for the other to be asked


@pytest.mark.slow
def test_a_host_that_is_slow_keeps_no_core_from_another(tmp_path):
    """On two cores, the second host is asked while the first still answers its first question."""
    asked_of_other = threading.Event()
    together: list[bool] = []
    busy = threading.Semaphore(1)

    def slow(asked: Asked) -> Answer:
        together.append(not busy.acquire(blocking=False))
        answered = asked_of_other.wait(SECONDS)
        busy.release()
        return Answer(body=b"n\n1\n") if answered else Answer(status=404)

    def other(asked: Asked) -> Answer:
        asked_of_other.set()
        return Answer(body=b"n\n1\n")

    with Scripted(slow) as first, Scripted(other) as second:
        many = {"url": f"{first.url}/{{i}}.csv", "partitions": {"i": list("123456789")}}
        sources = {"many": {"from": "file", **many}, "one": {"from": "file", "url": second.url}}
        project = {"project": {"name": "hosts"}, "vintage": "1", "sources": sources}
        Project(tmp_path, project).run("--until", "fetch_raw")
    assert together == [False] * 9

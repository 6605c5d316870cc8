"""`limit:`: how fast a host is asked, over all jobs and runs."""

import time
from pathlib import Path

import pytest

from diffusion.fetch.over_http import open_client
from diffusion.fetch.pace import Pace
from fetches import Answer, Scripted, source_of


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now, self.slept = 1000.0, []
        monkeypatch.setattr(time, "time", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def test_no_period_holds_more(clock, tmp_path) -> None:
    pace, times = Pace("3/min", tmp_path / "x"), []
    for _ in range(7):
        pace.wait()
        times.append(clock.now)
        clock.now += 5
    for first, fourth in zip(times, times[3:], strict=False):
        assert fourth - first >= 60
    assert clock.slept == [45, 45]


def test_another_run_goes_on_where_the_last_one_was(clock, tmp_path) -> None:
    for _ in range(4):
        Pace("2/s", tmp_path / "x").wait()
    assert clock.slept == [1]
    Pace("2/s", tmp_path / "y").wait()
    assert clock.slept == [1]
    clock.now -= 10_000  # a clock that is set back
    Pace("2/s", tmp_path / "x").wait()
    assert clock.slept[1:] == [1]


def test_a_file_that_a_power_cut_damaged(clock, tmp_path) -> None:
    (tmp_path / "x").write_bytes(bytes(40))
    Pace("2/s", tmp_path / "x").wait()
    assert clock.slept == [] and len((tmp_path / "x").read_text().split()) == 1


def test_only_the_own_host_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Scripted(lambda _: Answer(body=b"x")) as other:
        moved = Answer(302, {"Location": other.url.replace("127.0.0.1", "localhost")})
        with Scripted(lambda _: moved) as server:
            source = source_of(server.url, limit="10/s", allow_hosts=["localhost"])
            client = open_client(source.fetch, server.url, "sources.t")
            client.get(server.url)
    [file] = (tmp_path / "diffusion" / "hosts").iterdir()
    assert file.name == f"127.0.0.1_{server.port}.asked" and len(file.read_text().split()) == 1

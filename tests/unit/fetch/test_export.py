"""Files that a server has to make first: asked for once, waited for, fetched from where it says."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, record_waits, source_of

EXPORT = {
    "body": {"format": "csv", "year": "{year}"},
    "job": "header:Location",
    "status": "state",
    "done": ["FINISHED"],
    "failed": ["FAILED"],
    "link": "files[0].url",
}
DATA = b"a,b\n1,2\n"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


class Exports:
    """A server that makes a file when it is asked to, in the states that it is given."""

    def __init__(self, *states: str, **job: object):
        self.states, self.job = list(states), job

    def __call__(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(202, {"Location": "/jobs/7"}, b"{}")
        if asked.path == "/file.csv":
            return Answer(body=DATA)
        state = self.states.pop(0)
        if state == "500":
            return Answer(500)
        files = {"files": [{"url": "/file.csv"}]} if state == "FINISHED" else {}
        body = json.dumps({"state": state, **files, **self.job}).encode()
        return Answer(200, {"Retry-After": "7"}, body)


@pytest.fixture
def get(tmp_path: Path) -> Callable[..., dict]:
    store = Store(str(tmp_path / "raw"), None)

    def run(server: Scripted, **export: object) -> dict:
        keys = {"partitions": {"year": ["2024"]}, "export": EXPORT | export, "wait_minutes": 1}
        source = source_of(f"{server.url}/ask", "file", **keys)
        fetching = source.fetching
        return fetch_batch("t", fetching, ["year=2024"], store, tmp_path / "s", lock={})

    return run


def asked(server: Scripted) -> list[str]:
    return [f"{asked.method} {asked.path}" for asked in server.asked]


def test_asked_for_waited_for_and_fetched(get, waits, tmp_path) -> None:
    with Scripted(Exports("QUEUED", "500", "RUNNING", "FINISHED")) as server:
        [facts] = get(server)["partitions"].values()
    assert asked(server) == ["POST /ask", *["GET /jobs/7"] * 4, "GET /file.csv"]
    assert json.loads(server.asked[0].body) == {"format": "csv", "year": "2024"}
    assert waits[0] == 7 and facts["url"].endswith("/file.csv") and facts["asked"].endswith("/ask")
    assert facts["files"][0]["name"] == "file.csv"
    assert facts["request"]["export"]["body"]["year"] == "{year}"


def test_a_job_goes_on_where_a_run_was_broken_off(get, waits) -> None:
    with Scripted(Exports(*["RUNNING"] * 9, "FINISHED")) as server:
        with pytest.raises(DiffusionError, match=r"`state` is RUNNING \(waited 1 minutes\)"):
            get(server)
        get(server)
    assert asked(server).count("POST /ask") == 1 and asked(server)[-1] == "GET /file.csv"


def test_a_job_that_failed_is_asked_for_anew(get) -> None:
    with Scripted(Exports("FAILED", "FINISHED", message="too many rows")) as server:
        with pytest.raises(DiffusionError) as failed:
            get(server)
        get(server)
    assert "the server could not make the file: `state` is FAILED" in str(failed.value)
    assert "too many rows" in failed.value.fix
    assert asked(server).count("POST /ask") == 2


def test_an_address_that_says_202_until_the_file_is_there(get, waits) -> None:
    answers = [Answer(202, {"Retry-After": "3"}), Answer(body=DATA)]
    ask = Answer(201, {}, b'{"href": "/jobs/9"}')
    with Scripted(lambda a: ask if a.method == "POST" else answers.pop(0)) as server:
        get(server, job="href", status="", done=[], failed=[], link="")
    assert asked(server) == ["POST /ask", "GET /jobs/9", "GET /jobs/9"] and waits == [3]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"job": "id"}, "the answer has nothing at `id`"),
        ({"link": "file.url"}, "it is done, and nothing is at `file.url`"),
    ],
)
def test_what_is_not_there(change, words, get) -> None:
    with Scripted(Exports("FINISHED")) as server, pytest.raises(DiffusionError) as refused:
        get(server, **change)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("export", "words"),
    [
        ({"body": {"a": 1}}, "export.job: missing"),
        ({"link": "a", "status": "s", "done": ["x"]}, "export.job: missing"),
        ({"job": "a..b"}, "export.job: `a..b` is no path"),
        ({"job": "a", "status": "s"}, "export.done: missing, while `status` is set"),
        ({"job": "a", "failed": ["x"]}, "export.failed: has no effect: there is no `status`"),
        ({"job": "a", "body": {"y": "{year}"}}, "export.body: uses {year}, which is not an axis"),
    ],
)
def test_exports_that_cannot_be_meant(export, words) -> None:
    with pytest.raises(ConfigError) as caught:
        source_of("https://example.org", "file", export=export)
    assert words in str(caught.value)


def test_an_answer_that_has_the_address_itself(tmp_path) -> None:
    """A portal that is asked for the newest file of a data set: there is no job."""
    bodies = {"/ask": b'{"latest": {"url": "/file.csv"}}', "/file.csv": DATA}
    store = Store(str(tmp_path / "raw"), None)

    def get(link: str) -> dict:
        export = {"method": "GET", "link": link}
        fetching = source_of(f"{server.url}/ask", "file", export=export).fetching
        return fetch_batch("t", fetching, ["all"], store, tmp_path / "s", lock={})

    with Scripted(lambda asked: Answer(body=bodies[asked.path])) as server:
        with pytest.raises(
            DiffusionError, match=r"nothing at `last.url` \[incomplete\]\n.*`latest.url`"
        ):
            get("last.url")
        [facts] = get("latest.url")["partitions"].values()
    assert asked(server) == ["GET /ask", "GET /ask", "GET /file.csv"]
    assert facts["url"].endswith("/file.csv") and facts["asked"].endswith("/ask")

"""Files that are the answer to a POST: a table builder's CSV, what a form sends."""

import json
from pathlib import Path

import pytest

from archives import zip_of
from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.download import CHUNK
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, download, record_waits, source_of

DATA = b"code,n\n01,1\n"
QUERY = {"query": [{"code": "Year", "values": ["{year}"]}], "response": {"format": "csv"}}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def get(tmp_path: Path, url: str, kind: str = "file", **keys: object) -> dict:
    """Fetch one partition; returns its provenance."""
    axes = {"partitions": {"year": ["2024"]}}
    fetching = source_of(url, kind, **axes, **keys).fetching
    store, scratch = Store(str(tmp_path / "raw"), None), tmp_path / "scratch"
    [facts] = fetch_batch("t", fetching, ["year=2024"], store, scratch, lock={})[
        "partitions"
    ].values()
    return facts


def test_a_body_is_sent_and_noted(tmp_path: Path) -> None:
    keys = {"method": "POST", "params": {"lang": "fr"}}
    with Scripted(lambda _: Answer(body=DATA)) as server:
        facts = get(tmp_path, f"{server.url}/table.px", body=QUERY, **keys)
        other = QUERY | {"response": {"format": "json-stat2"}}
        with pytest.raises(DiffusionError) as refused:
            get(tmp_path, f"{server.url}/table.px", body=other, **keys)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/table.px?lang=fr")
    assert json.loads(asked.body)["query"][0]["values"] == ["2024"]
    assert facts["files"][0]["size"] == len(DATA)
    assert facts["request"]["body"] == QUERY
    assert "was fetched by another request" in str(refused.value)
    assert '{"format":"json-stat2"}' in str(refused.value)


def test_a_form_whose_answer_is_somewhere_else(tmp_path: Path) -> None:
    archive = zip_of([("a.csv", DATA)])

    def answer(asked: Asked) -> Answer:
        is_form = asked.method == "POST"
        return Answer(303, {"Location": "/made.zip"}) if is_form else Answer(body=archive)

    with Scripted(answer) as server:
        form = {"name": "{year}", "agree": "1"}
        facts = get(tmp_path, f"{server.url}/form", "archive", method="POST", form=form)
    assert server.asked[0].body == b"name=2024&agree=1"
    assert [asked.path for asked in server.asked] == ["/form", "/made.zip"]
    assert facts["files"][0]["name"] == "made.zip"


def test_what_breaks_off_is_asked_for_anew(tmp_path: Path) -> None:
    """The server makes the answer each time: the rest of another one would be no rest."""
    old, new = (sign * 3 * CHUNK for sign in (b"a", b"b"))
    bodies = [old[: 2 * CHUNK], new]

    def answer(asked: Asked) -> Answer:
        headers = {"ETag": '"a"', "Accept-Ranges": "bytes", "Content-Length": str(len(new))}
        return Answer(200, headers, bodies.pop(0))

    with Scripted(answer) as server:
        download(tmp_path, f"{server.url}/f", method="POST", body={"a": 1})
    assert (tmp_path / "file").read_bytes() == new
    assert [asked.headers["Range"] for asked in server.asked] == [None, None]
    assert {asked.body for asked in server.asked} == {b'{"a": 1}'}


def test_an_answer_that_is_not_there_yet_is_none(tmp_path: Path) -> None:
    server = Scripted(lambda _: Answer(202, {}, b"wait"))
    with server, pytest.raises(DiffusionError, match="HTTP 202 from") as refused:
        download(tmp_path, f"{server.url}/f", method="POST", form={"a": "1"})
    assert "`export:`" in refused.value.fix


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"form": {"a": "1"}}, "t.form: only a POST sends a form"),
        ({"body": {"a": 1}}, "t.body: only a POST sends a body"),
        ({"method": "POST", "body": {"a": 1}, "form": {"a": "1"}}, "t.form: set together with"),
        ({"method": "POST", "if_changed": True}, "t.if_changed: has no effect: the answer to a"),
        ({"method": "POST", "export": {"job": "a"}}, "t.method: has no effect: `export` says how"),
        ({"method": "POST", "body": {"y": "{year}"}}, "t.body: uses {year}, which is not an axis"),
        ({"method": "POST", "form": {"api_key": "x"}}, "t.form.api_key: looks like a secret"),
    ],
)
def test_what_cannot_be_meant(keys: dict, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        source_of("https://example.org", "file", **keys)
    assert words in str(caught.value)


def test_a_local_file_is_not_posted_for() -> None:
    with pytest.raises(ConfigError, match="has no effect: `url` is a local path"):
        source_of("a.csv", "file", method="POST")

"""What each status means, how long a server is waited for, and who it is that does not answer."""

import json
import time
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from fetches import Answer, Asked, Scripted, client_of, download, fetch, record_waits, source_of

DATA = Answer(body=b'[{"n": 1}]')
EPOCH = str(int(time.time() + 3600))
IN_90_S = "in 90 s"  # of the test, not of when it was collected
QUOTA = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40"}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        (Answer(202, {"Retry-After": "5"}), 5, 5),
        (Answer(202), 1, 2),
        (Answer(429, {"RateLimit-Reset": "7"}), 7, 7),
        (Answer(403, QUOTA), 40, 40),
        (Answer(403, QUOTA | {"X-RateLimit-Reset": IN_90_S}), 80, 90),
        (Answer(403, {"Retry-After": "3"}), 3, 3),
    ],
)
def test_what_is_waited_for(
    answer: Answer, least: float, most: float, waits: list[float], tmp_path: Path
) -> None:
    reset = str(int(time.time()) + 90)
    headers = {k: reset if v == IN_90_S else v for k, v in answer.headers.items()}
    answers = iter([answer._replace(headers=headers)])
    with Scripted(lambda _: next(answers, DATA)) as server:
        fetch(tmp_path, server.url, retries=0)  # a wait is no failure
    assert len(waits) == 1 and least <= waits[0] <= most


def test_a_minutes_quota_is_sat_out(
    waits: list[float], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Thirty a minute, refused without a word for how long; the waits are as they would be."""
    with Scripted(lambda _: DATA if sum(waits) > 60 else Answer(429)) as server:
        fetch(tmp_path, server.url, retries=0)
    assert 60 < sum(waits) < 130
    assert "waits at most 15 minutes" in caplog.text


@pytest.mark.parametrize(
    ("headers", "words", "fix", "most"),
    [
        ({}, "HTTP 429: slow (waited 2 minutes)", "or raise `wait_minutes`", 120),
        ({"Retry-After": "121"}, "HTTP 429: slow; the server asks to wait 121 s", "after that", 0),
        ({"X-RateLimit-Reset": EPOCH}, "the server asks to wait ", "after that time", 0),
    ],
)
def test_patience_ends(
    headers: dict, words: str, fix: str, most: float, waits: list[float], tmp_path: Path
) -> None:
    slow = Answer(429, headers, b"slow")
    with Scripted(lambda _: slow) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, retries=0, wait_minutes=2)
    assert words in caught.value.found and fix in caught.value.fix
    assert sum(waits) <= most


@pytest.mark.parametrize(
    ("status", "words"),
    [(201, "only 200 and 206 are data"), (203, "only 200"), (204, "only 200"), (403, "licence")],
)
def test_what_is_no_data(status: int, words: str, waits: list[float], tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(status)) as server, pytest.raises(DiffusionError) as caught:
        download(tmp_path, server.url + "/f")
    assert f"HTTP {status}" in caught.value.found and words in caught.value.fix
    assert not waits and not (tmp_path / "file").exists()


def test_a_post_is_not_sent_again_because_its_answer_is_not_ready(tmp_path: Path) -> None:
    refused = pytest.raises(DiffusionError, match="HTTP 202")
    with Scripted(lambda _: Answer(202, body=b'{"job": 1}')) as server, refused:
        fetch(tmp_path, server.url, method="POST")
    assert len(server.asked) == 1


def test_a_dead_proxy_is_named(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:pa55@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DiffusionError) as caught:
        client_of(source_of("http://own.example/f", retries=1)).get("http://own.example/f")
    assert "the proxy http://127.0.0.1:9 refuses connections" in caught.value.found
    assert "http_proxy" in caught.value.fix and "pa55" not in str(caught.value)
    assert len(waits) == 1


def test_a_token_as_json_and_as_text(tmp_path: Path) -> None:
    """What `search_after` is sent is what the last record gave: a list of numbers and text."""

    def answer(asked: Asked) -> Answer:
        seen.append(json.loads(asked.body).get("search_after"))
        rows = [{"_id": n, "sort": [n, "é"]} for n in range(3 * len(seen), 3 * len(seen) + 3)]
        return Answer(body=json.dumps({"hits": rows if len(seen) < 3 else []}).encode())

    seen: list = []
    pages = {"style": "cursor", "records": "hits", "next": "hits[-1].sort", "param": "search_after"}
    with Scripted(answer) as server:
        fetch(tmp_path, server.url, method="POST", body={"size": 3}, pages=pages)
    assert seen == [None, [5, "é"], [8, "é"]]

"""Keys, passwords and tokens: what is sent, to whom, and that nothing of it is ever shown."""

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from diffusion.base import variables
from diffusion.errors import DiffusionError
from fetches import Answer, Asked, Scripted, client_of, download, fetch, record_waits, source_of

ENVIRONMENT = {"KEY": "s3cr3t&", "NAME": "ministère"}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    yield record_waits(monkeypatch)
    variables.forget()


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ({"style": "basic", "user_env": "NAME"}, basic("ministère", "s3cr3t&")),
        ({"style": "basic"}, basic("s3cr3t&", "")),
        ({"style": "bearer", "prefix": "Apikey "}, "Apikey s3cr3t&"),
        (
            {"style": "header", "name": "Authorization", "prefix": "Token token="},
            "Token token=s3cr3t&",
        ),
    ],
)
def test_what_is_sent(auth: dict, sent: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Scripted(lambda _: Answer(body=b"x")) as server:
        download(tmp_path, f"{server.url}/f", ENVIRONMENT, auth={"env": "KEY", **auth})
    assert server.asked[0].headers["Authorization"] == sent


def test_two_secrets(tmp_path: Path) -> None:
    auth = [
        {"env": "KEY", "style": "header", "name": "X-Key"},
        {"env": "NAME", "style": "param", "name": "who"},
    ]
    server = Scripted(lambda _: Answer(404, body=b"s3cr3t&"))
    with server, pytest.raises(DiffusionError) as refused:
        download(tmp_path, f"{server.url}/f", ENVIRONMENT, auth=auth)
    asked = server.asked[0]
    assert (asked.headers["X-Key"], asked.path) == ("s3cr3t&", "/f?who=minist%C3%A8re")
    assert "who=***" in str(refused.value) and "s3cr3t" not in str(refused.value)


class Tokens:
    """A server that gives tokens (`/token`) and pages (`/data`) to those that have the last one."""

    def __init__(self) -> None:
        self.given, self.lasts = 0, 3600
        self.answers: dict[str, Callable[[Asked], Answer]] = {}

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if path in self.answers:
            return self.answers[path](asked)
        if path == "/token":
            self.given += 1
            token = {"access_token": f"t0ken-{self.given}", "expires_in": self.lasts}
            return Answer(body=json.dumps(token).encode())
        if asked.headers.get("Authorization") != f"Bearer t0ken-{self.given}":
            return Answer(401, body=b"expired: " + asked.headers["Authorization"].encode())
        page = int(parse_qs(asked.path.partition("?")[2])["page"][0])
        return Answer(body=json.dumps([{"n": page}] if page < 4 else []).encode())


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def server(tokens: Tokens) -> Iterator[Scripted]:
    with Scripted(tokens.answer) as scripted:
        yield scripted


def oauth(server: Scripted, **keys: object) -> dict:
    auth = {"env": "KEY", "user_env": "NAME", "style": "oauth2"}
    return {
        "auth": {**auth, "token_url": f"{server.url}/token", **keys},
        "pages": {"style": "page", "start": 1},
    }


def paths(server: Scripted) -> list[str]:
    return [asked.path.partition("?")[0] for asked in server.asked]


def test_a_token_is_asked_for_once(server, tokens, tmp_path) -> None:
    facts = fetch(tmp_path, f"{server.url}/data", ENVIRONMENT, **oauth(server, scope="read"))
    assert facts["records"] == 3 and paths(server) == ["/token", *["/data"] * 4]
    asked = server.asked[0]
    assert asked.method == "POST"
    assert asked.headers["Authorization"] == basic("ministère", "s3cr3t&")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["read"],
    }
    assert "t0ken" not in json.dumps(facts)


def test_a_client_that_is_named_in_the_form(server, tmp_path) -> None:
    fetch(tmp_path, f"{server.url}/data", ENVIRONMENT, **oauth(server, in_body=True))
    form = parse_qs(server.asked[0].body.decode())
    assert (form["client_id"], form["client_secret"]) == (["ministère"], ["s3cr3t&"])
    assert "Authorization" not in server.asked[0].headers


def test_a_token_is_renewed_before_it_ends(server, tokens, tmp_path) -> None:
    tokens.lasts = 20  # less than what is left to the request
    fetch(tmp_path, f"{server.url}/data", ENVIRONMENT, **oauth(server))
    assert paths(server) == ["/token", "/data"] * 4


def test_a_token_that_is_refused_is_renewed_once(server, tokens, tmp_path) -> None:
    source = source_of(f"{server.url}/data", **oauth(server))
    client = client_of(source, ENVIRONMENT)
    client.get(f"{server.url}/data", {"page": 1})
    tokens.given += 1  # revoked
    assert client.get(f"{server.url}/data", {"page": 2}).status_code == 200
    tokens.answers["/data"] = lambda asked: Answer(
        401, body=asked.headers["Authorization"].encode()
    )
    with pytest.raises(
        DiffusionError, match=r"HTTP 401 .*: Bearer \*\*\* \[answer\]\s+→ check `auth:`"
    ):
        client.get(f"{server.url}/data", {"page": 3})
    assert paths(server) == ["/token", *["/data"] * 2, "/token", *["/data"] * 2, "/token", "/data"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401, body=b'{"error": "invalid_client: s3cr3t&"}'), "HTTP 401 from"),
        (Answer(body=b'{"token": "x"}'), "has no `access_token` (token)"),
        (Answer(body=b"<html>"), "is no JSON"),
    ],
)
def test_no_token(answer, words, server, tokens, tmp_path, caplog) -> None:
    caplog.set_level(logging.DEBUG, "diffusion")
    tokens.answers["/token"] = lambda _: answer
    with pytest.raises(DiffusionError) as refused:
        fetch(tmp_path, f"{server.url}/data", ENVIRONMENT, **oauth(server))
    assert words in str(refused.value) and "sources.t.auth" in str(refused.value)
    told = [*traceback.format_exception(refused.value), caplog.text]
    told += [p.read_bytes().decode("latin-1") for p in tmp_path.rglob("*") if p.is_file()]
    assert not any("s3cr3t" in text for text in told)


def test_a_token_stays_at_home(server, tokens, tmp_path) -> None:
    """Another host gets none, and what it repeats of one that it was told is not shown."""
    with Scripted(lambda asked: Answer(403, body=b"t0ken-1 " + repr(asked).encode())) as other:
        tokens.answers["/data"] = lambda _: Answer(302, {"Location": f"{other.url}/x"})
        keys = oauth(server) | {"allow_hosts": ["127.0.0.1"]}
        with pytest.raises(DiffusionError) as refused:
            fetch(tmp_path, f"{server.url}/data", ENVIRONMENT, **keys)
    assert "Authorization" not in other.asked[0].headers
    assert "t0ken" not in str(refused.value)


def test_a_form(server, tokens, tmp_path) -> None:
    """As a web page sends it; the counter of its pages stands in it."""

    def page(asked: Asked) -> Answer:
        form = parse_qs(asked.body.decode())
        return Answer(body=json.dumps([form] if form["page"] == ["1"] else []).encode())

    tokens.answers["/data"] = page
    keys = {
        "method": "POST",
        "form": {"data": "[out:json];"},
        "pages": {"style": "page", "start": 1},
    }
    facts = fetch(tmp_path, f"{server.url}/data", **keys)
    assert (facts["records"], facts["form"]["data"]) == (1, "[out:json];")
    asked = server.asked[0]
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.body == b"data=%5Bout%3Ajson%5D%3B&page=1"

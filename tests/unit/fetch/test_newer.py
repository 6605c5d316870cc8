"""What is newer than a raw copy: known by one cheap request, of servers that say more or less."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diffusion.config.parts import Server
from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.newer import is_newer
from diffusion.fetch.newer_http import Newer
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, source_of

MARCH, JUNE = "Wed, 19 Mar 2025 08:00:00 GMT", "Sun, 01 Jun 2025 08:00:00 GMT"
LINK = "/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"
PORTAL = "/api/2/datasets/resources/eb36371a-761d-44a8-93ec-3d728bec17ce/"
API = {"from": "api", "pages": {"records": "items", "total": "total"}}
PAGED = {"style": "page", "records": "items", "total": "total", "size_param": "n", "size": 2}


class Now:
    """What a server says now; `sends` is by how many bytes of bodies it was asked for."""

    def __init__(self) -> None:
        self.answer, self.validates = Answer(body=b"a,b\n1,2\n"), False
        self.portal, self.least, self.described = "", 0, {}

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == PORTAL:
            told = {"resource": {"last_modified": self.portal}}
            return Answer(body=json.dumps(told).encode()) if self.portal else Answer(404)
        if asked.path == "/portal":
            return Answer(body=json.dumps(self.described).encode())
        if self.least and "n=1" in asked.path.split("?")[-1].split("&"):
            return Answer(400, body=b"n is too small")
        tag = self.answer.headers.get("ETag")
        if self.validates and tag and asked.headers.get("If-None-Match") == tag:
            return Answer(304, self.answer.headers)
        return self.answer


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def server(now: Now) -> Iterator[Scripted]:
    with Scripted(now) as scripted:
        yield scripted


@pytest.fixture
def ask(tmp_path: Path, server: Scripted, now: Now) -> Callable[..., Newer]:
    """Fetch once, let the server change, and ask whether something is newer."""
    store = Store(str(tmp_path / "raw"), None)

    def run(change: Callable[[], object] = lambda: None, /, path: str = "/t.csv", **keys) -> Newer:
        source = source_of(**({"from": "file", "url": server.url + path} | keys))
        given = ["all"], store, tmp_path / "scratch"
        known = fetch_batch("t", source.fetching, *given, lock={})["partitions"]["all"]
        change()
        server.asked.clear()
        return is_newer("t", source.fetching.fetch, "all", known)

    return run


def says(now: Now, body: bytes = b"a,b\n1,2\n", status: int = 200, **headers: str) -> None:
    names = {"etag": "ETag", "modified": "Last-Modified"}
    now.answer = Answer(status, {names[key]: value for key, value in headers.items()}, body)


LONGER = b"a,b\n1,2\n3,4\n"
FILES = {
    "validated": ({"etag": '"1"'}, {"etag": '"1"'}, "unchanged", ""),
    "another ETag": ({"etag": '"1"'}, {"etag": '"2"'}, "changed", ""),
    "a weak ETag": ({"etag": '"1"'}, {"etag": 'W/"1"'}, "unchanged", ""),
    "the same date": ({"modified": MARCH}, {"modified": MARCH}, "unchanged", "2025-03-19"),
    "a later date": ({"modified": MARCH}, {"modified": JUNE}, "changed", "2025-06-01"),
    # servers behind one name have ETags of their own
    "a date beats ETags": (
        {"etag": '"1"', "modified": MARCH},
        {"etag": '"9"', "modified": MARCH},
        "unchanged",
        "2025-03-19",
    ),
    "nothing is said": ({}, {}, "unknowable", ""),
    "nothing but its size": ({}, {"body": LONGER}, "changed", ""),
    "gone": ({"etag": '"1"'}, {"status": 404}, "vanished", ""),
    "refused": ({"etag": '"1"'}, {"status": 403}, "unreachable", ""),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file(ask, now, server, name):
    before, after, state, since = FILES[name]
    now.validates = name == "validated"
    says(now, **before)
    newer = ask(lambda: says(now, **after))
    assert (newer.state, newer.since[:10]) == (state, since), newer
    assert len(server.asked) == 1, "one request"


def test_how_much_is_newer(ask, now):
    says(now, modified=MARCH)
    newer = ask(lambda: says(now, LONGER, modified=JUNE))
    assert newer.found == "8 → 12 bytes"


def test_a_portal_says_when_a_resource_was_modified(ask, now, server):
    """Where neither date nor ETag is sent, by the API of what made the lasting address."""

    def modified(moment: str) -> Callable[[], None]:
        return lambda: setattr(now, "portal", moment)

    newer = ask(modified("2099-01-01T08:00:00+00:00"), LINK)
    assert (newer.state, newer.since) == ("changed", "2099-01-01T08:00:00+00:00")
    assert [asked.path for asked in server.asked] == [LINK, PORTAL]
    assert ask(modified("2020-01-01T08:00:00"), LINK).state == "unchanged"
    assert ask(modified(""), LINK).state == "unknowable"


def test_the_portal_that_describes_a_source_is_asked_where_its_server_cannot_say(ask, now, server):
    """By the day that it states, beside the one that it stated when the raw copy came."""
    portal = {"portal": f"{server.url}/portal", "method": "POST"}

    def states(day: str) -> None:
        now.described = {"schema": [], "license": {"title": "LO"}, "dataUpdatedAt": day}

    states("2025-03-19T08:00:00Z")
    assert ask(**portal).state == "unchanged"
    newer = ask(lambda: states("2025-06-01T08:00:00Z"), **portal, vintage="2")
    assert (newer.state, newer.since, newer.found) == (
        "changed",
        "2025-06-01",
        "its portal says so",
    )
    newer = ask(lambda: states(""), **portal, vintage="3")
    assert newer.state == "unknowable"


def records(count: int, **more: object) -> bytes:
    return json.dumps({"total": count, "items": [{"a": 1}] * min(count, 2), **more}).encode()


@pytest.mark.parametrize(
    ("before", "after", "pages", "state", "found"),
    [
        ({}, {"count": 1}, {}, "changed", "2 → 1 records"),
        ({}, {}, {}, "unknowable", "2 records as before; a `pages.marker` would tell"),
        ({"v": "1"}, {"v": "1"}, {"marker": "v"}, "unchanged", "the same `v`"),
        ({"v": "1"}, {"v": "2"}, {"marker": "v"}, "changed", "`v`: 1 → 2"),
        ({}, {}, {"total": None}, "unknowable", "no `pages.marker` is named"),
    ],
)
def test_an_api(ask, now, before, after, pages, state, found):
    def say(count: int = 2, **more: object) -> None:
        now.answer = Answer(body=records(count, **more))

    say(**before)
    keys = {**API, "pages": {**API["pages"], **pages}}
    newer = ask(lambda: say(**after), path="/records", **keys)
    assert newer.state == state, newer
    assert newer.found.startswith(found)


@pytest.mark.parametrize("least", [0, 1])
def test_an_api_is_asked_for_one_record(ask, now, server, least):
    """Where it gives no page so small, for a page as ever."""
    now.answer = Answer(body=records(2))

    def change() -> None:
        now.answer, now.least = Answer(body=records(9)), least

    newer = ask(change, path="/records", **{**API, "pages": PAGED})
    assert newer.found == "2 → 9 records"
    sizes = [asked.path.partition("n=")[2].partition("&")[0] for asked in server.asked]
    assert sizes == ["1", "2"][: 1 + least]


def test_what_no_server_can_say(ask):
    assert "POST" in ask(method="POST").found
    newer = is_newer(
        "t", source_of(**{"from": "database", "url": "mysql://x/b", "table": "t"}).fetch, "all", {}
    )
    assert newer.state == "unknowable"


def test_a_server_that_is_not_there(ask, server):
    newer = ask(lambda: server.__exit__())
    assert newer.state == "unreachable"


def test_a_secret_goes_along_and_is_not_shown(ask, now, server, monkeypatch):
    monkeypatch.setenv("KEY", "s3cret-of-mine")

    def refuse() -> None:
        says(now, b"no, s3cret-of-mine", status=403)

    newer = ask(refuse, auth={"env": "KEY"})
    assert server.asked[0].headers["Authorization"] == "Bearer s3cret-of-mine"
    assert newer.state == "unreachable"
    assert "s3cret" not in newer.found


def test_a_file_of_this_machine(ask, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("a\n1\n")
    keys = {"url": str(path)}
    assert ask(**keys).state == "unchanged"
    assert ask(lambda: os.utime(path), **keys).state == "unchanged"
    assert ask(lambda: path.write_text("a\n2\n"), **keys).found == "other bytes, of the same size"
    assert ask(path.unlink, **keys).state == "vanished"


def test_objects_of_a_bucket(ask, s3, monkeypatch):
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    link = connection(Server(endpoint=s3.endpoint), s3.environment())
    lake = Store("s3://lake/newer", link)

    def put(key: str, text: bytes) -> None:
        lake.put(key, text, "")

    put("a.csv", b"a\n1\n")
    keys = {"from": "s3", "url": "s3://lake/newer/*.csv", "endpoint": s3.endpoint}
    assert ask(**keys).state == "unchanged"
    newer = ask(lambda: put("b.csv", b"a\n2\n"), **keys)
    assert newer.found == "1 new of 2 objects; 4 → 8 bytes"
    one = keys | {"url": "s3://lake/newer/a.csv", "vintage": "2"}
    assert ask(lambda: put("a.csv", b"a\n10\n"), **one).state == "changed"
    assert ask(lambda: lake.delete(["a.csv"]), **one).state == "vanished"

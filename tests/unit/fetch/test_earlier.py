"""Bytes that are shared: by sources that ask for the same, and with earlier vintages."""

import datetime
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diffusion.config.model import Source
from diffusion.config.resolve import ConfigError
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.raw.cache import raw_files
from diffusion.raw.copies import find_raw
from diffusion.raw.removal import needed_elsewhere, remove_vintage
from diffusion.run.jobs import Jobs
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, source_of
from projects import REPOSITORY

OLD, NEW = "2025-03-19", "2025-06-01"
MONTHS = {"month": {"from": "2025-01", "to": "vintage", "every": "month"}}


class Changing:
    """A server whose file has a version, its ETag; `validates`: it knows If-None-Match."""

    def __init__(self) -> None:
        self.version, self.validates = "1", True

    def answer(self, asked: Asked) -> Answer:
        tag = f'"{self.version}"'
        if self.validates and asked.headers.get("If-None-Match") == tag:
            return Answer(304, {"ETag": tag})
        body = f"path,version\n{asked.path},{self.version}\n".encode()
        return Answer(headers={"ETag": tag} if self.validates else {}, body=body)


@pytest.fixture
def changing() -> Changing:
    return Changing()


@pytest.fixture
def server(changing: Changing) -> Iterator[Scripted]:
    with Scripted(changing.answer) as scripted:
        yield scripted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "raw"), None)


@pytest.fixture
def get(tmp_path: Path, store: Store) -> Callable[..., dict]:
    def run(source: Source, *partitions: str, name: str = "t", **settings: object) -> dict:
        batch, scratch = list(partitions or ["all"]), tmp_path / "scratch"
        settings = {"lock": {}, **settings}
        return fetch_batch(name, source.fetching, batch, store, scratch, **settings)["partitions"]

    return run


def text(store: Store, provenance: dict, place: Path) -> str:
    return raw_files(store, provenance, place)[0].read_text()


def test_what_two_sources_read_is_asked_for_once(server, store, get, tmp_path) -> None:
    """Each has a raw copy of its own, whose bytes are there once."""
    url = f"{server.url}/a.csv"
    config = {
        "project": {"name": "x"},
        "vintage": OLD,
        "sources": {
            "one": {"from": "file", "url": url},
            "two": {"from": "file", "url": url, "columns": {"version": "int"}},
            "other": {"from": "file", "url": url, "vintage": NEW},
            "keyed": {"from": "file", "url": url, "auth": {"env": "KEY"}},
        },
    }
    jobs = Jobs.from_config(config, [], REPOSITORY)
    assert jobs.siblings() == {"one": ["two"], "two": ["one"]}
    one = get(jobs.sources["one"], name="one", siblings=["two"])["all"]
    two = get(jobs.sources["two"], name="two", siblings=["one"])["all"]
    assert one["files"] == two["files"] and len(server.asked) == 1
    assert find_raw(store, f"two/{OLD}/all") == two
    assert text(store, two, tmp_path).startswith("path,version")


def test_a_sibling_that_once_asked_for_something_else(server, store, get) -> None:
    """It keeps its old raw copy by `formerly`: that is not what another source asks for."""
    get(source_of(f"{server.url}/old.csv", "file"), name="one")
    get(source_of(f"{server.url}/a.csv", "file"), name="two", siblings=["one"])
    assert [asked.path for asked in server.asked] == ["/old.csv", "/a.csv"]


def test_windows_that_are_over_come_from_the_earlier_vintage(server, store, get) -> None:
    keys = {"partitions": MONTHS, "reuse": {"axis": "month", "after": 10}}
    url = f"{server.url}/{{month}}.csv"
    old, new = (source_of(url, "file", vintage=v, **keys) for v in (OLD, NEW))
    first = get(old, *(f"month={m}" for m in old.partitions["month"]))
    server.asked.clear()
    found = get(new, *(f"month={m}" for m in new.partitions["month"]), offline=False)
    # March was not over, and February was revised for ten days more
    assert [a.path for a in server.asked] == [f"/2025-0{n}.csv" for n in (3, 4, 5, 6)]
    for month in ("month=2025-01", "month=2025-02"):
        assert found[month]["files"] == first[month]["files"]
        assert found[month]["shared_with"] == OLD
    assert found["month=2025-03"]["files"] != first["month=2025-03"]["files"]


def test_what_came_before_a_source_was_reinstated_is_asked_for_again(server, store, get) -> None:
    """Another machine has kept what was taken down: no window of it comes into a new vintage."""
    keys = {"partitions": {"month": ["2025-01"]}, "reuse": {"axis": "month"}}
    old, new = (
        source_of(f"{server.url}/{{month}}.csv", "file", vintage=v, **keys) for v in (OLD, NEW)
    )
    get(old, "month=2025-01")
    now = datetime.datetime.now(datetime.UTC)
    later, before = (now + datetime.timedelta(days=days) for days in (1, -1))
    found = get(new, "month=2025-01", since=lambda: later)
    assert len(server.asked) == 2 and "shared_with" not in found["month=2025-01"]
    newer = source_of(f"{server.url}/{{month}}.csv", "file", vintage="2025-07-01", **keys)
    assert get(newer, "month=2025-01", since=lambda: before)["month=2025-01"]["shared_with"] == NEW


def test_how_long_data_are_revised(server, get) -> None:
    keys = {"partitions": MONTHS, "reuse": {"axis": "month", "after": 30}}
    url = f"{server.url}/{{month}}.csv"
    get(source_of(url, "file", vintage=OLD, **keys), "month=2025-01", "month=2025-02")
    server.asked.clear()
    get(source_of(url, "file", vintage=NEW, **keys), "month=2025-01", "month=2025-02")
    assert [a.path for a in server.asked] == ["/2025-02.csv"]


def test_a_vintage_that_is_named_after_a_later_day(server, store, get) -> None:
    """What was not over when the bytes came is asked again, whatever the vintage says."""
    keys = {"partitions": {"month": ["2025-02"]}, "reuse": {"axis": "month"}}
    url, now = f"{server.url}/{{month}}.csv", f"t/{OLD}/month=2025-02/provenance.json"
    get(source_of(url, "file", vintage=OLD, **keys), "month=2025-02")
    kept = json.loads(store.read(now)[0]) | {"retrieved": "2025-02-11T00:00:00+00:00"}
    (store.local_path(now)).write_text(json.dumps(kept))
    get(source_of(url, "file", vintage=NEW, **keys), "month=2025-02")
    assert len(server.asked) == 2


def test_an_earlier_raw_copy_of_another_request_is_none(server, get) -> None:
    keys = {"partitions": MONTHS, "reuse": {"axis": "month"}}
    get(source_of(f"{server.url}/{{month}}.csv", "file", **keys), "month=2025-01")
    get(source_of(f"{server.url}/v2/{{month}}.csv", "file", vintage=NEW, **keys), "month=2025-01")
    assert [a.path for a in server.asked] == ["/2025-01.csv", "/v2/2025-01.csv"]


def test_what_did_not_change_is_not_sent(server, changing, store, get, tmp_path) -> None:
    def source(vintage: str) -> Source:
        return source_of(f"{server.url}/a.csv", "file", vintage=vintage, if_changed=True)

    first = get(source(OLD))["all"]
    assert "If-None-Match" not in server.asked[-1].headers
    second = get(source("2025-04-01"))["all"]
    assert server.asked[-1].headers["If-None-Match"] == '"1"'
    assert (second["files"], second["shared_with"]) == (first["files"], OLD)
    assert second["unchanged"] >= second["retrieved"] == first["retrieved"]
    changing.version = "2"
    third = get(source(NEW))["all"]
    assert third["files"] != first["files"] and "shared_with" not in third
    assert text(store, third, tmp_path).endswith(",2\n")
    assert get(source(NEW))["all"] == third and len(server.asked) == 3


@pytest.mark.parametrize(
    ("vintage", "earlier"),
    [
        ("2026-11", "2026-10"),
        ("2026-11", "2026-09-30"),
        ("2026-11-02", "2026-10b"),
        ("2026-Q4", "2026-Q3"),
        ("2027", "2026-W52"),
        ("2026-11", "2026-11-01"),
        ("2026-11-02", "2026-11"),
        ("2026-11", "2026-11b"),
        ("2026-10", "2026-11"),
    ],
)
def test_vintages_that_are_months_have_an_order(server, get, vintage: str, earlier: str) -> None:
    """The same month, and a day in it, are not earlier than one another."""
    for each in (earlier, vintage):
        get(source_of(f"{server.url}/a.csv", "file", vintage=each, if_changed=True))
    is_earlier = earlier < vintage and not earlier.startswith(vintage[:7])
    assert bool(server.asked[-1].headers["If-None-Match"]) == is_earlier


def test_windows_up_to_a_vintage_that_is_a_month(server, store, get) -> None:
    months = {"month": {"from": "2026-08", "to": "vintage", "every": "month"}}
    keys = {"partitions": months, "reuse": {"axis": "month"}}
    url = f"{server.url}/{{month}}.csv"
    old, new = (source_of(url, "file", vintage=v, **keys) for v in ("2026-10", "2026-11"))
    assert old.partitions["month"] == ["2026-08", "2026-09", "2026-10"]
    first = get(old, *(f"month={m}" for m in old.partitions["month"]))
    place = store.local_path("t/2026-10/month=2026-09/provenance.json")
    for path in place.parents[1].glob("*/provenance.json"):  # it came on the 20th of October
        kept = json.loads(path.read_bytes()) | {"retrieved": "2026-10-20T08:00:00+00:00"}
        path.write_text(json.dumps(kept))
    server.asked.clear()
    found = get(new, *(f"month={m}" for m in new.partitions["month"]))
    assert [a.path for a in server.asked] == ["/2026-10.csv", "/2026-11.csv"]
    assert found["month=2026-09"]["files"] == first["month=2026-09"]["files"]
    assert found["month=2026-09"]["shared_with"] == "2026-10"


def test_the_same_bytes_of_a_server_that_does_not_say_so(server, changing, store, get) -> None:
    changing.validates = False
    for vintage in (OLD, NEW):
        get(source_of(f"{server.url}/a.csv", "file", vintage=vintage, if_changed=True))
    keys = [key for key, _ in store.list("")]
    assert len(server.asked) == 2 and sum(key.endswith(".csv") for key in keys) == 1


def test_a_lock_holds_for_shared_bytes(server, get) -> None:
    keys = {"if_changed": True}
    get(source_of(f"{server.url}/a.csv", "file", **keys))
    locked = {"name": "a.csv", "size": 1, "sha256": "0" * 64, "retrieved": OLD}
    lock = {"t": {"vintage": NEW, "partitions": {"all": [locked]}}}
    with pytest.raises(DiffusionError, match=r"is not what config/sources\.lock\.yaml says"):
        get(source_of(f"{server.url}/a.csv", "file", vintage=NEW, **keys), lock=lock)


def test_bytes_that_others_share_stay(server, store, get) -> None:
    keys = {"if_changed": True}
    for vintage in (OLD, NEW):
        get(source_of(f"{server.url}/a.csv", "file", vintage=vintage, **keys))
    needed = needed_elsewhere(store, [f"t/{OLD}"])
    assert list(needed.values()) == [{f"t/{NEW}"}]
    remove_vintage(store, "t", OLD, "", keep=needed)
    assert find_raw(store, f"t/{OLD}/all") is None
    found = find_raw(store, f"t/{NEW}/all")
    assert [file["key"] for file in found["files"]] == list(needed)
    assert needed_elsewhere(store, [f"t/{OLD}", f"t/{NEW}"]) == {}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"reuse": {"axis": "year"}}, "reuse.axis: there is no such axis"),
        ({"reuse": {"axis": "month"}, "partitions": {"month": ["x"]}}, "`x` is no period"),
        ({"reuse": {"after": 3}}, "reuse.axis: missing"),
        ({"reuse": {"axis": "month"}, "vintage": "v1"}, "`v1` does not say what is earlier"),
        ({"if_changed": True, "vintage": "v2"}, "if_changed: the vintage `v2` does not say"),
        ({"if_changed": True, "vintage": "2025-13"}, "the vintage `2025-13` does not say"),
    ],
)
def test_what_cannot_be_reused(keys, words) -> None:
    keys = {"partitions": {"month": ["2025-01"]}, **keys}
    with pytest.raises(ConfigError) as caught:
        source_of("https://example.org/{month}.csv", "file", **keys)
    assert words in json.dumps(str(caught.value), ensure_ascii=False).replace("\\n", " ")


def test_a_consent_is_for_one_raw_copy(server, changing, store, get) -> None:
    """`formerly` says that old bytes are right; what another address says of changes is its own."""
    get(source_of(f"{server.url}/old.csv", "file", if_changed=True))
    consent = {"if_changed": True, "formerly": {"url": f"{server.url}/old.csv"}}
    get(source_of(f"{server.url}/a.csv", "file", **consent))
    found = get(source_of(f"{server.url}/a.csv", "file", vintage=NEW, **consent))["all"]
    assert "If-None-Match" not in server.asked[-1].headers and "shared_with" not in found


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_an_earlier_raw_copy_that_is_not_whole_is_none(harm, server, store, get, caplog) -> None:
    first = get(source_of(f"{server.url}/a.csv", "file", if_changed=True))["all"]
    path = store.local_path(first["files"][0]["key"])
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(bytes(path.stat().st_size))
    found = get(source_of(f"{server.url}/a.csv", "file", vintage=NEW, if_changed=True))["all"]
    assert "shared_with" not in found and find_raw(store, f"t/{NEW}/all")
    assert "If-None-Match" not in server.asked[-1].headers
    assert "damaged" in caplog.text or "is missing" in caplog.text

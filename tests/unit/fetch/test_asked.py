"""A raw copy remembers its request: another one is refused under its vintage, or consented to."""

import json
from pathlib import Path

import pytest
import yaml

from diffusion.config.model import Source
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import request_of
from diffusion.fetch.batch import fetch_batch
from diffusion.storage.store import Store
from fetches import Answer, Scripted, source_of

API = {
    "params": {"q": "a"},
    "headers": {"Accept-Language": "fr"},
    "pages": {"style": "page", "records": "items", "size_param": "n", "size": 9},
}
CHANGES = {
    "params": ({"params": {"q": "b"}}, 'params: {"q":"a"} then, {"q":"b"} now'),
    "headers": ({"headers": {"Accept-Language": "en"}}, '"fr"'),
    "method": ({"method": "POST"}, 'method: "GET" then, "POST" now'),
    "empty_on": ({"empty_on": [404]}, "empty_on: [] then, [404] now"),
    "paging": ({"pages": API["pages"] | {"style": "none"}}, 'pages.style: "page" then, "none" now'),
    "records": ({"pages": API["pages"] | {"records": "all"}}, "pages.records"),
    "size": ({"pages": API["pages"] | {"size": 8}}, "pages.size: 9 then, 8 now"),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "raw"), None)


def get(store: Store, source: Source, tmp_path: Path) -> dict:
    found = fetch_batch("t", source.fetching, ["all"], store, tmp_path / "scratch", lock={})
    return found["partitions"]["all"]


def refused(store: Store, source: Source, tmp_path: Path) -> DiffusionError:
    with pytest.raises(DiffusionError) as caught:
        get(store, source, tmp_path)
    return caught.value


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_is_named_and_either_remedy_works(
    name: str, store: Store, tmp_path: Path
) -> None:
    change, words = CHANGES[name]
    page = json.dumps({"items": [{"n": 1}], "all": [{"n": 1}]}).encode()
    with Scripted(lambda _: Answer(body=page)) as server:
        pages = API["pages"] | {"total": "items[0].n"}  # one record, one page
        api = API | {"pages": pages}
        change = {k: v | {"total": "items[0].n"} if k == "pages" else v for k, v in change.items()}
        first = get(store, source_of(server.url, **api), tmp_path)
        assert get(store, source_of(server.url, **api), tmp_path) == first
        now = api | change
        error = refused(store, source_of(server.url, **now), tmp_path)
        assert words in error.found and len(server.asked) == 1
        consent = yaml.safe_load(error.fix.partition("say so: ")[2])
        assert get(store, source_of(server.url, **now, **consent), tmp_path) == first
        assert len(server.asked) == 1
        get(store, source_of(server.url, **now, **consent, vintage="2026"), tmp_path)
        again = get(store, source_of(server.url, **now, **consent, vintage="2026"), tmp_path)
        assert len(server.asked) == 2 and again["request"] != first["request"]


def test_another_url(store: Store, tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(body=b"a,b\n1,2\n")) as server:
        first = get(store, source_of(server.url + "/old.csv", "file"), tmp_path)
    error = refused(store, source_of(server.url + "/new.csv", "file"), tmp_path)
    assert "/old.csv" in error.found and "/new.csv" in error.found
    moved = source_of(server.url + "/new.csv", "file", formerly={"url": server.url + "/old.csv"})
    assert get(store, moved, tmp_path) == first
    elsewhere = server.url.replace("127.0.0.1", "localhost")  # a port of this machine says nothing
    assert get(store, source_of(f"{elsewhere}1/old.csv", "file"), tmp_path) == first


def test_options_that_decide_no_byte(store: Store, tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(body=b'{"items": []}')) as server:
        one = source_of(server.url + "/{n}", partitions={"n": ["1"]}, **API)
        fetched = fetch_batch("t", one.fetching, ["n=1"], store, tmp_path / "s", lock={})
        pages = API["pages"] | {"max_pages": 7}
        keys = API | {"pages": pages, "retries": 1, "timeout": 3, "wait_minutes": 1}
        other = source_of(server.url + "/{n}", partitions={"n": ["1"]}, **keys)
        assert fetch_batch("t", other.fetching, ["n=1"], store, tmp_path / "s", lock={}) == fetched
    provenance = (tmp_path / "raw/t/2025-03-19/n=1/provenance.json").read_text()
    request = json.loads(provenance)["request"]
    assert request["headers"] == API["headers"] and request["pages"]["size_param"] == "n"


@pytest.mark.parametrize("noted", [["url", "params", "method", "body", "records"], []])
def test_raw_copies_of_earlier_versions_stay_valid(
    noted: list, store: Store, tmp_path: Path
) -> None:
    with Scripted(lambda _: Answer(body=b'{"items": []}')) as server:
        source = source_of(server.url + "/{n}", partitions={"n": ["1"]}, **API)
    old = {key: value for key, value in request_of(source.fetch).items() if key in noted}
    provenance = {"files": [], "retrieved": "2024-01-01", "url": server.url}
    provenance |= {"request": old} if noted else {}
    store.put("t/2025-03-19/n=1/provenance.json", json.dumps(provenance).encode(), "")
    found = fetch_batch("t", source.fetching, ["n=1"], store, tmp_path / "s", lock={})
    assert found["partitions"]["n=1"] == provenance
    if noted:
        pages = API["pages"] | {"records": "rows"}
        other = source_of(server.url + "/{n}", partitions={"n": ["1"]}, **API | {"pages": pages})
        with pytest.raises(DiffusionError, match='records: "items" then, "rows" now'):
            fetch_batch("t", other.fetching, ["n=1"], store, tmp_path / "s", lock={})

"""A raw copy remembers its request: another one is refused under its vintage, or consented to."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from diffusion.config.fetching import FileFetch, expanded
from diffusion.config.model import Source
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import noted_request, refuse_other_request, request_of
from diffusion.fetch.batch import fetch_batch
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, download, lines, source_of

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
    for place in ("http://localhost:40001", "http://[::1]:65535"):  # ports that were given out
        assert get(store, source_of(f"{place}/old.csv", "file"), tmp_path) == first
    for place in ("http://localhost", "http://127.0.0.1:8080", "http://own.example:40001"):
        error = refused(store, source_of(f"{place}/old.csv", "file"), tmp_path)
        assert f"{place}/old.csv" in error.found


@pytest.mark.parametrize("scheme", ["", "sqlite:///"])
def test_a_path_that_is_mistyped_later(store: Store, tmp_path: Path, monkeypatch, scheme) -> None:
    """That there is no such file comes first, with what lies beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    table = {"table": "t"} if scheme else {}
    kind = "database" if scheme else "file"
    with closing(sqlite3.connect("data/rents.db")) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS n")
        con.commit()
    first = get(store, source_of(f"{scheme}data/rents.db", kind, **table), tmp_path)
    for place in ("data/rentz.db", "dat/rents.db"):
        wrong = source_of(f"{scheme}{place}", kind, **table)
        error = refused(store, wrong, tmp_path)
        assert error.found.startswith(f"there is no file {place}, and its raw copy was fetched by")
        assert error.fix.startswith("did you mean `data/rents.db`? check the path")
        consent = yaml.safe_load(error.fix.partition("say so: ")[2])
        consented = source_of(f"{scheme}{place}", kind, **table, **consent)
        assert get(store, consented, tmp_path) == first
        new = source_of(f"{scheme}{place}", kind, **table, vintage="2026")
        assert "did you mean `data/rents.db`? " in refused(store, new, tmp_path).fix
    (tmp_path / "data/other.db").write_bytes(Path("data/rents.db").read_bytes())
    there = refused(store, source_of(f"{scheme}data/other.db", kind, **table), tmp_path)
    assert "there is no file" not in there.found


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


def interrupted(store: Store, tmp_path: Path, first: dict, then: dict) -> tuple[bytes, str]:
    """Return what came of a fetch that broke off, and went on with other keys; and its scratch."""

    def answer(asked: Asked) -> Answer:
        language = asked.headers["Accept-Language"]
        page = int(asked.path.partition("page=")[2] or 1)
        if language == "fr" and page == 2:
            return Answer(500)
        items = [{"l": language, "n": page}] if page < 4 else []
        return Answer(body=json.dumps({"items": items}).encode())

    pages = {"style": "page", "records": "items", "param": "page", "start": 1}
    keys = {"pages": pages, "retries": 0}
    with Scripted(answer) as server:
        refused(store, source_of(server.url, **keys, **first), tmp_path)
        scratch = "".join(p.read_text("utf-8") for p in tmp_path.rglob("*.pages"))
        get(store, source_of(server.url, **keys, **then), tmp_path)
    [path] = (tmp_path / "raw/t/2025-03-19/all").glob("*.zst")
    return path.read_bytes(), scratch


def test_pages_of_other_headers_are_not_gone_on_with(store: Store, tmp_path: Path) -> None:
    old, new = {"headers": {"Accept-Language": "fr"}}, {"headers": {"Accept-Language": "en"}}
    data, scratch = interrupted(store, tmp_path, old, new)
    assert [json.loads(line) for line in lines(data)] == [{"l": "en", "n": n} for n in (1, 2, 3)]
    assert "Accept-Language" not in scratch and '"fr"' not in scratch.partition("\n")[0]


def test_a_download_of_other_headers_begins_anew(tmp_path: Path) -> None:
    """`Last-Modified` is the same for each language of a file."""

    def answer(asked: Asked) -> Answer:
        letter = asked.headers["Accept-Language"][:1].encode()
        whole, known = letter * 200_000, {"Last-Modified": "Mon, 01 Jan 2018 00:00:00 GMT"}
        if len(server.asked) == 1:
            return Answer(200, known | {"Content-Length": "200000"}, whole[:150_000])
        start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
        said = {"Content-Range": f"bytes {start}-199999/200000"} if start else {}
        return Answer(206 if start else 200, known | said, whole[start:])

    with Scripted(answer) as server:
        with pytest.raises(DiffusionError):
            download(tmp_path, server.url, retries=0, headers={"Accept-Language": "fr"})
        download(tmp_path, server.url, headers={"Accept-Language": "en"})
    assert (tmp_path / "file").read_bytes() == b"e" * 200_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://localhost:8001/f", "http://localhost:8002/f"),  # two tunnels
        ("http://localhost:40001/f", "http://localhost:8002/f"),
        ("https://own.example/f", "https://own.example:40001/f"),
        ("https://own.example:40001/f", "https://own.example:40002/f"),
    ],
)
def test_another_port_is_another_request(old: str, new: str) -> None:
    frozen = request_of(source_of(old, "file").fetch)
    with pytest.raises(DiffusionError, match=new):
        refuse_other_request("t", source_of(new, "file").fetch, "all", frozen, "2026")


def test_another_value_of_a_variable_is_another_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted as it is written, with a hash; older provenance has what it meant."""
    written = FileFetch(url="https://example.org/${FEED}/a.csv")
    monkeypatch.setenv("FEED", "s3cr&t place")
    now = expanded(written)
    noted = noted_request(now)
    assert "s3cr" not in str(noted) and noted["url"].startswith(f"{written.url} (set to ")
    for known in (noted, {"url": now.url}):
        refuse_other_request("a", now, "all", known, "1")
    monkeypatch.setenv("FEED", "another place")
    with pytest.raises(DiffusionError) as caught:
        refuse_other_request("a", expanded(written), "all", noted, "1")
    assert "another place" not in str(caught.value)
    assert caught.value.found.count("${FEED}") == 2
    consent = {"url": noted["url"]}
    consented = expanded(FileFetch(url=written.url, formerly=consent))
    refuse_other_request("a", consented, "all", noted, "1")

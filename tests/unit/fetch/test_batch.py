"""Raw copies and the lock: asked of the network once, kept for ever, never replaced, verified."""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from diffusion.config.fetching import expanded
from diffusion.config.model import Source
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError
from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.hosts import host_locks, only_one_asks
from diffusion.raw.cache import raw_files
from diffusion.raw.claims import Claim, refuse_others_copies
from diffusion.raw.copies import Received, find_raw, freeze
from diffusion.raw.inputs import raw_inputs
from diffusion.raw.lock import lock_entries, read_lock, write_lock
from diffusion.raw.removal import remove_vintage
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from embedded_s3 import EmbeddedS3
from fetches import Answer, Asked, Scripted, lines, record_waits, source_of
from standins import files
from standins.faults import Fault
from standins.server import Standins

Get = Callable[..., dict]
CSV = "/files/communes.csv"
DATA = files.content("communes.csv")
PIN = hashlib.sha256(DATA).hexdigest()
PAGES = {"style": "page", "records": "items", "size_param": "per_page", "size": 100}
HERE = "t/2025-03-19/all"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A place for raw copies, of both kinds."""
    if request.param == "folder":
        return Store(str(tmp_path / "raw"), None)
    server: EmbeddedS3 = request.getfixturevalue("s3")
    url = f"s3://lake/{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    return Store(url, connection(Server(), server.environment()))


@pytest.fixture
def folder(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "raw"), None)


@pytest.fixture
def get(tmp_path: Path) -> Get:
    """Fetch ``partitions`` of a source as the rule does."""

    def run(store: Store, source: Source, *partitions: str, **settings: object) -> dict:
        batch = list(partitions or ["all"])
        settings = {"lock": {}} | settings
        name = settings.pop("name", "t")
        return fetch_batch(name, source.fetching, batch, store, tmp_path / "scratch", **settings)

    return run


def kept(store: Store) -> list[str]:
    return sorted(key for key, _ in store.list(""))


@pytest.mark.parametrize("place", ["subscribers/q7rt2lmx9v/prices-k4zs8yw3b1.csv", "q7rt2lmx9v"])
def test_what_a_server_repeats_of_a_variable_is_not_kept(
    place: str, folder: Store, get: Get, monkeypatch
) -> None:
    """A part of its path, in a file's name, in an ETag, in a redirect; or the key of a header."""
    parts = [part.removesuffix(".csv") for part in place.split("/")[-2:]]
    secrets = [part for part in parts if part != "subscribers"] + ["t0p-s3cret"]

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/feeds"):
            return Answer(302, {"Location": f"/now/{parts[0]}/v-{parts[-1]}-t0p-s3cret.csv?x=1"})
        headers = {"ETag": f'"{parts[-1]}-5"', "Content-Type": f"text/csv; name={parts[0]}"}
        return Answer(headers=headers, body=DATA)

    monkeypatch.setenv("PLACE", place)
    monkeypatch.setenv("KEY", "t0p-s3cret")
    with Scripted(answer) as server:
        source = source_of(f"{server.url}/feeds/${{PLACE}}", "file", auth={"env": "KEY"})
        fetching = msgspec.structs.replace(source.fetching, fetch=expanded(source.fetch))
        receipt = get(folder, SimpleNamespace(fetching=fetching))
    provenance = receipt["partitions"]["all"]
    assert provenance["files"][0]["name"] == "v-${PLACE}-***.csv"
    write_lock(lock_entries([receipt]), lock := Path(folder.local_path("lock")))
    told = json.dumps(receipt) + str(kept(folder)) + lock.read_text("utf-8")
    assert not [secret for secret in secrets if secret in told]


def test_the_network_is_asked_once(
    store: Store, get: Get, standins: Standins, tmp_path: Path
) -> None:
    source = source_of(standins.url + CSV, "file")
    first = get(store, source)
    facts = first["partitions"]["all"]
    assert (first["source"], first["vintage"]) == ("t", "2025-03-19")
    assert kept(store) == [f"{HERE}/{PIN[:16]}-communes.csv", f"{HERE}/provenance.json"]
    [file] = facts["files"]
    assert (file["name"], file["size"], file["sha256"]) == ("communes.csv", len(DATA), PIN)
    assert facts["url"] == facts["asked"] == standins.url + CSV
    assert facts["etag"] and facts["last_modified"] and facts["status"] == 200
    assert facts["retrieved"].endswith("+00:00") and facts["versions"]["requests"]
    assert not any(path.is_file() for path in (tmp_path / "scratch" / "t").rglob("*"))
    standins.stop()  # the source vanished: nothing changes for this vintage
    assert get(store, source) == first
    assert get(store, source, offline=True) == first
    assert len(standins.requests) == 1
    [path] = raw_files(store, facts, tmp_path / "cache")
    assert path.read_bytes() == DATA


def test_only_what_is_missing_is_fetched(folder: Store, get: Get, standins: Standins) -> None:
    codes = ["01", "2A", "75"]
    source = source_of(
        standins.url + "/examples/page",
        params={"departement": "{departement}"}, partitions={"departement": codes},
        pages=PAGES | {"total": "total"},
    )  # fmt: skip
    names = [f"departement={code}" for code in codes]
    standins.faults["/examples/page"] = [None, None, Fault(403)]
    with pytest.raises(DiffusionError, match="HTTP 403"):
        get(folder, source, *names)
    standins.requests.clear()
    found = get(folder, source, *names)["partitions"]
    assert [path for _, path in standins.requests] == [
        "/examples/page?departement=75&per_page=100&page=1"
    ]
    assert [found[name]["params"]["departement"] for name in names] == codes
    assert all(found[name]["total"] == found[name]["records"] > 0 for name in names)


def test_a_partition_without_records_among_others(
    store: Store, get: Get, standins: Standins, tmp_path: Path
) -> None:
    """It is frozen as any other, and never asked again; alone, no record is an error."""
    codes = ["01", "99", "2A"]
    keys = {"params": {"departement": "{departement}"}, "pages": PAGES | {"total": "total"}}
    source = source_of(standins.url + "/examples/page", partitions={"departement": codes}, **keys)
    names = [f"departement={code}" for code in codes]
    receipt = get(store, source, *names)
    found = {name: facts["records"] for name, facts in receipt["partitions"].items()}
    assert found == {names[0]: found[names[0]], names[1]: 0, names[2]: found[names[2]]}
    assert found[names[0]] and found[names[2]]
    assert len(kept(store)) == 2 * 3
    standins.requests.clear()
    assert get(store, source, names[1])["partitions"][names[1]] == receipt["partitions"][names[1]]
    assert standins.requests == []
    inputs = raw_inputs(receipt, store, tmp_path / "cache")
    assert [len(lines(item.paths[0].read_bytes())) for item in inputs] == list(found.values())
    with pytest.raises(DiffusionError, match="the API gave no record"):
        get(store, source_of(source.fetch.url, pages=PAGES, params={"departement": "99"}))


def test_offline_says_what_is_missing(folder: Store, get: Get, standins: Standins) -> None:
    with pytest.raises(DiffusionError) as caught:
        get(folder, source_of(standins.url + CSV, "file"), offline=True)
    assert f"offline, and there is no raw copy at {folder.url}/{HERE}" in str(caught.value)
    assert "run once without `offline`" in caught.value.fix
    assert standins.requests == []


def test_a_vintage_that_was_removed_is_not_asked_again(
    store: Store, get: Get, standins: Standins
) -> None:
    source = source_of(standins.url + CSV, "file")
    get(store, source)
    remove_vintage(store, "t", source.vintage, "wrong bytes")
    with pytest.raises(DiffusionError) as caught:
        get(store, source)
    assert caught.value.where == store.address("t/2025-03-19/removed.json")
    assert caught.value.found.startswith("the raw copies of t, vintage 2025-03-19, were removed on")
    assert caught.value.fix.startswith("set a new `vintage` for t")
    assert len(standins.requests) == 1
    get(store, source_of(standins.url + CSV, "file", vintage="2025-03-20"))


def test_raw_copies_of_another_project_are_not_taken(
    store: Store, get: Get, tmp_path: Path, monkeypatch
) -> None:
    """At a place that projects share, until it is consented to; then they are both's."""
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")  # a folder of its own would be no other project's
    with Scripted(lambda _: Answer(body=DATA)) as server:
        source = source_of(server.url, "file")
        ours = get(store, source, claim=Claim("ours"))
        assert ours["partitions"]["all"]["projects"] == ["ours"]
        with pytest.raises(DiffusionError) as caught:
            get(store, source, claim=Claim("theirs", frozenset({"u:owner", "t:raw"})))
        assert "of the project `ours`, and this one is `theirs`" in caught.value.found
        assert 'accept=["t:owner"]' in caught.value.fix
        sibling = get(store, source, claim=Claim("theirs"), name="u", siblings=["t"])
        assert sibling["partitions"]["all"]["projects"] == ["theirs"]
        assert len(server.asked) == 2, "what is another's stands for none of one's own"
        other = source_of(f"{server.url}/x", "file")
        consented = Claim("theirs", frozenset({"*:owner"}))
        with pytest.raises(DiffusionError, match="was fetched by another request"):
            get(store, other, claim=consented)
        assert find_raw(store, HERE)["projects"] == ["ours"]
        get(store, source, claim=consented)
        for name in ("ours", "theirs"):
            found = get(store, source, claim=Claim(name))["partitions"]["all"]
            assert found["projects"] == ["ours", "theirs"]
        assert len(server.asked) == 2
        with pytest.raises(DiffusionError, match=r"are of the project `theirs`, too"):
            refuse_others_copies(store, "t", kept(store), "ours")
        monkeypatch.chdir(tmp_path)
        if store.local_path(""):
            get(store, source, claim=Claim("renamed"))


def test_raw_copies_without_a_project_are_everybodys(store: Store, get: Get, monkeypatch) -> None:
    monkeypatch.chdir("/")
    with Scripted(lambda _: Answer(body=DATA)) as server:
        get(store, source := source_of(server.url, "file"))
        get(store, source, claim=Claim("any"))
        assert len(server.asked) == 1


def test_a_raw_copy_is_never_replaced(store: Store, tmp_path: Path) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    for path in places:
        path.write_text(path.name)
    facts = {"retrieved": "2025-03-19", "url": "u"}
    first, again = (freeze(store, HERE, [Received.at("d.csv", path)], facts) for path in places)
    if not store.is_s3:  # rclone ignores If-None-Match: names made of hashes protect the bytes
        assert again == first == find_raw(store, HERE)
    assert store.read(first["files"][0]["key"])[0] == b"one"


@pytest.mark.parametrize(
    "content", [b"", b'{"files": [', b"[]", b'{"files": []}', b'{"files": [{}]}']
)
def test_a_damaged_provenance_is_named_and_the_bytes_stay(
    store: Store, get: Get, standins: Standins, content: bytes
) -> None:
    source = source_of(standins.url + CSV, "file")
    first = get(store, source)
    store.put(f"{HERE}/provenance.json", content, "")
    with pytest.raises(DiffusionError) as refused:
        get(store, source)
    assert str(refused.value).startswith(f"{store.url}/{HERE}/provenance.json: damaged (")
    assert "or remove this one file" in str(refused.value)
    store.delete([f"{HERE}/provenance.json"])  # as the remedy says
    again = get(store, source)
    assert again["partitions"]["all"]["files"] == first["partitions"]["all"]["files"]
    assert len(kept(store)) == 2


def test_a_hash_that_was_altered_in_a_provenance(
    store: Store, get: Get, standins: Standins
) -> None:
    """The key has its beginning: it is damaged, whatever the lock says."""
    source = source_of(standins.url + CSV, "file")
    get(store, source)
    altered = store.read(f"{HERE}/provenance.json")[0].replace(
        f'"sha256": "{PIN}'.encode(), f'"sha256": "{PIN[::-1]}'.encode()
    )
    store.put(f"{HERE}/provenance.json", altered, "")
    with pytest.raises(
        DiffusionError, match=r"provenance\.json: damaged \(ValueError: sha256"
    ) as no:
        get(store, source)
    assert no.value.fix.startswith("restore it from a backup; or remove this one file")


def test_the_rest_of_a_broken_put_is_replaced(store: Store, get: Get, standins: Standins) -> None:
    """A server kept half of it and said nothing: its key has the hash of all."""
    store.put(f"{HERE}/{PIN[:16]}-communes.csv", DATA[:27], "")
    facts = get(store, source_of(standins.url + CSV, "file"))["partitions"]["all"]
    assert find_raw(store, HERE) == facts
    assert store.read(facts["files"][0]["key"])[0] == DATA


def test_a_damaged_cache_is_fetched_again(
    s3: EmbeddedS3, get: Get, standins: Standins, tmp_path: Path
) -> None:
    store = Store(f"s3://lake/{tmp_path.name}", connection(Server(), s3.environment()))
    facts = get(store, source_of(standins.url + CSV, "file"))["partitions"]["all"]
    [path] = raw_files(store, facts, tmp_path / "cache")
    path.write_bytes(b"x" + DATA[1:])
    assert raw_files(store, facts, tmp_path / "cache") == [path]
    assert path.read_bytes() == DATA


@pytest.mark.parametrize(
    ("damage", "words"),
    [(None, "this raw copy is missing"), (b"abc", f"has 3 bytes, not {len(DATA)}")],
)
def test_a_damaged_raw_copy_is_not_fetched_anew(
    damage: bytes | None, words: str, store: Store, get: Get, standins: Standins
) -> None:
    source = source_of(standins.url + CSV, "file")
    key = get(store, source)["partitions"]["all"]["files"][0]["key"]
    store.delete([key])
    if damage:
        store.put(key, damage, "")
    with pytest.raises(DiffusionError) as caught:
        get(store, source)
    assert words in caught.value.found and key in caught.value.where
    assert "set a new `vintage`" in caught.value.fix
    assert len(standins.requests) == 1


def test_bytes_that_changed_in_the_store(
    store: Store, get: Get, standins: Standins, tmp_path: Path
) -> None:
    facts = get(store, source_of(standins.url + CSV, "file"))["partitions"]["all"]
    key = facts["files"][0]["key"]
    store.put(key, DATA.replace(b"01", b"10"), "")
    with pytest.raises(DiffusionError, match=f"damaged: its hash is .*, {PIN} was frozen"):
        raw_files(store, facts, tmp_path / "cache")
    store.put(key, DATA, "")  # repaired; the cache kept nothing of the damage
    assert raw_files(store, facts, tmp_path / "cache")[0].read_bytes() == DATA


def test_the_lock_is_verified_everywhere(
    folder: Store, get: Get, standins: Standins, tmp_path: Path
) -> None:
    source = source_of(standins.url + CSV, "file")
    receipt = get(folder, source)
    lock_file = tmp_path / "config" / "sources.lock.yaml"
    assert read_lock(lock_file) == {}
    write_lock(lock_entries([receipt]), lock_file)
    lock = read_lock(lock_file)
    [entry] = lock["t"]["partitions"]["all"]
    assert entry["sha256"] == PIN and lock_file.read_text().startswith("# Hash and size")
    assert get(folder, source, lock=lock) == receipt
    entry |= {"sha256": "f" * 64, "size": 1234, "retrieved": "2024-01-01T00:00:00+00:00"}
    elsewhere = Store(str(tmp_path / "elsewhere"), None)
    for store in (folder, elsewhere):  # a raw copy that is there, and bytes that just came
        with pytest.raises(DiffusionError) as caught:
            get(store, source, lock=lock)
        locked, found = caught.value.found.splitlines()[1:]
        assert f"sha256 {'f' * 64}, 1,234 bytes, retrieved 2024-01-01" in locked
        assert f"sha256 {PIN}, {len(DATA):,} bytes, retrieved 20" in found
        command = (
            "diffusion lock --accept t"
            if store is folder
            else "snakemake write_lock --config 'accept=[\"t:raw\"]'"
        )
        assert command in caught.value.fix
        is_there = caught.value.fix.startswith("restore the raw copy from a backup if it was alter")
        assert is_there == (store is folder), "the harmless remedy first"
    assert kept(elsewhere) == []  # refused bytes are not frozen
    lock["t"]["vintage"] = "2024"
    get(elsewhere, source, lock=lock)


def test_a_pinned_hash(folder: Store, get: Get, standins: Standins) -> None:
    url, wrong = standins.url + CSV, "0" * 64
    for frozen in (False, True):  # before and after the first fetch
        with pytest.raises(DiffusionError, match=f"has sha256 {PIN}, {wrong} is pinned"):
            get(folder, source_of(url, "file", sha256=wrong))
        assert bool(kept(folder)) == frozen
        get(folder, source_of(url, "file", sha256=PIN))


ZIP = files.content("communes.zip")
MATCHED = b'"numberMatched": 12, "numberReturned": 9, "features": []}'
TGZ = files.content("communes.tar.gz")


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("file", b"", "is empty"),
        ("file", files.PAGE, "sent a web page (HTML) in place of data: <!DOCTYPE html>"),
        ("file", b'<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>', "NoSuchKey"),
        ("file", b'{"type": "FeatureCollection", ' + MATCHED, "`numberMatched`: 12"),
        ("file", b'<?xml version="1.0"?>\n<F numberMatched="12" numberReturned="9">', "12 match"),
        (
            "file",
            b'{"features": [], "exceededTransferLimit": true}',
            "holds 0 records, and says that there are more: `exceededTransferLimit`",
        ),
        ("file", b'{"error": {"code": 400, "message": "bad where"}}', "bad where"),
        ("archive", files.PAGE, "sent a web page (HTML) in place of data"),
        ("archive", DATA, "communes.zip is not an archive but text"),
        ("archive", ZIP[: len(ZIP) // 2], "cut short or damaged"),
        ("archive", TGZ[: len(TGZ) * 2 // 3], "cut short or damaged"),
    ],
)
def test_what_is_no_data_is_not_frozen(
    kind: str, sent: bytes, words: str, folder: Store, get: Get, standins: Standins
) -> None:
    standins.faults["/files/"] = [Fault(replace=sent, content_type="application/zip")]
    source = source_of(standins.url + "/files/communes.zip", kind)
    with pytest.raises(DiffusionError) as caught:
        get(folder, source)
    assert words in str(caught.value)
    assert kept(folder) == []
    get(folder, source)  # once the server has recovered
    assert len(kept(folder)) == 2


def test_a_part_that_is_asked_for_may_be_one(folder: Store, get: Get) -> None:
    with Scripted(lambda _: Answer(body=b"{" + MATCHED)) as server:
        with pytest.raises(DiffusionError, match="numberMatched"):  # so do first tries look
            get(folder, source_of(server.url, "file", params={"startIndex": 0, "count": 9}))
        parts = {"params": {"startIndex": "{start}"}, "partitions": {"start": ["0", "9"]}}
        get(folder, source_of(server.url, "file", **parts), "start=0", "start=9")
        with pytest.raises(DiffusionError, match="numberMatched"):  # a year is no position
            years = {"params": {"start": "{year}-01-01"}, "partitions": {"year": ["2024"]}}
            get(folder, source_of(server.url, "file", **years), "year=2024")


def test_no_secret_is_frozen(
    folder: Store, get: Get, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KEY", "s3cr/t")

    def answer(asked: Asked) -> Answer:
        if "s3cr" not in f"{asked.path} {asked.headers}":
            return Answer(401)
        moved = Answer(302, {"Location": "/end?" + asked.path.partition("?")[2]})
        return Answer(body=b"a,b\n1,2\n") if "/end" in asked.path else moved

    with Scripted(answer) as server:
        for style in ("bearer", "param"):
            auth = {"env": "KEY", "style": style}
            axes, url = {"host": ["localhost"]}, server.url.replace("127.0.0.1", "{host}")
            source = source_of(url, "file", auth=auth, vintage=style, partitions=axes)
            [facts] = get(folder, source, "host=localhost")["partitions"].values()
            assert facts["url"].startswith("http://localhost") and len(facts["redirects"]) == 1
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"s3cr" not in path.read_bytes()


def test_files_of_this_machine(folder: Store, get: Get, tmp_path: Path) -> None:
    path = tmp_path / "données 2025.csv"
    with pytest.raises(DiffusionError, match="there is no file"):
        get(folder, source_of(str(path), "file"))
    path.write_bytes(DATA)
    [file] = get(folder, source_of(str(path), "file"))["partitions"]["all"]["files"]
    assert file["name"] == path.name and file["key"].endswith("-donn_es_2025.csv")
    assert path.read_bytes() == DATA


def test_one_connection_a_host(get: Get, folder: Store) -> None:
    busy, most = [], []

    def answer(asked: Asked) -> Answer:
        busy.append(asked)
        most.append(len(busy))
        time.sleep(0.05)
        busy.remove(asked)
        return Answer(body=json.dumps([{"n": 1}]).encode())

    with Scripted(answer) as server:
        source = source_of(server.url + "/{n}", partitions={"n": list("1234")})
        with ThreadPoolExecutor(4) as jobs:
            list(jobs.map(lambda n: get(folder, source, f"n={n}"), "1234"))
    assert most == [1, 1, 1, 1]


def test_waiting_for_another_run_is_said(
    get: Get, folder: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Scripted(lambda asked: Answer(body=b'[{"n": 1}]')) as server:
        host = server.url.removeprefix("http://")
        with (
            ThreadPoolExecutor(1) as jobs,
            only_one_asks(server.url),
        ):
            job = jobs.submit(get, folder, source_of(server.url + "/x"), "all")
            while not caplog.records and not job.done():
                time.sleep(0.05)
            assert not server.asked
        job.result()
    assert f"waiting: another run is asking {host}" in caplog.text


def test_locks_of_hosts_are_the_users_whatever_the_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert host_locks({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "diffusion" / "hosts"
    (tmp_path / "file").touch()
    beside = host_locks({"XDG_CACHE_HOME": str(tmp_path / "file")})  # may not be written
    assert beside.parent.parent == tmp_path and beside.is_dir()
    assert beside.parent.stat().st_mode & 0o077 == 0, "nobody else holds a host for ever"


FILE = "/files/communes.zip"
ENVELOPE = {"data": {"items": [{"n": 1}, {"n": [2, "]"]}]}}
FOLLOWED = "`pages: {records: features, style: next_url, next: 'links[rel=next].href'}`"
LINKS = {"links": [{"rel": "self"}, {"rel": "next", "href": "/2"}]}


@pytest.mark.parametrize(
    ("sent", "records", "sign", "fix"),
    [
        ({"total": 250, **ENVELOPE}, "data.items", "`total`: 250", "total: total"),
        (ENVELOPE | {"meta": {"total": 3}}, "data.items", "`meta.total`: 3", "style: page"),
        (ENVELOPE | {"next": "/2"}, "data.items", "`next`: /2", "style: next_url, next: next"),
        ({"type": "FeatureCollection", "features": [], **LINKS}, "", "[rel=next]", FOLLOWED),
        ({"type": "FeatureCollection", "features": [], "numberMatched": 9}, "", "9", "startIndex"),
    ],
)
def test_a_file_that_is_one_page_is_not_the_whole(
    sent: dict, records: str, sign: str, fix: str, folder: Store, get: Get, standins: Standins
) -> None:
    standins.given["/one.json"] = (json.dumps(sent).encode(), "application/json")
    read = {"records": records, "format": "json"} if records else {}
    with pytest.raises(DiffusionError, match="says that there are more") as caught:
        get(folder, source_of(standins.url + "/one.json", "file", **read))
    assert sign in caught.value.found and fix in caught.value.fix
    assert kept(folder) == []


@pytest.mark.parametrize(
    "around", [{"total": 2}, {"count": 2, "next": None}, {"page": {"number": 9}}]
)
def test_a_file_whose_words_agree_is_the_whole(
    around: dict, folder: Store, get: Get, standins: Standins
) -> None:
    sent = json.dumps(ENVELOPE | around).encode()
    standins.given["/one.json"] = (sent, "application/json")
    get(folder, source_of(standins.url + "/one.json", "file", records="data.items"))


def test_a_renamed_source_is_not_asked_again(folder: Store, get: Get, standins: Standins) -> None:
    url = standins.url + CSV
    before = get(folder, source_of(url, "file"), name="old")
    standins.requests.clear()
    receipt = get(folder, source_of(url, "file", was="old"), name="new")
    assert standins.requests == []
    assert receipt["partitions"] == before["partitions"]
    assert not any(key.startswith("new/") for key in kept(folder))

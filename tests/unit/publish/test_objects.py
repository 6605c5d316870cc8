"""Publishing: over the old object, verified, never half done; over a folder and over S3."""

import datetime
import hashlib
import itertools
import json
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from counting_proxy import CountingProxy
from diffusion.config.parts import Project, Server
from diffusion.errors import DiffusionError
from diffusion.publish import objects as publish_module
from diffusion.publish.before import Entry, Upload
from diffusion.publish.manifest import LOCK, MANIFEST, Update, read_manifest, update_manifest
from diffusion.publish.objects import publish
from diffusion.publish.ownership import Target
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store
from embedded_s3 import EmbeddedS3
from said import words_of

pytestmark = pytest.mark.s3  # a folder beside the server, by the same tests

UNSET = Server()
PROJECT = Project(name="demo", title="Déмо")
FACTS = {"kind": "table", "rows": 2, "columns": [{"name": "a"}], "nested": ({"x": 1},)}


class Place:
    """A store, and what was put to it since it was asked last."""

    def __init__(self, store: Store, proxy: CountingProxy | None, folder: Path):
        self.store, self._proxy, self.folder = store, proxy, folder
        self._known: dict[str, float] = {}

    def changed(self) -> list[str]:
        """Return the keys put (or "-key" removed), in order where the store is S3."""
        if self._proxy:
            prefix = f"/lake/{self.folder.name}/"
            short = [line.replace(prefix, "") for line in self._proxy.sent()]
            return [line.replace("PUT ", "").replace("DELETE ", "-") for line in short]
        before, self._known = self._known, self._times()
        put = [key for key, at in self._known.items() if before.get(key) != at]
        return sorted(put) + [f"-{key}" for key in sorted(before.keys() - self._known.keys())]

    def requests(self) -> list:
        return self._proxy.requests

    def _times(self) -> dict[str, float]:
        root = Path(self.store.url)
        files = (path for path in root.rglob("*") if path.is_file() and path.name != LOCK)
        return {path.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in files}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / "made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def publish(
        self, name: str, contents: dict[str, str], facts: dict = FACTS, project: Project = PROJECT
    ) -> dict:
        uploads = [Upload(key, self.write(key.replace("/", "_"), t)) for key, t in contents.items()]
        entry = Entry(name, uploads, facts)
        return publish(Target(self.store, project), [entry], self.folder / "locks")[name]

    def text(self, key: str) -> str | None:
        found = self.store.read(key)
        return found and found[0].decode()


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Every look at the clock is an hour later."""
    start, hours = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), itertools.count()
    now = SimpleNamespace(now=lambda zone: start + datetime.timedelta(hours=next(hours)))
    monkeypatch.setattr(publish_module, "datetime", SimpleNamespace(datetime=now, UTC=None))


@pytest.fixture(params=["folder", "s3"])
def place(request, tmp_path):
    if request.param == "folder":
        yield Place(Store(str(tmp_path / "published"), None), None, tmp_path)
        return
    s3 = request.getfixturevalue("s3")
    with CountingProxy(s3.endpoint) as proxy:
        environment = s3.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}
        store = Store(f"s3://lake/{tmp_path.name}", connection(UNSET, environment))
        yield Place(store, proxy, tmp_path)


def test_the_first_time(place):
    receipt = place.publish("dpe", {"dpe.parquet": "one", "dpe.csv": "two"})
    assert place.text("dpe.parquet") == "one"
    assert sorted(place.changed()) == ["dpe.csv", "dpe.parquet", MANIFEST]
    manifest = json.loads(place.text(MANIFEST))
    assert manifest["project"] == PROJECT.noted
    entry = manifest["tables"]["dpe"]
    digest = sha256_of(place.folder / "made" / "dpe.parquet")
    etag = place.store.head("dpe.parquet").etag
    known = {"key": "dpe.parquet", "size": 3, "sha256": digest, "etag": etag}
    assert entry["objects"][0] == known | {"media_type": "application/vnd.apache.parquet"}
    assert entry["rows"] == 2
    assert receipt == {"name": "dpe", "url": place.store.url, **entry}
    if place.store.is_s3:
        assert place.store.head("dpe.parquet").sha256 == digest


@pytest.mark.parametrize("place", ["s3"], indirect=True)  # a folder does not tell the order
def test_the_manifest_comes_after_the_objects(place):
    place.publish("dpe", {"dpe/a.parquet": "1", "dpe/b.parquet": "2"})
    announced, *objects, last = place.changed()
    assert sorted(objects) == ["dpe/a.parquet", "dpe/b.parquet"]
    assert announced == last == MANIFEST
    place.publish("dpe", {"dpe/b.parquet": "3", "dpe/c.parquet": "4"})
    announced, *objects, noted, removal, last = place.changed()
    assert sorted(objects) == ["dpe/b.parquet", "dpe/c.parquet"]
    assert (removal, announced, noted, last) == ("POST /lake?delete", *[MANIFEST] * 3)
    assert place.text("dpe/a.parquet") is None


def test_what_a_catalogue_says_stays_when_a_table_is_published_again(place):
    place.publish("dpe", {"dpe.parquet": "one"})
    update = Update(about={"dpe": {"title": "DPE"}}, place={"about": {"language": "fr"}})
    update_manifest(place.store, PROJECT, update, place.folder / "locks")
    again = place.publish("dpe", {"dpe.parquet": "two"})
    assert again["about"] == {"title": "DPE"}
    assert json.loads(place.text(MANIFEST))["project"]["about"] == {"language": "fr"}


def test_what_is_known_besides_makes_no_new_version(place):
    """A commit, when its raw copies came, and what its values are: some counts are guesses."""
    first = place.publish("dpe", {"dpe.parquet": "one"})
    known = {"values": {"a": {"distinct": 2}}, "retrieval": {"last": "2026"}}
    entry = Entry("dpe", [Upload("dpe.parquet", place.write("x", "one"))], FACTS | known)
    target = Target(place.store, PROJECT, commit="a" * 40)
    later = publish(target, [entry], place.folder / "locks")["dpe"]
    assert later["commit"] == "a" * 40
    assert later["values"] == known["values"]
    assert later["published"] == first["published"]
    assert place.changed().count("dpe.parquet") == 1


def test_what_is_identical_is_not_sent_again(place):
    contents = {"dpe.parquet": "one", "dpe.csv": "two"}
    first = place.publish("dpe", contents)
    place.changed()
    again = place.publish("dpe", contents)
    assert place.changed() == []
    assert again == first, "`published` does not move when nothing changed"


def test_what_changed_is_replaced(place):
    first = place.publish("dpe", {"dpe.parquet": "one", "dpe.csv": "two"})
    place.changed()
    again = place.publish("dpe", {"dpe.parquet": "ONE", "dpe.csv": "two"})  # of the same size
    assert sorted(place.changed()) == ["dpe.parquet", MANIFEST]
    assert place.text("dpe.parquet") == "ONE"
    assert again["published"] > first["published"]


@pytest.mark.parametrize("found", ["on", "o", ""])
def test_the_known_hash_with_another_size_is_not_identical(place, found):
    """Something was cut short behind our back: its hash is still noted where hashes are."""
    first = place.publish("dpe", {"dpe.parquet": "one"})
    place.store.put("dpe.parquet", found.encode(), first["objects"][0]["sha256"])
    place.changed()
    place.publish("dpe", {"dpe.parquet": "one"})
    assert set(place.changed()) - {MANIFEST} == {"dpe.parquet"}
    assert place.text("dpe.parquet") == "one"


@pytest.mark.parametrize("place", ["s3"], indirect=True)  # a folder keeps no hash of its own
def test_the_object_s_own_hash_goes_before_the_manifest_s(place):
    """The same size, and the manifest still lists what was there before."""
    place.publish("dpe", {"dpe.parquet": "one"})
    place.store.put("dpe.parquet", b"ONE", hashlib.sha256(b"ONE").hexdigest())
    place.changed()
    place.publish("dpe", {"dpe.parquet": "one"})
    assert place.changed() == ["dpe.parquet"]
    assert place.text("dpe.parquet") == "one"


def test_a_changed_project_changes_the_manifest_only(place):
    first = place.publish("dpe", {"dpe.parquet": "one"})
    place.changed()
    project = msgspec.structs.replace(PROJECT, title="another")
    for put in ([MANIFEST], []):  # once
        assert place.publish("dpe", {"dpe.parquet": "one"}, project=project) == first
        assert place.changed() == put
    assert json.loads(place.text(MANIFEST))["project"] == project.noted


def test_changed_facts_change_the_manifest_only(place):
    first = place.publish("dpe", {"dpe.parquet": "one"})
    place.changed()
    again = place.publish("dpe", {"dpe.parquet": "one"}, FACTS | {"licence": "ODbL 1.0"})
    assert place.changed() == [MANIFEST]
    assert again["objects"] == first["objects"]


def test_members_that_disappeared_are_removed(place):
    place.publish("dpe", {"dpe/a": "1", "dpe/b": "2", "dpe.csv": "3"})
    place.publish("dpe_x", {"dpe_x/a": "1"})
    place.store.put("dpe/foreign", b"not ours", "")
    place.publish("dpe", {"dpe/b": "2"})
    listed = [item for item in place.store.list("") if item[0] != LOCK]
    assert sorted(listed) == sorted(
        (key, len(place.text(key).encode()))
        for key in ("dpe/b", "dpe/foreign", "dpe_x/a", MANIFEST)
    )


def test_nothing_is_removed_before_the_new_is_in_place(place, monkeypatch):
    place.publish("dpe", {"dpe/a": "1", "dpe/b": "2"})
    before = read_manifest(place.store)[0]["tables"]

    def refuse(store: Store, project: Project, update: Update, locks: Path) -> None:
        if update.entries:
            raise DiffusionError("manifest", "refused")
        update_manifest(store, project, update, locks)

    monkeypatch.setattr(publish_module, "update_manifest", refuse)
    with pytest.raises(DiffusionError, match="refused"):
        place.publish("dpe", {"dpe/b": "2", "dpe/c": "3"})
    assert [place.text(f"dpe/{name}") for name in "abc"] == ["1", "2", "3"]
    assert read_manifest(place.store)[0]["tables"] == before
    # the next run finishes it
    monkeypatch.undo()
    place.publish("dpe", {"dpe/b": "2", "dpe/c": "3"})
    assert [place.text(f"dpe/{name}") for name in "abc"] == [None, "2", "3"]


def test_a_failing_put_leaves_the_manifest_and_the_old_object(place, monkeypatch):
    place.publish("dpe", {"dpe.parquet": "one", "dpe.csv": "two"})
    before = place.text(MANIFEST)
    put = Store.put

    def refuse_csv(self: Store, key: str, *rest: object, **options: object) -> None:
        if key.endswith(".csv"):
            raise DiffusionError(key, "access is denied")
        put(self, key, *rest, **options)

    monkeypatch.setattr(Store, "put", refuse_csv)
    with pytest.raises(DiffusionError, match="access is denied"):
        place.publish("dpe", {"dpe.parquet": "ONE", "dpe.csv": "TWO"})
    assert (place.text("dpe.csv"), place.text(MANIFEST)) == ("two", before)


def test_small_objects_go_several_at_a_time(place, monkeypatch):
    put, together = Store.put, threading.Barrier(4, timeout=10)

    def wait_for_others(self: Store, key: str, *rest: object, **options: object) -> None:
        if key != MANIFEST:
            together.wait()
        put(self, key, *rest, **options)

    monkeypatch.setattr(Store, "put", wait_for_others)
    receipt = place.publish("dpe", {f"dpe/{n}": str(n) for n in range(8)})
    assert [item["key"] for item in receipt["objects"]] == [f"dpe/{n}" for n in range(8)]


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_new_object_of_a_folder_costs_two_requests(place):
    place.publish("dpe", {f"dpe/{n}": str(n) for n in range(8)})
    methods = [request.method for request in place.requests() if "/dpe/" in request.path]
    assert sorted(methods) == ["HEAD"] * 8 + ["PUT"] * 8
    place.changed()
    place.publish("dpe", {f"dpe/{n}": str(n) for n in range(8)})
    methods = [request.method for request in place.requests() if "/dpe/" in request.path]
    assert methods == ["HEAD"] * 8, "identical objects are asked for and not sent"


@pytest.mark.parametrize("refused", ["dpe/000", "dpe/017"])
def test_the_first_error_ends_it(place, monkeypatch, refused):
    begun, over = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        """Says when what waits was cancelled: no clock decides how far the others came by then."""

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            over.set()
            super().shutdown(wait=wait)

    put = Store.put

    def refuse_one(self: Store, key: str, *rest: object, **options: object) -> None:
        if key == MANIFEST:  # it announces what will be there
            return put(self, key, *rest, **options)
        begun.append(key)
        if key == refused:
            raise DiffusionError(key, "access is denied")
        assert over.wait(60)

    monkeypatch.setattr(publish_module, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(Store, "put", refuse_one)
    with pytest.raises(DiffusionError, match="access is denied"):
        place.publish("dpe", {f"dpe/{n:03}": "x" for n in range(200)})
    # each thread but one holds an object; the one that failed may have taken another
    assert len(begun) <= publish_module.AT_ONCE + 1, "what waits is not begun"
    assert read_manifest(place.store)[0]["tables"] == {}


def test_a_put_that_is_not_kept_is_an_error(place, monkeypatch):
    monkeypatch.setattr(Store, "put", lambda self, *_, **__: None)
    with pytest.raises(DiffusionError, match="after the put there is nothing") as caught:
        place.publish("dpe", {"dpe.parquet": "one"})
    assert "run `snakemake` again" in caught.value.fix


@pytest.mark.parametrize(
    ("place", "kept", "found"),
    [
        ("folder", b"on", "2 bytes, sha256 None"),
        ("s3", b"on", f"2 bytes, sha256 {hashlib.sha256(b'one').hexdigest()}"),
        ("s3", b"ONE", f"3 bytes, sha256 {hashlib.sha256(b'ONE').hexdigest()}"),
    ],
    indirect=["place"],
    ids=["size in a folder", "size on S3", "hash on S3"],
)
def test_a_put_that_kept_something_else_is_an_error(place, monkeypatch, kept, found):
    """Of another size though the hash is right, of another hash though the size is right."""
    put = Store.put
    place.publish("dpe", {"dpe.csv": "before"})
    before = place.text(MANIFEST)

    def change(self: Store, key: str, content: Path, digest: str, **options: object) -> None:
        put(self, key, kept, digest if len(kept) < 3 else hashlib.sha256(kept).hexdigest())

    monkeypatch.setattr(Store, "put", change)
    with pytest.raises(DiffusionError, match=f"after the put there is {found}"):
        place.publish("dpe", {"dpe.parquet": "one"})
    assert place.text(MANIFEST) == before


def test_an_object_that_somebody_removed_is_sent_again(place):
    place.publish("dpe", {"dpe.parquet": "one", "dpe.csv": "two"})
    place.store.delete(["dpe.csv"])
    place.changed()
    place.publish("dpe", {"dpe.parquet": "one", "dpe.csv": "two"})
    assert set(place.changed()) - {MANIFEST} == {"dpe.csv"}


def test_identical_after_a_restart_that_loses_the_metadata(tmp_path):
    """rclone keeps metadata in memory only: the manifest's hash decides."""
    server = EmbeddedS3(tmp_path / "s3", ["lake"])
    for round_ in range(2):
        with server, CountingProxy(server.endpoint) as proxy:
            environment = server.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}
            store = Store(f"s3://lake/{tmp_path.name}", connection(UNSET, environment))
            place = Place(store, proxy, tmp_path)
            if round_:
                assert store.head("dpe.parquet").sha256 is None
            receipt = place.publish("dpe", {"dpe.parquet": "one"})
            assert place.changed() == ([] if round_ else ["dpe.parquet", MANIFEST])
            if round_:
                place.publish("dpe", {"dpe.parquet": "ONE"})
                assert place.changed() == ["dpe.parquet", MANIFEST]
    assert receipt["rows"] == 2


def test_entries_of_others_are_kept(place):
    place.publish("filosofi", {"filosofi.parquet": "f"})
    other = read_manifest(place.store)[0]["tables"]["filosofi"]
    place.publish("dpe", {"dpe.parquet": "d"})
    tables = read_manifest(place.store)[0]["tables"]
    assert list(tables) == ["dpe", "filosofi"]
    assert tables["filosofi"] == other


def publish_many(url: str, environment: dict, folder: str, name: str, barrier) -> None:
    os.environ.update(environment)
    store = Store(url, connection(UNSET) if url.startswith("s3://") else None)
    place = Place(store, None, Path(folder))
    barrier.wait()
    for number in range(8):
        place.publish(f"{name}{number}", {f"{name}{number}.parquet": name})


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_two_processes_at_once_both_end_in_the_manifest(s3, tmp_path, kind):
    url = str(tmp_path / "published") if kind == "folder" else f"s3://lake/{tmp_path.name}"
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    rest = (url, s3.environment(), str(tmp_path))
    processes = [spawn.Process(target=publish_many, args=(*rest, n, barrier)) for n in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    store = Store(url, connection(UNSET, s3.environment()))
    expected = [f"{name}{number}" for name in "ab" for number in range(8)]
    assert list(read_manifest(store)[0]["tables"]) == expected


def test_another_machine_was_faster(place, monkeypatch):
    """A conditional put that is refused is tried again on what the other one wrote."""
    put, raced = Store.put, []

    def race(self: Store, key: str, content: bytes, *rest: object, **options: object) -> None:
        if key == MANIFEST and not raced:
            raced.append(options)
            put(self, key, json.dumps({"tables": {"theirs": {"objects": []}}}).encode(), "")
            raise FileExistsError(key)
        put(self, key, content, *rest, **options)

    monkeypatch.setattr(Store, "put", race)
    place.publish("ours", {"ours.parquet": "1"})
    assert [options["create"] for options in raced] == [True], "there was no manifest yet"
    assert sorted(read_manifest(place.store)[0]["tables"]) == ["ours", "theirs"]


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_the_manifest_is_put_on_conditions(place):
    """At first only where there is none, then only over the one that was read."""

    def conditions() -> dict:
        [put] = [r for r in place.requests() if r.method == "PUT" and r.path.endswith(MANIFEST)]
        place.changed()
        return {key: value for key, value in put.headers.items() if key.startswith("if-")}

    place.publish("a", {"a.parquet": "1"})
    assert conditions() == {"if-none-match": "*"}
    etag = read_manifest(place.store)[1]
    place.publish("b", {"b.parquet": "1"})
    assert conditions() == {"if-match": etag}


@pytest.mark.parametrize("place", ["s3"], indirect=True)  # a folder has one machine and its lock
def test_another_machine_changed_the_manifest_meanwhile(place, monkeypatch):
    """It is not put over what was not read. The conditions are held here: rclone ignores them."""
    place.publish("dpe", {"dpe.parquet": "d"})
    read, put, asked = Store.read, Store.put, []

    def etag_of(content: bytes) -> str:
        return f'"{hashlib.sha256(content).hexdigest()}"'

    def read_with_etag(self: Store, key: str) -> tuple[bytes, str]:
        content, _ = read(self, key)
        return content, etag_of(content)

    def race(self: Store, key: str, content: bytes, *rest: object, **options: object) -> None:
        if key == MANIFEST:
            asked.append(options)
            if len(asked) == 1:
                theirs = json.loads(place.text(MANIFEST))
                theirs["tables"]["theirs"] = {"objects": []}
                put(self, key, json.dumps(theirs).encode(), "")
            if options["etag"] not in ("", etag_of(read(self, key)[0])):
                raise FileExistsError(key)
        put(self, key, content, *rest)

    monkeypatch.setattr(Store, "read", read_with_etag)
    monkeypatch.setattr(Store, "put", race)
    place.publish("ours", {"ours.parquet": "1"})
    assert sorted(read_manifest(place.store)[0]["tables"]) == ["dpe", "ours", "theirs"]
    assert [options["create"] for options in asked] == [False, False]


def test_others_that_never_stop(place, monkeypatch):
    def refuse(self: Store, key: str, *_: object, **__: object) -> None:
        raise FileExistsError(key)

    monkeypatch.setattr(Store, "put", refuse)
    with pytest.raises(DiffusionError) as caught:
        update_manifest(
            place.store, PROJECT, Update({"dpe": {"objects": []}}), place.folder / "locks"
        )
    assert words_of(caught.value) == (
        f"{place.store.url}/manifest.json: others keep changing it\n  → run `snakemake` again"
    )


def test_a_folder_where_the_manifest_should_be(place):
    """As a tool leaves it that takes a key for a folder; a folder may be empty."""
    key = f"{MANIFEST}/x.json"
    place.store.put(key, b"x", hashlib.sha256(b"x").hexdigest())
    with pytest.raises(DiffusionError, match=r"manifest\.json: objects lie below that name, as ma"):
        place.publish("dpe", {"dpe.parquet": "one"})
    if path := place.store.local_path(key):
        path.unlink()
        with pytest.raises(
            DiffusionError, match=r"json: a folder is there, and no manifest \[published\]\n  → m"
        ):
            place.publish("dpe", {"dpe.parquet": "one"})


@pytest.mark.parametrize(
    "damage",
    [
        *(b"", b"{", b"\xff\xfe", b"[]", b"{}", b'{"tables": []}', b"1", b'{"tables": {"t": {}}}'),
        b'{"tables": {"t": {"objects": [{"key": "x"}]}}}',
        b'{"tables": {}, "unfinished": 1}',
    ],
)
def test_a_damaged_manifest(place, damage):
    place.publish("dpe", {"dpe.parquet": "one"})
    place.store.put(MANIFEST, damage, "")
    place.changed()
    with pytest.raises(DiffusionError, match=r"manifest\.json: damaged \(") as caught:
        place.publish("dpe", {"dpe.parquet": "new"})
    assert place.changed() == [], "nothing is put before the manifest is understood"
    assert "snakemake --forcerun publish_sources publish_derived publish_figure" in caught.value.fix
    place.store.delete([MANIFEST])
    place.publish("dpe", {"dpe.parquet": "new"})
    assert list(read_manifest(place.store)[0]["tables"]) == ["dpe"]


def test_a_manifest_without_times(place):
    place.publish("dpe", {"dpe.parquet": "one"})
    manifest = read_manifest(place.store)[0]
    del manifest["tables"]["dpe"]["published"]
    place.store.put(MANIFEST, json.dumps(manifest).encode(), "")
    assert place.publish("dpe", {"dpe.parquet": "one"})["published"]


def test_a_large_table(place):
    path = place.folder / "large"
    path.write_bytes(os.urandom(30_000_000))
    entries = [Entry("x", [Upload("x.bin", path)], FACTS)]
    receipt = publish(Target(place.store, PROJECT), entries, place.folder / "l")["x"]
    assert place.store.head("x.bin").size == receipt["objects"][0]["size"] == 30_000_000
    place.changed()
    publish(Target(place.store, PROJECT), entries, place.folder / "l")
    assert place.changed() == []


def test_a_newer_manifest_is_refused_and_what_is_unknown_is_kept(place) -> None:
    newer = {"version": 1, "tables": {"x": {"objects": []}}, "of another version": [1]}
    place.store.put(MANIFEST, json.dumps(newer).encode(), "")
    update_manifest(place.store, PROJECT, Update({"t": {"objects": []}}), place.folder)
    manifest, _ = read_manifest(place.store)
    assert manifest["of another version"] == [1]
    assert manifest["version"] == 1
    assert list(manifest["tables"]) == ["t", "x"]
    place.store.put(MANIFEST, json.dumps(newer | {"version": 99}).encode(), "")
    with pytest.raises(DiffusionError, match="it is of version 99, newer than this project's"):
        update_manifest(place.store, PROJECT, Update({"u": {"objects": []}}), place.folder)
    assert json.loads(place.store.read(MANIFEST)[0]) == newer | {"version": 99}


def test_what_a_killed_run_left_is_removed_by_the_next(place, monkeypatch) -> None:
    """Its keys stood in no version: the manifest names them before they are put."""
    place.publish("dpe", {"dpe/a": "1"})

    def die(store: Store, project: Project, update: Update, locks: Path) -> None:
        if update.entries:
            raise KeyboardInterrupt
        update_manifest(store, project, update, locks)

    monkeypatch.setattr(publish_module, "update_manifest", die)
    with pytest.raises(KeyboardInterrupt):
        place.publish("dpe", {"dpe/a": "1", "dpe/b": "2"})
    monkeypatch.undo()
    assert place.text("dpe/b") == "2"
    assert read_manifest(place.store)[0]["unfinished"] == {"dpe": ["dpe/b"]}
    place.publish("dpe", {"dpe/a": "1", "dpe/c": "3"})
    assert [place.text(f"dpe/{name}") for name in "abc"] == ["1", None, "3"]
    assert "unfinished" not in read_manifest(place.store)[0]


def test_a_refused_removal_is_tried_again(place, monkeypatch) -> None:
    place.publish("dpe", {"dpe/a": "1", "dpe/b": "2"})

    def refuse(self: Store, keys: list[str]) -> None:
        raise DiffusionError(keys[0], "access is denied")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "delete", refuse)
        with pytest.raises(DiffusionError, match="access is denied"):
            place.publish("dpe", {"dpe/a": "1"})
    assert place.text("dpe/b") == "2"
    place.publish("dpe", {"dpe/a": "1"})
    assert place.text("dpe/b") is None
    assert "unfinished" not in read_manifest(place.store)[0]


def test_who_reads_by_the_manifest_sees_one_version(place) -> None:
    """While a folder's files are put and removed; a file that is gone says to read it anew."""
    over, seen = threading.Event(), []

    def version(number: int) -> dict[str, str]:
        return {f"dpe/{n:03}-{number}.parquet": f"version {number}" for n in range(20)}

    def read() -> None:
        while not over.is_set():
            objects = read_manifest(place.store)[0]["tables"]["dpe"]["objects"]
            with suppress(DiffusionError):  # the embedded server breaks off what is removed
                texts = [place.text(item["key"]) for item in objects]
                seen.extend([set(texts)] if None not in texts else [])

    place.publish("dpe", version(0))
    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(1, 7):
            place.publish("dpe", version(number))
        over.set()
    for reader in readers:
        reader.result()
    assert seen and all(len(texts) == 1 for texts in seen)


def test_the_manifest_says_what_a_file_of_a_folder_has(place) -> None:
    """By columns, so that nobody has to take names of folders apart."""
    path = place.write("x", "x")
    named = (("dep", "01"), ("year", None))
    entry = Entry("dpe", [Upload("dpe/by_dep=_01/by_year=null/data.parquet", path, named)], FACTS)
    publish(Target(place.store, PROJECT), [entry], place.folder / "locks")
    [item] = read_manifest(place.store)[0]["tables"]["dpe"]["objects"]
    assert item["values"] == {"dep": "01", "year": None}


def test_files_of_others_in_a_folder_are_told_and_left(place) -> None:
    place.publish("dpe", {"dpe/a": "1"})
    place.store.put("dpe/by hand.parquet", b"x", "")
    receipt = place.publish("dpe", {"dpe/a": "1", "dpe/b": "2"})
    assert receipt["strangers"] == ["dpe/by hand.parquet"]
    assert place.text("dpe/by hand.parquet") == "x"


@pytest.mark.parametrize("place", ["folder"], indirect=True)  # S3 keeps a hash, or an ETag tells
def test_bytes_altered_at_the_same_size_are_put_right(place) -> None:
    place.publish("dpe", {"dpe.parquet": "one"})
    path = place.store.local_path("dpe.parquet")
    times = path.stat()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 1_000_000))
    place.publish("dpe", {"dpe.parquet": "one"})
    assert path.read_text() == "one"


@pytest.mark.parametrize("place", ["folder"], indirect=True)
def test_a_forced_run_reads_what_looks_as_it_was_published(place, monkeypatch) -> None:
    """Same size, same inode, same time, as after a disk has failed."""
    place.publish("dpe", {"dpe.parquet": "one"})
    path = place.store.local_path("dpe.parquet")
    times = path.stat()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    place.publish("dpe", {"dpe.parquet": "one"})
    assert path.read_text() == "two", "nothing tells"
    monkeypatch.setenv(publish_module.FORCED, "1")
    place.publish("dpe", {"dpe.parquet": "one"})
    assert path.read_text() == "one"


def test_two_runs_that_publish_one_table_at_once(place, monkeypatch) -> None:
    """The manifest never keeps the hash of what another run has put over it."""
    raced = []

    def race(store: Store, project: Project, update: Update, locks: Path) -> None:
        if not raced:
            raced.append(True)
            place.publish("dpe", {"dpe.parquet": "theirs"})
        update_manifest(store, project, update, locks)

    monkeypatch.setattr(publish_module, "update_manifest", race)
    with pytest.raises(DiffusionError, match="another run published `dpe` at the same time"):
        place.publish("dpe", {"dpe.parquet": "ours"})
    [item] = read_manifest(place.store)[0]["tables"]["dpe"]["objects"]
    assert item["sha256"] == hashlib.sha256(b"theirs").hexdigest()
    assert place.text("dpe.parquet") == "theirs"


TEAM = Project(name="team-b")


def test_another_project_replaces_nothing_unasked(place) -> None:
    place.publish("dpe", {"dpe/a": "1"})
    before = place.text(MANIFEST)
    with pytest.raises(DiffusionError) as caught:
        place.publish("dpe", {"dpe.parquet": "b"}, project=TEAM)
    assert caught.value.where == place.store.url
    assert caught.value.found == (
        "`dpe` there is of the project `demo`, and this project is `team-b`"
    )
    assert "end `storage.url` in `/{project}`" in caught.value.fix
    command = """snakemake --config 'accept=["dpe:owner", "*:owner"]'"""
    assert caught.value.fix.endswith(command)
    assert (place.text(MANIFEST), place.text("dpe.parquet")) == (before, None)


def test_a_project_beside_another_is_consented_to_once(place) -> None:
    place.publish("dpe", {"dpe/a": "1"})
    entry = Entry("x", [Upload("x.csv", place.write("x.csv", "x"))], FACTS)
    with pytest.raises(DiffusionError, match="what is published there is of the project `demo`"):
        publish(Target(place.store, TEAM), [entry], place.folder / "locks")
    consented = Target(place.store, TEAM, frozenset({"*:owner"}))
    publish(consented, [entry], place.folder / "locks")
    publish(Target(place.store, TEAM), [entry], place.folder / "locks")
    manifest = read_manifest(place.store)[0]
    owners = {name: entry["project"] for name, entry in manifest["tables"].items()}
    assert owners == {"dpe": "demo", "x": "team-b"}
    assert (manifest["project"]["name"], manifest["beside"]) == ("demo", ["team-b"])


def test_an_entry_that_is_taken_over(place) -> None:
    place.publish("dpe", {"dpe/a": "1"})
    entry = Entry("dpe", [Upload("dpe.csv", place.write("x.csv", "x"))], FACTS)
    consented = Target(place.store, TEAM, frozenset({"*:owner", "dpe:owner"}))
    publish(consented, [entry], place.folder / "locks")
    assert (place.text("dpe/a"), place.text("dpe.csv")) == (None, "x")
    assert read_manifest(place.store)[0]["tables"]["dpe"]["project"] == "team-b"


def test_a_change_is_dated_by_the_version_that_came_with_it(place):
    """By that it is known which of them a changelog has already."""
    line = {"rows": [1, 2]}
    first = place.publish("dpe", {"dpe.parquet": "one"}, FACTS | {"changes": [dict(line)]})
    dated = line | {"published": first["published"]}
    assert first["changes"] == [dated]
    again = place.publish("dpe", {"dpe.parquet": "one"}, FACTS | {"changes": [dated]})
    assert again["changes"] == [dated]
    more = FACTS | {"changes": [dated, {"rows": [2, 3]}]}
    second = place.publish("dpe", {"dpe.parquet": "two"}, more)
    assert second["changes"] == [dated, {"rows": [2, 3], "published": second["published"]}]
    figure = {key: value for key, value in FACTS.items() if key != "columns"}
    assert "changes" not in place.publish("dpe", {"dpe.png": "map"}, figure | {"kind": "figure"})

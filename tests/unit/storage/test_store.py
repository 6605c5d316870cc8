"""The store: one behaviour over a folder and over a real S3 server."""

import datetime
import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from counting_proxy import CountingProxy, refusal
from diffusion.config.parts import Server, Storage
from diffusion.errors import DiffusionError
from diffusion.run.preflight import check_storage
from diffusion.storage import patience
from diffusion.storage import store as store_module
from diffusion.storage.connection import Connection, connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.items import strong
from diffusion.storage.refusals import RENEW
from diffusion.storage.store import Store
from said import words_of

pytestmark = pytest.mark.s3  # a folder beside the server, by the same tests

UNSET = Server()
KEYS = [
    "plain.txt",
    "dpe/commune=01450,year=2020/data.parquet",
    "q=a%2Fb/100%25.txt",
    "dpe/by_code=_2A%2F4/data.parquet",
    "with space/two  spaces.txt",
    "Île-de-France/œuvre.txt",
    "a#b?c&d+e/x.txt",
    "quotes'\"/[a]{b}*.txt",
    "x/..hidden",
]
DIGEST = "0" * 64


@pytest.fixture
def link(s3) -> Connection:
    return connection(UNSET, s3.environment())


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path, link) -> Store:
    if request.param == "folder":
        return Store(str(tmp_path / "published"), None)
    return Store(f"s3://lake/a folder=é/{tmp_path.name}", link)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_comes_back_as_it_went(store, tmp_path, key):
    content = tmp_path / "content"
    content.write_bytes(b"hello")
    store.put(key, content, DIGEST)
    assert store.head(key).size == 5
    assert store.read(key)[0] == b"hello"
    store.download(key, tmp_path / "new folder" / "copy")
    assert (tmp_path / "new folder" / "copy").read_bytes() == b"hello"
    assert len(list((tmp_path / "new folder").iterdir())) == 1, "no part is left"
    assert list(store.list("")) == [(key, 5)]
    if path := store.local_path(key):
        assert path.read_bytes() == b"hello"
    store.delete([key])
    assert store.head(key) is None


def test_what_is_not_there(store, tmp_path):
    assert store.head("nothing") is None
    assert store.read("nothing") is None
    assert list(store.list("")) == list(store.list("nothing")) == []
    store.delete(["nothing"])
    with pytest.raises(DiffusionError) as caught:
        store.download("nothing", tmp_path / "x")
    assert words_of(caught.value) == f"{store.url}/nothing: there is no such object"
    assert not list(tmp_path.glob("x*"))


def test_a_folder_is_no_object(store):
    store.put("folder/x", b"1", DIGEST)
    assert store.head("folder") is None
    assert store.read("folder") is None


def test_a_list_goes_by_folders_and_is_complete(store):
    for name in ("dpe/a", "dpe/b/c", "dpe_x/a", "dp"):
        store.put(name, b"1", DIGEST)
    assert sorted(store.list("dpe")) == [("dpe/a", 1), ("dpe/b/c", 1)]
    for number in range(60):
        store.put(f"many/{number}", b"1", DIGEST)
    assert len(list(store.list("many"))) == 60


def test_a_put_replaces(store):
    store.put("x", b"old and long", DIGEST)
    store.put("x", b"new", DIGEST)
    assert store.read("x")[0] == b"new"
    assert store.head("x").size == 3
    store.put("x", b"", DIGEST)
    assert store.read("x")[0] == b""


def test_a_put_that_fails_leaves_the_old_object(store, tmp_path):
    def breaking():
        for _ in range(20):  # beyond one part of a multipart upload
            yield os.urandom(1_000_000)
        raise OSError("the disk is gone")

    store.put("x", b"old", DIGEST)
    with pytest.raises(OSError, match="the disk is gone"):
        store.put("x", breaking(), DIGEST)
    with pytest.raises(FileNotFoundError):
        store.put("x", tmp_path / "never made", DIGEST)
    assert store.read("x")[0] == b"old"
    assert list(store.list("")) == [("x", 3)]
    if not store.is_s3:
        assert [path.name for path in Path(store.url).iterdir()] == ["x"]


def test_a_download_that_fails_leaves_the_old_file(store, tmp_path, monkeypatch):
    class Broken:
        meta = {"size": 300_000}  # noqa: RUF012

        def stream(self, min_chunk_size: int):
            yield b"ne"
            raise OSError("the line is cut")

    target = tmp_path / "copy"
    target.write_bytes(b"old")
    monkeypatch.setattr(store_module.obstore, "get", lambda *_, **__: Broken())
    with pytest.raises(OSError, match="the line is cut"):
        store.download("x", target)
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("limit", [None, 1_000_000])
def test_a_large_object(store, tmp_path, monkeypatch, limit):
    """30 MB, by an unconditional put and by a create beyond the limit of one request."""
    path = tmp_path / "large"
    path.write_bytes(os.urandom(30_000_000))
    if limit:
        monkeypatch.setattr(store_module, "ONE_REQUEST", limit)
    store.put("large.bin", path, sha256_of(path), create=bool(limit))
    assert store.head("large.bin").size == 30_000_000
    store.download("large.bin", tmp_path / "copy")
    assert sha256_of(tmp_path / "copy") == sha256_of(path)
    if limit:
        with pytest.raises(FileExistsError):
            store.put("large.bin", path, DIGEST, create=True)


def test_large_files_are_multipart_even_when_created(s3, tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "ONE_REQUEST", 9_000_000)
    path = tmp_path / "large"
    path.write_bytes(bytes(20_000_000))
    with CountingProxy(s3.endpoint) as proxy:
        store = proxied(s3, proxy, tmp_path.name)
        store.put("created", path, DIGEST, create=True)
        sizes = [int(r.headers["content-length"]) for r in proxy.requests if r.method == "PUT"]
        assert sorted(sizes) == [3_222_784, 8_388_608, 8_388_608]
        proxy.requests.clear()
        store.put("small", b"1", DIGEST, create=True)
        assert [r.headers.get("if-none-match") for r in proxy.requests] == ["*"]
        with suppress(FileExistsError):  # the embedded server ignores the condition
            store.put("small", b"2", DIGEST, etag='"abc"')
        assert proxy.requests[-1].headers["if-match"] == '"abc"'


def proxied(s3, proxy: CountingProxy, name: str) -> Store:
    environment = s3.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}
    return Store(f"s3://lake/{name}", connection(UNSET, environment))


def test_create_only(tmp_path):
    store = Store(str(tmp_path / "raw"), None)
    store.put("x", b"first", DIGEST, create=True)
    with pytest.raises(FileExistsError, match="raw/x"):
        store.put("x", b"second", DIGEST, create=True)
    assert store.read("x")[0] == b"first"


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.zip", "application/zip"),
        ("a.no-such-kind", "application/octet-stream"),
    ],
)
def test_metadata_on_s3(s3, tmp_path, key, kind):
    with CountingProxy(s3.endpoint) as proxy:
        store = proxied(s3, proxy, tmp_path.name)
        store.put(key, b"x", "a" * 64)
        assert proxy.requests[-1].headers["content-type"] == kind
        assert store.head(key).sha256 == "a" * 64
        assert proxy.requests[-1].method == "HEAD", "a head must not transfer the object"


def test_a_folder_keeps_no_metadata(tmp_path):
    store = Store(str(tmp_path / "new" / "deep"), None)
    store.put("x", b"1", DIGEST)
    assert store.head("x").sha256 is None
    assert store.address("x") == f"{tmp_path}/new/deep/x"


def test_a_relative_folder_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store("published/", None)
    monkeypatch.chdir("/")
    store.put("x", b"1", DIGEST)
    assert (tmp_path / "published" / "x").read_bytes() == b"1"


REFUSED = {
    "wrong key": (
        {"access_key": "nobody"},
        "lake",
        f"the access key is unknown, or has expired\n  → check AWS_ACCESS_KEY_ID; {RENEW}",
    ),
    "wrong secret": (
        {"secret_key": "wrong"},
        "lake",
        "the secret key is wrong\n  → check AWS_SECRET_ACCESS_KEY",
    ),
    "wrong bucket": (
        {},
        "no-such-bucket",
        "the bucket does not exist\n  → create it, or correct its name",
    ),
    "refused port": (
        {"endpoint": "http://127.0.0.1:9"},
        "lake",
        "the server cannot be reached\n  → check the endpoint and the network",
    ),
    "unknown host": (
        {"endpoint": "http://no-such-host.invalid"},
        "lake",
        "the host name is unknown\n  → check the endpoint",
    ),
    "https to http": (
        {"endpoint": "https"},
        "lake",
        "the server does not speak https\n  → write the endpoint with http://",
    ),
}


def broken_link(link: Connection, changes: dict) -> Connection:
    if changes.get("endpoint") == "https":
        changes = {"endpoint": link.endpoint.replace("http://", "https://")}
    return replace(link, **changes)


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("action", ["put", "read", "list", "download"])
def test_refusals_in_plain_words(link, tmp_path, monkeypatch, name, action):
    changes, bucket, words = REFUSED[name]
    link = broken_link(link, changes)
    whole = Connection.obstore
    without_retries = {"retry_config": {"max_retries": 0}}  # else a minute each
    monkeypatch.setattr(patience, "PATIENCE", datetime.timedelta(0))
    monkeypatch.setattr(
        Connection, "obstore", lambda self, bucket: whole(self, bucket) | without_retries
    )
    store = Store(f"s3://{bucket}/p", link)
    actions = {
        "put": lambda: store.put("x", b"1", DIGEST),
        "read": lambda: store.read("x"),
        "list": lambda: list(store.list("")),
        "download": lambda: store.download("x", tmp_path / "x"),
    }
    with pytest.raises(DiffusionError) as caught:
        actions[action]()
    place = "" if action == "list" else "x"
    assert words_of(caught.value) == f"s3://{bucket}/p/{place}: {words}"


@pytest.mark.parametrize("name", [*REFUSED, "no keys", "fine"])
def test_preflight_speaks_fast(s3, monkeypatch, tmp_path, name):
    changes, bucket, words = REFUSED.get(name, ({}, "lake", ""))
    link = broken_link(connection(UNSET, s3.environment()), changes)
    for variable in [v for v in os.environ if v.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if name != "no keys":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", link.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", link.secret_key)
    storage = Storage(endpoint=link.endpoint, url=f"s3://{bucket}/d", raw="raw")
    begin = time.monotonic()
    if name == "fine":
        check_storage(storage)
    else:
        with pytest.raises(DiffusionError) as caught:
            check_storage(storage)
        expected = f"storage.url s3://{bucket}/d at {link.endpoint}: {words}"
        if name == "no keys":
            expected = (
                f"storage.url s3://{bucket}/d: there are no S3 credentials\n  → export "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)"
            )
        assert words_of(caught.value) == expected
    assert time.monotonic() - begin < 2


def test_errors_show_no_secret(link):
    store = Store("s3://lake/p", replace(link, secret_key="hunter2hunter2"))
    with pytest.raises(DiffusionError) as caught:
        store.read("x")
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "hunter2" not in "".join(f"{error!r}{error}" for error in chain)


def test_an_etag_that_a_proxy_made_weak():
    """nginx does, where it compresses: the server itself knows the strong one only."""
    assert strong('W/"abc"') == '"abc"'
    assert strong('"abc"') == '"abc"'


def test_the_first_question_is_asked_again_of_a_busy_server(s3, link, monkeypatch):
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    busy = [refusal(503, "SlowDown")]
    with CountingProxy(link.endpoint) as proxy:
        proxy.refuse = lambda request: busy.pop() if busy else None
        check_storage(Storage(endpoint=proxy.endpoint, url="s3://lake/d", raw="raw"))
    assert not busy


def test_what_stands_in_the_way_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DiffusionError, match="a file of this name is there, where a folder"):
        Store(str(tmp_path / "file"), None)
    store = Store(str(tmp_path / "folder"), None)
    (tmp_path / "folder" / "t.parquet" / "below").mkdir(parents=True)
    with pytest.raises(DiffusionError, match="a folder of this name is there"):
        store.put("t.parquet", b"x", "")

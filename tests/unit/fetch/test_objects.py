"""Objects of a bucket: found, downloaded side by side, verified; refusals in plain words."""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from counting_proxy import Refusal, Request, refusal
from diffusion.base.progress import Progress
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError, MovedError
from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.objects import Found, download_objects, find_objects, origin_of
from diffusion.fetch.sample import fetch_sample
from diffusion.raw.cache import raw_files
from diffusion.raw.copies import Received
from diffusion.storage import side_by_side
from diffusion.storage.connection import connection
from diffusion.storage.store import Store
from fetches import source_of

pytestmark = pytest.mark.s3
WHERE = "sources.t.url"


@pytest.fixture
def bucket(proxy, tmp_path) -> Store:
    return Store(f"s3://lake/{tmp_path.name}", connection(Server()))


def put(store: Store, *keys: str, body: bytes = b"a,b\n1,2\n") -> None:
    for key in keys:
        store.put(key, body, "0" * 64)


def download(found: Found, place: Path) -> list[Received]:
    with Progress("t", "B") as progress:
        return download_objects(found, place, progress)


def search(url: str) -> list[str]:
    found = find_objects(url, Server(), WHERE)
    return [item.key.removeprefix(found.prefix) for item in found.items]


def test_a_glob_goes_by_folders(bucket):
    put(bucket, "in/b.csv", "in/a.csv", "in/x/{c}.csv", "in/x/é d.csv", "in/e.txt", "inside.csv")
    put(bucket, "in/empty.csv", body=b"")
    assert search(f"{bucket.url}/in/*.csv") == ["a.csv", "b.csv"]
    assert search(f"{bucket.url}/in/**/*.csv") == ["a.csv", "b.csv", "x/{c}.csv", "x/é d.csv"]
    assert search(f"{bucket.url}/in/x/{{c}}.csv") == ["{c}.csv"]
    found = find_objects(f"{bucket.url}/in/*.csv", Server(), WHERE)
    assert origin_of("s3://…", Server(), found)["empty"] == [f"{found.prefix}empty.csv"]


ODD = ["a#b", "a?b", "a{x}", "a%20b", "a%zz", "a b", "a+b", "a&b=c", "a'b", 'a"b', "a\\b", "a|b"]


def test_keys_with_odd_signs_are_read(bucket, tmp_path):
    put(bucket, *(f"odd/{key}.csv" for key in ODD))
    found = find_objects(f"{bucket.url}/odd/*", Server(), WHERE)
    files = download(found, tmp_path / "place")
    assert sorted(file.name for file in files) == sorted(f"{key}.csv" for key in ODD)


@pytest.mark.parametrize("key", ["a\tb.csv", "a\nb.csv"])
def test_a_key_that_cannot_be_read_is_named(bucket, s3, key):
    put(bucket, "bad/good.csv")
    pair = {"aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
    client = boto3.client("s3", endpoint_url=s3.endpoint, region_name="us-east-1", **pair)
    prefix = bucket.url.removeprefix("s3://lake/")
    client.put_object(Bucket="lake", Key=f"{prefix}/bad/{key}", Body=b"x")
    try:
        with pytest.raises(DiffusionError) as caught:
            search(f"{bucket.url}/bad/*.csv")
    finally:  # others list the whole bucket
        client.delete_object(Bucket="lake", Key=f"{prefix}/bad/{key}")
    assert f"the key {json.dumps(f'{prefix}/bad/{key}')} cannot be read" in caught.value.found
    assert "rename that object" in caught.value.fix
    assert search(f"{bucket.url}/bad/good.csv") == ["good.csv"]


def test_brackets_of_a_key_are_no_glob_where_there_is_that_key(bucket):
    put(bucket, "in/report[1].csv", "in/report1.csv", "in/part2.csv")
    assert search(f"{bucket.url}/in/report[1].csv") == ["report[1].csv"]
    assert search(f"{bucket.url}/in/part[12].csv") == ["part2.csv"]


def test_a_plain_key_needs_no_right_to_list(bucket, proxy, tmp_path):
    put(bucket, "in/a.csv")
    proxy.refuse = lambda r: refusal(403, "AccessDenied") if "list-type" in r.path else None
    [file] = download(find_objects(f"{bucket.url}/in/a.csv", Server(), WHERE), tmp_path / "place")
    assert (file.name, file.path.read_bytes()) == ("a.csv", b"a,b\n1,2\n")


def test_a_batch_freezes_and_caches_them(bucket, proxy, tmp_path):
    """What the conversion reads is verified, and is not asked for again."""
    put(bucket, *(f"in/{n}/d.csv" for n in range(40)))
    raw = Store(f"{bucket.url}/raw", connection(Server()))
    source = source_of(f"{bucket.url}/in/**/*.csv", "s3")
    given = {"lock": {}, "cache": tmp_path / "cache"}
    receipt = fetch_batch("t", source.fetching, ["all"], raw, tmp_path / "scratch", **given)
    files = receipt["partitions"]["all"]["files"]
    assert [file["name"] for file in files] == sorted(f"{n}/d.csv" for n in range(40))
    assert len(set(raw.list(""))) == 40 + 1
    assert not [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()]
    proxy.requests.clear()
    paths = raw_files(raw, receipt["partitions"]["all"], tmp_path / "cache")
    assert {path.read_bytes() for path in paths} == {b"a,b\n1,2\n"}
    assert proxy.requests == []
    proxy.refuse = lambda r: refusal(403, "AccessDenied") if "/in" in r.path else None
    again = fetch_batch("t", source.fetching, ["all"], raw, tmp_path / "scratch", **given)
    assert again == receipt, "frozen: the source is not asked"


def test_many_at_once_and_large_ones_few(bucket, proxy, tmp_path, monkeypatch):
    put(bucket, *(f"in/{n}.csv" for n in range(40)))
    busy, most, guard = 0, [], threading.Lock()

    def count(request: Request) -> None:
        nonlocal busy
        with guard:
            busy += 1
            most.append(busy)
        time.sleep(0.05)
        with guard:
            busy -= 1

    found = find_objects(f"{bucket.url}/in/*", Server(), WHERE)
    proxy.refuse = count
    download(found, tmp_path / "one")
    assert 8 < max(most) <= 32
    most.clear()
    monkeypatch.setattr(side_by_side, "SMALL", 1)
    download(found, tmp_path / "two")
    assert max(most) <= 4


@pytest.mark.parametrize("body", [b"longer than it was\n", b"a,b\n3,4\n"])
def test_an_object_that_changed_since_it_was_listed(bucket, tmp_path, body):
    put(bucket, "in/a.csv", "in/b.csv")
    found = find_objects(f"{bucket.url}/in/*", Server(), WHERE)
    time.sleep(1.1)  # without ETags (the embedded server) only a whole second tells
    put(bucket, "in/b.csv", body=body)
    with pytest.raises(DiffusionError, match=r"b\.csv: the object changed while it was read"):
        download(found, tmp_path / "place")


def test_an_object_that_is_replaced_before_the_last_one_came(bucket, proxy, tmp_path):
    put(bucket, "in/a.csv", "in/b.csv")
    found = find_objects(f"{bucket.url}/in/*", Server(), WHERE)
    if any(item.etag for item in found.items):
        pytest.skip("each answer shows by its ETag which object it is of")

    def replace(request: Request) -> None:
        if "list-type" in request.path:
            time.sleep(1.1)  # a whole second tells
            put(bucket, "in/b.csv", body=b"a,b\n3,4\n")

    proxy.refuse = replace
    with pytest.raises(MovedError, match=r"b\.csv: the object changed while it was read"):
        download(found, tmp_path / "place")


def test_an_object_that_is_gone(bucket, tmp_path):
    put(bucket, "in/a.csv")
    found = find_objects(f"{bucket.url}/in/a.csv", Server(), WHERE)
    bucket.delete(["in/a.csv"])
    with pytest.raises(DiffusionError, match="there is no such object"):
        download(found, tmp_path / "place")
    assert not list((tmp_path / "place").iterdir())


def test_what_came_before_an_interruption_is_not_asked_again(bucket, proxy, tmp_path):
    put(bucket, "in/a.csv", "in/b.csv")
    found = find_objects(f"{bucket.url}/in/*", Server(), WHERE)
    proxy.refuse = lambda r: refusal(403, "AccessDenied") if "b.csv" in r.path else None
    with pytest.raises(DiffusionError, match=r"b\.csv: access is denied"):
        download(found, tmp_path / "place")
    proxy.refuse = lambda _: None
    proxy.requests.clear()
    assert [file.name for file in download(found, tmp_path / "place")] == ["a.csv", "b.csv"]
    asked = {request.path.rpartition("/")[2] for request in proxy.requests}
    assert {name for name in asked if name.endswith(".csv")} == {"b.csv"}


def test_errors_that_pass(bucket, proxy, tmp_path):
    put(bucket, "in/a.csv")
    left = [refusal(503, "SlowDown"), refusal(500, "InternalError")] * 2

    def refuse(_: Request) -> Refusal | None:
        return left.pop() if left else None

    proxy.refuse = refuse
    found = find_objects(f"{bucket.url}/in/a.csv", Server(), WHERE)
    left += [refusal(503, "SlowDown")] * 2
    assert download(found, tmp_path / "place")[0].size == 8
    assert not left


def test_a_large_object_shows_where_it_is(bucket, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("diffusion.base.progress.SECONDS_BETWEEN_LINES", 0)
    caplog.set_level(logging.INFO)
    body = os.urandom(20_000_000)
    put(bucket, "big.bin", body=body)
    [file] = download(find_objects(f"{bucket.url}/big.bin", Server(), WHERE), tmp_path / "place")
    assert file.path.read_bytes() == body
    assert re.search(r": at 8\.\d of 20\.0 MB \(4\d%\)$", caplog.text, re.MULTILINE)


def wrong(**keys: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: [patch.setenv(name, value) for name, value in keys.items()]


REFUSED = {
    "no object": ("s3://lake/no/such.csv", wrong(), "there is no object s3://lake/no/such.csv"),
    "no match": ("s3://lake/no/*.csv", wrong(), "no object matches s3://lake/no/*.csv"),
    "no bucket": ("s3://no-such-bucket/x", wrong(), "the bucket does not exist"),
    "no bucket, by a glob": ("s3://no-such-bucket/*", wrong(), "the bucket does not exist"),
    "wrong key": ("s3://lake/x", wrong(AWS_ACCESS_KEY_ID="nobody"), "the access key is unknown"),
    "wrong secret": ("s3://lake/x", wrong(AWS_SECRET_ACCESS_KEY="no"), "the secret key is wrong"),
    "dead": ("s3://lake/x", wrong(AWS_ENDPOINT_URL="http://127.0.0.1:9"), "cannot be reached"),
    "dead, by a glob": ("s3://lake/*", wrong(AWS_ENDPOINT_URL="http://127.0.0.1:9"), "cannot be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_in_plain_words_and_soon(name, proxy, monkeypatch):
    url, spoil, words = REFUSED[name]
    spoil(monkeypatch)
    began = time.monotonic()
    with pytest.raises(DiffusionError) as caught:
        find_objects(url, Server(), WHERE)
    assert words in str(caught.value) and caught.value.fix
    assert time.monotonic() - began < 15


def test_a_token_that_expired(bucket, proxy):
    proxy.refuse = lambda _: refusal(400, "ExpiredToken")
    with pytest.raises(DiffusionError, match="the session token has expired"):
        find_objects(f"{bucket.url}/a.csv", Server(), WHERE)


def test_a_server_of_its_own_without_keys(s3, proxy, monkeypatch):
    """What the environment says of the storage's server does not count for the source's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    seen = Server(endpoint=proxy.endpoint, anonymous=True)
    with pytest.raises(DiffusionError):  # neither test server gives anything without a key
        find_objects("s3://lake/x", seen, WHERE)
    assert proxy.requests and "authorization" not in proxy.requests[0].headers


def test_a_sample_of_objects(bucket, tmp_path, monkeypatch):
    """The heads of two of them, and not the rest of either."""
    monkeypatch.chdir(tmp_path)
    line = b"1,%s\n" % (b"x" * 97)
    put(bucket, "in/a.csv", "in/b.csv", "in/c.csv", body=b"a,b\n" + line * 300_000)
    (tmp_path / "one").mkdir()
    sample = fetch_sample("t", source_of(f"{bucket.url}/in/*.csv", "s3"), "all", tmp_path / "one")
    assert [file.name for file in sample.files] == ["a.csv", "b.csv"] and not sample.is_whole
    for file in sample.files:
        data = file.path.read_bytes()
        assert 1 << 20 <= len(data) + len(line) < 4 << 20 and data.endswith(line)
    assert sample.told[-1] == "2 of the 3 objects that match"
    assert "of 30,000,004 bytes, up to the end of a record" in sample.told[0]
    (tmp_path / "two").mkdir()
    whole = source_of(f"{bucket.url}/in/*.csv", "s3")
    sample = fetch_sample("t", whole, "all", tmp_path / "two", whole=True)
    assert sample.is_whole and {file.size for file in sample.files} == {30_000_004}
    with pytest.raises(DiffusionError, match="no object matches"):
        fetch_sample("t", source_of(f"{bucket.url}/in/*.xls", "s3"), "all", tmp_path)


@pytest.mark.minio
def test_a_version_of_an_object(s3, tmp_path, monkeypatch):
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    client, name = s3.client(), f"versions-{tmp_path.name.replace('_', '-').lower()[:40]}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first, _ = (
        client.put_object(Bucket=name, Key="a.csv", Body=body)["VersionId"]
        for body in (b"n\n1\n", b"n\n2\n")
    )
    raw = Store(str(tmp_path / "raw"), None)
    source = source_of(f"s3://{name}/a.csv", "s3", version=first)
    given = {"lock": {}}
    facts = fetch_batch("t", source.fetching, ["all"], raw, tmp_path / "s", **given)
    [path] = raw_files(raw, facts["partitions"]["all"], tmp_path)
    assert path.read_bytes() == b"n\n1\n"
    assert facts["partitions"]["all"]["objects"][0]["version"] == first
    with pytest.raises(DiffusionError, match="there is no version"):
        find_objects(f"s3://{name}/a.csv", Server(), WHERE, "11111111-2222-3333-4444-555555555555")


def test_who_pays_is_said(bucket, proxy):
    put(bucket, "a.csv")
    proxy.requests.clear()
    find_objects(f"{bucket.url}/a.csv", Server(request_payer=True), WHERE)
    assert proxy.requests[0].headers["x-amz-request-payer"] == "requester"

"""Large objects that the server copies by itself: only what is proven, and as a put leaves it."""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from counting_proxy import CountingProxy, Refusal, Request, refusal
from diffusion.base.progress import Progress
from diffusion.config.parts import Server
from diffusion.fetch.objects import download_objects, find_objects
from diffusion.raw.copies import Received, freeze
from diffusion.storage import copying
from diffusion.storage.begun import FOLDER
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store

pytestmark = pytest.mark.s3
MB = 1024 * 1024
SIZE = 20_000_000  # three parts, as this project sends it
FACTS = {"retrieved": "2026-01-01T00:00:00+00:00"}
minio = pytest.mark.minio  # the embedded server has no ETags


@pytest.fixture
def proxy(proxy, monkeypatch, tmp_path) -> CountingProxy:
    """The way to the server; uploads are noted in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(copying, "ONE_REQUEST", 9 * MB)
    return proxy


@pytest.fixture
def lake(proxy, tmp_path) -> Store:
    return Store(f"s3://lake/{tmp_path.name}", connection(Server()))


@pytest.fixture
def client(s3, proxy):
    return boto3.client("s3", endpoint_url=s3.endpoint)


def put_source(lake: Store, size: int = SIZE, key: str = "in/large é.csv") -> bytes:
    path = Path("source")
    path.write_bytes(os.urandom(size))
    lake.put(key, path)
    return path.read_bytes()


def received(lake: Store, key: str = "in/large é.csv") -> list[Received]:
    """Return the object as a fetch job reads it."""
    found = find_objects(f"{lake.url}/{key}", Server(), "sources.t.url")
    with Progress("t", "B") as progress:
        return download_objects(found, Path("place"), progress)


def frozen(lake: Store, files: list[Received]) -> str:
    """Freeze what came; return the key of its object below the store."""
    raw = Store(f"{lake.url}/raw", lake.link)
    return f"raw/{freeze(raw, 't/1/all', files, FACTS)['files'][0]['key']}"


def is_copy(request: Request) -> bool:
    return "x-amz-copy-source" in request.headers


def sent(proxy: CountingProxy) -> int:
    """Return the number of bytes that went to the server in puts."""
    return sum(int(r.headers.get("content-length", 0)) for r in proxy.requests if r.method == "PUT")


def uploads(client, lake: Store, key: str) -> list:
    """Return the uploads in parts that are under way."""
    whole = f"{lake.url.removeprefix('s3://lake/')}/{key}"
    return client.list_multipart_uploads(Bucket="lake", Prefix=whole).get("Uploads", [])


def told(client, lake: Store, key: str) -> tuple:
    """Return what the server says of an object."""
    head = client.head_object(Bucket="lake", Key=f"{lake.url.removeprefix('s3://lake/')}/{key}")
    return head["ContentLength"], head["ContentType"], head["Metadata"]


@minio
@pytest.mark.parametrize("parts", [True, False], ids=["in parts", "in one request"])
def test_an_object_is_copied_as_a_put_leaves_it(lake, client, proxy, parts):
    if parts:
        content = put_source(lake)
    else:
        content = os.urandom(SIZE)
        key = f"{lake.url.removeprefix('s3://lake/')}/in/large é.csv"
        client.put_object(Bucket="lake", Key=key, Body=content, Metadata={"sha256": "x"})
    [file] = received(lake)
    lake.put("by put.csv", file.path)
    noted: list[int] = []
    proxy.refuse = lambda r: noted.append(len(list(FOLDER.glob("*")))) if is_copy(r) else None
    proxy.requests.clear()
    key = frozen(lake, [file])
    assert noted == [1] * (3 if parts else 1), "a kill leaves a note of it"
    assert sent(proxy) < 1_000, "of the provenance only"
    assert lake.read(key)[0] == content
    assert told(client, lake, key) == told(client, lake, "by put.csv")
    assert told(client, lake, key)[2] == {"sha256": sha256_of(content)}
    assert not uploads(client, lake, key)
    assert not list(FOLDER.glob("*"))


def first(refused: Callable[[Request], bool], answer: Refusal) -> Callable:
    """Refuse the first of some requests."""
    left = [answer]
    return lambda request: left.pop() if left and refused(request) else None


REFUSALS = {
    "the right to copy": lambda: lambda r: refusal(403, "AccessDenied") if is_copy(r) else None,
    "a method": lambda: lambda r: refusal(405, "MethodNotAllowed") if is_copy(r) else None,
    "what is not there": lambda: lambda r: refusal(501, "NotImplemented") if is_copy(r) else None,
    "one part": lambda: first(
        lambda r: is_copy(r) and "partNumber=2" in r.path, refusal(412, "PreconditionFailed")
    ),
    "to begin": lambda: first(
        lambda r: r.method == "POST" and r.path.endswith("?uploads"), refusal(403, "AccessDenied")
    ),
    "the end": lambda: first(
        lambda r: r.method == "POST" and "uploadId=" in r.path, refusal(400, "InvalidPart")
    ),
    "an error in an answer of 200": lambda: (
        lambda r: Refusal(200, refusal(200, "InternalError").body) if is_copy(r) else None
    ),
    "the size of a part": lambda: (
        lambda r: Refusal(403) if r.method == "HEAD" and "partNumber=1" in r.path else None
    ),
}


@minio
@pytest.mark.parametrize("refused", REFUSALS)
def test_what_is_refused_is_sent(lake, client, proxy, refused, caplog):
    content = put_source(lake)
    files = received(lake)
    proxy.refuse = REFUSALS[refused]()
    with caplog.at_level(logging.INFO):
        key = frozen(lake, files)
    assert lake.read(key)[0] == content
    assert "is sent, as the server" in caplog.text
    assert told(client, lake, key)[2] == {"sha256": files[0].sha256}
    assert not uploads(client, lake, key), "what was begun was aborted"


@minio
@pytest.mark.parametrize("honest", [True, False], ids=["conditions", "no conditions"])
@pytest.mark.parametrize("when", ["before", "amid"])
def test_an_object_that_changes_after_it_was_read(lake, proxy, monkeypatch, when, honest):
    """What was read is frozen; also of a server that does not look at conditions."""
    content = put_source(lake)
    files = received(lake)
    if not honest:
        server = copying._client(lake.link)
        asked = server.upload_part_copy

        def unconditional(**given: object) -> dict:
            del given["CopySourceIfMatch"]
            return asked(**given)

        monkeypatch.setattr(server, "upload_part_copy", unconditional)
    changes = [lambda: put_source(lake)]

    def change(request: Request) -> None:
        if changes and is_copy(request):
            changes.pop()()

    if when == "before":
        changes.pop()()
    proxy.refuse = change
    key = frozen(lake, files)
    assert not changes
    assert lake.read(key)[0] == content
    assert lake.read("in/large é.csv")[0] != content


@minio
def test_parts_of_several_sizes_prove_nothing(lake, client, proxy):
    key = f"{lake.url.removeprefix('s3://lake/')}/in/odd.csv"
    ids = {"Bucket": "lake", "Key": key}
    ids["UploadId"] = client.create_multipart_upload(**ids)["UploadId"]
    bodies = [os.urandom(size) for size in (6 * MB, 5 * MB, 6 * MB)]
    made = [
        {"PartNumber": n, "ETag": client.upload_part(**ids, PartNumber=n, Body=b)["ETag"]}
        for n, b in enumerate(bodies, start=1)
    ]
    client.complete_multipart_upload(**ids, MultipartUpload={"Parts": made})
    frozen_key = frozen(lake, received(lake, "in/odd.csv"))
    assert lake.read(frozen_key)[0] == b"".join(bodies)
    assert sent(proxy) > 17 * MB


@minio
def test_other_keys_or_a_small_object_are_no_case_for_it(lake, proxy):
    put_source(lake)
    [file] = received(lake)
    other = replace(file.origin, link=replace(lake.link, access_key="somebody-else"))
    small = replace(file.origin, size=MB)
    for origin in (other, small):
        proxy.requests.clear()
        assert not copying.copied(origin, lake, "x", file.sha256)
        assert not proxy.requests


@pytest.mark.embedded
def test_a_server_without_etags_is_sent_the_bytes(lake, proxy):
    content = put_source(lake)
    files = received(lake)
    assert files[0].origin is None
    assert lake.read(frozen(lake, files))[0] == content

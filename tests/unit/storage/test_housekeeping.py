"""Uploads that were killed are aborted: this project's own, and old ones, only."""

import datetime
import os
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from diffusion.config.parts import Server, Storage
from diffusion.storage import housekeeping
from diffusion.storage.begun import FOLDER
from diffusion.storage.connection import connection
from diffusion.storage.housekeeping import abort_left_uploads, abort_stale_uploads, count_versions

pytestmark = pytest.mark.s3
NOW = datetime.timedelta(seconds=-60)  # older than a minute ahead: all


@pytest.fixture
def client(s3, tmp_path: Path, monkeypatch):
    """Return a client; what the environment says is the server's."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    return boto3.client("s3")


def begin(client, *keys: str) -> None:
    for key in keys:
        upload = client.create_multipart_upload(Bucket="lake", Key=key)["UploadId"]
        given = {"UploadId": upload, "PartNumber": 1, "Body": b"x"}
        client.upload_part(Bucket="lake", Key=key, **given)


def begun(client, prefix: str) -> set[str]:
    found = client.list_multipart_uploads(Bucket="lake").get("Uploads", ())
    return {upload["Key"] for upload in found if upload["Key"].startswith(prefix)}


@pytest.mark.embedded  # MinIO lists no uploads below a prefix
def test_own_old_uploads_are_aborted(client, tmp_path: Path, monkeypatch) -> None:
    here, beside = f"{tmp_path.name}/here", f"{tmp_path.name}/here2"
    raw, url = f"{here}/raw", f"{here}/published"
    ours = [f"{url}/dpe.parquet", f"{url}/dpe/by_n=_1/data.parquet", f"{raw}/dpe/2024/all/x"]
    theirs = [f"{url}/dpe2.parquet", f"{url}/other/dpe.parquet", f"{raw}/rents/2024/all/x"]
    theirs += [f"{beside}/published/dpe.parquet"]
    begin(client, *ours, *theirs)
    storage = Storage(url=f"s3://lake/{url}", raw=f"s3://lake/{raw}")
    assert not list(abort_left_uploads(storage, ["dpe"], ["dpe"])), "none of them is a day old"
    assert begun(client, here) == {*ours, *theirs}
    monkeypatch.setattr(housekeeping, "STALE", NOW)
    aborted = set(abort_left_uploads(storage, ["dpe"], ["dpe"]))
    assert begun(client, here) == set(theirs)
    assert aborted == {f"s3://lake/{key}" for key in ours}


KILLED = """
import sys, time
from pathlib import Path
import obstore
from diffusion.config.parts import Server
from diffusion.storage.connection import connection
from diffusion.storage.store import Store

put = obstore.put

def slowly(path):  # its end does not come before the kill
    with path.open("rb") as file:
        yield file.read(9 << 20)
    time.sleep(600)

obstore.put = lambda store, key, path, **given: put(
    store, key, slowly(path), use_multipart=True, **given
)
Store(sys.argv[1], connection(Server())).put("dpe.parquet", Path(sys.argv[2]), "0" * 64)
"""


def test_what_a_kill_left_is_aborted_at_once(client, tmp_path: Path, monkeypatch) -> None:
    """On MinIO, too, which lists uploads by their exact keys only; and no other one."""
    monkeypatch.chdir(tmp_path)
    url = f"{tmp_path.name}/published"
    key, theirs = f"{url}/dpe.parquet", f"{url}/dpe2.parquet"
    (tmp_path / "table").write_bytes(os.urandom(20 << 20))
    command = [sys.executable, "-c", KILLED, f"s3://lake/{url}", str(tmp_path / "table")]
    environment = os.environ | {"PYTHONPATH": str(Path(housekeeping.__file__).parents[2])}
    begin(client, theirs)
    with subprocess.Popen(command, env=environment) as process:
        until = time.monotonic() + 30
        while not uploads_of(client, key) and time.monotonic() < until:
            time.sleep(0.1)
        storage = Storage(url=f"s3://lake/{url}", raw=f"s3://lake/{tmp_path.name}/raw")
        assert not list(abort_left_uploads(storage, ["dpe"], [])), "it is under way"
        assert uploads_of(client, key) == 1
        process.kill()
    elsewhere = Storage(url="s3://lake/elsewhere", raw="s3://lake/elsewhere-raw")
    assert not list(abort_left_uploads(elsewhere, ["dpe"], []))
    assert uploads_of(client, key) == 1
    assert list(abort_left_uploads(storage, ["dpe"], [])) == [f"s3://lake/{url}/dpe.parquet"]
    assert (uploads_of(client, key), uploads_of(client, theirs)) == (0, 1)
    assert not list(FOLDER.iterdir())


def uploads_of(client, key: str) -> int:
    """Return how many uploads of a key are under way."""
    found = client.list_multipart_uploads(Bucket="lake", Prefix=key).get("Uploads", ())
    return sum(upload["Key"] == key for upload in found)


@pytest.mark.parametrize(
    "change", [{"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}]
)
def test_what_a_server_refuses_is_not_said(s3, change: dict[str, str], capfd) -> None:
    link = connection(Server(), s3.environment() | change)
    assert abort_stale_uploads("s3://lake/x", link, ["x"], NOW) == []
    assert count_versions("s3://lake/x", link, "y/", "removed.json") is None
    assert capfd.readouterr() == ("", "")


def test_a_folder_has_no_uploads() -> None:
    assert abort_stale_uploads("published", None, ["x"], NOW) == []

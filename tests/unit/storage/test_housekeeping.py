"""Uploads that were killed are aborted: this project's own, and old ones, only."""

import datetime
from pathlib import Path

import boto3
import pytest

from diffusion.config.parts import Server, Storage
from diffusion.storage import housekeeping
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
def test_own_old_uploads_are_aborted(client, tmp_path: Path, monkeypatch, caplog) -> None:
    here, beside = f"{tmp_path.name}/here", f"{tmp_path.name}/here2"
    raw, url = f"{here}/raw", f"{here}/published"
    ours = [f"{url}/dpe.parquet", f"{url}/dpe/by_n=_1/data.parquet", f"{raw}/dpe/2024/all/x"]
    theirs = [f"{url}/dpe2.parquet", f"{url}/other/dpe.parquet", f"{raw}/rents/2024/all/x"]
    theirs += [f"{beside}/published/dpe.parquet"]
    begin(client, *ours, *theirs)
    storage = Storage(url=f"s3://lake/{url}", raw=f"s3://lake/{raw}")
    abort_left_uploads(storage, ["dpe"], ["dpe"])
    assert begun(client, here) == {*ours, *theirs}, "none of them is a day old"
    monkeypatch.setattr(housekeeping, "STALE", NOW)
    caplog.set_level("INFO")
    abort_left_uploads(storage, ["dpe"], ["dpe"])
    assert begun(client, here) == set(theirs)
    assert caplog.text.count("an upload that was killed is aborted") == len(ours)


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

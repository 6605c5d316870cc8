"""MinIO as the SSP Cloud has it: limited users, temporary credentials, who can read what.

Runs with `pytest --s3 minio` only: the embedded server has no users, policies or tokens.
"""

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from diffusion.config.parts import Storage
from diffusion.errors import DiffusionError
from diffusion.run.preflight import check_storage
from minio_users import BUCKET, OTHER, USER, temporary

pytestmark = pytest.mark.minio
PUBLISHED = f"{BUCKET}/diffusion/small"


def client(s3, variables: dict[str, str]):
    return boto3.client(
        "s3",
        endpoint_url=s3.endpoint,
        region_name="us-east-1",
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
    )


@pytest.fixture(scope="module")
def alices(s3, mc, sources, tmp_path_factory):
    """The small project, published by alice with temporary credentials to her versioned bucket."""
    from projects import Project, small_config

    mc("version", "enable", f"root/{BUCKET}")
    storage = {"url": f"s3://{PUBLISHED}", "raw": f"s3://{BUCKET}/raw/small"}
    config = small_config(sources.url) | {"storage": storage}
    project = Project(tmp_path_factory.mktemp("alice"), config, temporary(s3, USER))
    project.run(profile="profiles/sspcloud")
    return project, config


def test_published_with_temporary_credentials(alices, mc):
    listed = mc("ls", "--recursive", f"root/{PUBLISHED}")
    for name in ("communes.parquet", "plain.parquet", "manifest.json"):
        assert name in listed


def test_another_user_reads_what_is_published_only(alices, s3):
    bob = client(s3, temporary(s3, OTHER))
    assert bob.get_object(Bucket=BUCKET, Key="diffusion/small/manifest.json")["ContentLength"]
    with pytest.raises(ClientError, match="AccessDenied"):
        bob.get_object(Bucket=BUCKET, Key="raw/small/plain/2026-01-01/all/provenance.json")
    with pytest.raises(ClientError, match="AccessDenied"):
        bob.put_object(Bucket=BUCKET, Key="diffusion/small/manifest.json", Body=b"{}")


def test_nobody_reads_without_account_until_it_is_opened(alices, s3, mc):
    url = f"{s3.endpoint}/{PUBLISHED}/manifest.json"
    assert requests.get(url, timeout=10).status_code == 403
    mc("anonymous", "set", "download", f"root/{BUCKET}/diffusion")
    assert requests.get(url, timeout=10).json()["tables"].keys() == {"communes", "plain"}
    assert requests.get(f"{s3.endpoint}/{BUCKET}/raw/small", timeout=10).status_code == 403
    mc("anonymous", "set", "none", f"root/{BUCKET}/diffusion")


def test_the_lines_of_the_chapter_copy_out_and_in(alices, mc, tmp_path):
    mc("cp", f"root/{PUBLISHED}/plain.parquet", tmp_path / "data.parquet")
    mc("cp", tmp_path / "data.parquet", f"root/{BUCKET}/elsewhere/monoutput.parquet")
    assert "monoutput.parquet" in mc("ls", f"root/{BUCKET}/elsewhere/")


def test_a_second_run_sends_nothing_and_a_change_keeps_the_old_version(alices, mc):
    project, config = alices
    object_ = f"root/{PUBLISHED}/plain.parquet"
    versions = len(mc("ls", "--versions", object_).splitlines())
    assert "Nothing to be done" in project.run(profile="profiles/sspcloud")
    project.run("--forcerun", "publish_sources", profile="profiles/sspcloud")
    assert len(mc("ls", "--versions", object_).splitlines()) == versions
    changed = config["sources"]["plain"] | {"columns": {"population": "float"}}
    project.configure(config | {"sources": config["sources"] | {"plain": changed}})
    project.run(profile="profiles/sspcloud")
    assert len(mc("ls", "--versions", object_).splitlines()) == versions + 1


def test_a_bucket_of_somebody_else_is_refused_before_anything_runs(alices, s3, monkeypatch):
    for name, value in temporary(s3, OTHER).items():
        monkeypatch.setenv(name, value)
    storage = {"url": f"s3://{PUBLISHED}", "raw": f"s3://{BUCKET}/raw/small"}
    storage |= {"endpoint": None, "region": None, "path_style": None}
    with pytest.raises(DiffusionError, match="access is denied"):
        check_storage(Storage(**storage))

"""MinIO as the SSP Cloud has it: limited users, temporary credentials, who can read what.

Runs with `pytest --s3 minio` only: the embedded server has no users, policies or tokens.
"""

import json
import os
import subprocess
from pathlib import Path

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from diffusion.config.parts import Storage
from diffusion.errors import DiffusionError
from diffusion.run.preflight import check_storage
from minio_server import find

pytestmark = pytest.mark.minio
USER, OTHER, SECRET = "alice", "bob", "a-secret-of-enough-length"
BUCKET = "alice"
PUBLISHED = f"{BUCKET}/diffusion/small"


def policy(*statements: dict) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def own(bucket: str) -> dict:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Action": ["s3:*"], "Resource": resources}


# every user of the platform reads diffusion/ at the top of any bucket
READ = {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*/diffusion/*"]}


@pytest.fixture(scope="module")
def mc(s3, tmp_path_factory):
    """Run the MinIO client as the server's root; alice and bob each have a bucket."""
    folder = tmp_path_factory.mktemp("mc")
    keys = f"http://{s3.access_key}:{s3.secret_key}@{s3.endpoint.removeprefix('http://')}"
    environment = os.environ | {"MC_HOST_root": keys, "MC_CONFIG_DIR": str(folder)}

    def run(*arguments: str | Path) -> str:
        command = [find("mc"), *map(str, arguments)]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    for name in (USER, OTHER):
        run("mb", f"root/{name}")
        (folder / name).write_text(policy(own(name), READ))
        run("admin", "policy", "create", "root", name, folder / name)
        run("admin", "user", "add", "root", name, SECRET)
        run("admin", "policy", "attach", "root", name, "--user", name)
    return run


def temporary(s3, name: str) -> dict[str, str]:
    """Return the variables that Onyxia gives a user: keys from STS, with a session token."""
    keys = {"aws_access_key_id": name, "aws_secret_access_key": SECRET}
    sts = boto3.client("sts", endpoint_url=s3.endpoint, region_name="us-east-1", **keys)
    role = {"RoleArn": "arn:minio:iam:::role/unused", "RoleSessionName": "test"}  # MinIO asks none
    found = sts.assume_role(**role, DurationSeconds=900)  # MinIO's shortest life
    given = found["Credentials"]
    return s3.environment() | {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
        "AWS_S3_ENDPOINT": s3.endpoint.removeprefix("http://"),
        "DIFFUSION_BUCKET": BUCKET,
    }


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

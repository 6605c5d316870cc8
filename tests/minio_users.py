"""Users of a MinIO as the SSP Cloud has them: each owns a bucket, and reads what others publish."""

import json
import os
import subprocess
from pathlib import Path

import boto3

from minio_server import Minio, find

USER, OTHER, LISTER, SECRET = "alice", "bob", "carol", "a-secret-of-enough-length"
BUCKET = USER
# every user of the platform reads diffusion/ at the top of any bucket
READ = {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::*/diffusion/*"]}
LIST = {"Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::*"]}


def policy(*statements: dict) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def own(bucket: str) -> dict:
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Action": ["s3:*"], "Resource": resources}


class Mc:
    """The MinIO client as the server's root: ``mc("ls", "root/alice")``."""

    def __init__(self, s3: Minio, folder: Path):
        keys = f"http://{s3.access_key}:{s3.secret_key}@{s3.endpoint.removeprefix('http://')}"
        self._environment = os.environ | {"MC_HOST_root": keys, "MC_CONFIG_DIR": str(folder)}
        for name, more in ((USER, []), (OTHER, []), (LISTER, [LIST])):
            self("mb", f"root/{name}")
            (folder / name).write_text(policy(own(name), READ, *more))
            self("admin", "policy", "create", "root", name, folder / name)
            self("admin", "user", "add", "root", name, SECRET)
            self("admin", "policy", "attach", "root", name, "--user", name)

    def __call__(self, *arguments: str | Path) -> str:
        command = [find("mc"), *map(str, arguments)]
        done = subprocess.run(
            command, env=self._environment, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def temporary(s3: Minio, name: str) -> dict[str, str]:
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

"""Knows every object that was published or frozen, and says what was lost."""

import hashlib

import boto3

from projects import Project

BUCKET = "lake"


class Keeper:
    """Watches `diffusion/` and `raw/` below one prefix of the bucket."""

    def __init__(self, s3, prefix: str):
        self.prefix = prefix
        keys = {"aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
        self._client = boto3.client("s3", region_name="us-east-1", endpoint_url=s3.endpoint, **keys)
        self.known: dict[str, str] = {}

    @property
    def storage(self) -> dict[str, str]:
        """Return the section `storage:` of a project that is watched."""
        return {key: f"s3://{BUCKET}/{self.prefix}/{place}" for key, place in PLACES.items()}

    def read(self, key: str) -> bytes:
        """Return an object; keys begin with `diffusion/` or `raw/`."""
        return self._client.get_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}")["Body"].read()

    def objects(self) -> dict[str, str]:
        """Return the hash of every object."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=f"{self.prefix}/"
        )
        found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        keys = [key.removeprefix(f"{self.prefix}/") for key in found]
        return {key: hashlib.sha256(self.read(key)).hexdigest() for key in keys}

    def look(self) -> list[str]:
        """Return what was lost since the last look: raw copies gone or changed, objects gone."""
        now = self.objects()
        frozen = {key: digest for key, digest in self.known.items() if key.startswith("raw/")}
        lost = [key for key, digest in frozen.items() if now.get(key) != digest]
        lost += [key for key in self.known.keys() - frozen.keys() if key not in now]
        self.known = now
        return lost

    def published(self) -> dict[str, str]:
        """Return the hash of every published object, as of the last look."""
        return {key: digest for key, digest in self.known.items() if key.startswith("diffusion/")}


PLACES = {"url": "diffusion", "raw": "raw"}


def outputs(project: Project) -> dict[str, int]:
    """Return every output of a project with the time it was made."""
    files = (path for path in project.path("results").rglob("*") if path.is_file())
    return {str(path.relative_to(project.folder)): path.stat().st_mtime_ns for path in files}

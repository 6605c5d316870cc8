"""Knows every object that was published or frozen, and says what was lost."""

import hashlib
import json
import re
from typing import NamedTuple

import boto3

from projects import Project

BUCKET = "lake"


class Object(NamedTuple):
    """An object and what the server knows of it."""

    body: bytes
    content_type: str
    metadata: dict[str, str]


class Keeper:
    """Watches `diffusion/` and `raw/` below one prefix of the bucket, which it empties first.

    Classes of one module may be spread over workers, and each worker then begins anew.
    """

    def __init__(self, s3, prefix: str):
        self.prefix, self._s3 = prefix, s3
        self.known: dict[str, str] = {}
        self._clients: dict = {}
        self.restore({})

    @property
    def _client(self):
        """A client of the server where it is now: it may come back at another port."""
        keys = {
            "aws_access_key_id": self._s3.access_key,
            "aws_secret_access_key": self._s3.secret_key,
        }
        endpoint = self._s3.endpoint
        if endpoint not in self._clients:
            self._clients[endpoint] = boto3.client(
                "s3", region_name="us-east-1", endpoint_url=endpoint, **keys
            )
        return self._clients[endpoint]

    @property
    def storage(self) -> dict[str, str]:
        """Return the section `storage:` of a project that is watched."""
        return {key: f"s3://{BUCKET}/{self.prefix}/{place}" for key, place in PLACES.items()}

    def read(self, key: str) -> bytes:
        """Return an object; keys begin with `diffusion/` or `raw/`."""
        return self._get(key).body

    def _get(self, key: str) -> "Object":
        found = self._client.get_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}")
        return Object(found["Body"].read(), found["ContentType"], found["Metadata"])

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

    def everything(self) -> dict[str, "Object"]:
        """Return every object, to put it back later."""
        return {key: self._get(key) for key in self.objects()}

    def restore(self, objects: dict[str, "Object"]) -> None:
        """Make the prefix what it was."""
        now = self.objects()
        for key in now.keys() - objects.keys():
            self._client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}")
        for key, given in objects.items():
            if now.get(key) != hashlib.sha256(given.body).hexdigest():
                self.put(key, given)

    def put(self, key: str, given: "Object") -> None:
        """Put one object behind everybody's back."""
        about = {"Metadata": given.metadata, "ContentType": given.content_type}
        self._client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}", Body=given.body, **about)

    def remove(self, key: str) -> None:
        """Remove one object behind everybody's back."""
        self._client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}")

    def uploads(self, key: str) -> list[str]:
        """Return the uploads in parts of a key that were begun and not ended.

        MinIO lists them by their exact keys only.
        """
        given = {"Bucket": BUCKET, "Prefix": f"{self.prefix}/{key}"}
        found = self._client.list_multipart_uploads(**given).get("Uploads", [])
        return [item["Key"].removeprefix(f"{self.prefix}/") for item in found]

    def buckets(self) -> list[str]:
        """Return the server's buckets."""
        return [bucket["Name"] for bucket in self._client.list_buckets()["Buckets"]]

    def damaged(self) -> list[str]:
        """Return the raw copies whose bytes are not those that their names say, or not whole."""
        names = {key: key.rpartition("/")[2] for key in self.known if key.startswith("raw/")}
        bad = [
            key
            for key, name in names.items()
            if name != "provenance.json" and not self.known[key].startswith(name[:16])
        ]
        for key in (key for key, name in names.items() if name == "provenance.json"):
            for file in json.loads(self.read(key))["files"]:
                bad += [key] * (self.known.get(f"raw/{file['key']}") != file["sha256"])
        return bad

    def frozen(self, vintage: str) -> list[str]:
        """Return the sources that have a raw copy of a vintage."""
        found = (re.fullmatch(f"raw/(.+)/{vintage}/all/provenance.json", k) for k in self.known)
        return [match[1] for match in found if match]

    def published(self) -> dict[str, str]:
        """Return the hash of every published object, as of the last look."""
        return {key: digest for key, digest in self.known.items() if key.startswith("diffusion/")}


PLACES = {"url": "diffusion", "raw": "raw"}


def outputs(project: Project) -> dict[str, int]:
    """Return every output of a project with the time it was made."""
    files = (path for path in project.path("results").rglob("*") if path.is_file())
    return {str(path.relative_to(project.folder)): path.stat().st_mtime_ns for path in files}

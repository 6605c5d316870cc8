"""A real MinIO for the tests: `pytest --s3 minio` runs the S3 part of the suite against it.

`make minio` builds server and client once, by `go install`, into the user's cache folder; a `minio`
on the PATH is used when there is one.
"""

import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import boto3

from certificates import Authority
from embedded_s3 import EmbeddedS3

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "diffusion" / "bin"
START_TIMEOUT = 30  # seconds; it takes 1


def find(program: str) -> str | None:
    """Return the path of ``minio`` or ``mc``: from the PATH, or from ``make minio``."""
    built = CACHE / program
    return shutil.which(program) or (str(built) if built.exists() else None)


class Minio:
    """One server over one folder; the same attributes as ``EmbeddedS3``."""

    def __init__(
        self,
        folder: Path,
        buckets: list[str],
        authority: Authority | None = None,
        settings: Mapping[str, str] | None = None,
    ):
        """Prepare the server.

        Args:
            authority: signs its certificate; the server then speaks https.
            settings: further MINIO_* variables.
        """
        self.folder, self.buckets = Path(folder), buckets
        self.authority, self.settings = authority, dict(settings or {})
        self.access_key, self.secret_key = secrets.token_hex(10), secrets.token_hex(20)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.endpoint = f"{'https' if authority else 'http'}://{self.address}"
        self.log = self.folder.with_name(f"{self.folder.name}.log")
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server, wait until it is ready, make the buckets."""
        self.folder.mkdir(parents=True, exist_ok=True)
        keys = {"MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key}
        quiet = {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
        command = [find("minio"), "server", "--address", self.address]
        if self.authority:
            certificate, _ = self.authority.issue("127.0.0.1", "localhost", "*.localhost")
            command += ["--certs-dir", str(certificate.parent)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self.folder)],
                env=os.environ | keys | quiet | self.settings,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._ready():
            assert time.monotonic() < deadline, f"MinIO did not start: {self.log.read_text()}"
            time.sleep(0.05)
        client = self.client()
        known = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        for bucket in set(self.buckets) - known:
            client.create_bucket(Bucket=bucket)
        return self

    def stop(self) -> None:
        """End the server; its data stay."""
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def client(self):
        """Return a boto3 client of the root user."""
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        verify = str(self.authority.certificate) if self.authority else None
        place = {"endpoint_url": self.endpoint, "region_name": "us-east-1", "verify": verify}
        return boto3.client("s3", **place, **keys)

    environment = EmbeddedS3.environment

    def _ready(self) -> bool:
        url = f"{self.endpoint}/minio/health/ready"
        trusted = self.authority and ssl.create_default_context(cafile=self.authority.certificate)
        try:
            with urllib.request.urlopen(url, timeout=1, context=trusted) as answer:
                return answer.status == 200
        except OSError:
            return False

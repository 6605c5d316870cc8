"""A place for objects: a prefix of an S3 bucket or a local folder, by the same code.

Puts are atomic in both: S3 shows an object only when its upload is complete, and a local file is
written beside its place and renamed (object_store's LocalFileSystem).
"""

import datetime
import hashlib
import logging
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import tenacity
from obstore.exceptions import (
    AlreadyExistsError,
    NotFoundError,
    PreconditionError,
)
from obstore.store import LocalStore, S3Store

from diffusion.errors import DiffusionError
from diffusion.storage.connection import Connection, connected, split_url
from diffusion.storage.refusals import store_error, store_errors

if TYPE_CHECKING:
    from obstore.store import RetryConfig

logger = logging.getLogger(__name__)
CHUNK = 8 * 1024 * 1024
ONE_REQUEST = 64 * 1024 * 1024  # bytes; a conditional put is one request, held in memory
PATIENCE = datetime.timedelta(seconds=60)  # a server that restarts is back by then
RETRIES: "RetryConfig" = {
    "max_retries": 30,
    "retry_timeout": PATIENCE,
    "backoff": {
        "init_backoff": datetime.timedelta(seconds=0.2),
        "max_backoff": datetime.timedelta(seconds=8),
        "base": 2,
    },
}
# what obstore does not retry in a put, as it cannot know whether the request arrived, and an upload
# in parts that the server forgot when it went down
BROKEN_PUT = ("error sending request", "NoSuchUpload")
MISSING = (NotFoundError, FileNotFoundError)
CONTENT_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".zst": "application/zstd",
}


@dataclass(frozen=True)
class Head:
    """What a store knows of an object; ``sha256`` only where the server keeps metadata."""

    size: int
    sha256: str | None
    etag: str | None


class Store:
    """Objects below one URL; keys are relative to it and use ``/``."""

    def __init__(self, url: str, link: Connection | None, patient: bool = True):
        """Open the store; the network is not used yet.

        Args:
            url: ``s3://bucket/prefix`` or a local folder.
            link: how to reach S3; unused for a folder.
            patient: retry for a minute when the server cannot be reached or has an error.
        """
        self.url = url.rstrip("/")
        self.is_s3 = url.startswith("s3://")
        self._store: S3Store | LocalStore
        if self.is_s3:
            bucket, prefix = split_url(url)
            settings = connected(url, link).obstore(bucket)
            settings.setdefault("retry_config", RETRIES)
            if not patient:
                settings["retry_config"] = {"max_retries": 0}
                settings["client_options"] |= {"connect_timeout": "5s", "timeout": "10s"}
            self._store = S3Store(bucket, prefix=prefix or None, **settings)
        else:
            self._store = LocalStore(Path(url).absolute(), mkdir=True)

    def address(self, key: str) -> str:
        """Return the full URL, or the path, of a key."""
        return f"{self.url}/{key}"

    def local_path(self, key: str) -> Path | None:
        """Return the file itself where the store is a folder."""
        return None if self.is_s3 else Path(self.url) / key

    def head(self, key: str) -> Head | None:
        """Return size and hash of an object, or None where there is none."""
        with store_errors(self.address(key)):
            try:
                found = obstore.get(self._store, key, options={"head": True})
            except MISSING:
                return None
        meta = found.meta
        return Head(meta["size"], found.attributes.get("sha256"), meta["e_tag"] or None)

    def read(self, key: str) -> tuple[bytes, str | None] | None:
        """Return a small object's bytes and ETag, or None where there is none."""
        with store_errors(self.address(key)):
            try:
                found = obstore.get(self._store, key)
                return bytes(found.bytes()), found.meta["e_tag"] or None
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                return None

    def download(self, key: str, path: Path) -> None:
        """Stream an object into a file, written beside its place and renamed.

        Raises:
            DiffusionError: there is no such object, or it cannot be read.
        """
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        with store_errors(self.address(key)):
            try:
                found = obstore.get(self._store, key)
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                raise DiffusionError(self.address(key), "there is no such object") from error
            with part.open("wb") as file:
                for chunk in found.stream(min_chunk_size=CHUNK):
                    file.write(chunk)
        part.replace(path)

    def put(
        self, key: str, content: Path | bytes, sha256: str, create: bool = False, etag: str = ""
    ) -> None:
        """Put a file or bytes atomically, replacing what was there; multipart when large.

        Args:
            content: the file or the bytes.
            sha256: kept in the object's metadata where the server keeps any.
            create: refuse when the key exists (not every server honours it; beyond 64 MiB its
                existence is checked first instead, as a conditional put cannot be multipart).
            etag: replace only the object with this ETag (S3 only; not every server honours it).

        Raises:
            FileExistsError: the condition of ``create`` or ``etag`` does not hold.
        """
        if create and isinstance(content, Path) and content.stat().st_size > ONE_REQUEST:
            if self.head(key) is not None:
                raise FileExistsError(self.address(key))
            create = False
        options: dict = {"mode": "create" if create else "overwrite"}
        if self.is_s3:
            kind = CONTENT_TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0]
            options["attributes"] = {"Content-Type": kind or "application/octet-stream"}
            options["attributes"]["sha256"] = sha256
            if etag:
                options["mode"] = {"e_tag": etag}
        with store_errors(self.address(key)):
            try:
                for attempt in _retrying(key):
                    with attempt:
                        obstore.put(self._store, key, content, chunk_size=CHUNK, **options)
            except (AlreadyExistsError, PreconditionError) as error:
                raise FileExistsError(self.address(key)) from error
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                raise

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and size of every object below a prefix."""
        with store_errors(self.address(prefix)):
            for chunk in obstore.list(self._store, prefix=prefix or None, chunk_size=1000):
                yield from ((item["path"], item["size"]) for item in chunk)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; a missing one is not an error."""
        for key in keys:
            with store_errors(self.address(key)):
                try:
                    obstore.delete(self._store, key)
                except MISSING:
                    continue

    def _refuse_no_bucket(self, error: Exception, key: str) -> None:
        """Raise the error of a missing bucket, which obstore reports as a missing object."""
        if "NoSuchBucket" in str(error):
            raise store_error(error, self.address(key)) from error


def _retrying(key: str) -> tenacity.Retrying:
    """Repeat a put whose connection broke: an object is put whole, so a second put does no harm."""

    def log_retry(state: tenacity.RetryCallState) -> None:
        logger.warning(
            "%s: the connection broke; trying again in %.0f s", key, state.upcoming_sleep
        )

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda e: any(sign in str(e) for sign in BROKEN_PUT)),
        stop=tenacity.stop_after_delay(PATIENCE),
        wait=tenacity.wait_exponential(max=8),
        before_sleep=log_retry,
        reraise=True,
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in one pass."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

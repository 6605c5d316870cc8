"""A place for objects: a prefix of an S3 bucket or a local folder, by the same code.

Puts are atomic in both: S3 shows an object only when its upload is complete, and a local file is
written beside its place and renamed (object_store's LocalFileSystem).
"""

import datetime
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError
from obstore.store import LocalStore, S3Store

from diffusion.errors import MovedError, StorageError
from diffusion.storage.begun import noted_upload
from diffusion.storage.connection import Connection, connected, split_url
from diffusion.storage.hashing import sha256_of, write_body
from diffusion.storage.items import Head, Item, difference, item_of, strong
from diffusion.storage.media_types import content_type
from diffusion.storage.patience import NONE, PATIENCE, retrying_put, with_patience
from diffusion.storage.refusals import store_error, store_errors

if TYPE_CHECKING:
    from obstore import GetOptions

CHUNK = 8 * 1024 * 1024  # bytes, of one part of an upload
ONE_REQUEST = 64 * 1024 * 1024  # bytes; a conditional put is one request, held in memory
MISSING = (NotFoundError, FileNotFoundError)


class Store:
    """Objects below one URL; keys are relative to it and use ``/``."""

    def __init__(
        self,
        url: str,
        link: Connection | None,
        patient: bool = True,
        patience: datetime.timedelta = PATIENCE,
    ):
        """Open the store; the network is not used yet.

        Args:
            url: ``s3://bucket/prefix`` or a local folder.
            link: how to reach S3; unused for a folder.
            patient: try again when the server cannot be reached or has an error.
            patience: for how long.
        """
        self.url, self.link = url.rstrip("/"), link
        self.is_s3 = url.startswith("s3://")
        self._store: S3Store | LocalStore
        if self.is_s3:
            bucket, prefix = split_url(url)
            settings = connected(url, link).obstore(bucket)
            settings = with_patience(settings, patience if patient else NONE)
            self._store = S3Store(bucket, prefix=prefix or None, **settings)
        else:
            with store_errors(self.url):
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
        return Head(meta["size"], found.attributes.get("sha256"), item_of(meta).etag or None)

    def read(self, key: str) -> tuple[bytes, str | None] | None:
        """Return a small object's bytes and ETag, or None where there is none."""
        with store_errors(self.address(key)):
            try:
                found = obstore.get(self._store, key)
                return bytes(found.bytes()), strong(found.meta["e_tag"])
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                return None

    def look(self, key: str, version: str = "") -> Item | None:
        """Return what the server says of an object, or None where there is none.

        Args:
            version: of a bucket that keeps versions; empty for the current one.
        """
        if version:
            with store_errors(self.address(key)), suppress(*MISSING):
                asked: GetOptions = {"head": True, "version": version}
                return item_of(obstore.get(self._store, key, options=asked).meta)
            return None
        with store_errors(self.address(key)), suppress(*MISSING, BaseError):
            return item_of(obstore.head(self._store, key))
        with store_errors(self.address(key)):  # a HEAD is refused without a word why, a GET with it
            try:
                return item_of(obstore.get(self._store, key).meta)
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                return None

    def download(
        self,
        key: str,
        path: Path,
        expected: Item | None = None,
        received: Callable[[int], None] = lambda count: None,
        version: str = "",
    ) -> str:
        """Stream an object into a file, written beside its place and renamed; return its SHA-256.

        Args:
            key: of the object.
            path: of the file.
            expected: what a listing said of it; None to take what is there. Of a server without
                ETags, the bytes may be of two versions: look at it once more.
            received: is told the number of bytes of each piece that came.
            version: see ``look``.

        Raises:
            DiffusionError: there is no such object, it cannot be read, or it is not the expected.
        """
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        # obstore asks for the rest of a body that breaks off: of this version only
        same: GetOptions = {"if_match": f'"{expected.etag}"'} if expected and expected.etag else {}
        if version:
            same["version"] = version
        with store_errors(self.address(key)):
            try:
                found = obstore.get(self._store, key, options=same)
                digest, size = write_body(found, part, received)
            except PreconditionError:
                raise self.changed(key) from None
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                raise StorageError(self.address(key), "there is no such object") from error
        if expected and (why := difference(expected, size, item_of(found.meta))):
            raise self.changed(key, why)
        part.replace(path)
        return digest

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of an object from its beginning, as far as they are asked for."""
        with store_errors(self.address(key)):
            yield from map(bytes, obstore.get(self._store, key).stream(min_chunk_size=CHUNK // 8))

    def changed(self, key: str, why: str = "") -> MovedError:
        """Return the error for an object that is not what a listing said of it; ``why``: how."""
        fix = "run `snakemake` again, once nobody writes there any more"
        return MovedError(self.address(key), f"the object changed while it was read{why}", fix)

    def put(
        self,
        key: str,
        content: Path | bytes,
        sha256: str | None = None,
        create: bool = False,
        etag: str = "",
    ) -> None:
        """Put a file or bytes atomically, replacing what was there; multipart when large.

        Args:
            content: the file or the bytes.
            sha256: kept in the object's metadata where the server keeps any; None: the content's.
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
            options["attributes"] = {"Content-Type": content_type(key)}
            options["attributes"]["sha256"] = sha256_of(content) if sha256 is None else sha256
            if etag:
                options["mode"] = {"e_tag": etag}
        with store_errors(self.address(key)), noted_upload(self.url, key, content, CHUNK):
            try:
                for attempt in retrying_put(key):
                    with attempt:
                        obstore.put(self._store, key, content, chunk_size=CHUNK, **options)
            except (AlreadyExistsError, PreconditionError) as error:
                raise FileExistsError(self.address(key)) from error
            except MISSING as error:
                self._refuse_no_bucket(error, key)
                raise

    def adopt(self, key: str, path: Path) -> bool:
        """Give a file a second name in a store that is a folder; say whether that was possible.

        It costs nothing whatever its size; not on S3, nor from another file system.

        Raises:
            FileExistsError: there is such an object.
        """
        target = self.local_path(key)
        if target is None:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target)
        except FileExistsError:
            raise
        except OSError:
            return False
        return True

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and size of every object below a prefix."""
        yield from ((item.key, item.size) for item in self.items(prefix))

    def items(self, prefix: str) -> Iterator[Item]:
        """Yield every object below a prefix."""
        with store_errors(self.address(prefix)):
            for chunk in obstore.list(self._store, prefix=prefix or None, chunk_size=1000):
                yield from map(item_of, chunk)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; a missing one is not an error."""
        keys = list(keys)
        if self.is_s3 and keys:  # a thousand in one request
            with store_errors(self.address(keys[0])):
                obstore.delete(self._store, keys)
            return
        for key in keys:
            with store_errors(self.address(key)), suppress(*MISSING):
                obstore.delete(self._store, key)

    def _refuse_no_bucket(self, error: Exception, key: str) -> None:
        """Raise the error of a missing bucket, which obstore reports as a missing object."""
        if "NoSuchBucket" in str(error):
            raise store_error(error, self.address(key)) from error

"""What obstore has no call for: uploads that were killed, and versions that a bucket keeps.

botocore is slow to import: it is, only when S3 is asked, and by a run's own process, which has it
from Snakemake's storage plugin.
"""

import datetime
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from diffusion.config.parts import Storage
from diffusion.storage.begun import left_uploads
from diffusion.storage.connection import Connection, connected, split_url, storage_connection

OF_NAME = re.compile(r"[/.]")
SAME = 120  # seconds by which the clocks of this machine and the server may differ
STALE = datetime.timedelta(hours=24)  # one object may take hours; older ones nobody goes on with


def abort_left_uploads(
    storage: Storage, published: Collection[str], sources: Collection[str]
) -> Iterator[str]:
    """Abort what killed runs of this project began to upload; yield the address of each.

    Args:
        published: names under which the project publishes.
        sources: names of its sources, below which raw copies are.
    """
    link = storage_connection(storage)
    for url, names in ((storage.url, {"manifest", *published}), (storage.raw, set(sources))):
        for key in abort_stale_uploads(url, link, names, STALE):
            yield f"{url}/{key}"
    yield from abort_noted_uploads(storage)


def abort_noted_uploads(storage: Storage) -> Iterator[str]:
    """Abort the uploads that this folder's runs began and did not end, whatever their age."""
    from botocore.exceptions import BotoCoreError, ClientError

    for note, begun in left_uploads():
        if begun.url not in (storage.url.rstrip("/"), storage.raw.rstrip("/")):
            continue  # of another configuration: its own run looks for it
        link = storage_connection(storage)
        bucket, prefix = split_url(begun.url)
        key, client = f"{prefix}/{begun.key}", _client(connected(begun.url, link))
        try:
            found = _pages(client, "list_multipart_uploads", "Uploads", bucket, key)
            for upload in [one for one in found if one["Key"] == key]:
                if abs(upload["Initiated"].timestamp() - begun.at) < SAME:
                    ids = {"Key": key, "UploadId": upload["UploadId"]}
                    client.abort_multipart_upload(Bucket=bucket, **ids)
                    yield f"{begun.url}/{begun.key}"
        except (BotoCoreError, ClientError):
            continue
        note.unlink(missing_ok=True)


def abort_stale_uploads(
    url: str,
    link: Connection | None,
    names: Collection[str],
    older_than: datetime.timedelta,
) -> list[str]:
    """Abort uploads in parts that were begun long ago below a prefix; return their keys.

    A killed run leaves them: they are no objects, nobody sees them, and they are paid for. What
    the server refuses is left as it is: not every one lists them (MinIO lists none below a
    prefix, and forgets them by itself after a day; see ``abort_noted_uploads``).

    Args:
        url: an S3 prefix; nothing is done for a folder.
        names: what this project's keys begin with, before a `/` or a `.`.
        older_than: a younger one may be under way.
    """
    if not url.startswith("s3://"):
        return []
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = split_url(url)
    begun_before = datetime.datetime.now(datetime.UTC) - older_than
    client, aborted = _client(connected(url, link)), []
    try:
        found = _pages(client, "list_multipart_uploads", "Uploads", bucket, f"{prefix}/")
        for upload in list(found):
            key = upload["Key"].removeprefix(f"{prefix}/")
            if upload["Initiated"] < begun_before and OF_NAME.split(key, 1)[0] in names:
                ids = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
                client.abort_multipart_upload(Bucket=bucket, **ids)
                aborted.append(key)
    except (BotoCoreError, ClientError):
        return aborted
    return aborted


def count_versions(url: str, link: Connection | None, prefix: str, but: str) -> int | None:
    """Return how many versions a bucket keeps of what begins with a prefix, also removed objects.

    None where the server does not say: it has no versions, or refuses to list them.

    Args:
        url: an S3 prefix.
        prefix: relative to it.
        but: the end of keys that are not counted.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, base = split_url(url)
    whole = f"{base}/{prefix}".lstrip("/")
    client = _client(connected(url, link))
    try:
        found = _pages(client, "list_object_versions", "Versions", bucket, whole)
        return sum(not version["Key"].endswith(but) for version in found)
    except (BotoCoreError, ClientError):
        return None


def _pages(client: Any, call: str, what: str, bucket: str, prefix: str) -> Iterator[dict]:
    for page in client.get_paginator(call).paginate(Bucket=bucket, Prefix=prefix.lstrip("/")):
        yield from page.get(what, ())


@cache  # published objects and raw copies are mostly on one server
def _client(link: Connection) -> Any:
    """Return a client that does not wait long: nothing depends on the answer."""
    from botocore.session import Session

    return Session().create_client("s3", **link.botocore(silence=10, attempts=2))

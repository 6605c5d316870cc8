"""Large objects that a server copies by itself, so that their bytes are not sent back to it.

Only what is proven counts. The server copies the parts in which the object was sent once, each on
the condition that it is still the version that was read. Then the ETag that follows from the new
parts must be that version's: both are made of the MD5 of each part. Where they differ, or the
server refuses, nothing has become visible, and the bytes are sent instead.
"""

import hashlib
import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from diffusion.storage.begun import noted
from diffusion.storage.connection import Connection, split_url
from diffusion.storage.media_types import content_type
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import ONE_REQUEST, Store

logger = logging.getLogger(__name__)
MD5 = re.compile(r"[0-9a-f]{32}")
OF_BYTES = re.compile(MD5.pattern + r"(?:-(\d+))?")  # an ETag: with the number of parts, if any
SILENCE = 300  # seconds; some servers say nothing until a part is there, which may have 5 GiB
ATTEMPTS = 4
READABLE = (None, "AES256")  # encryption under which an ETag is still made of the bytes


@dataclass(frozen=True)
class Origin:
    """The object of which a file of this machine is a copy.

    Attributes:
        link: how its server is reached.
        size, etag: of the version that was read.
        version: its name, in a bucket that keeps versions; empty for the current one.
    """

    link: Connection
    bucket: str
    key: str
    size: int
    etag: str
    version: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """How a request names it."""
        named = {"Bucket": self.bucket, "Key": self.key}
        return named | ({"VersionId": self.version} if self.version else {})


def copied(origin: Origin, store: Store, key: str, sha256: str) -> bool:
    """Let the server make an object of another; say whether it did, and the bytes are proven.

    Args:
        origin: is copied if it is large, and on the server of ``store``, with the same keys.
        key: of the new object, which is replaced if it is there.
        sha256: of the bytes, which the object's metadata keep.
    """
    if origin.size <= ONE_REQUEST or not store.is_s3 or store.link != origin.link:
        return False
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = _client(origin.link)
        parts = _parts(client, origin)
        return bool(parts) and _is_copied(client, origin, parts, store, key, sha256)
    except (BotoCoreError, ClientError) as error:
        logger.info("%s is sent, as the server does not copy it: %s", store.address(key), error)
        return False


def _parts(client: Any, origin: Origin) -> list[str]:
    """Return the ranges of bytes in which an object was sent; none where that is not known."""
    known, size = OF_BYTES.fullmatch(origin.etag), origin.size
    if not known:
        return []
    if known[1]:
        first = client.head_object(**origin.asked, PartNumber=1, IfMatch=f'"{origin.etag}"')
        size = first["ContentLength"]
    starts = range(0, origin.size, size)
    if len(starts) != int(known[1] or 1):
        return []
    return [f"bytes={start}-{min(start + size, origin.size) - 1}" for start in starts]


def _is_copied(
    client: Any, origin: Origin, parts: list[str], store: Store, key: str, sha256: str
) -> bool:
    """Copy the parts, and make an object of them if they are proven."""
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, prefix = split_url(store.url)
    target = {"Bucket": bucket, "Key": f"{prefix}/{key}".lstrip("/")}
    described = {"ContentType": content_type(key), "Metadata": {"sha256": sha256}}
    with noted(store.url, key):
        begun = client.create_multipart_upload(**target, **described)
        target["UploadId"] = begun["UploadId"]
        try:
            if begun.get("ServerSideEncryption") in READABLE:
                made = _copy_parts(client, origin, parts, target)
                if _etag(made, origin) == origin.etag:
                    numbered = [
                        {"PartNumber": n, "ETag": etag} for n, etag in enumerate(made, start=1)
                    ]
                    client.complete_multipart_upload(**target, MultipartUpload={"Parts": numbered})
                    return True
            logger.info("%s is sent: no ETag proves a copy of the server's", store.address(key))
        except (BotoCoreError, ClientError) as error:
            logger.info("%s is sent, as the server stopped: %s", store.address(key), error)
        client.abort_multipart_upload(**target)
        return False


def _copy_parts(client: Any, origin: Origin, parts: list[str], target: dict) -> list[str]:
    """Return the ETags of the new parts."""
    source = {"CopySource": origin.asked, "CopySourceIfMatch": f'"{origin.etag}"'}

    def one(number: int) -> str:
        part = {"PartNumber": number + 1, "CopySourceRange": parts[number]}
        made = client.upload_part_copy(**target, **source, **part)
        return made["CopyPartResult"]["ETag"]

    return side_by_side(one, range(len(parts)), lambda _: origin.size // len(parts))


def _etag(made: list[str], origin: Origin) -> str:
    """Return the ETag of an object of such parts, as ``origin`` has it; empty: it has none."""
    plain = [etag.strip('"') for etag in made]
    if not all(map(MD5.fullmatch, plain)):
        return ""
    if "-" not in origin.etag:
        return plain[0]
    whole = hashlib.md5(b"".join(map(bytes.fromhex, plain)), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(plain)}"


@cache
def _client(link: Connection) -> Any:
    """Return a client for requests that obstore has no call for; botocore is slow to import."""
    from botocore.session import Session

    return Session().create_client("s3", **link.botocore(SILENCE, ATTEMPTS))

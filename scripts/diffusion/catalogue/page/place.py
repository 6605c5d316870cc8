"""Where a prefix is, as its readers reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from diffusion.storage.connection import split_url
from diffusion.storage.store import Store


@dataclass(frozen=True)
class Place:
    """Where a prefix is, as readers reach it.

    Attributes:
        public: an address by HTTP that ends in a slash; empty if there is none.
        s3: ``bucket/prefix/``; empty for a folder.
        endpoint: of S3; empty for Amazon.
    """

    public: str = ""
    s3: str = ""
    endpoint: str = ""
    region: str = ""
    path_style: bool = True

    @classmethod
    def of(cls, store: Store, manifest: Mapping) -> "Place":
        """Return the place of a store; nothing of a folder's path."""
        public = manifest.get("public_url", "")
        public = f"{public}/" if public.startswith(("http://", "https://")) else ""
        if not store.is_s3 or store.link is None:
            return cls(public)
        s3 = "/".join(filter(None, split_url(store.url))) + "/"
        link = store.link
        return cls(public, s3, link.endpoint or "", link.region, link.path_style)

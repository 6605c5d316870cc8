"""The places of ``storage:``, opened where they are there."""

from pathlib import Path
from typing import Literal

from diffusion.config.parts import Storage
from diffusion.storage.connection import storage_connection
from diffusion.storage.store import Store


def open_place(storage: Storage, key: Literal["url", "raw"]) -> Store | None:
    """Open ``storage.url`` or ``storage.raw``; None for a folder that is not there.

    Opening a folder would make it.
    """
    url: str = getattr(storage, key)
    if not url.startswith("s3://") and not Path(url).is_dir():
        return None
    return Store(url, storage_connection(storage))

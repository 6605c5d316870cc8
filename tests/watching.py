"""What tests look at while something runs, and after it."""

import time
from collections.abc import Callable
from pathlib import Path

from diffusion.config.parts import Server
from diffusion.storage.connection import connection
from diffusion.storage.store import Store


def wait_for(what: str, found: Callable[[], object], timeout: float = 180):
    """Return what ``found`` returns, as soon as that is something."""
    deadline = time.monotonic() + timeout
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.2)
    return value


def objects(s3, prefix: str) -> dict[str, bytes]:
    """Return every object below a prefix of the bucket lake."""
    store = Store("s3://lake", connection(Server(endpoint=s3.endpoint), s3.environment()))
    return {key: store.read(key)[0] for key, _ in store.list(prefix)}


def told_by_files(*folders: Path) -> str:
    """Return all text in some folders."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)

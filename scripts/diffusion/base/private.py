"""Folders that others on this machine cannot read: raw bytes and what was made of them."""

from pathlib import Path

OWNER_ONLY = 0o700


def private_folder(path: Path) -> None:
    """Make a folder for its owner only, those above it as usual; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(OWNER_ONLY, exist_ok=True)

"""Folders that others on this machine cannot read: raw bytes and what was made of them."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

OWNER_ONLY = 0o700


def private_folder(path: Path) -> None:
    """Make a folder for its owner only, those above it as usual; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(OWNER_ONLY, exist_ok=True)


def user_folder(name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Return a folder of the user, made if it is not there: for all projects on this machine."""
    try:
        cache = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        place = Path(cache) / "diffusion" / name
        private_folder(place)
    except (OSError, RuntimeError):  # no home, or it may not be written
        place = Path(tempfile.gettempdir()) / f"diffusion-{os.getuid()}" / name
        private_folder(place.parent)
        private_folder(place)
    return place

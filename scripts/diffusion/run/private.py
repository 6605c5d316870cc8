"""Folders of projects that have a source with `publish: false`."""

from pathlib import Path

from diffusion.base.private import private_folder
from diffusion.config.model import Config

FOLDERS = ("results/tables", "results/parts", "results/checks", "logs")  # have values in them


def keep_private(config: Config) -> None:
    """Make the folders that will hold a source that is not published, if there is one.

    Raises:
        OSError: one cannot be made.
    """
    if any(source.publish.is_private for source in config.sources.values()):
        raw = config.storage.raw
        for folder in (*FOLDERS, *([] if raw.startswith("s3://") else [raw])):
            private_folder(Path(folder))

"""A published table by its name, from anywhere in a project's folder."""

import contextlib
from pathlib import Path

import msgspec

from diffusion.config.load import load_storage
from diffusion.config.parts import Storage
from diffusion.derive.inputs import PublishedTable
from diffusion.errors import YamlError
from diffusion.publish.opened import published_entry
from diffusion.storage.connection import storage_connection

CONFIG = "config/config.yaml"


def table(name: str, *config: str) -> PublishedTable:
    """Return a published table; nothing of it is read before it is asked for.

    ``table("airports").frame(columns=["code"])`` is a pandas DataFrame; ``.arrow()`` an Arrow
    table, ``.geo()`` a GeoDataFrame, ``.sql("SELECT … FROM airports")`` a DuckDB relation,
    ``.dataset()`` a lazy Arrow dataset: as in scripts of derived tables.

    Args:
        name: as it is published, or as the configuration names it.
        config: further configuration files, from the project's folder, such as
            ``config/sspcloud.yaml``; they are laid over ``config/config.yaml``.

    Raises:
        DiffusionError: the current folder is in no project, or no such table is published.
    """
    project = project_around(Path.cwd())
    with contextlib.chdir(project):  # what the configuration names is relative to it
        files = [Path(file) for file in (CONFIG, *(c for c in config if c != CONFIG))]
        storage, names = load_storage(files)
        place = _absolute(storage)
        entry, published = published_entry(place, name, names)
    receipt = {"name": published, "url": place.url, **entry}
    return PublishedTable(receipt, storage_connection(place))


def project_around(folder: Path) -> Path:
    """Return the folder of the project that a folder is in.

    Raises:
        DiffusionError: there is none.
    """
    for place in (folder, *folder.parents):
        if (place / CONFIG).is_file():
            return place
    fix = "go to a folder of your clone: `%cd` in a notebook, `os.chdir` in a script"
    raise YamlError(str(folder), f"there is no {CONFIG} here, nor in a folder above", fix)


def _absolute(storage: Storage) -> Storage:
    """Return where data are, whatever folder is the current one later."""
    url = storage.url if "://" in storage.url else str(Path(storage.url).absolute())
    return msgspec.structs.replace(storage, url=url)

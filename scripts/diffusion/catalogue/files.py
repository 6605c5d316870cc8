"""The files of the catalogue, and the pages: each by one put, when it changed."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from diffusion.catalogue.datapackage import datapackage
from diffusion.catalogue.dcat import dcat_catalogue
from diffusion.catalogue.page.keys import INDEX
from diffusion.catalogue.said import said
from diffusion.config.model import Config
from diffusion.errors import DiffusionError
from diffusion.publish.manifest import read_manifest, update_manifest
from diffusion.storage.store import Store

logger = logging.getLogger(__name__)
FILES: Mapping[str, Callable[[Mapping], dict]] = {
    "datapackage.json": datapackage,
    "catalog.jsonld": dcat_catalogue,
}
KEYS = (*FILES, INDEX)  # what is there wherever there is a catalogue
RESULTS = Path("results")  # of a run, in the working folder
GENERATOR = {"generator": "Diffusion"}  # by which a file is known to be of this project's making
TRIES = 5


def write_catalogue(store: Store, config: Config, locks: Path) -> None:
    """Say in the manifest what the configuration says, and write the catalogue from it.

    Args:
        store: the published prefix.
        config: of the project that publishes there.
        locks: see ``update_manifest``.

    Raises:
        DiffusionError: see ``said`` and ``refresh_catalogue``.
    """
    manifest = read_manifest(store)[0]
    if manifest["tables"]:  # where all is kept here, there is nothing to be described
        update_manifest(store, config.project, said(config, manifest), locks)
        refresh_catalogue(store, begin=True, config=config)


def refresh_catalogue(store: Store, begin: bool = False, config: Config | None = None) -> None:
    """Write the catalogue of what the manifest lists, as far as that changed.

    Another run may publish meanwhile: then it is made once more, so that the last one is of the
    last manifest.

    Args:
        store: the published prefix.
        begin: also where there is none yet.
        config: of a run, whose pages show what it knows of its tables; others keep what they show.

    Raises:
        DiffusionError: a file is in its place that this project did not make.
    """
    # Jinja2 and Arrow only where there is something to write
    from diffusion.catalogue.page.files import put_pages, remove_gone
    from diffusion.catalogue.page.local import known_here

    for _ in range(TRIES):
        manifest = read_manifest(store)[0]
        remove_gone(store, manifest)  # first: whatever stops the rest, they show rows
        put = [_put(store, key, manifest, begin) for key in FILES]
        if begin or store.head(INDEX):
            here = known_here(config, manifest, RESULTS) if config else {}
            put.append(put_pages(store, manifest, here, partial(_put_changed, store)))
        if not any(put) or read_manifest(store)[0] == manifest:
            return


def _put(store: Store, key: str, manifest: Mapping, begin: bool) -> bool:
    """Put a file, unless it is there with the same content; say whether it was put."""
    if not begin and store.head(key) is None:
        return False
    content = GENERATOR | FILES[key](manifest)
    data = json.dumps(content, indent=1, ensure_ascii=False).encode()
    return _put_changed(store, key, data, _is_ours)


def _put_changed(store: Store, key: str, data: bytes, is_ours: Callable[[bytes], bool]) -> bool:
    known = store.read(key)
    if known and known[0] == data:
        return False
    if known and not is_ours(known[0]):
        found = "there is a file that this project did not make, where its catalogue belongs"
        fix = "move it to another name; nothing there was changed. Then run `snakemake` again"
        raise DiffusionError(store.address(key), found, fix)
    store.put(key, data, hashlib.sha256(data).hexdigest())
    logger.info("%s: written, %s bytes", key, f"{len(data):,}")
    return True


def _is_ours(data: bytes) -> bool:
    try:
        found = json.loads(data)
    except ValueError:
        return False
    return isinstance(found, dict) and GENERATOR.items() <= found.items()

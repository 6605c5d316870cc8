"""The files of the catalogue, and the pages: each by one put, when it changed."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from diffusion.catalogue.croissant import croissant
from diffusion.catalogue.datapackage import datapackage
from diffusion.catalogue.dcat import dcat_catalogue
from diffusion.catalogue.gone import remove_gone
from diffusion.catalogue.keys import (
    COLLECTION,
    CROISSANT,
    DATAPACKAGE,
    DCAT,
    INDEX,
    STAC,
    is_geographic,
    key_of,
)
from diffusion.catalogue.ours import File, is_our_json, put, put_changed
from diffusion.catalogue.said import said
from diffusion.catalogue.stac import Picture, stac_catalogue, stac_collection
from diffusion.catalogue.versions import History, histories
from diffusion.config.model import Config
from diffusion.errors import BusyError
from diffusion.publish.manifest import read_manifest, update_manifest
from diffusion.storage.store import Store

FILES: Mapping[str, Callable[[Mapping], dict]] = {
    DATAPACKAGE: datapackage,
    DCAT: dcat_catalogue,
    CROISSANT: croissant,
}
RESULTS = Path("results")  # of a run, in the working folder
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
        DiffusionError: a file is in its place that this project did not make, or versions of a
            table cannot be read; or others keep changing it.
    """
    for _ in range(TRIES):
        manifest = read_manifest(store)[0]
        remove_gone(store, manifest)  # first: whatever stops the rest, they show rows
        if not (begin or any(store.head(key) for key in (INDEX, *FILES))):
            return
        try:
            changed = _written(store, manifest, config)
        except FileExistsError:
            continue  # another run wrote versions: the new ones come after them
        if not changed or read_manifest(store)[0] == manifest:
            return
    fix = "run `snakemake` again"
    raise BusyError(store.address(INDEX), "others keep changing the catalogue", fix)


def _written(store: Store, manifest: Mapping, config: Config | None) -> bool:
    """Write what changed, the index last; say whether anything was."""
    # Jinja2, Arrow and Pillow only where there is something to write
    from diffusion.catalogue.page.files import known_tables, page_files
    from diffusion.catalogue.pictures import put_pictures

    versions = histories(store, manifest)  # before anything is put: it may refuse
    files = [File.json(key, make(manifest)) for key, make in FILES.items()]
    pictures, changed = put_pictures(store, manifest, config, RESULTS)
    known = known_tables(store, manifest, config, RESULTS)
    files += _stac(store, manifest, versions, pictures)
    files += page_files(store, manifest, known, versions, pictures)
    changed |= _put_versions(store, versions)
    return put_changed(store, files) or changed


def _stac(
    store: Store,
    manifest: Mapping,
    versions: Mapping[str, History],
    pictures: Mapping[str, Picture],
) -> Iterator[File]:
    """Yield the STAC catalogue; where no table is geographic, only one that lies there."""
    names = [name for name, entry in manifest["tables"].items() if is_geographic(entry)]
    for name in names:
        version, picture = versions[name].current, pictures.get(name)
        content = stac_collection(manifest, name, version, picture)
        yield File.json(key_of(name, COLLECTION), content)
    there = None if names else store.read(STAC)
    if names or (there and is_our_json(there[0])):
        yield File.json(STAC, stac_catalogue(manifest))


def _put_versions(store: Store, versions: Mapping[str, History]) -> bool:
    """Put what is new; say whether anything was.

    Raises:
        FileExistsError: another run wrote meanwhile; its versions are not replaced.
    """
    new = [history for history in versions.values() if history.is_new]
    for history in new:
        is_first = history.etag is None
        put(store, history.key, history.data, create=is_first, etag=history.etag or "")
    return bool(new)

"""A published table by its name: its entry of the manifest, for those who look at it."""

from collections.abc import Mapping

from diffusion.config.parts import Storage
from diffusion.config.schema import did_you_mean
from diffusion.errors import PublishedError
from diffusion.publish.manifest import read_manifest
from diffusion.storage.places import open_place


def published_entry(storage: Storage, name: str, names: Mapping[str, str]) -> tuple[Mapping, str]:
    """Return a table's entry of the manifest, and the name under which it is published.

    Args:
        name: as it is published, or as the configuration names it.
        names: of the configuration → under which they are published.

    Raises:
        DiffusionError: there is no such table.
    """
    store = open_place(storage, "url")
    manifest = read_manifest(store)[0] if store else {"tables": {}}
    tables = tables_of(manifest)
    published = name if name in tables else names.get(name, name)
    if published in tables:
        return tables[published], published
    found = f"no such table is published in {storage.url}"
    if published in manifest["tables"]:
        found = "it is a figure, and no table"
    elif stone := manifest.get("withdrawn", {}).get(published):
        found = f"it was withdrawn {stone.get('withdrawn', '')}".rstrip()
    known = ", ".join(tables) or "nothing"
    raise PublishedError(name, found, f"{did_you_mean(name, tables)}Published: {known}")


def tables_of(manifest: Mapping) -> dict[str, Mapping]:
    """Return the entries of a manifest that are tables, by the names they are published under."""
    return {n: e for n, e in manifest["tables"].items() if e.get("kind", "table") == "table"}

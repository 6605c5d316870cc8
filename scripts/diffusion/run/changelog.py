"""How versions of published tables differ, as the manifest keeps it: for `diffusion changes`."""

from collections.abc import Iterator, Mapping, Sequence

from diffusion.config.model import Config
from diffusion.errors import PublishedError
from diffusion.publish.change_words import change_words
from diffusion.publish.manifest import read_manifest
from diffusion.publish.ownership import owner_of
from diffusion.storage.places import open_place


def changelog(config: Config, names: Sequence[str]) -> list[str]:
    """Return the changes of tables in words, the last one first.

    Args:
        names: published names; none for all that this project publishes.

    Raises:
        DiffusionError: nothing is published under one of them.
    """
    store = open_place(config.storage, "url")
    manifest = read_manifest(store)[0] if store else {"tables": {}}
    tables = manifest["tables"]
    for name in names:
        if name not in tables:
            fix = f"published are: {', '.join(tables) or 'nothing'}"
            raise PublishedError(name, f"it is not published at {config.storage.url}", fix)
    own = [name for name in tables if owner_of(manifest, name) == config.project.name]
    lines = [line for name in names or own for line in _lines(name, tables[name])]
    return lines or [f"{config.storage.url}: nothing is published of this project"]


def _lines(name: str, entry: Mapping) -> Iterator[str]:
    rows = f", {entry['rows']:,} rows" if "rows" in entry else ""
    vintage = f", vintage {entry['vintage']}" if entry.get("vintage") else ""
    yield f"{name}: published {entry.get('published', 'at an unknown time')}{vintage}{rows}"
    changes = entry.get("changes", [])
    for change in reversed(changes):
        of = f"vintage {change['vintage']}: " if change.get("vintage") else ""
        yield f"  {of}{change_words(change)}"
    if not changes:
        yield "  no change is noted"

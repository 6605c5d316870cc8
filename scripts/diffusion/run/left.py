"""What a configuration publishes, and what it left behind: for commands that are no run."""

from diffusion.config.model import Config
from diffusion.publish.manifest import read_manifest
from diffusion.publish.ownership import Target
from diffusion.publish.withdrawal import left_behind
from diffusion.storage.connection import storage_connection
from diffusion.storage.places import open_place
from diffusion.storage.store import Store


def target(config: Config) -> Target:
    """Return where the configuration publishes, and for whom."""
    store = Store(config.storage.url, storage_connection(config.storage))
    return Target(store, config.project)


def left(config: Config) -> list[str]:
    """Return what is published and no longer configured, in words, and how to remove it."""
    store = open_place(config.storage, "url")
    manifest = read_manifest(store)[0] if store else {"tables": {}}
    names = left_behind(manifest, config.project.name, config.published)
    if not names:
        return [f"{config.storage.url}: all that this project published is configured"]
    lines = [
        f"{name}: {len(manifest['tables'][name]['objects']):,} object(s), published "
        f"{manifest['tables'][name].get('published', 'at an unknown time')}"
        for name in names
    ]
    return [*lines, f"to remove their objects: diffusion withdraw {' '.join(names)}"]

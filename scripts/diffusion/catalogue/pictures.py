"""The thumbnails of geographic tables: drawn where the table is, kept where it is not."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from diffusion.catalogue.keys import THUMBNAIL, is_geographic, key_of
from diffusion.catalogue.ours import put, refusal
from diffusion.catalogue.page.local import tables_here
from diffusion.catalogue.stac import Picture
from diffusion.catalogue.thumbnail import drawn, is_of, is_our_picture, outside_of
from diffusion.config.model import Config
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store


def put_pictures(
    store: Store, manifest: Mapping, config: Config | None, results: Path
) -> tuple[dict[str, Picture], bool]:
    """Put the pictures of tables whose version has none, and return all that there are.

    Args:
        config: of a run; None for a command, which has no table.
        results: the folder of the run's results.

    Returns:
        by published names; and whether any was put. A picture of an earlier version stays where
        the table is not here, and is in no catalogue.

    Raises:
        DiffusionError: there is a file that this project did not make.
    """
    entries = {n: e for n, e in manifest["tables"].items() if is_geographic(e)}
    here = tables_here(config, manifest, results) if config else {}
    keys = [key_of(name, THUMBNAIL) for name in entries]
    there = side_by_side(store.read, keys, lambda _: 0)
    found, is_put = {}, False
    for (name, entry), key, known in zip(entries.items(), keys, there, strict=True):
        of, data = _version(entry), known[0] if known else b""
        if of and not is_of(data, of) and name in here:
            if data and not is_our_picture(data):
                raise refusal(store, key)
            data, is_put = drawn(here[name], of, entry["geo"]), True
            put(store, key, data)
        if of and is_of(data, of):
            digest = hashlib.sha256(data).hexdigest()
            found[name] = Picture(len(data), digest, outside_of(data))
    return found, is_put


def _version(entry: Mapping) -> str:
    """Return of what version of a table a picture has to be; nothing where that is not known.

    One that spans the globe is another picture than one across the 180th meridian.
    """
    of, degrees = entry.get("table_sha256", ""), entry["geo"]["bbox_wgs84"]
    return f"{of}/180" if of and degrees[0] > degrees[2] else of

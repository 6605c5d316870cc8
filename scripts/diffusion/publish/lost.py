"""What is no longer there of what was published: the manifest compared with one listing.

A receipt says what this project published; that it is still there, only the storage knows: the
environment may name another server now, a lifecycle rule or a colleague may have removed or
replaced an object.
"""

from collections.abc import Mapping

from diffusion.publish.manifest import MANIFEST
from diffusion.storage.items import Item
from diffusion.storage.noted import is_noted
from diffusion.storage.store import Store


def lost(
    store: Store,
    manifest: Mapping,
    receipts: Mapping[str, Mapping],
    listed: Mapping[str, Item] | None = None,
) -> dict[str, str]:
    """Return which receipts are of what is not there, and what is missing, in words.

    What another run published meanwhile under the same name is there: its manifest says so.

    Args:
        receipts: of tables and figures that were published here, by their entries' names.
        listed: all that is there, by key; None to list it.
    """
    if not receipts:
        return {}
    tables = manifest["tables"]
    listed = listing(store) if listed is None else listed
    found = {name: _lost(store, tables, listed, r["name"]) for name, r in receipts.items()}
    return {name: words for name, words in found.items() if words}


def replaced(manifest: Mapping, receipts: Mapping[str, Mapping]) -> dict[str, str]:
    """Return which receipts are of another version than the manifest's, in words.

    Another clone published since; a figure may differ by the machine that drew it.

    Args:
        receipts: see ``lost``.
    """
    found = {}
    for name, receipt in receipts.items():
        known = manifest["tables"].get(receipt["name"])
        if known and known.get("kind") == "table" and _objects(known) != _objects(receipt):
            vintage = f", vintage {known['vintage']}" if known.get("vintage") else ""
            found[name] = (
                f"`{receipt['name']}` was published by another clone since "
                f"({known.get('published', 'at an unknown time')}{vintage})"
            )
    return found


def _objects(entry: Mapping) -> dict[str, str]:
    return {item["key"]: item["sha256"] for item in entry["objects"]}


def listing(store: Store) -> dict[str, Item]:
    """Return all that lies at the published prefix, by key."""
    return {item.key: item for item in store.items("")}


def _lost(store: Store, tables: Mapping, listed: Mapping[str, Item], name: str) -> str:
    if name not in tables:
        return f"`{name}` is not in {store.address(MANIFEST)}"
    for item in tables[name]["objects"]:
        there, address = listed.get(item["key"]), store.address(item["key"])
        if there is None:
            return f"{address} is gone"
        same = there.size == item["size"] and there.etag and there.etag == item.get("etag")
        if not same and not is_noted(store, item, store.head(item["key"])):
            return f"{address} is not what was published"
    return ""

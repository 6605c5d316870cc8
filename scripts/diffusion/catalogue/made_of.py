"""What an entry was made from, by the names under which that is published.

The manifest has the names of the configuration, with the hash of the table that was read.
"""

from collections.abc import Mapping


def names_by_hash(manifest: Mapping) -> dict[str, str]:
    """Return the published tables by their hashes."""
    entries = manifest["tables"].items()
    return {e["table_sha256"]: name for name, e in entries if e.get("table_sha256")}


def made_of(entry: Mapping, by_hash: Mapping[str, str]) -> list[str]:
    """Return what an entry was made from; what is not published is called as it is configured.

    Args:
        by_hash: see ``names_by_hash``.
    """
    given = entry.get("inputs") or {}
    hashes = given if isinstance(given, Mapping) else {}
    return list(dict.fromkeys(by_hash.get(hashes.get(name, ""), name) for name in given))

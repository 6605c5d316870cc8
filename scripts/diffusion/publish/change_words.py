"""How a new version of a table differs from the one before, in words."""

from collections.abc import Iterator, Mapping
from typing import Any


def change_words(change: Mapping[str, Any]) -> str:
    """Return in words how a new version differs from the one before, as the manifest notes it."""
    told = []
    if "back" in change:
        told.append("vintage {} went back to {}".format(*change["back"]))
    if "rows" in change:
        told.append("{:,} rows became {:,}".format(*change["rows"]))
    for key, words in (("new", "new"), ("lost", "gone"), ("emptied", "without any value")):
        if names := change.get(key):
            columns = "column" + "s" * (len(names) > 1)
            told.append(f"{columns} {', '.join(f'`{name}`' for name in names)} {words}")
    told += key_words(change.get("keys", {}))
    if files := change.get("removed"):
        told.append(f"no longer published as {', '.join(files)}: links to it lead nowhere")
    told += [f"column `{n}` was {a}, is {b}" for n, (a, b) in change.get("retyped", {}).items()]
    thinned = change.get("thinned", {}).items()
    told += [f"column `{name}`: {had:,} values became {left:,}" for name, (had, left) in thinned]
    for key, words in (("crs", "CRS"), ("geometries", "geometries")):
        if pair := change.get(key):
            told.append("{}: {} became {}".format(words, *pair))
    accepted = f" (accepted: {', '.join(change['accepted'])})" if "accepted" in change else ""
    return "; ".join(told) + accepted


def key_words(keys: Mapping[str, int]) -> Iterator[str]:
    """Yield in words how many keys were added, removed, or have other values."""
    verbs = {"added": "new", "removed": "gone", "changed": "with other values"}
    if counts := [f"{count:,} {verbs[kind]}" for kind, count in keys.items() if kind in verbs]:
        yield f"keys: {', '.join(counts)}"

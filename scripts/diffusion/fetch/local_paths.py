"""Files on this machine: the one that a source names, and those that may be meant instead."""

import difflib
import os
from itertools import islice
from pathlib import Path

from diffusion.config.databases import parse_address
from diffusion.config.fetching import AnyFetch, DatabaseFetch, HttpFetch
from diffusion.config.partitions import Partition, fill

FROM = "check the path: it is looked for from the folder of the project"
MOST = 10_000  # names of a folder that are compared


def local_path(fetch: AnyFetch, axes: Partition) -> Path | None:
    """Return the path of what a source reads on this machine; None where it asks another one."""
    if isinstance(fetch, HttpFetch):
        return None if fetch.is_http else Path(fill(fetch.url, axes)).expanduser()
    if not isinstance(fetch, DatabaseFetch):
        return None
    try:
        address = parse_address(fetch.url)
    except ValueError:  # it is in a variable, or said to be none where it is asked
        return None
    return Path(address.name) if address.is_file else None


def is_there(path: Path) -> bool:
    """Say whether something is known to be at a path."""
    return os.path.exists(path)  # noqa: PTH110 - it raises nothing where nobody may look


def near_paths(path: Path) -> str:
    """Return "did you mean …? " for what lies beside a path that is none, or nothing."""
    missing = path
    try:
        while not missing.parent.exists():
            missing = missing.parent
        with os.scandir(missing.parent) as entries:
            names = {entry.name.lower(): entry.name for entry in islice(entries, MOST)}
    except OSError:  # a file, or no folder that may be read
        return ""
    near = difflib.get_close_matches(missing.name.lower(), sorted(names))
    places = [missing.parent / names[name] for name in near]
    whole = [place / path.relative_to(missing) for place in places]
    found = [str(w if is_there(w) else place) for w, place in zip(whole, places, strict=True)]
    return f"did you mean {' or '.join(f'`{place}`' for place in found)}? " if found else ""

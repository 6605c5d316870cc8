"""The lock: hash and size of every raw copy of the current vintages, committed to Git.

``diffusion lock`` writes it, as does ``snakemake write_lock``; every fetch verifies it. Same lock,
same bytes.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import yaml

from diffusion.base.json_files import write_whole
from diffusion.base.quick_yaml import load_yaml
from diffusion.config.partitions import place_of_partition
from diffusion.errors import LockError

LOCK = Path("config/sources.lock.yaml")
HEAD = """\
# Hash and size of every raw copy of the current vintages. Written by `diffusion lock`
# (or `snakemake write_lock`), verified at every fetch; commit it. Same lock, same bytes.
"""


class _Locked(msgspec.Struct):
    """What is relied on of an entry."""

    vintage: str
    partitions: dict[str, list[dict]]


def read_lock(path: Path = LOCK) -> dict:
    """Return the lock: source → {vintage, partitions → [{name, size, sha256, retrieved}]}.

    Raises:
        DiffusionError: it was damaged, as by a merge.
    """
    if not path.exists():
        return {}
    fix = "put back the one that was committed, or remove it and run `diffusion lock`"
    try:
        text = path.read_text("utf-8")
        if "<<<<<<<" in text:
            raise LockError(str(path), "has a conflict of a merge in it", fix)
        lock = load_yaml(text) or {}
        msgspec.convert(lock, dict[str, _Locked])
    except (yaml.YAMLError, ValueError) as error:  # msgspec's own is one
        found = f"is no lock: {' '.join(str(error).split())}"
        raise LockError(str(path), found, fix) from error
    return lock


def lock_entries(receipts: Iterable[Mapping]) -> dict:
    """Return the lock of fetch receipts (see ``fetch.fetch_batch``), in a stable order."""
    lock: dict = {}
    for receipt in receipts:
        entry = lock.setdefault(
            receipt["source"], {"vintage": receipt["vintage"], "partitions": {}}
        )
        for partition, provenance in receipt["partitions"].items():
            entry["partitions"][partition] = _locked(provenance)
    for entry in lock.values():
        entry["partitions"] = dict(sorted(entry["partitions"].items()))
    return dict(sorted(lock.items()))


def write_lock(lock: Mapping, path: Path = LOCK) -> None:
    """Write the lock atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = HEAD + yaml.safe_dump(dict(lock), sort_keys=False, allow_unicode=True)
    write_whole(path, text.encode())


def verify_lock(
    lock: Mapping,
    name: str,
    vintage: str,
    partition: str,
    provenance: Mapping,
    *,
    frozen: bool = False,
) -> None:
    """Compare what was fetched with the lock; another vintage, or no entry, is no difference.

    Args:
        frozen: the bytes are a raw copy already, so that the lock alone need be written to accept
            them; bytes that have just come are frozen by a run only.

    Raises:
        DiffusionError: the bytes differ; both hashes, sizes and dates, and how to accept them.
    """
    entry = lock.get(name)
    if not entry or entry["vintage"] != vintage or partition not in entry["partitions"]:
        return
    locked = {file["name"]: file for file in entry["partitions"][partition]}
    found = {file["name"]: file for file in _locked(provenance)}
    for file in sorted(locked.keys() | found.keys()):
        old, new = locked.get(file), found.get(file)
        if not old or not new or old["sha256"] != new["sha256"]:
            text = (
                f"{file} is not what {LOCK} says\n  locked: {_shown(old)}\n  found:  {_shown(new)}"
            )
            command = f"snakemake write_lock --config 'accept=[\"{name}:raw\"]'"
            command = f"diffusion lock --accept {name}" if frozen else command
            fix = "restore the raw copy from a backup if it was altered since; " if frozen else ""
            fix += f"a changed source should become a new `vintage` of {name}; to accept these "
            fix += f"bytes under the old one:\n{command}"
            raise LockError(place_of_partition(name, partition), text, fix)


def _locked(provenance: Mapping) -> list[dict]:
    retrieved = provenance["retrieved"]
    keys = ("name", "size", "sha256")
    return [
        {key: file[key] for key in keys} | {"retrieved": retrieved} for file in provenance["files"]
    ]


def _shown(file: Mapping | None) -> str:
    if not file:
        return "no such file"
    return f"sha256 {file['sha256']}, {file['size']:,} bytes, retrieved {file['retrieved']}"

"""What a conversion starts from: the raw files of one partition, on this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.config.partitions import Partition, fill, parse_partition
from diffusion.files.globs import matches
from diffusion.raw.copies import raw_files
from diffusion.storage.connection import split_url
from diffusion.storage.store import Store


@dataclass(frozen=True)
class RawInput:
    """The verified raw files of one partition, with the names under which they came."""

    partition: str
    axes: Partition
    names: list[str]
    paths: list[Path]
    sha256: str
    url: str = field(default="")


def raw_inputs(receipt: Mapping, store: Store, cache: Path) -> list[RawInput]:
    """Return the raw files of a fetch receipt, downloaded where they are not local.

    Raises:
        DiffusionError: a raw copy is missing or damaged.
    """
    inputs = []
    for partition, provenance in receipt["partitions"].items():
        files = provenance["files"]
        digest = files[0]["sha256"] if len(files) == 1 else "+".join(f["sha256"] for f in files)
        paths = raw_files(store, provenance, cache)
        names = [file["name"] for file in files]
        inputs.append(
            RawInput(partition, parse_partition(partition), names, paths, digest, provenance["url"])
        )
    return inputs


def read_receipt(path: Path) -> dict:
    """Return a fetch receipt: source, vintage, and the provenance of each partition."""
    return json.loads(path.read_text("utf-8"))


def objects_by_partition(
    source: dict, partitions: list[str], paths: list[str]
) -> dict[str, list[Path]]:
    """Return which retrieved files belong to which partition, by the end of their paths."""
    found: dict[str, list[Path]] = {}
    for partition in partitions:
        bucket, pattern = split_url(fill(source["url"], parse_partition(partition)))
        for path in paths:
            key = path.partition(f"/{bucket}/")[2]
            if matches(key, pattern):
                found.setdefault(partition, []).append(Path(path))
    return found

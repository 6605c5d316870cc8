"""S3 sources as remote inputs of snakemake-storage-plugin-s3."""

import hashlib
import importlib.util
from fnmatch import fnmatchcase
from pathlib import Path

from diffusion.errors import DiffusionError
from diffusion.jobs import Jobs
from diffusion.partitions import fill, parse_partition
from diffusion.raw import PROVENANCE, raw_folder
from diffusion.s3 import connection, split_url, storage_link
from diffusion.store import Store

GLOB = "*?["


def plugin_installed() -> bool:
    """Say whether the S3 plugin is there; without it the workflow still lints and plans."""
    return importlib.util.find_spec("snakemake_storage_plugin_s3") is not None


def remote_queries(jobs: Jobs, name: str, batch: str) -> tuple[str, dict, list[str]]:
    """Return the provider's tag and settings, and the s3:// URLs that a batch still needs.

    Partitions that are frozen need none: the network is asked once. Nothing is needed offline.
    """
    source = jobs.sources[name]
    link = connection(source)
    settings = link.snakemake()
    tag = "s3_" + hashlib.sha256(repr((link, settings)).encode()).hexdigest()[:10]
    if jobs.config["offline"]:
        return tag, settings, []
    storage = jobs.config["storage"]
    raw = Store(storage["raw"], storage_link(storage))
    queries: list[str] = []
    for partition in jobs.batches[name][batch]:
        folder = raw_folder(name, source["vintage"], partition)
        if raw.read(f"{folder}/{PROVENANCE}") is None:
            url = fill(source["url"], parse_partition(partition))
            queries += _matching(url, name, link) if any(c in url for c in GLOB) else [url]
    return tag, settings, queries


def _matching(url: str, name: str, link) -> list[str]:  # noqa: ANN001 - a Connection
    """List the objects that a glob matches; ``*`` does not cross a slash, ``**`` does."""
    bucket, pattern = split_url(url)
    constant = pattern[: min(pattern.find(c) for c in GLOB if c in pattern)]
    prefix = constant.rpartition("/")[0]
    store = Store(f"s3://{bucket}", link)
    found = [key for key, size in store.list(prefix) if size and matches(key, pattern)]
    if not found:
        raise DiffusionError(f"sources.{name}.url", f"no object matches {url}", "check the glob")
    return [f"s3://{bucket}/{key}" for key in sorted(found)]


def matches(key: str, pattern: str) -> bool:
    """Say whether a key matches a glob, segment by segment; ``**`` stands for any of them."""
    keys, globs = key.split("/"), pattern.split("/")
    if "**" not in globs:
        return len(keys) == len(globs) and all(map(fnmatchcase, keys, globs))
    head = globs.index("**")
    tail = globs[head + 1 :]
    if len(keys) < head + len(tail) or not all(map(fnmatchcase, keys[:head], globs[:head])):
        return False
    return all(map(fnmatchcase, keys[len(keys) - len(tail) :], tail))


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

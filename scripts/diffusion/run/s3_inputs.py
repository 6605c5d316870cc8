"""S3 sources as remote inputs of snakemake-storage-plugin-s3."""

import hashlib
import importlib.util

from diffusion.base.globs import WILDCARDS, is_glob, matches
from diffusion.config.fetching import S3Fetch
from diffusion.config.partitions import fill, parse_partition
from diffusion.errors import DiffusionError
from diffusion.raw.copies import PROVENANCE, raw_folder
from diffusion.run.jobs import Jobs
from diffusion.storage.connection import Connection, connection, split_url, storage_connection
from diffusion.storage.store import Store


def plugin_installed() -> bool:
    """Return whether the S3 plugin is there; without it the workflow still lints and plans."""
    return importlib.util.find_spec("snakemake_storage_plugin_s3") is not None


def remote_queries(jobs: Jobs, name: str, batch: str) -> tuple[str, dict, list[str]]:
    """Return the provider's tag and settings, and the s3:// URLs that a batch still needs.

    Frozen partitions need none: their source is not contacted again. Nothing is needed offline.
    """
    source = jobs.sources[name]
    if not isinstance(source.fetch, S3Fetch):
        raise TypeError(f"{name} is no S3 source")
    link = connection(source.fetch.server)
    settings = link.snakemake()
    tag = "s3_" + hashlib.sha256(repr((link, settings)).encode()).hexdigest()[:10]
    if jobs.config.offline:
        return tag, settings, []
    storage = jobs.config.storage
    raw = Store(storage.raw, storage_connection(storage))
    queries: list[str] = []
    for partition in jobs.batches[name][batch]:
        folder = raw_folder(name, source.vintage, partition)
        if raw.read(f"{folder}/{PROVENANCE}") is None:
            url = fill(source.fetch.url, parse_partition(partition))
            queries += _objects(url, name, link)
    return tag, settings, queries


def _objects(url: str, name: str, link: Connection) -> list[str]:
    """List the object, or those that a glob matches; ``*`` does not cross a slash, ``**`` does.

    Asked here first because Snakemake takes 40 s for a dead endpoint and blames something else.
    """
    bucket, pattern = split_url(url)
    if not is_glob(pattern):
        if Store(f"s3://{bucket}", link, patient=False).head(pattern) is None:
            where = f"sources.{name}.url"
            raise DiffusionError(where, f"there is no object {url}", "check bucket and key")
        return [url]
    constant = pattern[: min(pattern.find(c) for c in WILDCARDS if c in pattern)]
    prefix = constant.rpartition("/")[0]
    store = Store(f"s3://{bucket}", link)
    found = [key for key, size in store.list(prefix) if size and matches(key, pattern)]
    if not found:
        raise DiffusionError(f"sources.{name}.url", f"no object matches {url}", "check the glob")
    return [f"s3://{bucket}/{key}" for key in sorted(found)]

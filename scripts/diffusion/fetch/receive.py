"""Receive the files of one partition: from an API, a URL, a local path, or S3 objects retrieved."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from diffusion.base.globs import matches
from diffusion.base.progress import Progress
from diffusion.config.fetching import AnyFetch, ApiFetch, HttpFetch, S3Fetch
from diffusion.config.partitions import fill, parse_partition
from diffusion.errors import DiffusionError
from diffusion.fetch.api import fetch_api
from diffusion.fetch.client import Client
from diffusion.fetch.download import download
from diffusion.fetch.pages import first_request
from diffusion.storage.connection import split_url

Files = list[tuple[str, Path]]


def receive(
    name: str, fetch: AnyFetch, partition: str, place: Path, objects: Sequence[Path]
) -> tuple[Files, dict]:
    """Return the (name, file) pairs of one partition and what is known of their origin.

    Args:
        place: folder for what comes over HTTP; a later run resumes from it.
        objects: for S3 sources, the objects that Snakemake retrieved.

    Raises:
        DiffusionError: nothing came, or it is refused.
    """
    axes, where = parse_partition(partition), f"sources.{name}"
    if isinstance(fetch, S3Fetch):
        if not objects:
            fix = "install snakemake-storage-plugin-s3, and see `url:`"
            raise DiffusionError(where, f"nothing was retrieved from {fetch.url}", fix)
        stem = fill(fetch.url, axes)
        return [(_object_name(path, stem), path) for path in objects], {"url": stem}
    if fetch.is_http:
        return _over_http(name, fetch, partition, place)
    path = Path(fill(fetch.url, axes))
    if not path.is_file():
        raise DiffusionError(f"{where}.url", f"there is no file {path}", "check the path")
    return [(path.name, path)], {"url": str(path)}


def _over_http(name: str, fetch: HttpFetch, partition: str, place: Path) -> tuple[Files, dict]:
    axes, is_api = parse_partition(partition), isinstance(fetch, ApiFetch)
    label = " ".join([name, *(f"{axis}={value}" for axis, value in axes.items())])
    asked, params = fill(fetch.url, axes, in_url=True), fill(fetch.params, axes)
    with _host_lock(place, asked), Progress(label, "rows" if is_api else "B") as progress:
        client = Client(fetch, asked, f"sources.{name}")
        if isinstance(fetch, ApiFetch):
            path = place / "records.ndjson.zst"
            first = first_request(fetch, asked, params, fill(fetch.body, axes))
            return [(path.name, path)], fetch_api(client, fetch, first, path, progress)
        path = place / "download"
        facts = download(client, asked, params, path, progress)
        return [(_file_name(facts["url"]), path)], {"asked": client.redacted(asked), **facts}


def objects_by_partition(
    url: str, partitions: Sequence[str], paths: Sequence[str]
) -> dict[str, list[Path]]:
    """Return which retrieved files belong to which partition, by the end of their paths."""
    found: dict[str, list[Path]] = {}
    for partition in partitions:
        bucket, pattern = split_url(fill(url, parse_partition(partition)))
        for path in paths:
            key = path.partition(f"/{bucket}/")[2]
            if matches(key, pattern):
                found.setdefault(partition, []).append(Path(path))
    return found


def _host_lock(place: Path, url: str) -> FileLock:
    """One connection a host: parallel cursors are slower in total, and servers throttle them."""
    folder = place.parents[2] / "hosts"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / (re.sub(r"[^A-Za-z0-9.]", "_", urlsplit(url).netloc) + ".lock"))


def _file_name(url: str) -> str:
    return Path(urlsplit(url).path).name or "download"


def _object_name(path: Path, url: str) -> str:
    """Return an object's name below the constant part of its URL (a glob keeps its folders)."""
    constant = re.split(r"[*?\[]", url.removeprefix("s3://"))[0].rpartition("/")[0]
    _, found, below = path.as_posix().partition(constant + "/")
    return below if found else path.name

"""Receive the files of one partition: from an API, a URL, a path, a bucket, or a database."""

from collections.abc import Mapping
from pathlib import Path

from diffusion.base.progress import Progress
from diffusion.config.fetching import (
    AnyFetch,
    DatabaseFetch,
    DownloadFetch,
    HttpFetch,
    S3Fetch,
)
from diffusion.config.partitions import Partition, fill, parse_partition
from diffusion.errors import NoFileError
from diffusion.fetch.local_paths import FROM, near_paths
from diffusion.fetch.objects import download_objects, find_objects, origin_of
from diffusion.files.journals import refuse_journal
from diffusion.raw.copies import Received


def asks_for_changes(fetch: AnyFetch) -> bool:
    """Return whether the server is asked if something changed since an earlier vintage."""
    return isinstance(fetch, DownloadFetch | S3Fetch) and fetch.if_changed


def receive(
    name: str,
    fetch: AnyFetch,
    partition: str,
    place: Path,
    known: Mapping | None = None,
) -> tuple[list[Received], dict]:
    """Return the files of one partition and what is known of their origin.

    Args:
        name: of the source.
        fetch: what it requests.
        partition: name of the partition.
        place: folder for what comes; a later run resumes from it.
        known: provenance of an earlier raw copy. If nothing changed since, no file is returned, and
            ``unchanged`` is true in what is known.

    Raises:
        DiffusionError: nothing came, or it is refused.
    """
    axes, where = parse_partition(partition), f"sources.{name}.url"
    label = " ".join([name, *(f"{axis}={value}" for axis, value in axes.items())])
    if isinstance(fetch, S3Fetch):
        return _from_s3(fetch, fill(fetch.url, axes), where, label, place, known)
    if isinstance(fetch, DatabaseFetch):
        from diffusion.fetch.database.receive import receive_rows  # imports what few jobs need

        with Progress(label, "B") as progress:
            return receive_rows(f"sources.{name}", fetch, axes, place, progress)
    if fetch.is_http:
        from diffusion.fetch.over_http import receive_over_http  # and requests

        return receive_over_http(name, fetch, axes, label, place, known)
    path = local_file(fetch, axes, where)
    return [Received.at(path.name, path, is_ours=False)], {"url": str(path)}


def _from_s3(
    fetch: S3Fetch, url: str, where: str, label: str, place: Path, known: Mapping | None
) -> tuple[list[Received], dict]:
    found = find_objects(url, fetch.server, where, fetch.version)
    origin = origin_of(url, fetch.server, found)
    if known and all(known.get(key) == value for key, value in origin.items()):
        return [], {"unchanged": True}
    with Progress(label, "B") as progress:
        return download_objects(found, place, progress), origin


def local_file(fetch: HttpFetch, axes: Partition, where: str) -> Path:
    """Return the file on this machine.

    Raises:
        DiffusionError: there is none.
    """
    path = Path(fill(fetch.url, axes)).expanduser()
    if not path.is_file():
        fix = near_paths(path) + FROM
        if fetch.address:
            address = fill(fetch.address, axes, in_url=True)
            fix = f"if that is an address, write `url: {address}`; else {fix}"
        raise NoFileError(where, f"there is no file {path}", fix)
    refuse_journal(path, where)
    return path

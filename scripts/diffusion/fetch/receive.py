"""Receive the files of one partition: from an API, a URL, a path, a bucket, or a database."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from diffusion.base.progress import Progress
from diffusion.config.fetching import (
    AnyFetch,
    ApiFetch,
    DatabaseFetch,
    DownloadFetch,
    HttpFetch,
    S3Fetch,
)
from diffusion.config.partitions import Partition, fill, parse_partition
from diffusion.errors import NoFileError
from diffusion.fetch.api import fetch_api
from diffusion.fetch.client import Client
from diffusion.fetch.download import NOT_MODIFIED, download
from diffusion.fetch.export import Exporting
from diffusion.fetch.hosts import host_file, only_one_asks
from diffusion.fetch.local_paths import FROM, near_paths
from diffusion.fetch.objects import download_objects, find_objects, origin_of
from diffusion.fetch.pace import Pace
from diffusion.fetch.pages import first_request
from diffusion.fetch.request import Request, filled
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
        url = fill(fetch.url, axes)
        found = find_objects(url, fetch.server, where, fetch.version)
        origin = origin_of(url, fetch.server, found)
        if known and all(known.get(key) == value for key, value in origin.items()):
            return [], {"unchanged": True}
        with Progress(label, "B") as progress:
            files = download_objects(found, place, progress)
        return files, origin
    if isinstance(fetch, DatabaseFetch):
        from diffusion.fetch.database.receive import receive_rows  # imports what few jobs need

        with Progress(label, "B") as progress:
            return receive_rows(f"sources.{name}", fetch, axes, place, progress)
    if fetch.is_http:
        return _over_http(name, fetch, axes, label, place, known)
    path = local_file(fetch, axes, where)
    return [Received.at(path.name, path, is_ours=False)], {"url": str(path)}


def records_file(fetch: ApiFetch) -> str:
    """Return the name of the file that holds the records of an API."""
    ending = fetch.format if fetch.format in ("csv", "xml") else "ndjson"
    return f"records.{ending}.zst"


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


def _over_http(
    name: str,
    fetch: HttpFetch,
    axes: Partition,
    label: str,
    place: Path,
    known: Mapping | None,
) -> tuple[list[Received], dict]:
    is_api = isinstance(fetch, ApiFetch)
    asked, params = fill(fetch.url, axes, in_url=True), fill(fetch.params, axes)
    with only_one_asks(asked), Progress(label, "rows" if is_api else "B") as progress:
        client = open_client(fetch, asked, f"sources.{name}")
        if isinstance(fetch, ApiFetch):
            path = place / records_file(fetch)
            first = first_request(fetch, asked, axes)
            facts = fetch_api(client, fetch, first, path, progress)
            return [Received.at(path.name, path)], facts | _stated(client, asked)
        path, request = place / "download", filled(fetch, asked, params, axes)
        exporting = None
        if isinstance(fetch, DownloadFetch) and fetch.export.is_stated:
            exporting = Exporting(client, fetch.export, place / "export.json")
            request = Request(exporting.link(filled(fetch.export, asked, params, axes)))
        facts = download(client, request, path, progress, known)
        if exporting:
            exporting.done()
        if facts["status"] == NOT_MODIFIED:
            return [], {"unchanged": True}
        facts = {"asked": client.redacted(asked), **facts} | _stated(client, asked)
    return [Received.at(file_name(facts["url"]), path)], facts


def _stated(client: Client, asked: str) -> dict:
    """Return what the server itself states of the data, as a portal does: see ``Portal``."""
    if not client.licence:
        return {}
    return {
        "stated": {"portal": client.redacted(asked), "licence": client.redacted(client.licence)}
    }


def open_client(fetch: HttpFetch, url: str, where: str) -> Client:
    """Return the connection to a source's host, which is held, at the pace that it is to be asked.

    Args:
        url: axes filled in.
        where: how errors name it.
    """
    pace = Pace(fetch.limit, host_file(url, ".asked")) if fetch.limit else None
    return Client(fetch, url, where, pace=pace)


def file_name(url: str) -> str:
    """Return the name that a URL gives to a file."""
    return Path(urlsplit(url).path).name or "download"

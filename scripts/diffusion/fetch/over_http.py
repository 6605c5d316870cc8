"""Receive the files of one partition from an API or a URL."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from diffusion.base.progress import Progress
from diffusion.config.fetching import ApiFetch, DownloadFetch, HttpFetch
from diffusion.config.partitions import Partition, fill
from diffusion.fetch.api import fetch_api
from diffusion.fetch.client import Client
from diffusion.fetch.download import NOT_MODIFIED, download
from diffusion.fetch.export import Exporting
from diffusion.fetch.hosts import host_file, only_one_asks
from diffusion.fetch.pace import Pace
from diffusion.fetch.pages import first_request
from diffusion.fetch.request import Request, filled
from diffusion.raw.copies import Received


def receive_over_http(
    name: str,
    fetch: HttpFetch,
    axes: Partition,
    label: str,
    place: Path,
    known: Mapping | None,
) -> tuple[list[Received], dict]:
    """Return the files of one partition and what is known of their origin: see ``receive``.

    Args:
        label: what goes on, in words.
    """
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


def records_file(fetch: ApiFetch) -> str:
    """Return the name of the file that holds the records of an API."""
    ending = fetch.format if fetch.format in ("csv", "xml") else "ndjson"
    return f"records.{ending}.zst"

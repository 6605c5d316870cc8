"""Fetch the partitions of one batch: from the raw copies if they exist, from the network if not."""

import datetime
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from diffusion import VERSION
from diffusion.base.progress import Progress
from diffusion.config.partitions import fill, parse_partition
from diffusion.errors import DiffusionError
from diffusion.fetch.api import fetch_api
from diffusion.fetch.client import Client, without
from diffusion.fetch.download import download
from diffusion.fetch.pages import first_request
from diffusion.files.archive import verify
from diffusion.files.members import Limits
from diffusion.files.sniff import COMPRESSED, CONTAINERS, refuse_html, sniff
from diffusion.raw.copies import find_raw, freeze, raw_folder
from diffusion.raw.lock import verify_lock
from diffusion.storage.store import Store, sha256_of

logger = logging.getLogger(__name__)
ARCHIVES = (*CONTAINERS, *COMPRESSED)


def fetch_batch(
    name: str,
    source: Mapping,
    batch: list[str],
    store: Store,
    scratch: Path,
    *,
    lock: Mapping,
    offline: bool = False,
    retrieved: Mapping[str, list[Path]] | None = None,
) -> dict:
    """Freeze, or find frozen, every partition of a batch.

    Args:
        name: the source's name, ``source`` its resolved configuration.
        batch: names of the partitions.
        store: where raw copies are kept.
        scratch: folder for what is not finished; a later run goes on from it.
        lock: the lock to verify against; empty to accept anything.
        offline: never ask the network.
        retrieved: for S3 sources, the objects that Snakemake retrieved, by partition.

    Returns:
        the receipt: source, vintage, and the provenance of each partition.
    """
    receipt = {"source": name, "vintage": source["vintage"], "partitions": {}}
    for partition in batch:
        folder = raw_folder(name, source["vintage"], partition)
        provenance = find_raw(store, folder)
        if provenance:
            _verify_frozen(name, source, partition, provenance, lock)
        else:
            _refuse_offline(offline, name, partition, store.address(folder))
            objects = (retrieved or {}).get(partition, [])
            with _discreet(source):
                files, facts = _receive(name, source, partition, scratch / folder, objects)
                facts = _described(facts, source)
                _verify_received(name, source, partition, files, facts, lock)
            provenance = freeze(store, folder, files, facts)
            shutil.rmtree(scratch / folder, ignore_errors=True)
        receipt["partitions"][partition] = provenance
    return receipt


@contextmanager
def _discreet(source: Mapping) -> Iterator[None]:
    """A server may repeat the secret in what it answers; no error of ours does."""
    try:
        yield
    except DiffusionError as error:
        secret = os.environ.get(source["auth"]["env"] or "")
        found, fix = without(error.found, secret), without(error.fix, secret)
        if (found, fix) == (error.found, error.fix):
            raise
        raise DiffusionError(error.where, found, fix) from None  # its cause shows the secret


def _receive(
    name: str, source: Mapping, partition: str, place: Path, objects: list[Path]
) -> tuple[list[tuple[str, Path]], dict]:
    """Return the (name, file) pairs of one partition and what is known of their origin."""
    where, url, axes = f"sources.{name}", source["url"], parse_partition(partition)
    if source["from"] == "s3":
        if not objects:
            fix = "install snakemake-storage-plugin-s3, and see `url:`"
            raise DiffusionError(where, f"nothing was retrieved from {url}", fix)
        stem = fill(url, axes)
        return [(_object_name(path, stem), path) for path in objects], {"url": stem}
    if not url.startswith(("http://", "https://")):
        path = Path(fill(url, axes))
        if not path.is_file():
            raise DiffusionError(f"{where}.url", f"there is no file {path}", "check the path")
        return [(path.name, path)], {"url": str(path)}
    label = " ".join([name, *(f"{axis}={value}" for axis, value in axes.items())])
    asked, params = fill(url, axes, in_url=True), fill(source["params"], axes)
    with (
        _host_lock(place, asked),
        Progress(label, "rows" if source["from"] == "api" else "B") as progress,
    ):
        client = Client({**source, "url": asked}, where)
        if source["from"] == "api":
            path = place / "records.ndjson.zst"
            first = first_request(source, asked, params, fill(source["body"], axes))
            return [(path.name, path)], fetch_api(client, source, first, path, progress)
        path = place / "download"
        facts = download(client, asked, params, path, progress)
        return [(_file_name(facts["url"]), path)], {"asked": client.redacted(asked), **facts}


def _verify_frozen(
    name: str, source: Mapping, partition: str, provenance: Mapping, lock: Mapping
) -> None:
    logger.info("%s: from the raw copy, retrieved %s", partition, provenance["retrieved"])
    _verify_request(name, source, partition, provenance)
    _verify_pin(name, source, provenance["files"])
    verify_lock(lock, name, source["vintage"], partition, provenance)


def _verify_request(name: str, source: Mapping, partition: str, provenance: Mapping) -> None:
    """Refuse other parameters under the same vintage: they would silently do nothing."""
    asked = _request(source)
    frozen = {key: value for key, value in provenance.get("request", asked).items() if key != "url"}
    if frozen != {key: value for key, value in asked.items() if key != "url"}:
        found = f"its raw copy was fetched with {frozen}, now {asked} is asked"
        fix = f"set a new `vintage` for {name}: raw copies are never replaced"
        raise DiffusionError(f"sources.{name} {partition}", found, fix)
    if provenance.get("request", asked)["url"] != asked["url"]:
        logger.warning(
            "%s: frozen from %s; the URL has changed since", partition, provenance["url"]
        )


def _request(source: Mapping) -> dict:
    """What a source asks, before axes are filled in."""
    asked = {key: source[key] for key in ("url", "params", "method", "body")}
    return asked | {"records": source["pages"]["records"]}


def _verify_received(
    name: str, source: Mapping, partition: str, files: list, facts: dict, lock: Mapping
) -> None:
    """Refuse what is no data, before it is frozen."""
    where = f"sources.{name}"
    if facts.get("records") == 0 and not parse_partition(partition):  # of many, some may be empty
        fix = "check `url` and `params`, or run `snakemake` again later"
        raise DiffusionError(f"{where} {facts['url']}", "the API gave no record", fix)
    for file_name, path in files:
        refuse_html(path, f"{where} {facts['url']}")
        kind = sniff(path)
        if kind == "empty" and source["from"] != "api":
            fix = "check the URL, or run `snakemake` again later"
            raise DiffusionError(where, f"{facts['url']} is empty", fix)
        if source["from"] == "archive" and kind not in ARCHIVES:
            fix = "use `from: file`, or correct the URL"
            raise DiffusionError(where, f"{file_name} is no archive but {kind}", fix)
        if source["from"] != "api":
            try:
                verify(path, Limits(source["max_size"], source["max_members"]))
            except DiffusionError as error:  # it names the file on its way, the user knows the URL
                raise DiffusionError(f"{where} {facts['url']}", error.found, error.fix) from error
    entries = [
        {"name": file_name, "size": path.stat().st_size, "sha256": sha256_of(path)}
        for file_name, path in files
    ]
    _verify_pin(name, source, entries)
    verify_lock(lock, name, source["vintage"], partition, {"files": entries, **facts})


def _verify_pin(name: str, source: Mapping, files: list[Mapping]) -> None:
    for file in files:
        if source["sha256"] not in (None, file["sha256"]):
            found = f"{file['name']} has sha256 {file['sha256']}, {source['sha256']} is pinned"
            fix = "find out why; then change the pin"
            raise DiffusionError(f"sources.{name}.sha256", found, fix)


def _described(facts: dict, source: Mapping) -> dict:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    versions = {"diffusion": VERSION, "requests": version("requests")}
    return {"retrieved": now, **facts, "versions": versions, "request": _request(source)}


def _host_lock(place: Path, url: str) -> FileLock:
    """One connection a host: parallel cursors are slower in total, and servers throttle them."""
    folder = place.parents[2] / "hosts"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / (re.sub(r"[^A-Za-z0-9.]", "_", urlsplit(url).netloc) + ".lock"))


def _refuse_offline(offline: bool, name: str, partition: str, address: str) -> None:
    if offline:
        fix = "run once without `offline`, or copy the raw copies to that place"
        found = f"offline, and there is no raw copy at {address}"
        raise DiffusionError(f"sources.{name} {partition}", found, fix)


def _file_name(url: str) -> str:
    return Path(urlsplit(url).path).name or "download"


def _object_name(path: Path, url: str) -> str:
    """Return an object's name below the constant part of its URL (a glob keeps its folders)."""
    constant = re.split(r"[*?\[]", url.removeprefix("s3://"))[0].rpartition("/")[0]
    _, found, below = path.as_posix().partition(constant + "/")
    return below if found else path.name

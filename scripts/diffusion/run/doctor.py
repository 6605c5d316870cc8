"""What a run needs, checked one by one: each finding is one line with its remedy.

Nothing is changed but a probe object, which is put and deleted again. No bucket is ever made.
"""

import base64
import datetime
import email.utils
import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import requests

from diffusion.base.globs import is_glob
from diffusion.base.trust import TRUST
from diffusion.base.variables import as_written
from diffusion.config.fetching import DatabaseFetch, S3Fetch, expanded
from diffusion.config.model import Config, Source
from diffusion.config.partitions import Partition, fill, partitions_of
from diffusion.errors import DiffusionError
from diffusion.fetch.secret import secret_hidden
from diffusion.storage.connection import Connection, connection, split_url
from diffusion.storage.store import Store

SKEW = 300  # seconds; S3 refuses requests whose clock is 15 minutes off
SHORT_LIFE = datetime.timedelta(hours=12)
MIN_FREE_BYTES = 5_000_000_000  # bytes free on this machine
TIMEOUT = (5, 10)  # seconds to connect, to answer


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was checked, whether it is well, what was found, what to do."""

    name: str
    well: bool | None  # None: for information only
    found: str
    fix: str = ""

    def __str__(self) -> str:
        sign = {True: "✓", False: "✗", None: "·"}[self.well]
        return f"{sign} {self.name}: {self.found}" + (f"\n    → {self.fix}" if self.fix else "")


def examine(config: Config, folder: Path = Path()) -> Iterator[Finding]:
    """Yield what is found, in the order in which things depend on each other.

    Args:
        config: the resolved configuration.
        folder: where the workflow runs.
    """
    yield _disk(folder)
    storage = config.storage
    urls = {"url": storage.url, "raw": storage.raw}
    if any(url.startswith("s3://") for url in urls.values()):
        link = connection(storage.server)
        findings = list(_server(link))
        yield from findings
        if not all(finding.well is not False for finding in findings):
            return  # all further checks would report the same
        yield from _token(link)
        for key, url in urls.items():
            yield from _prefix(f"storage.{key}", url, link)
        yield _readers(storage.url, link)
    if config.offline:
        yield Finding("sources", None, "offline: not contacted")
        return
    for name, source in config.sources.items():
        yield _source(name, source)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder.absolute()).free
    fix = "" if free > MIN_FREE_BYTES else "free some space, or run on another disk (--directory)"
    return Finding(
        "disk", free > MIN_FREE_BYTES, f"{free / 1e9:,.1f} GB free in {folder.absolute()}", fix
    )


def _server(link: Connection) -> Iterator[Finding]:
    """Is the endpoint there, with a certificate that is trusted, and is the clock right?"""
    endpoint = link.endpoint or f"https://s3.{link.region}.amazonaws.com"
    try:
        answer = requests.get(endpoint, timeout=TIMEOUT, allow_redirects=False)
    except requests.exceptions.SSLError as error:
        spoken = "WRONG_VERSION_NUMBER" in str(error) or "record layer" in str(error)
        found = "does not speak https" if spoken else "has a certificate that is not trusted"
        fix = f"write the endpoint with http://{urlsplit(endpoint).netloc}" if spoken else TRUST
        yield Finding("endpoint", False, f"{endpoint} {found}", fix)
        return
    except requests.RequestException as error:
        unknown = "NameResolutionError" in str(error) or "getaddrinfo" in str(error)
        found = "has an unknown host name" if unknown else "does not answer"
        fix = "correct storage.endpoint or AWS_ENDPOINT_URL; is this machine on the network?"
        yield Finding("endpoint", False, f"{endpoint} {found}", fix)
        return
    yield Finding("endpoint", True, f"{endpoint} answers")
    date = (
        email.utils.parsedate_to_datetime(answer.headers["Date"])
        if "Date" in answer.headers
        else None
    )
    if date:
        skew = abs((datetime.datetime.now(datetime.UTC) - date).total_seconds())
        fix = (
            ""
            if skew < SKEW
            else "set this machine's clock (NTP): S3 refuses signatures that are old"
        )
        yield Finding("clock", skew < SKEW, f"{skew:,.0f} s from the server's", fix)


def _token(link: Connection) -> Iterator[Finding]:
    """How long does the session token live? MinIO's is a JWT (RFC 7519) with its expiry."""
    if not link.access_key:
        fix = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)"
        yield Finding("credentials", False, "there are none", fix)
        return
    ends = _expiry(link.token) if link.token else None
    if ends is None:
        return
    left = ends - datetime.datetime.now(datetime.UTC)
    fix = "start a new service on SSP Cloud (tokens live 7 days), or use a service account"
    if left.total_seconds() <= 0:
        yield Finding("token", False, f"expired on {ends:%Y-%m-%d at %H:%M} UTC", fix)
    else:
        hours = f"{left.total_seconds() / 3600:,.1f} hours left, until {ends:%Y-%m-%d %H:%M} UTC"
        short = left < SHORT_LIFE
        yield Finding("token", None if short else True, hours, fix if short else "")


def _expiry(token: str) -> datetime.datetime | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC)
    except (ValueError, KeyError, TypeError):
        return None  # not a JWT: nobody can know


def _prefix(name: str, url: str, link: Connection) -> Iterator[Finding]:
    """May we list, put and delete there?"""
    if not url.startswith("s3://"):
        yield Finding(name, True, f"the folder {url}")
        return
    store, probe = Store(url, link, patient=False), f".doctor-{secrets.token_hex(4)}"
    try:
        next(store.list(""), None)
        store.put(probe, b"a probe of `diffusion doctor`\n", "")
        store.delete([probe])
    except DiffusionError as error:
        yield Finding(name, False, f"{url}: {error.found}", error.fix)
        return
    yield Finding(name, True, f"{url} can be read and written")


def _readers(url: str, link: Connection) -> Finding:
    """Can somebody without credentials read what is published? Worth knowing, either way."""
    if not url.startswith("s3://"):
        return Finding("readers", None, "published in a local folder")
    anonymous = replace(link, anonymous=True, access_key=None, secret_key=None, token=None)
    try:
        Store(url, anonymous, patient=False).read("manifest.json")
    except DiffusionError:
        bucket, prefix = split_url(url)
        fix = f"to open it to the world: mc anonymous set download ALIAS/{bucket}/{prefix}"
        return Finding("readers", None, "only with an account", fix)
    return Finding("readers", None, "everybody, without an account")


def _source(name: str, source: Source) -> Finding:
    found = _asked(name, source)
    return replace(found, found=as_written(found.found), fix=as_written(found.fix))


def _asked(name: str, source: Source) -> Finding:
    where, first = f"sources.{name}", next(iter(partitions_of(source.partitions).values()))
    fetch = expanded(source.fetch)
    if isinstance(fetch, DatabaseFetch):
        return _database(where, fetch, first)
    url = fill(fetch.url, first)
    if isinstance(fetch, S3Fetch):
        return _object(where, url, connection(fetch.server))
    if not url.startswith(("http://", "https://")):
        there = Path(url).expanduser().is_file()
        return Finding(where, there, url, "" if there else "there is no such file: correct `url`")
    host = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    try:
        requests.head(host, timeout=TIMEOUT, allow_redirects=False)
    except requests.exceptions.SSLError:
        return Finding(where, False, f"{host} has a certificate that is not trusted", TRUST)
    except requests.RequestException as error:
        fix = "is this machine on the network? correct `url`, or set `offline: true`"
        return Finding(where, False, f"{host} does not answer ({type(error).__name__})", fix)
    return Finding(where, True, f"{host} answers")


def _database(where: str, fetch: DatabaseFetch, axes: Partition) -> Finding:
    """Is the database there, and may the table be read, or does the query have columns?"""
    from diffusion.fetch.database.receive import look  # drivers, only where there is one

    try:
        with secret_hidden(fetch):
            return Finding(where, True, look(where, fetch, axes))
    except DiffusionError as error:
        return Finding(
            where, False, f"{error.where.removeprefix(where + '.')}: {error.found}", error.fix
        )


def _object(where: str, url: str, link: Connection) -> Finding:
    """Is the object of an S3 source there, or may its bucket be listed where it is a glob?"""
    bucket, key = split_url(url)
    store = Store(f"s3://{bucket}", link, patient=False)
    try:
        if is_glob(key):
            next(store.list(""), None)
        elif store.head(key) is None:
            return Finding(where, False, f"there is no object {url}", "check bucket and key")
    except DiffusionError as error:
        return Finding(where, False, f"{url}: {error.found}", error.fix)
    return Finding(where, True, f"{url} answers")

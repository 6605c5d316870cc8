"""Check before Snakemake does: is the storage there, and do the credentials work?

Snakemake and boto3 take up to 40 s for a dead endpoint and blame "unsupported characters" for a
bad key; one LIST gives the true reason in a second or two, and is patient with a server that is
busy. Seen in Snakemake 9.27 with snakemake-storage-plugin-s3 0.3.6.
"""

import os
from collections.abc import Mapping

import requests

from diffusion.base.redaction import redact_urls
from diffusion.base.trust import UNTRUSTED
from diffusion.config.parts import Server, Storage
from diffusion.errors import DiffusionError, StorageError, UnreachableError
from diffusion.storage.connection import (
    ENDPOINT_VARIABLES,
    Connection,
    connection,
    split_url,
)
from diffusion.storage.patience import is_busy, trying_again
from diffusion.storage.refusals import ELSEWHERE
from diffusion.storage.store import Store

KEEP = ".keep"
REDIRECTS = (301, 302, 307, 308)
VARIABLE = "DIFFUSION_PROJECT"  # the name of the project in the work prefix of profiles


def check_work_prefix(
    project: str, work_prefix: str | None, environment: Mapping[str, str] = os.environ
) -> None:
    """Refuse the work prefix of another project: profiles know the environment only.

    Args:
        project: `project.name` of the configuration.
        work_prefix: where Snakemake keeps intermediate results, when that is S3.

    Raises:
        DiffusionError: the variable is not set, or names another project.
    """
    named = environment.get(VARIABLE)
    if work_prefix is None or not (named or VARIABLE in work_prefix) or named == project:
        return
    found = f"it is `{named}`, and `project.name` is `{project}`" if named else "it is not set"
    raise StorageError(VARIABLE, found, f"export {VARIABLE}={project}")


def check_storage(storage: Storage, work_prefix: str | None = None) -> None:
    """Ask each S3 prefix of ``storage:`` for one name; a folder needs nothing.

    Args:
        storage: `storage:` of the configuration.
        work_prefix: where Snakemake keeps intermediate results, when that is S3. An object is put
            there that stays: the S3 plugin deletes a bucket when it removes its last object.

    Raises:
        DiffusionError: not reachable, refused, or no bucket; with the remedy.
    """
    for key in ("url", "raw"):
        if (url := getattr(storage, key)).startswith("s3://"):
            _ask(url, connection(storage.server), f"storage.{key}")
    if work_prefix and work_prefix.startswith("s3://"):
        link = connection(Server())
        _ask(work_prefix, link, "default-storage-prefix")
        _ask_as_snakemake(work_prefix, link)
        store = Store(work_prefix, link)
        if store.head(KEEP) is None:
            store.put(KEEP, b"keeps the bucket when Snakemake removes its last object\n", "")


def _ask_as_snakemake(url: str, link: Connection) -> None:
    """Check the certificate as Snakemake's client does, which ignores ``trust_one_file``."""
    if not link.endpoint:
        return  # Amazon, whose certificate everybody trusts
    trusted = os.environ.get("AWS_CA_BUNDLE") or True  # requests looks at REQUESTS_CA_BUNDLE itself
    try:
        requests.head(link.endpoint, timeout=(5, 10), allow_redirects=False, verify=trusted)
    except requests.exceptions.SSLError as error:
        where = f"default-storage-prefix {url} at {link.endpoint}"
        fix = (
            'export REQUESTS_CA_BUNDLE="$SSL_CERT_FILE"   # for this profile, besides SSL_CERT_FILE'
        )
        raise UnreachableError(where, f"to Snakemake the {UNTRUSTED}", fix) from error
    except requests.RequestException:
        return  # not about trust: what `_ask` found counts


def _ask(url: str, link: Connection, where: str) -> None:
    if not link.access_key:
        fix = "export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)"
        raise StorageError(f"{where} {url}", "there are no S3 credentials", fix)
    try:
        _first_name(url, link)
    except DiffusionError as error:
        known = link.endpoint or f"Amazon (none of {', '.join(ENDPOINT_VARIABLES)} is set)"
        told = f"{where} {url} at {known}{_by_proxy(link)}"
        found, fix = ELSEWHERE if _is_elsewhere(url, link) else (error.found, error.fix)
        raise StorageError(told, found, fix) from error


def _by_proxy(link: Connection) -> str:
    """Return which proxy is between, in words: what it refuses looks like the server's refusal."""
    url = _endpoint(link)
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    return f", by the proxy {redact_urls(proxy)}" if proxy else ""


def _is_elsewhere(url: str, link: Connection) -> bool:
    """Say whether the server sends one to another: obstore follows, and is refused there."""
    bucket, _ = split_url(url)
    trusted = os.environ.get("AWS_CA_BUNDLE") or True
    try:
        answer = requests.get(
            f"{_endpoint(link)}/{bucket}?list-type=2&max-keys=1",
            timeout=(5, 10),
            allow_redirects=False,
            verify=trusted,
        )
    except requests.RequestException:
        return False
    return answer.status_code in REDIRECTS


def _endpoint(link: Connection) -> str:
    return link.endpoint or f"https://s3.{link.region}.amazonaws.com"


def _first_name(url: str, link: Connection) -> str | None:
    """Ask for one name: patiently if the server is there but busy, briefly if it is not.

    A dead endpoint is told within seconds; a broken connection may be chance.
    """
    for attempt in trying_again():
        with attempt:
            try:
                return next((key for key, _ in Store(url, link, patient=False).list("")), None)
            except DiffusionError as error:
                if not is_busy(error):
                    raise
            return next((key for key, _ in Store(url, link).list("")), None)
    return None

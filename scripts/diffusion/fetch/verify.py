"""Refuse what is not data before it is frozen, and raw copies of another request afterwards."""

import logging
from collections.abc import Mapping, Sequence

from diffusion.config.fetching import ApiFetch, DatabaseFetch, HttpFetch
from diffusion.config.model import Fetching
from diffusion.config.partitions import parse_partition
from diffusion.errors import AnswerError, DiffusionError, FileFormatError, LockError
from diffusion.fetch.asked import refuse_other_request
from diffusion.files.sniff import COMPRESSED, CONTAINERS, PACKED, refuse_html, sniff
from diffusion.raw.copies import Received
from diffusion.raw.lock import verify_lock

logger = logging.getLogger(__name__)
ARCHIVES = (*CONTAINERS, *COMPRESSED)


def verify_frozen(
    name: str, source: Fetching, partition: str, provenance: Mapping, lock: Mapping
) -> None:
    """Refuse a raw copy of another request, or one that differs from the pin or the lock.

    Raises:
        DiffusionError: another request under the same vintage would silently do nothing.
    """
    logger.info(
        "%s (%s): from the raw copy, retrieved %s", name, partition, provenance["retrieved"]
    )
    frozen = provenance.get("request")
    refuse_other_request(name, source.fetch, partition, frozen, source.vintage)
    _verify_pin(name, source.fetch.sha256, provenance["files"])
    verify_lock(lock, name, source.vintage, partition, provenance, frozen=True)


def verify_received(
    name: str,
    source: Fetching,
    partition: str,
    files: Sequence[Received],
    facts: Mapping,
    lock: Mapping,
) -> None:
    """Refuse what is not data, before it is frozen.

    Raises:
        DiffusionError: an error page, an empty or damaged file, or not what pin or lock state.
    """
    if facts.get("records") == 0 and not parse_partition(partition):  # of many, some may be empty
        is_table = isinstance(source.fetch, DatabaseFetch)
        what, keys = ("row", "`table` or `query`") if is_table else ("record", "`url` and `params`")
        giver = "database" if is_table else "API"
        fix = f"check {keys}, or run `snakemake` again later"
        raise AnswerError(f"sources.{name} {facts['url']}", f"the {giver} gave no {what}", fix)
    for file in files:
        _verify_file(f"sources.{name}", source, partition, file, facts)
    entries = [file.entry for file in files]
    _verify_pin(name, source.fetch.sha256, entries)
    verify_lock(lock, name, source.vintage, partition, {"files": entries, **facts})


def _verify_file(
    where: str, source: Fetching, partition: str, file: Received, facts: Mapping
) -> None:
    url = facts["url"]
    kind = sniff(file.path)
    refuse_html(file.path, kind, f"{where} {url}")
    if isinstance(source.fetch, ApiFetch | DatabaseFetch):  # of our own making
        return
    if kind == "empty":
        fix = "check the URL, or run `snakemake` again later"
        raise AnswerError(where, f"{url} is empty", fix)
    if source.fetch.kind == "archive" and kind not in ARCHIVES:
        fix = "use `from: file`, or correct the URL"
        raise FileFormatError(where, f"{file.name} is not an archive but {kind}", fix)
    if isinstance(source.fetch, HttpFetch) and source.fetch.is_http:
        from diffusion.fetch.incomplete import Asked, refuse_incomplete  # and requests

        asked = Asked(where, url, facts.get("announced", {}))
        refuse_incomplete(file.path, kind, source, parse_partition(partition), asked)
    if kind not in (*ARCHIVES, *PACKED):
        return  # nothing in it shows whether it is complete
    from diffusion.files.archive import verify  # and its codecs

    try:
        verify(file.path, source.limits)
    except DiffusionError as error:  # it names the file on its way, the user knows the URL
        raise error.restated(f"{where} {url}") from error


def _verify_pin(name: str, pinned: str | None, files: Sequence[Mapping]) -> None:
    for file in files:
        if pinned not in (None, file["sha256"]):
            found = f"{file['name']} has sha256 {file['sha256']}, {pinned} is pinned"
            fix = "find out why; then change the pin"
            raise LockError(f"sources.{name}.sha256", found, fix)

"""Hosts that sources are asked of: each by one job at a time.

Parallel requests are slower in total, and servers throttle them. Within a run, Snakemake starts a
job only when its host is free (a resource of which there is one), so that none holds a core while
it waits. Between runs of one user on one machine, in whatever folders, a lock by file holds.
"""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from diffusion.base.private import user_folder
from diffusion.base.variables import as_written, digest
from diffusion.config.fetching import AnyFetch, expanded
from diffusion.config.partitions import axes_of

logger = logging.getLogger(__name__)
SECONDS_UNSAID = 1


def host_resource(fetch: AnyFetch) -> str | None:
    """Return the name of the resource that a source's fetch jobs share: ``host_data_ademe_fr``.

    A hash stands for one that a variable of the environment names.

    None where no host is asked one job at a time, or where another partition is on another host.
    """
    asked = expanded(fetch)
    if not asked.is_http or axes_of(host := urlsplit(asked.url).netloc):
        return None
    return "host_" + re.sub(r"[^A-Za-z0-9]", "_", host if host in fetch.url else digest(host))


def host_locks(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the locks: the user's, for all projects on this machine."""
    return user_folder("hosts", environment)


def host_file(url: str, ending: str) -> Path:
    """Return the file of the host of a URL; a hash names one that a variable does."""
    host = urlsplit(url).netloc
    shown = host if as_written(host) == host else digest(host)
    return host_locks() / (re.sub(r"[^A-Za-z0-9.]", "_", shown) + ending)


@contextmanager
def only_one_asks(url: str) -> Iterator[None]:
    """Hold the host of a URL, once it is free, while it is asked."""
    host, lock = urlsplit(url).netloc, FileLock(host_file(url, ".lock"))
    try:
        lock.acquire(timeout=SECONDS_UNSAID)
    except Timeout:
        logger.warning("waiting: another run is asking %s, and it is asked by one at a time", host)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

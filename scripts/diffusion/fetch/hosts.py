"""Hosts that sources are asked of: each by one job at a time.

Parallel requests are slower in total, and servers throttle them. Within a run, Snakemake starts a
job only when its host is free (a resource of which there is one), so that none holds a core while
it waits. Between runs on one machine, a lock by file holds.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from diffusion.base.variables import as_written, digest
from diffusion.config.fetching import AnyFetch, expanded
from diffusion.config.partitions import axes_of

logger = logging.getLogger(__name__)
HOSTS = Path(".diffusion/fetch/hosts")  # of all runs in a folder
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


@contextmanager
def only_one_asks(url: str, folder: Path) -> Iterator[None]:
    """Hold the host of a URL, once it is free, while it is asked.

    Args:
        folder: where the locks are.
    """
    host = urlsplit(url).netloc
    folder.mkdir(parents=True, exist_ok=True)
    shown = host if as_written(host) == host else digest(host)
    lock = FileLock(folder / (re.sub(r"[^A-Za-z0-9.]", "_", shown) + ".lock"))
    try:
        lock.acquire(timeout=SECONDS_UNSAID)
    except Timeout:
        logger.warning("waiting: another run is asking %s, and it is asked by one at a time", host)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

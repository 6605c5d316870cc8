"""Runs that are stopped or killed: they end cleanly, and the next one goes on by itself.

Snakemake 9.27 promises neither where its locks are nor the words of its log, which are read here,
and waits for its jobs at SIGTERM (snakemake#448 is near to that). What is taken from it is asked of
the installed version in tests/workflow/test_workarounds.py.
"""

import logging
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from diffusion.base.private import private_folder
from diffusion.errors import BusyError

logger = logging.getLogger(__name__)
RUN_LOCK = Path(".diffusion/run.lock")
RUN_HOST = Path(".diffusion/run.host")
SNAKEMAKE_LOCKS = Path(".snakemake/locks")


def clear_stale_lock() -> FileLock | None:
    """Remove the lock that a killed Snakemake left in this folder; return the lock of this run.

    Snakemake's lock is files, which stay when it is killed; the system's lock ends with its
    process. Whoever gets the latter, on the machine where the last run was, knows that this run
    is dead. On another machine nothing is known, and Snakemake's own message says what to do.

    Returns:
        the lock, to be kept for as long as the run lasts, not held where the file system knows no
        locks; None when another run is alive.

    Raises:
        DiffusionError: nothing can be written in the working folder.
    """
    try:
        private_folder(RUN_LOCK.parent)
        RUN_LOCK.touch()
    except OSError as error:
        fix = "make room, or work in a folder where you may write"
        raise BusyError(str(Path.cwd()), f"cannot be written: {error.strerror}", fix) from error
    lock = FileLock(RUN_LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except OSError:
        return lock
    last = RUN_HOST.read_text() if RUN_HOST.exists() else None
    if last == socket.gethostname() and any(SNAKEMAKE_LOCKS.glob("*.lock")):
        logger.warning("The last run here was killed: its lock is removed.")
        shutil.rmtree(SNAKEMAKE_LOCKS)
        SNAKEMAKE_LOCKS.mkdir()
    RUN_HOST.write_text(socket.gethostname())
    return lock


def stop_on_sigterm(told: Callable[[], None]) -> None:
    """Let SIGTERM, which ends pods and services, do what Ctrl-C does in a terminal: end the jobs.

    Snakemake's own handler lets running jobs end, which may take longer than a pod is given, and
    waits for a lock that an upload may hold: it then never ends.

    Args:
        told: is called before any job is stopped.
    """

    def stop(*_: object) -> None:
        told()
        for child in psutil.Process().children(recursive=True):
            child.terminate()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)  # a `kill -INT` reaches this process alone


@contextmanager
def no_run() -> Iterator[None]:
    """Keep runs of this folder away meanwhile.

    Raises:
        DiffusionError: one is under way.
    """
    private_folder(RUN_LOCK.parent)
    try:
        with FileLock(RUN_LOCK, timeout=0):
            yield
    except Timeout as error:
        raise BusyError(str(Path.cwd()), "a run is under way here", "wait for it") from error

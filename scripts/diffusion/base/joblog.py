"""The log of a job: everything goes to the rule's log file, what went wrong also to the user.

A run's main process reads from the log what its jobs say, and tells it last; a job elsewhere, such
as a pod, prints it.
"""

import atexit
import errno
import gc
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent

from diffusion.base.variables import keep_out_all, told
from diffusion.errors import DiffusionError

ENDED_WELL: list[str] = []  # titles of this process' jobs
TOLD_BY_RUN = "DIFFUSION_TOLD_BY_RUN"  # in the environment of jobs whose log the run will read


def failure_words(title: str, error: object) -> str:
    """Return what went wrong as users see it, below the title of its job."""
    return f"\n✗ {title}\n{indent(str(error), '  ')}\n"


def failure_in(log: str) -> str | None:
    """Return what went wrong from the text of a job's log; None if it does not say so."""
    _, mark, words = log.rpartition("\n✗ ")
    return mark + words if mark else None


FIXES = {
    errno.ENOSPC: "the disk is full: make room, then run `snakemake` again",
    errno.EDQUOT: "your share of the disk is full: make room, then run `snakemake` again",
    errno.EROFS: "write to a folder that may be written, then run `snakemake` again",
    errno.EACCES: "get the right to write there, then run `snakemake` again",
}


@contextmanager
def job_log(path: str | Path, title: str, sources: Mapping | None = None) -> Iterator[None]:
    """Write the job's log to ``path``; end the job with a clear message when it fails.

    Snakemake shows a script's traceback on the terminal only; here it goes to the log, and the
    terminal shows what a user needs: the title, the error, what to do.

    Args:
        path: the rule's log file.
        title: rule and wildcards, e.g. ``fetch_raw dpe commune=01450``.
        sources: of the configuration; their secrets are left out of all that is said.
    """
    keep_out_all(sources)
    (path := Path(path).absolute()).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(_AsWritten("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    logging.raiseExceptions = False  # a full disk is told once, in words
    try:
        with _garbage_of_its_own():
            yield
        ENDED_WELL.append(title)
    except (DiffusionError, OSError) as error:
        root.exception("%s failed", title)
        words = str(error)
        if isinstance(error, OSError):
            words += f"\n  → {FIXES.get(error.errno or 0, f'see the log: {path}')}"
        _tell(handler, failure_words(title, words))
        sys.exit(1)
    except KeyboardInterrupt:
        _tell(handler, failure_words(title, "it was interrupted\n  → run `snakemake` again"))
        sys.exit(130)  # as a shell counts it
    except BaseException as error:
        root.exception("%s failed", title)
        _tell(handler, failure_words(title, f"{error!r}\nsee the log: {path}"))
        raise
    finally:
        root.removeHandler(handler)
        handler.close()


@contextmanager
def _garbage_of_its_own() -> Iterator[None]:
    """Look for garbage in what a script makes, and not in what it imported: see the end of this."""
    if not _is_script():
        yield
        return
    gc.freeze()
    gc.enable()
    try:
        yield
    finally:
        gc.unfreeze()


def _is_script() -> bool:
    """Whether this is a job's process, and not a test's or the run's own, which go on."""
    return hasattr(sys.modules["__main__"], "snakemake")


def _leave() -> None:
    """Spare Python's taking apart of all modules: a tenth of a short job.

    Python calls this last, as it was registered first: temporary files are gone, threads ended.
    """
    if _is_script() and ENDED_WELL:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


atexit.register(_leave)
if _is_script():
    gc.disable()  # while it imports: all that stays would be looked through again and again


class _AsWritten(logging.Formatter):
    """Words, and tracebacks, with ``${VAR}`` as the configuration writes it, and no secret."""

    def format(self, record: logging.LogRecord) -> str:
        return told(super().format(record))


def _tell(log: logging.FileHandler, words: str) -> None:
    words = told(words)
    try:
        log.close()
        with Path(log.baseFilename).open("a", encoding="utf-8") as file:
            file.write(words)
    except OSError:  # the disk may be what is full
        print(words, file=sys.stderr)
        return
    if TOLD_BY_RUN not in os.environ:
        print(words, file=sys.stderr)

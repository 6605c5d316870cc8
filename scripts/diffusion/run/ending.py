"""How a run ended: what is said last, and results/run.json for schedules and alerts."""

import atexit
import datetime
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from diffusion.base.json_files import write_json
from diffusion.base.variables import shown
from diffusion.run.console import Console
from diffusion.run.failures import Failure, errors_of

RUN = Path("results/run.json")
AGAIN = "DIFFUSION_AGAIN"  # in the environment: what to type to run again, unless `snakemake`
SHOWN = 5


def show_failures(
    console: Console, found: Sequence[Failure], entries: Mapping[str, Mapping[str, Any]]
) -> None:
    """Print what went wrong under one heading, and what new tables wait for it."""
    words = "".join(f"{failure.words.rstrip()}\n" for failure in found)
    if waiting := [name for name, entry in entries.items() if entry["state"] == "made"]:
        words += f"\nMade, but not published: {listed(waiting)}\n"
    console.complain(f"\nWhat went wrong ({len(found)}):\n{words}")


def listed(names: Sequence[str]) -> str:
    """Return some names in words, the first ones of many."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def interrupted_words(console: Console) -> str:
    """Return which jobs an interruption stopped, and what to type to go on."""
    stopped = [job.title for job in {**console.running, **console.stopped}.values()]
    again = os.environ.get(AGAIN, "snakemake")
    what = f"Interrupted: {listed(stopped)}." if stopped else "Interrupted."
    return f"\n{what} What is finished is kept: run `{again}` again to go on."


def write_run(
    console: Console,
    status: str,
    found: Sequence[Failure] = (),
    entries: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write how the run ended to results/run.json, or that it is under way.

    A run that is killed stays "running", with the number of its process.

    Args:
        status: running, succeeded, nothing to do, failed, refused, or interrupted.
        found: see ``failures``.
        entries: see ``Entries.told``.
    """
    if not console.alone:
        return
    told: dict[str, Any] = {"status": status, "pid": os.getpid()}
    told["started"] = console.started.isoformat(timespec="seconds")
    if status != "running":
        ended = datetime.datetime.now(datetime.UTC)
        told["ended"] = ended.isoformat(timespec="seconds")
        told["seconds"] = round((ended - console.started).total_seconds(), 1)
    told["entries"] = entries or {}
    told["errors"] = shown([error for failure in found for error in errors_of(failure)])
    try:
        RUN.parent.mkdir(exist_ok=True)
        write_json(RUN, told)
    except OSError as error:  # what went wrong is said all the same
        console.complain(f"{RUN} cannot be written: {error.strerror}")


def leave_quickly() -> None:
    """Spare Python's last search for cycles among all of Snakemake's modules.

    It takes a fifth of a run that has nothing to do. DuckDB, which few runs load in this process,
    takes what is not searched for leaks, and says so.
    """

    def freeze() -> None:
        if "duckdb" not in sys.modules:
            gc.freeze()

    atexit.register(freeze)


def expect_end(console: Console) -> None:
    """Write results/run.json also when a run is refused before any job, or interrupted."""

    def end() -> None:
        if console.ended or console.dry:
            return
        if console.refused:
            status = "failed" if console.jobs else "refused"
            write_run(console, status, [refusal(console.refused)])
        elif console.jobs:
            write_run(console, "interrupted")

    atexit.register(end)


def refusal(words: str) -> Failure:
    """Return why a run did not begin; of all that is wrong in a configuration, each by itself."""
    heading, _, problems = words.partition("\n\n")
    told = problems if heading.startswith("configuration: ") and problems else words
    return Failure("", "✗ configuration\n" + "\n".join(f"  {line}" for line in told.splitlines()))

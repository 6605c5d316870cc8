"""How a run ended: what went wrong, once each, and results/run.json for schedules and alerts."""

import atexit
import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from diffusion.base.joblog import failure_in, failure_words
from diffusion.base.json_files import write_json
from diffusion.check.outcome import failed_checks
from diffusion.run.console import Console, Job, written_at
from diffusion.run.jobs import Jobs
from diffusion.run.plan import OWN_RULES

RUN = Path("results/run.json")
AGAIN = (
    "DIFFUSION_AGAIN"  # in the environment: what to type to run again, where it is not `snakemake`
)
SHOWN = 5
KILLED = (
    "the job was killed before it could say why; most often the machine had no memory left\n"
    "  → run `snakemake` again; with more memory for its jobs if it stays: "
    "--set-resources {rule}:mem_mb=8000"
)


class Failure(NamedTuple):
    """What went wrong with an entry, in the words that users see; no entry: with all of them."""

    entry: str
    words: str


def failures(console: Console, checked: Mapping[str, Mapping]) -> list[Failure]:
    """Return what went wrong: what each failed job says, and each table that fails its checks.

    Args:
        checked: the results of the checks of all tables.
    """
    found = [Failure(job.entry, _words(job, console)) for job in console.failed.values()]
    told = "\n".join(failure.words for failure in found)  # the job that publishes tells of checks
    for name, results in checked.items():
        problem = failed_checks(name, results, Path(f"results/tables/{name}.json"))
        if problem and problem.where not in told:
            found.append(Failure(name, failure_words(f"check_table {name}", problem)))
    return found


def _words(job: Job, console: Console) -> str:
    """Return what a job wrote before it ended; one that was killed wrote nothing."""
    for path, written in written_at(job.logs).items():
        words = failure_in(Path(path).read_text("utf-8", "replace"))
        if words and written != job.written.get(path):  # not those of an earlier run
            return words
    if any("://" in path for path in job.logs):  # of a pod, whose reason was told when it ended
        return failure_words(job.title, f"its words stand above; see also {', '.join(job.logs)}")
    if job.rule not in OWN_RULES:
        logs = f"\n  → see {', '.join(job.logs)}" if job.logs else ""
        return failure_words(job.title, "\n".join(console.held) + logs)
    return failure_words(job.title, KILLED.format(rule=job.rule))


def show_failures(console: Console, found: Sequence[Failure]) -> None:
    """Print what went wrong under one heading."""
    words = "".join(f"{failure.words.rstrip()}\n" for failure in found)
    console.say(f"\nWhat went wrong ({len(found)}):\n{words}")


def interrupted_words(console: Console) -> str:
    """Return which jobs an interruption stopped, and what to type to go on."""
    stopped = [job.title for job in {**console.running, **console.stopped}.values()]
    shown = ", ".join(stopped[:SHOWN]) + f" and {len(stopped) - SHOWN} more" * (
        len(stopped) > SHOWN
    )
    again = os.environ.get(AGAIN, "snakemake")
    what = f"Interrupted: {shown}." if stopped else "Interrupted."
    return f"\n{what} What was done is kept: run `{again}` again to go on."


def write_run(
    console: Console, status: str, found: Iterable[Failure] = (), jobs: Jobs | None = None
) -> None:
    """Write how the run ended to results/run.json, or that it is under way.

    A run that is killed stays "running", with the number of its process.

    Args:
        status: running, succeeded, nothing to do, failed, refused, or interrupted.
        found: see ``failures``.
    """
    if not console.alone:
        return
    told: dict[str, Any] = {"status": status, "pid": os.getpid()}
    told["started"] = console.started.isoformat(timespec="seconds")
    if status != "running":
        ended = datetime.datetime.now(datetime.UTC)
        told["ended"] = ended.isoformat(timespec="seconds")
        told["seconds"] = round((ended - console.started).total_seconds(), 1)
    told |= {
        "entries": _entries(jobs, console, status, found) if jobs else {},
        "errors": [_error(failure.words) for failure in found if not failure.entry],
    }
    try:
        RUN.parent.mkdir(exist_ok=True)
        write_json(RUN, told)
    except OSError as error:  # what went wrong is said all the same
        console.say(f"{RUN} cannot be written: {error.strerror}")


def expect_end(console: Console) -> None:
    """Write results/run.json also when a run is refused before any job, or interrupted."""

    def end() -> None:
        if console.ended or console.dry:
            return
        if console.refused:
            status = "failed" if console.jobs else "refused"
            write_run(console, status, [Failure("", f"configuration\n  {console.refused}")])
        elif console.jobs:
            write_run(console, "interrupted")

    atexit.register(end)


def _entries(
    jobs: Jobs, console: Console, status: str, found: Iterable[Failure]
) -> dict[str, dict[str, Any]]:
    ran = {job.entry for job in console.jobs.values()}
    made = "published" if status == "succeeded" else "made, not published"
    errors = {failure.entry: _error(failure.words) for failure in found}
    entries: dict[str, dict[str, Any]] = {}
    for name in jobs.entries:
        state = "failed" if name in errors else made if name in ran else "unchanged"
        entries[name] = {"state": state, "seconds": round(console.seconds.get(name, 0), 1)}
        entries[name] |= errors.get(name, {})
    return entries


def _error(words: str) -> dict[str, str]:
    title, _, text = words.strip().removeprefix("✗ ").partition("\n")
    error, _, remedy = text.partition("\n    → ")
    lines: Iterable[str] = (line.strip() for line in error.splitlines())
    return {"job": title, "error": "\n".join(lines), "remedy": " ".join(remedy.split())}

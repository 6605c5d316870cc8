"""How a run ended: what went wrong, once each, and results/run.json for schedules and alerts."""

import atexit
import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from diffusion.base.joblog import failure_in, failure_words
from diffusion.base.json_files import write_json
from diffusion.check.outcome import failed_checks
from diffusion.run.console import Console, Job
from diffusion.run.jobs import Jobs

RUN = Path("results/run.json")
KILLED = (
    "the job was killed before it could say why; most often the machine had no memory left\n"
    "  → run `snakemake` again; with more memory for its jobs if it stays: "
    "--set-resources {rule}:mem_mb=8000"
)


def failures(console: Console, unpublished: Mapping[str, Mapping]) -> dict[str, str]:
    """Return what went wrong: the words of each failed job, by its title.

    Args:
        unpublished: the facts of tables that were made in this run; what they failed is told here
            unless the job that publishes has told it.
    """
    found = {job.title: _words(job) for job in console.failed.values()}
    told = "\n".join(found.values())
    for name, checks in unpublished.items():
        problem = failed_checks(name, checks, Path(f"results/tables/{name}.json"))
        if problem and problem.where not in told:
            found[f"check_table {name}"] = failure_words(f"check_table {name}", problem)
    return found


def _words(job: Job) -> str:
    """Return what a job wrote before it ended; one that was killed wrote nothing."""
    paths = [Path(path) for path in job.logs]
    for path in paths:
        if path.is_file() and (words := failure_in(path.read_text("utf-8", "replace"))):
            return words
    if any("://" in path for path in job.logs):  # of a pod, whose reason was told when it ended
        return failure_words(job.title, f"its words stand above; see also {', '.join(job.logs)}")
    if job.rule in ("run", "shell") or not paths:
        return failure_words(job.title, "see what Snakemake says of it")
    return failure_words(job.title, KILLED.format(rule=job.rule))


def show_failures(console: Console, found: Mapping[str, str]) -> None:
    """Print what went wrong under one heading, and what no job explained before it."""
    for record in console.held:
        if len(found) < len(console.failed):
            console.screen.handle(record)
    console.say(f"\nWhat went wrong ({len(found)}):\n" + "\n".join(found.values()))


def write_run(
    console: Console, status: str, found: Mapping[str, str], jobs: Jobs | None = None
) -> None:
    """Write how the run ended to results/run.json.

    Args:
        status: succeeded, nothing to do, failed, refused, or interrupted.
        found: see ``failures``.
    """
    ended = datetime.datetime.now(datetime.UTC)
    told = {
        "status": status,
        "started": console.started.isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "seconds": round((ended - console.started).total_seconds(), 1),
        "entries": _entries(jobs, console, status, found) if jobs else {},
        "errors": [_error(words) for words in found.values()],
    }
    RUN.parent.mkdir(exist_ok=True)
    write_json(RUN, told)


def expect_end(console: Console) -> None:
    """Write results/run.json also when a run is refused before any job, or interrupted."""

    def end() -> None:
        if console.ended or console.dry:
            return
        if console.refused:
            write_run(console, "refused", {"": f"configuration\n  {console.refused}"})
        elif console.jobs:
            write_run(console, "interrupted", {})

    atexit.register(end)


def _entries(
    jobs: Jobs, console: Console, status: str, found: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    ran = {job.entry for job in console.jobs.values()}
    entries = {}
    for name in jobs.entries:
        errors = [_error(w) for title, w in found.items() if name in title.split()]
        good = "published" if status == "succeeded" else "made, not published"
        state = "failed" if errors else good if name in ran else "unchanged"
        seconds = round(console.seconds.get(name, 0), 1)
        entries[name] = {"state": state, "seconds": seconds} | (errors[0] if errors else {})
    return entries


def _error(words: str) -> dict[str, str]:
    title, _, text = words.strip().removeprefix("✗ ").partition("\n")
    error, _, remedy = text.partition("\n    → ")
    lines: Iterable[str] = (line.strip() for line in error.splitlines())
    return {"job": title, "error": "\n".join(lines), "remedy": " ".join(remedy.split())}

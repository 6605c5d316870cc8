"""What went wrong in a run, once each: what each failed job says, and each check that fails."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from diffusion.base.joblog import failure_in, failure_words
from diffusion.check.outcome import failures_of, remedy
from diffusion.config.names import RULES
from diffusion.config.remedies import merged
from diffusion.errors import ChecksError, DiffusionError
from diffusion.run.console import Console
from diffusion.run.told_job import Job, written_at

KILLED = (
    "the job was killed before it could say why; most often the machine had no memory left\n"
    "  → run `snakemake` again; with more memory for its jobs if it stays: "
    "--set-resources {rule}:mem_mb=8000"
)
NOT_BEGUN = (
    "its Python ended before the job began: what it said stands above, such as a module that is "
    "not installed\n  → run `make install`, which puts the libraries of the lock in place, and "
    "`snakemake` again; `git status` shows code that was changed"
)
BY_ITSELF = "returned non-zero exit status"  # in Snakemake's words; a killed process died
ABOVE = "it failed in a process of its own: what that said stands above"
PUBLISH = ("publish_sources", "publish_derived")
CODE = re.compile(r"(?P<said>[^\n]*) \[(?P<code>[a-z-]+)\]:?(?:\n|$)")  # of errors.py
ENTRY = re.compile(r"(?:sources|derive)\.(\w+)")


class Failure(NamedTuple):
    """What went wrong with an entry, in the words that users see; no entry: with all of them."""

    entry: str
    words: str


def failures(console: Console, checked: Mapping[str, Iterable[DiffusionError]]) -> list[Failure]:
    """Return what went wrong.

    Args:
        checked: the failed checks of each table whose results are of what it is now.
    """
    found = [
        Failure(job.entry, _words(job, console))
        for job in console.failed.values()
        if not is_told_by_checks(job, checked)
    ]
    for name, problems in checked.items():
        found.append(
            Failure(name, failure_words(f"check_table {name}", "\n".join(map(str, problems))))
        )
    return found


def is_told_by_checks(job: Job, checked: Mapping[str, object]) -> bool:
    """Return whether a job refused to publish what fails its checks, which are told apart."""
    concerned = set(checked) if job.rule == "publish_sources" else {job.entry} & set(checked)
    return job.rule in PUBLISH and bool(concerned)


def check_problems(
    where: str,
    results: Mapping,
    path: Path,
    places: Mapping[tuple[str, ...], str],
    entry: Mapping[str, Any],
) -> list[DiffusionError]:
    """Return the failed checks of a table, each at its place in the configuration.

    Args:
        where: ``sources.<name>`` or ``derive.<name>``.
        results: see ``check.checks.summary``.
        path: the file that holds them.
        places: file and line of each key, see ``config.positions``.
        entry: what is declared of it, see ``typed.flat_entry``.
    """
    found = failures_of(results)
    problems: list[DiffusionError] = []
    mend = remedy([path], found, are_derived=where.startswith("derive."))
    for number, (kind, words) in enumerate(found.items(), start=1):
        key = f"{where}.checks.{kind}"
        place = places.get(tuple(key.split("."))) or places.get(tuple(where.split(".")))
        fix = mend if number == len(found) else ""  # it is the same for all
        at = f"{key} ({place})" if place else key
        problems.append(ChecksError(at, merged(words, entry), fix))
    return problems


def _words(job: Job, console: Console) -> str:
    """Return what a job wrote before it ended; one that was killed wrote nothing."""
    for path, written in written_at(job.logs).items():
        words = failure_in(Path(path).read_text("utf-8", "replace"))
        if words and written != job.written.get(path):  # not those of an earlier run
            return words
    if any("://" in path for path in job.logs):  # of a pod, whose reason was told when it ended
        return failure_words(job.title, f"its words stand above; see also {', '.join(job.logs)}")
    if job.rule not in RULES:  # it was added by a team
        logs = f"\n  → see {', '.join(job.logs)}" if job.logs else ""
        return failure_words(job.title, ("\n".join(job.said) or ABOVE) + logs)
    is_killed = BY_ITSELF not in "".join(job.said)
    return failure_words(job.title, KILLED.format(rule=job.rule) if is_killed else NOT_BEGUN)


def errors_of(failure: Failure) -> Iterator[dict[str, Any]]:
    """Yield each error of a failure as results/run.json has it."""
    title, _, text = failure.words.strip().removeprefix("✗ ").partition("\n")
    lines = text.rstrip().splitlines()
    starts = [i for i, line in enumerate(lines) if i == 0 or _begins(line, lines[i - 1])]
    errors = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = "\n".join(line.strip() for line in lines[start:end]).strip()
        said, _, fix = block.partition("\n→ ")
        where, colon, error = said.partition(": ")
        where, error = (where, error) if colon and "\n" not in where else ("", said)
        entry = failure.entry or (m[1] if (m := ENTRY.match(where)) else "")
        code, error = _code_apart(error)
        one = {"entry": entry, "job": title, "code": code, "where": where, "error": error}
        errors.append(one | {"remedy": fix})
    for one in errors:  # checks of a table have one remedy, which stands last
        yield one | {"remedy": one["remedy"] or errors[-1]["remedy"]}


def _code_apart(error: str) -> tuple[str, str]:
    """Return the code at the end of an error's first line, empty if it has none, and the rest."""
    match = CODE.match(error)
    return (match["code"], match["said"] + error[match.end("code") + 1 :]) if match else ("", error)


def _begins(line: str, before: str) -> bool:
    """Return whether a line begins another error: of the configuration, or another failed check."""
    if not before.strip():
        return bool(line.strip()) and line.startswith("  ") and not line.startswith("   ")
    return bool(re.match(r"  (sources|derive)\.\w+\.checks\.\w+( \(.*\))?: ", line))

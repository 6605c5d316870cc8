"""A try of one source: a sample is fetched, converted by the code of a run, shown and dropped."""

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from diffusion.check.checks import run_checks, summary
from diffusion.check.outcome import failures_of
from diffusion.config.model import Source
from diffusion.config.partitions import count_partitions, parse_partition
from diffusion.convert.stages import convert_table
from diffusion.fetch.hosts import HOSTS
from diffusion.fetch.sample import Sample, fetch_sample
from diffusion.raw.inputs import RawInput
from diffusion.run.notes import notes
from diffusion.run.preview import preview
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits

MEMORY = 2000  # MiB, as a job that converts has
# what says why one waits
AT_ONCE = ("diffusion.fetch.client", "diffusion.fetch.hosts", "diffusion.storage")
ELSEWHERE = "diffusion.convert.counts"  # told by `notes`


@dataclass(frozen=True)
class Trial:
    """What is to be tried: a source, one of its partitions, and how much to fetch and show."""

    name: str
    source: Source
    partition: str
    rows: int
    whole: bool = False


def try_source(trial: Trial) -> Generator[tuple[str, bool]]:
    """Yield what is found, in words, and whether it is well; nothing is frozen, kept or published.

    Raises:
        DiffusionError: as a run would end.
    """
    name, source = trial.name, trial.source
    with _leaving_nothing() as folder, _warnings() as warned:
        place, table = folder, folder / f"{name}.parquet"
        sample = fetch_sample(name, source, trial.partition, place, trial.whole)
        yield _heading(trial, sample), True
        limits = Limits(MEMORY, min(os.cpu_count() or 1, 4), place / "scratch")
        convert_table(name, source, [_input(trial.partition, sample)], table, limits)
        noted = facts_of(table)["noted"]
        yield preview(table, source, trial.rows), True
        if not sample.is_whole:
            yield "· types that were found hold for these rows: a run proves them over all", True
        for words in [*(f"! {words}" for words in warned), *notes(name, noted)]:
            yield words, True
        yield from _checks(trial, sample, table, limits)


def _heading(trial: Trial, sample: Sample) -> str:
    partition = "" if trial.partition == "all" else f" {trial.partition}"
    first = f"{trial.name}{partition}: a try, nothing is frozen and no vintage is spent"
    return "\n".join([first, f"asked {sample.asked}", *sample.told, ""])


def _input(partition: str, sample: Sample) -> RawInput:
    digest = "+".join(file.sha256 for file in sample.files)
    names, paths = [f.name for f in sample.files], [f.path for f in sample.files]
    facts = sample.facts
    axes = parse_partition(partition)
    return RawInput(partition, axes, names, paths, digest, facts["url"], facts.get("records"))


def _checks(
    trial: Trial, sample: Sample, table: Path, limits: Limits
) -> Iterator[tuple[str, bool]]:
    """Make the checks that a part of the rows can fail; the others wait for the whole table."""
    source = trial.source
    checks = msgspec.structs.replace(source.checks, foreign_keys={})
    is_whole = sample.is_whole and count_partitions(source.partitions) == 1
    if not is_whole:
        checks = msgspec.structs.replace(checks, rows=(1, None))
    results = summary(run_checks(table, checks, {}, limits))
    failed = failures_of(results)
    for kind, words in failed.items():
        yield f"✗ sources.{trial.name}.checks.{kind}: {words}", False
    for result in results["results"]:
        if not result["passed"] and result["level"] == "warn":
            yield f"! {result['check']}: {result['found']}", True
    left = [] if is_whole else ["rows"]
    left += ["foreign_keys"] if source.checks.foreign_keys else []
    apart = f" (not made on a try: {', '.join(left)})" if left else ""
    if not failed:
        yield f"✓ checks passed{apart}", True


@contextmanager
def _leaving_nothing() -> Iterator[Path]:
    """Give a folder for what comes, away from what runs keep; and leave the project's as it was."""
    is_new = not HOSTS.parents[1].exists()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        with tempfile.TemporaryDirectory(prefix="diffusion-try-") as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)
        if is_new:  # the locks of hosts are there, unless a run began meanwhile
            shutil.rmtree(HOSTS, ignore_errors=True)
            with suppress(OSError):
                HOSTS.parents[0].rmdir()
                HOSTS.parents[1].rmdir()


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collect the warnings; those of waiting for a server are told at once."""
    found: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.startswith(AT_ONCE):
                print(f"… {record.getMessage()}", flush=True)
            elif record.name != ELSEWHERE:
                found.append(record.getMessage())

    handler = Collecting(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)

"""A try of one source: a sample is fetched, converted by the code of a run, shown and dropped."""

import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from diffusion.check.checks import run_checks, summary
from diffusion.check.outcome import failures_of
from diffusion.config.fetching import expanded
from diffusion.config.model import Source
from diffusion.config.partitions import count_partitions
from diffusion.config.remedies import merged, remedies_merged
from diffusion.config.typed import flat_entry
from diffusion.convert.stages import convert_table
from diffusion.fetch.sample import Sample, fetch_sample
from diffusion.fetch.secret import secret_hidden, without_secret_of
from diffusion.run.heartbeat import Heartbeat, heartbeat
from diffusion.run.notes import notes, null_notes
from diffusion.run.preview import preview
from diffusion.run.trial_words import in_words_of_a_try, words_of_a_try
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


def try_source(trial: Trial, say: Callable[[str], None], sample: Sample | None = None) -> bool:
    """Say what is found, as it is found; return whether it is well. Nothing is kept or published.

    Args:
        sample: of the source, if one has come already: nothing is asked then.

    Raises:
        DiffusionError: as a run would end, in the words of a try.
    """

    def tell(words: str) -> None:
        say(without_secret_of(trial.source.fetch, merged(words, entry)))

    entry = flat_entry(trial.source)
    fetch = expanded(trial.source.fetch)
    trial = replace(trial, source=msgspec.structs.replace(trial.source, fetch=fetch))
    with leaving_nothing() as folder, warnings_collected(tell) as warned:
        try:
            with _in_words(trial.source, entry), heartbeat(tell) as heart:
                sample = sample or _asked(trial, folder, tell, heart)
                tell("\n".join([*sample.told, ""]))
                return _shown(trial, sample, folder, tell, heart, warned)
        finally:
            _tell_warnings(warned, tell)  # they may say why it failed


def _asked(trial: Trial, folder: Path, tell: Callable[[str], None], heart: Heartbeat) -> Sample:
    partition = "" if trial.partition == "all" else f" {trial.partition}"
    tell(f"{trial.name}{partition}: a try, nothing is frozen and no vintage is spent")
    heart.doing = "asking"
    given = (trial.name, trial.source, trial.partition, folder, trial.whole, tell)
    return fetch_sample(*given)


def _shown(
    trial: Trial,
    sample: Sample,
    place: Path,
    tell: Callable[[str], None],
    heart: Heartbeat,
    warned: list[str],
) -> bool:
    name, source, table = trial.name, trial.source, place / f"{trial.name}.parquet"
    heart.doing = "making a table of it"
    limits = Limits(MEMORY, min(os.cpu_count() or 1, 4), place / "scratch")
    convert_table(name, source, [sample.as_input(trial.partition, source)], table, limits)
    facts = facts_of(table)
    noted = facts["noted"]
    heart.doing = "checking"
    hidden = partial(without_secret_of, source.fetch)
    tell(preview(table, source, trial.rows, hidden))
    if not sample.is_whole:
        tell("· types that were found hold for these rows: a run proves them over all")
    _tell_warnings(warned, tell)
    for words in chain(notes(name, noted), null_notes(name, noted, facts["rows"])):
        tell(words)
    found = list(_checks(trial, sample, table, limits))
    tell("\n".join(words for words, _ in found))
    return all(well for _, well in found)


@contextmanager
def _in_words(source: Source, entry: Mapping[str, Any]) -> Iterator[None]:
    """Let errors fit a try and its configuration, and show no secret."""
    with secret_hidden(source.fetch), in_words_of_a_try(), remedies_merged(entry):
        yield


def _tell_warnings(warned: list[str], tell: Callable[[str], None]) -> None:
    while warned:
        tell(f"! {words_of_a_try(warned.pop(0))}")


def _checks(
    trial: Trial, sample: Sample, table: Path, limits: Limits
) -> Iterator[tuple[str, bool]]:
    """Make the checks that a part of the rows can fail; the others wait for the whole table."""
    source = trial.source
    checks = source.checks.alone
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
    left += ["sql"] if source.checks.sql != source.checks.alone.sql else []
    apart = f" (not made on a try: {', '.join(left)})" if left else ""
    if not failed:
        yield f"✓ checks passed{apart}", True


@contextmanager
def leaving_nothing() -> Iterator[Path]:
    """Give a folder for what comes, away from what runs keep."""
    # as Ctrl-C; a `nohup` stays one
    ending = [s for s in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) != signal.SIG_IGN]
    before = {number: signal.signal(number, signal.default_int_handler) for number in ending}
    try:
        with tempfile.TemporaryDirectory(prefix="diffusion-try-") as folder:
            yield Path(folder)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def warnings_collected(tell: Callable[[str], None]) -> Iterator[list[str]]:
    """Collect the warnings; those of waiting for a server are told at once."""
    found: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.startswith(AT_ONCE):
                tell(f"… {record.getMessage()}")
            elif record.name != ELSEWHERE:
                found.append(record.getMessage())

    handler = Collecting(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)

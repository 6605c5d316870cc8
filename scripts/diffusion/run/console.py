"""The terminal of a run: a line a table as it is made, what is under way, what went wrong last.

Snakemake's own words of each job go to its log in .snakemake/log as ever, and to the terminal with
`--verbose`. Here stands what a user asks of a run: what is done, how far it is, why it stopped.
"""

import datetime
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from diffusion.base.joblog import TOLD_BY_RUN
from diffusion.config.load import read_config
from diffusion.errors import DiffusionError, names_of_all
from diffusion.run.plan import jobs_line, plan_words
from diffusion.run.progress import last_progress
from diffusion.run.speech import Speech
from diffusion.run.told_job import Job, job_of

SILENT = {
    LogEvent.PROGRESS,
    LogEvent.JOB_STARTED,
    LogEvent.SHELLCMD,
    LogEvent.RESOURCES_INFO,
    LogEvent.WORKFLOW_STARTED,
}
# what Snakemake 9.27 says without an event, and what a user need not read
NOISE = (
    "Using shell", "Conda environments: ignored", "Singularity containers", "Select jobs",
    "Building", "Complete log", "Elapsed time", "Exiting because", "Assuming unrestricted",
)  # fmt: skip
# how Snakemake names the line of the Snakefile, and of the library, that raised an error for users
PLACE = re.compile(r'^\w+ in file ".*", line \d+:\n|\n  File ".*", line \d+, in .*')
UNREAD = (
    "Config file is not valid JSON or YAML", "codec can't decode", "is not present or accessible",
    "with keys at top level", "Is a directory: 'config", "Permission denied: 'config",
)  # fmt: skip
NOTHING_ELSE = "Nothing is to be made. Nothing was run (-n)."
CONFIG = Path("config/config.yaml")
TABLES = ("convert_table", "combine_parts", "derive_table", "check_table", "draw_figure")
LONGEST_SILENCE = 60  # seconds


def _unread(path: Path) -> str:
    """Return why a configuration file cannot be read, in this project's words; empty if it can."""
    try:
        if read_config(path):
            return ""
    except DiffusionError as error:
        return str(error)
    return f"{path}: holds no keys\n  → write `project:`, `sources:` and what belongs to them"


class Console(logging.Handler):
    """Stands before Snakemake's own handler for the terminal, and says less.

    Attributes:
        jobs: all jobs that began, by Snakemake's number. running, failed: those that are.
        stopped: by an interruption.
        seconds: how long the jobs of each entry took.
        refused: the error that stopped the run before any job, or nothing.
        targets: the entries that are asked for by name, each of which is a rule without a job.
        silent: only what went wrong is said.
        of_target: says of Snakemake's words that a target is none.
        pending: what a plan (`-n`) says first: what would be published again as it is.
        order: the entries as the configuration has them, in which a plan tells of them.
        alone: whether no other run is under way in this folder, whose results/run.json would be.
    """

    def __init__(self, screen: logging.Handler, speech: Speech):
        """Args: Snakemake's handler for the terminal, and what is said in its place."""
        super().__init__()
        self.screen, self.shows, self.dry = screen, speech.shows, speech.dry
        self.silent = speech.silent
        self.jobs: dict[int, Job] = {}
        self.running: dict[int, Job] = {}
        self.failed: dict[int, Job] = {}
        self.stopped: dict[int, Job] = {}
        self.seconds: dict[str, float] = {}
        self.started = datetime.datetime.now(datetime.UTC)
        # what Snakemake says of a job that failed, by the thread, before it says which job that is
        self._said: dict[int | None, list[str]] = {}
        self.refused = ""
        self.ended = self.interrupted = False
        self.alone = True
        self.pending: list[str] = []
        self.order: Sequence[str] = ()
        self.describe: Callable[[Job], str | None] = lambda job: None
        self.is_told_already: Callable[[Job], bool] = lambda job: False
        self.nothing_to_do: Callable[[], None] = lambda: None
        self.targets: Collection[str] = ()
        self.of_target: Callable[[str], str] = lambda words: ""
        self._stop = threading.Event()
        if not self.dry:
            os.environ[TOLD_BY_RUN] = "1"

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        notes: dict[Any, Callable[[Any], bool]] = {
            LogEvent.JOB_INFO: self._began,
            LogEvent.JOB_FINISHED: self._finished,
            LogEvent.JOB_ERROR: self._failed,
            LogEvent.ERROR: self._error,
            LogEvent.RUN_INFO: self._stats,
        }
        note = notes.get(event)
        passed_on = note(record) if note else event not in SILENT and self._message(record)
        if self.silent and passed_on and record.levelno >= logging.ERROR:
            self.complain(record.getMessage())  # its own handler would say nothing
        elif passed_on or not self.shows:
            self.screen.handle(record)

    def say(self, words: str) -> None:
        """Print to the terminal, also where Snakemake speaks for itself, but not if silent."""
        if not self.silent:
            self.complain(words)

    def complain(self, words: str) -> None:
        """Print what went wrong to the terminal: nothing silences that."""
        stream = getattr(self.screen, "stream")  # noqa: B009 - Snakemake's handler has one
        with suppress(OSError):  # nobody reads any more (`| head`): the run goes on
            print(words, file=stream, flush=True)

    def _tell(self, words: str) -> None:
        if self.shows:
            self.say(words)

    def _complain_in_place(self, words: str) -> None:
        """Print an error that Snakemake prints itself where it speaks for itself."""
        if self.shows:
            self.complain(f"\n✗ {words}\n")

    def finished(self) -> list[Job]:
        """Return the jobs that did what they were to do."""
        others = {**self.running, **self.failed, **self.stopped}
        return [job for job in self.jobs.values() if job.id not in others]

    def interrupt(self) -> None:
        """Note that the run is being stopped: jobs that end from here on are no failures."""
        self.interrupted = True

    def refuse(self, error: DiffusionError) -> None:
        """End the run where Snakemake would swallow an error."""
        self.refused = str(error)
        self._complain_in_place(self.refused)
        raise SystemExit(1)

    def watch(self) -> None:
        """Tell every now and then how far the jobs are that take long."""
        if self.shows:
            threading.Thread(target=self._tell_progress, daemon=True).start()

    def end(self) -> None:
        """Stop watching; what Snakemake says of jobs after this was said better."""
        self.ended = True
        self._stop.set()

    def _tell_progress(self) -> None:
        while not self._stop.wait(1):
            for job in list(self.running.values()):
                now = time.monotonic()
                if now - max(job.told, job.started) >= job.pause:
                    job.told, job.pause = now, min(2 * job.pause, LONGEST_SILENCE)
                    found = last_progress(job.logs) or "under way"
                    self.say(f"… {job.title}: {found}, {now - job.started:.0f} s so far")

    def _message(self, record: logging.LogRecord) -> bool:
        words = record.getMessage().strip()
        if words.startswith("Nothing to be done"):
            self._tell("\n".join([*self.pending, NOTHING_ELSE]) if self.pending else words)
            self.nothing_to_do()
            return False
        if words.startswith("Terminating processes on user request"):
            self.interrupted = True
            return False
        quiet = self.dry and record.levelno < logging.WARNING
        return bool(words) and not quiet and not words.startswith(NOISE)

    def _stats(self, record: Any) -> bool:
        stats = {rule: n for rule, n in record.stats.items() if rule not in self.targets}
        if not self.dry:
            self._tell(jobs_line(stats))
        elif self.jobs:  # Snakemake says it before and after the jobs
            words = plan_words(stats, self.jobs.values(), self.order)
            self._tell("\n".join([*self.pending, *words]))
        return False

    def _began(self, record: Any) -> bool:
        job = job_of(record)
        self.jobs[job.id] = self.running[job.id] = job
        return False

    def _finished(self, record: Any) -> bool:
        job = self.running.pop(record.job_id, None)
        self.failed.pop(record.job_id, None)  # an earlier attempt of it
        if not job:
            return False
        self._count(job)
        if job.rule in TABLES and (words := self.describe(job)):
            self._tell(words)
        return False

    def _count(self, job: Job) -> None:
        spent = self.seconds.get(job.entry, 0)
        self.seconds[job.entry] = spent + time.monotonic() - job.started

    def _failed(self, record: Any) -> bool:
        said = self._said.pop(record.thread, [])
        if job := self.running.pop(record.jobid, None) or self.jobs.get(record.jobid):
            self._count(job)
            if self.interrupted:
                self.stopped[job.id] = job
                return False
            job.logs, job.said = list(record.log) or job.logs, said
            self.failed[job.id] = job
            if not self.is_told_already(job):
                self._tell(f"✗ {job.title} failed")
        return job is None

    def _error(self, record: Any) -> bool:
        if self.jobs and record.exception in ("RuleException", "CalledProcessError"):
            self._said.setdefault(record.thread, []).append(record.getMessage())
            return False
        if self.ended and record.exception == "WorkflowError":
            return False  # "At least one job did not complete successfully."
        words = _unread(CONFIG) if any(s in record.getMessage() for s in UNREAD) else ""
        if record.exception == "MissingRuleException":
            words = self.of_target(record.getMessage())
        if not words and (self.jobs or record.exception not in names_of_all()):
            self.refused = self.refused or record.getMessage()
            return True
        self.refused = words or PLACE.sub("", record.getMessage())
        self._complain_in_place(self.refused)
        return False

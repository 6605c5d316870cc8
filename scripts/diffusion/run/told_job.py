"""A job as Snakemake tells of it, for the terminal."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST_WORD = 10  # seconds


@dataclass
class Job:
    """One job, as Snakemake told of it."""

    id: int
    rule: str
    entry: str
    batch: str
    logs: list[str]
    reason: str
    written: dict[str, int]  # when its logs were, before it began
    started: float = field(default_factory=time.monotonic)
    told: float = 0
    pause: float = FIRST_WORD
    said: list[str] = field(default_factory=list)  # what Snakemake says of its failure

    @property
    def title(self) -> str:
        return " ".join(filter(None, (self.rule, self.entry, self.batch)))


def job_of(record: Any) -> Job:
    """Return the job of Snakemake's event JOB_INFO."""
    wildcards = dict(record.wildcards or {})
    batch = wildcards.pop("batch", "")
    entry = " ".join(wildcards.values())
    batch = "" if batch == "all" else batch
    logs = list(record.log)
    return Job(record.jobid, record.rule_name, entry, batch, logs, record.reason, written_at(logs))


def written_at(logs: Iterable[str]) -> dict[str, int]:
    """Return when logs were written that can be read here, in nanoseconds."""
    return {path: Path(path).stat().st_mtime_ns for path in logs if Path(path).is_file()}

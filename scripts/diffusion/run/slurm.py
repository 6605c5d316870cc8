"""What a killed run left behind in Slurm: Snakemake forgets its jobs, which go on writing.

A run is known by its ID, which snakemake-executor-plugin-slurm 2.8.0 logs when it starts and gives
to all its jobs as their name. tests/workflow/test_workarounds.py looks for that line in the plugin.
"""

import logging
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from diffusion.errors import ClusterError

logger = logging.getLogger(__name__)
LOGS = Path(".snakemake/log")
RUN_ID = re.compile(r"^SLURM run ID: (\S+)", re.MULTILINE)
# what stands in a log once a job was submitted: its number, or the folder of its own log
SUBMITTED = re.compile(r"\bSLURM job ?ID\b|/slurm_logs/", re.IGNORECASE)
RECENT = 20  # logs; Slurm's own limit on a job's time is far shorter than as many runs
PATIENCE = 120  # seconds; Slurm gives a job 30 to end, by default


def cancel_leftovers() -> None:
    """Cancel the jobs of earlier runs of this folder, and wait until they are gone.

    To be called when Snakemake holds its lock: no other run of this folder is then alive, and
    whatever still runs would write the files of the jobs that are about to start.

    Raises:
        DiffusionError: Slurm does not answer, the jobs do not end, or nobody knows which they are.
    """
    if not shutil.which("squeue"):
        return
    runs = {name for log in sorted(LOGS.glob("*.snakemake.log"))[-RECENT:] for name in _runs(log)}
    if not runs:
        return
    deadline = time.monotonic() + PATIENCE
    if jobs := _jobs(runs):
        logger.warning("Jobs of a run that was killed are still there and are cancelled: %s", jobs)
        _ask("scancel", *jobs)
    while jobs := _jobs(runs):
        if time.monotonic() > deadline:
            fix = "wait until `squeue --me` shows them no more, then run again"
            raise ClusterError("Slurm", f"cancelled jobs do not end: {', '.join(jobs)}", fix)
        time.sleep(1)


def _runs(log: Path) -> list[str]:
    """Return the run ID in a log, if it is of a run on Slurm."""
    words = log.read_text("utf-8", "replace")
    runs = RUN_ID.findall(words)
    if not runs and SUBMITTED.search(words):
        found = "jobs were submitted to Slurm by a run without `SLURM run ID: …`"
        fix = (
            "another version of the executor? Jobs of that run may still be writing: cancel those "
            "that `squeue --me` shows of this folder, remove this log, then run again"
        )
        raise ClusterError(str(log), found, fix)
    return runs


def _jobs(runs: Iterable[str]) -> list[str]:
    """Return the ids of the jobs of some runs that wait, run or end; a run names its jobs."""
    return _ask("squeue", "--me", "--noheader", f"--name={','.join(runs)}", "--format=%A").split()


def _ask(program: str, *arguments: str) -> str:
    command = [shutil.which(program) or program, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or str(error)
        fix = "run again when `squeue` works: jobs of an earlier run may still be writing"
        raise ClusterError("Slurm", f"{program} failed: {output.strip()}", fix) from error
    return done.stdout

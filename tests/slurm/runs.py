"""Projects that run on Slurm, and what the tests ask of it while they run."""

import os
import re
import signal
import subprocess
from pathlib import Path

from private_slurm import Slurm
from projects import Project
from watching import wait_for

# the profiles' own settings but for waiting: for people 20 s before the first question is right
QUICK = ["--slurm-init-seconds-before-status-checks", "3", "--latency-wait", "5", "--cores", "8"]
PATIENCE = 360  # seconds for one run; a run that waits for ever ends here, and the test fails


class Run:
    """A Snakemake at work, in the background."""

    def __init__(self, process: subprocess.Popen, log: Path):
        self.process, self.log = process, log

    @property
    def words(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def name(self) -> str:
        """The name of all its Slurm jobs, as a user reads it from the log."""
        return wait_for("a run ID", lambda: re.search(r"SLURM run ID: (\S+)", self.words))[1]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to Snakemake itself: the only child of `timeout`."""
        pid = self.process.pid
        os.kill(int(Path(f"/proc/{pid}/task/{pid}/children").read_text()), number)

    def end(self) -> int:
        """Wait until it has ended; returns its exit code, 124 when it had to be ended."""
        return self.process.wait(PATIENCE + 20)


class ClusterProject(Project):
    """A project whose runs go to Slurm, each under `timeout`: a hang ends and is a failure."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.runs: list[Run] = []

    def command(self, *arguments: str, profile: str = "profiles/slurm") -> list[str]:
        command = super().command(*QUICK, *arguments, profile=profile)
        return ["timeout", "-k", "10", str(PATIENCE), *command]

    def snakemake(self, *arguments: str, profile: str = "profiles/slurm", timeout: int = 400):
        return super().snakemake(*arguments, profile=profile, timeout=timeout)

    def start(self, *arguments: str, **settings: str) -> Run:
        """Start Snakemake in the background."""
        log = self.folder / f"run-{len(self.runs)}.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                self.command(*arguments, **settings),
                cwd=self.folder,
                env=self.variables(),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.runs.append(Run(process, log))
        return self.runs[-1]


def running_step(slurm: Slurm, run: Run, job_of: str) -> str:
    """Wait until the inner step of one of a run's jobs runs; returns the job's id.

    Args:
        job_of: rule and wildcards, as in ``convert_table_wildcards_plain``.
    """
    name = run.name

    def find() -> str | None:
        table = slurm.ask(f"squeue -h -t R --name={name} -o %k|%A").splitlines()
        job = dict(line.split("|") for line in table).get(f"rule_{job_of}")
        return job if job and f"{job}.0" in slurm.ask(f"squeue -h -s -j {job} -o %i") else None

    return wait_for(f"a running step of {job_of}", find)


def told_by_slurm(slurm: Slurm, job: str) -> str:
    """Return all that any user of the cluster can see of a job: Slurm's tables and `ps`."""
    shown = [slurm.ask(f"scontrol show job -dd {job}"), slurm.ask(f"sacct -P -j {job} -o ALL")]
    script = slurm.ask(f"scontrol write batch_script {job} -")
    assert "snakemake" in script, "the job script was not shown"
    processes = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    assert any(b"slurm-jobstep" in words for words in processes), "the job is not in `ps`"
    return "\n".join([*shown, script, *(p.decode("utf-8", "replace") for p in processes)])

"""Leftover jobs on Slurm are found by the run ID in Snakemake's log, or the run stops.

tests/slurm kills real runs; here are the words of their logs, and a stand-in of `squeue`.
"""

from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.run.slurm import LOGS, cancel_leftovers

# of Snakemake 9.27.1 with snakemake-executor-plugin-slurm 2.8.0
PLAN = """\
Using shell: /usr/bin/bash
Provided remote nodes: 2
Select jobs to execute...
rule a:
    output: a
    resources: tmpdir=<TBD>, runtime=1, slurm_account=demo, slurm_partition=main, mem_mb=100
"""
RUN_ID = "SLURM run ID: d9022689-a876-4cd7-9742-2c6be0f29a29\n"
SUBMITTED = (
    "Job 0 has been submitted with SLURM jobid 123 "
    "(log: /home/me/project/.snakemake/slurm_logs/rule_a/123.log).\n"
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch) -> Path:
    """The log of an earlier run in this folder, where `squeue` notes what it is asked."""
    monkeypatch.chdir(tmp_path)
    LOGS.mkdir(parents=True)
    squeue = tmp_path / "bin" / "squeue"
    squeue.parent.mkdir()
    squeue.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{squeue.parent}:/usr/bin:/bin")
    return LOGS / "2026-11-26T042131.419059.snakemake.log"


def test_leftovers_are_looked_for_by_the_run_id(log):
    log.write_text("Building DAG of jobs...\n" + RUN_ID + PLAN + SUBMITTED)
    cancel_leftovers()
    assert "--name=d9022689-a876-4cd7-9742-2c6be0f29a29" in Path("asked").read_text()


@pytest.mark.parametrize(
    "submitted",
    [
        SUBMITTED,
        "Submitted array job with Snakemake IDs 1,2 and SLURM job ID 7. The individual task IDs "
        "are 1-2.\n",
        "Job 0 was handed over (log: /home/me/project/.snakemake/slurm_logs/rule_a/123.log).\n",
    ],
)
def test_jobs_without_a_run_id_stop_the_run(log, submitted):
    log.write_text("Building DAG of jobs...\nThe run is called x-1\n" + PLAN + submitted)
    with pytest.raises(DiffusionError) as caught:
        cancel_leftovers()
    assert caught.value.where == str(log)
    assert "`squeue --me`" in caught.value.fix
    assert "remove this log" in caught.value.fix


def test_a_run_elsewhere_leaves_nothing_on_slurm(log):
    """The resources of a profile for Slurm stand in the log of a local run, too."""
    log.write_text("Building DAG of jobs...\n" + PLAN)
    cancel_leftovers()
    assert not Path("asked").exists()

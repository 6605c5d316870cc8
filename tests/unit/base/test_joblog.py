"""How the process of a job ends: at once, once all that it began has ended."""

import os
import subprocess
import sys

import pytest

from projects import REPOSITORY

SCRIPT = """
import atexit, sys, tempfile, threading, time
from pathlib import Path
from diffusion.base.joblog import job_log
from diffusion.errors import DiffusionError
{snakemake}
class Late:
    def __del__(self):
        Path("late").touch()
late = Late()
late.itself = late  # found by Python's last search only
atexit.register(Path("at exit").touch)
folder = tempfile.TemporaryDirectory(dir=".", prefix="scratch-")
def last():
    time.sleep(0.2)
    Path("thread").touch()
threading.Thread(target=last).start()
with job_log("job.log", "fetch_raw dpe"):
    print("all that was said", end="")
    {does}
"""
AS_SCRIPT = "snakemake = object()"


@pytest.fixture
def run(tmp_path):
    def run(snakemake: str, does: str) -> tuple[int, str, set[str]]:
        """Return exit code, output, files."""
        code = SCRIPT.format(snakemake=snakemake, does=does)
        command = [sys.executable, "-c", code]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")}
        settings = {"capture_output": True, "text": True, "check": False, "timeout": 60}
        done = subprocess.run(command, cwd=tmp_path, env=environment, **settings)
        return done.returncode, done.stdout, {path.name for path in tmp_path.iterdir()}

    return run


def test_a_job_that_ended_well_leaves_once_all_is_ended_and_written(run):
    assert run(AS_SCRIPT, "pass") == (0, "all that was said", {"at exit", "job.log", "thread"})


def test_a_job_that_failed_ends_as_python_does(run):
    code, _, files = run(AS_SCRIPT, "raise DiffusionError('sources.dpe', 'not there')")
    assert (code, files) == (1, {"at exit", "job.log", "late", "thread"})


def test_other_processes_are_left_alone(run):
    assert "late" in run("", "pass")[2]

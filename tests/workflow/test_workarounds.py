"""Each workaround for Snakemake or a plugin: is the fault still there, on the ground we built on?

A test that fails is good news or a warning: the fault is mended (remove the workaround and its
test), or what the workaround holds on to has moved (mend it). Where a plugin is not installed, its
locked version must be the one that was looked at.
"""

import importlib.util
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from diffusion.run.interruption import SNAKEMAKE_LOCKS
from diffusion.run.slurm import RUN_ID, SUBMITTED
from projects import REPOSITORY

SEEN = {
    "snakemake": ("requirements", "9.27.1"),
    "snakemake-storage-plugin-s3": ("requirements", "0.3.6"),
    "snakemake-executor-plugin-slurm": ("requirements-slurm", "2.8.0"),
    "snakemake-executor-plugin-kubernetes": ("requirements-kubernetes", "0.5.1"),
}
NAMING = {
    "scripts/diffusion/run/kubernetes.py": "snakemake-executor-plugin-kubernetes",
    "scripts/diffusion/run/slurm.py": "snakemake-executor-plugin-slurm",
    "scripts/diffusion/run/preflight.py": "snakemake-storage-plugin-s3",
    "scripts/diffusion/run/interruption.py": "snakemake",
    "scripts/diffusion/run/workflow.py": "snakemake",
    "scripts/diffusion/run/plain_values.py": "snakemake",
    "scripts/diffusion/run/console.py": "snakemake",
    "scripts/diffusion/run/plan.py": "snakemake",
    "workflow/rules/common.smk": "snakemake",
    "profiles/slurm/config.yaml": "snakemake-executor-plugin-slurm",
    "profiles/s3/config.yaml": "snakemake-storage-plugin-s3",
}
ANCIENT = """
rule all:
    input: "published", "other", "late"

rule publish:
    input: ancient("other")
    output: "published"
    params: words=config["words"]
    shell: "echo {params.words} > {output}"

rule other:
    input: "source"
    output: "other"
    shell: "cp {input} {output}"

rule waits:
    input: ancient("late")
    output: "waited"
    shell: "touch {output}"

rule late:
    output: "late"
    shell: "touch {output}"
"""


@pytest.mark.parametrize("package", SEEN)
def test_the_locked_version_is_the_one_looked_at(package):
    """A newer version: see if the faults are still there, then write it here and in the code."""
    lock, seen = SEEN[package]
    assert f"\n{package}=={seen} " in (REPOSITORY / f"envs/{lock}.txt").read_text()


@pytest.mark.parametrize("path", NAMING)
def test_a_workaround_names_the_version(path):
    package = NAMING[path]
    seen = SEEN[package][1].removesuffix(".1") if package == "snakemake" else SEEN[package][1]
    name = "Snakemake" if package == "snakemake" else package
    assert f"{name} {seen}" in (REPOSITORY / path).read_text().replace("\n", " ")


def snakemake(folder: Path, *arguments: str) -> str:
    """Run Snakemake in a folder; returns its words."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    return done.stdout + done.stderr


def planned(folder: Path, *arguments: str) -> set[str]:
    words = snakemake(folder, "--dry-run", *arguments)
    return set(re.findall(r"^(?:local)?rule (\w+):$", words, re.MULTILINE))


def test_ancient_has_its_two_faults(tmp_path):
    """snakemake#4166, for `sources_receipt` in workflow/rules/common.smk."""
    (tmp_path / "Snakefile").write_text(ANCIENT)
    (tmp_path / "source").write_text("1")
    snakemake(tmp_path, "published", "other", "waited", "--config", "words=old")

    # `late` is as old as can be for `waits`, whose output is there
    (tmp_path / "late").unlink()
    targets = ("waited", "late")
    assert planned(tmp_path, *targets, "--config", "words=old") == {"late", "waits"}

    # `publish` has to run for its parameter; it is overlooked when `other` runs as well
    targets = ("published", "other")
    assert planned(tmp_path, *targets, "--config", "words=new") == {"publish"}
    (tmp_path / "source").write_text("2")
    assert planned(tmp_path, *targets, "--config", "words=new") == {"other"}


def test_locks_are_files_that_a_killed_run_leaves(tmp_path):
    """For `clear_stale_lock`; tests/faults/test_machine.py kills a run."""
    look = f"ls {SNAKEMAKE_LOCKS} > {{output}}"
    (tmp_path / "Snakefile").write_text(f'rule look:\n    output: "seen"\n    shell: "{look}"')
    snakemake(tmp_path)
    names = (tmp_path / "seen").read_text().split()
    assert names
    assert all(re.fullmatch(r"\d+\.(input|output)\.lock", name) for name in names)


def test_snakemake_still_says_that_it_was_stopped():
    """For run/console.py, which tells an interruption from a failure."""
    import snakemake.scheduling.job_scheduler as scheduler

    assert "Terminating processes on user request" in inspect.getsource(scheduler)


def test_the_s3_plugin_still_deletes_a_bucket_with_its_last_object():
    """For `.keep` in run/preflight.py."""
    from snakemake_storage_plugin_s3 import StorageObject

    assert "self.s3bucket().delete()" in inspect.getsource(StorageObject.remove)


def test_snakemake_still_waits_for_a_look_at_no_more_jobs():
    """For `end_with_the_last_job`; tests/workflow/test_contract.py sees what keeps a run."""
    import snakemake.scheduling.job_scheduler as scheduler

    source = inspect.getsource(scheduler.JobScheduler._schedule_reevalutation)
    assert "threading.Timer(" in source
    assert "daemon" not in source


def source_of(module: str) -> str:
    """Return a plugin's source; the test is skipped where it is not installed."""
    if not importlib.util.find_spec(module):
        pytest.skip(f"{module} is not installed here; its locked version is the one looked at")
    package = module.replace("_", "-")
    assert version(package) == SEEN[package][1]
    folder = Path(importlib.util.find_spec(module).origin).parent
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))


def test_the_slurm_executor_logs_its_run_id_before_it_submits():
    source = source_of("snakemake_executor_plugin_slurm")
    assert 'self.logger.info(f"SLURM run ID: {self.run_uuid}")' in source
    assert RUN_ID.findall("SLURM run ID: a-1") == ["a-1"]
    lines = re.findall(r'f"(Job \{job.jobid\} has been submitted [^"]*)"', source)
    lines += re.findall(r'f"(SLURM job ID \{slurm_jobid\}\.[^"]*)"', source)
    assert len(lines) == 2
    assert all(SUBMITTED.search(line) for line in lines)


def test_the_slurm_executor_still_needs_its_profile():
    """For `slurm-status-command` and `slurm-status-attempts` in profiles/slurm."""
    source = source_of("snakemake_executor_plugin_slurm")
    assert '"CANCELLED",' in source, "`CANCELLED by 1000`, as sacct says, is compared as a whole"
    assert "CANCELLED by" not in source
    attempts = re.search(r"status_attempts: .*?default=(\d+)", source, re.DOTALL)
    assert attempts[1] == "5"


def test_the_kubernetes_executor_has_its_faults():
    source = source_of("snakemake_executor_plugin_kubernetes")
    assert re.search(r"read_namespaced_pod_log\(.*?previous=True", source, re.DOTALL)
    assert source.count("self.unregister_secret()") == 1, "removed in `shutdown` only"
    assert "self.kubeapi.create_namespaced_secret(self.namespace, secret)" in source

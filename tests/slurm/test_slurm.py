"""The Slurm profiles on a real Slurm: what goes wrong on clusters, caused on purpose.

A job of a cluster takes ten seconds to start: each run carries what can be tried together.
"""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from private_slurm import Slurm, job_processes
from projects import Project, folder_state, job_counts
from runs import Run, running_step, told_by_slurm
from watching import objects, told_by_files, wait_for

pytestmark = pytest.mark.slurm


def tables(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the Parquet files among files or objects, by their last name."""
    return {name.rpartition("/")[2]: data for name, data in files.items() if "parquet" in name}


def published(project: Project) -> dict[str, bytes]:
    """Return the tables that a project published in its own folder."""
    files = folder_state(project.path("published")).items()
    return tables({name: data for name, (_, data) in files})


@pytest.fixture
def here(project):
    """What a configuration publishes when it is run on this machine, in local folders."""

    def run(config: dict) -> dict[str, bytes]:
        local = project(config | {"storage": {}}, name="here")
        local.run()
        return published(local)

    return run


def test_main_process_killed_terminated_and_resumed(on_slurm, plain, here, slurm, s3):
    """With a shared folder, keys in the environment; nothing half-published at any moment."""
    storage = {"url": "s3://lake/diffusion/shared", "raw": "s3://lake/raw/shared"}
    source = plain["sources"]["plain"]
    plain["sources"]["other"] = dict(source)
    plain["sources"]["plain"] = source | {"checks": {"foreign_keys": {"code": "other.code"}}}
    plain["derive"] = {"total": {"sql": "SELECT count(*) AS n FROM plain", "inputs": ["plain"]}}
    project = on_slurm(plain | {"storage": storage}, s3.environment())

    killed = project.start()
    job = running_step(slurm, killed, "convert_table_wildcards_plain")
    other = running_step(slurm, killed, "convert_table_wildcards_other")
    shown = told_by_slurm(slurm, job)
    for pid in job_processes(job) | job_processes(other):
        os.kill(pid, signal.SIGSTOP)  # else they may have ended when the next run looks
    killed.send(signal.SIGKILL)
    assert killed.end() != 0
    assert objects(s3, "diffusion/shared") == {}
    raw = objects(s3, "raw/shared")

    ended = project.start()  # the same command again
    running_step(slurm, ended, "check_table_wildcards_plain")
    assert re.search(rf"are cancelled: \['({job}|{other})', '({job}|{other})'\]", ended.words)
    assert [state for state, *_ in attempts(slurm, killed)["convert_table_wildcards_plain"]] == [
        "CANCELLED"
    ]
    ended.send(signal.SIGTERM)
    assert ended.end() not in (0, 124)
    assert not slurm.ask(f"squeue -h --name={ended.name} -t PD,R")
    assert objects(s3, "diffusion/shared") == {}

    words = project.run()
    assert "convert_table" not in job_counts(words), "what was done is not done again"
    assert "fetch_raw" not in job_counts(words)
    assert tables(objects(s3, "diffusion/shared")) == here(plain)
    assert objects(s3, "raw/shared") == raw
    shown += told_by_files(project.folder, slurm.logs) + words
    assert s3.secret_key not in shown
    assert s3.access_key not in shown


BUCKET = {"DIFFUSION_BUCKET": "lake", "DIFFUSION_PROJECT": "small"}


def test_without_a_shared_folder(on_slurm, plain, here, slurm, s3, tmp_path):
    """Intermediate results on S3, keys in ~/.aws."""
    files = aws_files(tmp_path / "aws", s3)
    storage = {"url": "s3://lake/diffusion/apart", "raw": "s3://lake/raw/apart"}
    project = on_slurm(
        plain | {"storage": storage},
        files | {"DIFFUSION_BUCKET": "lake", "DIFFUSION_PROJECT": "small"},
    )

    run = project.start(profile="profiles/slurm-s3")
    job = running_step(slurm, run, "convert_table_wildcards_plain")
    shown = told_by_slurm(slurm, job) + told_by_files(slurm.saved_job(job))
    assert run.end() == 0, run.words
    assert tables(objects(s3, "diffusion/apart")) == here(plain)
    assert "results/tables/plain.parquet" in "\n".join(objects(s3, "snakemake/small"))
    assert not list(project.folder.glob("results/**/*.parquet"))
    shown += told_by_files(project.folder, slurm.logs) + run.words
    assert s3.secret_key not in shown
    assert s3.access_key not in shown
    assert "Nothing to be done" in project.run(profile="profiles/slurm-s3")


def aws_files(folder, s3) -> dict[str, str]:
    """Write what stands in ~/.aws; returns the variables that name it."""
    folder.mkdir()
    keys = f"aws_access_key_id={s3.access_key}\naws_secret_access_key={s3.secret_key}\n"
    (folder / "credentials").write_text(f"[default]\n{keys}")
    when = "request_checksum_calculation=when_required\nresponse_checksum_validation=when_required"
    place = f"region=us-east-1\nendpoint_url={s3.endpoint}"
    (folder / "config").write_text(f"[default]\n{place}\n{when}\n")
    return {
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
    }


# too little for any job at first, enough at the second attempt; one minute, then two
LIMITS = {
    "mem_mb": "200 * attempt if wildcards.unbatched == 'big' else 2000 * attempt",
    "runtime": "attempt if wildcards.unbatched == 'slow' else 60 * attempt",
}


def halted(slurm: Slurm, run: Run, job_of: str) -> str:
    """Wait until one of a run's jobs runs and halt it; returns its id."""
    job = running_step(slurm, run, job_of)
    for pid in job_processes(job):
        os.kill(pid, signal.SIGSTOP)
    return job


def cause_faults(slurm: Slurm, run: Run) -> None:
    """Halt two jobs, cancel one, restart the controller, cut a node's power under another."""
    names = ("convert_table_wildcards_slow", "convert_table_wildcards_unlucky")
    with ThreadPoolExecutor() as pool:  # they start together, and either may be the first
        _, unlucky = pool.map(lambda name: halted(slurm, run, name), names)
    slurm.ask(f"scancel {unlucky}")
    running_step(slurm, run, "convert_table_wildcards_unlucky")
    slurm.stop_controller()
    time.sleep(8)
    slurm.start_controller()
    lost = running_step(slurm, run, "check_table_wildcards_unlucky")
    node = slurm.ask(f"squeue -h -j {lost} -o %N")
    slurm.kill_node(node)
    wait_for("a dead node", lambda: "NODE_FAIL" in slurm.ask(f"sacct -X -n -j {lost} -o State"))
    slurm.start_node(node)


def test_a_bad_day(on_slurm, plain, here, slurm):
    """Out of memory, out of time, cancelled, controller and node lost: it ends, published once."""
    source = plain["sources"].pop("plain")
    plain["sources"] = {name: dict(source) for name in ("big", "slow", "unlucky")}
    project = on_slurm(plain)
    Project(project.folder, plain).run()
    before = folder_state(project.path("published")), folder_state(project.path("raw"))
    for entry in plain["sources"].values():
        entry["drop"] = ["population"]
    plain["sources"]["unlucky"]["checks"] = {"foreign_keys": {"code": "slow.code"}}
    project.configure(plain)

    limits = (f"convert_table:{key}={value}" for key, value in LIMITS.items())
    # two at a time: a job that begins while the controller is away fails, and is tried once more
    run = project.start("--set-resources", *limits, "--set-threads", "convert_table=4")
    cause_faults(slurm, run)
    now = folder_state(project.path("published")), folder_state(project.path("raw"))
    assert now == before, "published while jobs were failing"

    assert run.end() == 0, run.words
    tries = attempts(slurm, run)
    assert tries["convert_table_wildcards_big"][0][1:] == ["200M", "01:00:00"]
    assert tries["convert_table_wildcards_big"][1][:2] == ["COMPLETED", "400M"]
    assert "OUT_OF_MEMORY" in slurm.ask(f"sacct -n -P -o State --name={run.name}")
    assert [t[0::2] for t in tries["convert_table_wildcards_slow"]] == [
        ["TIMEOUT", "00:01:00"],
        ["COMPLETED", "00:02:00"],
    ]
    states = [state for state, *_ in tries["convert_table_wildcards_unlucky"]]
    assert states == ["CANCELLED", "COMPLETED"]
    assert tries["check_table_wildcards_unlucky"] == [
        ["NODE_FAIL", "2000M", "01:00:00"],
        ["COMPLETED", "4000M", "02:00:00"],
    ]
    assert published(project) == here(plain)
    assert folder_state(project.path("raw")) == before[1]


def attempts(slurm: Slurm, run: Run) -> dict[str, list[list[str]]]:
    """Return state, memory and time limit of each attempt of each job, in order."""
    found: dict[str, list[list[str]]] = {}
    columns = "State,ReqMem,Timelimit,Comment"
    table = slurm.ask(f"sacct -X -n -P -o {columns} -S now-1hours --name={run.name}")
    for line in table.splitlines():
        state, *limits, comment = line.split("|")
        attempt = [state.split()[0], *limits]  # Slurm may add who cancelled it
        found.setdefault(comment.removeprefix("rule_"), []).append(attempt)
    return found

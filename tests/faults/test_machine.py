"""What happens to the machine and to the processes of a run."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest

from diffusion.run.interruption import RUN_HOST
from faults.base import VICTIM, Base, table
from faults.disk import filled, small_disk
from faults.gate import Gate
from faults.test_storage import VICTIM_PUBLISHED
from standins.faults import Fault
from standins.server import Standins

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
WORDS = {
    ("a job", signal.SIGKILL): "killed before it could say why",
    ("a job", signal.SIGTERM): "killed before it could say why",
    ("a job", signal.SIGINT): "nterrupt",  # our word for it, or DuckDB's
    ("Snakemake", signal.SIGTERM): "Interrupted: ",
    ("Snakemake", signal.SIGINT): "Interrupted: ",
}
LOGS = {
    "fetch": f"logs/fetch_raw/{VICTIM}",
    "convert": f"logs/convert_table/{VICTIM}",
    "put": "logs/publish_sources.log",
}


@pytest.fixture(scope="module")
def base(s3, tmp_path_factory):
    with Standins() as standins:
        yield Base(tmp_path_factory.mktemp("machine"), s3, standins, "faults-machine")


class Run:
    """Snakemake in the background, as a service or a pod starts it."""

    def __init__(self, project):
        self.output = project.path("words.txt")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                project.command(),
                cwd=project.folder,
                env=project.variables(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def job(self, stage: str) -> psutil.Process | None:
        """Return the process of the victim's job in one stage, if it runs."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):
                opened = " ".join(file.path for file in process.open_files())
                if LOGS[stage] in opened:
                    return process
        return None

    def wait_for(self, moment: Callable[[], object]) -> None:
        """Wait until a moment has come."""
        while not moment():
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.02)

    def words(self, timeout: int = 60) -> str:
        """Return what the run said, once it has ended with a failure."""
        assert self.process.wait(timeout) != 0
        return self.output.read_text()


def reach(run: Run, base: Base, gate: Gate, stage: str) -> psutil.Process:
    """Return the victim's job in the middle of its work."""
    asked = base.standins.requests
    begun = {
        "fetch": lambda job: any("victim" in path for _, path in asked),
        "convert": lambda job: job.cpu_times().user > 0.5,  # its imports take about as long
        "put": lambda job: gate.held.is_set(),
    }
    found = []

    def moment() -> bool:
        job = run.job(stage)
        if job and begun[stage](job):
            found.append(job)
        return bool(found)

    run.wait_for(moment)
    return found[0]


class Killed:
    """The processes of a run, ended in one of its stages; a class each, so that they run apart."""

    stage: str

    @pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
    @pytest.mark.parametrize("who", ["a job", "Snakemake"])
    def test_killed(self, base, tmp_path, told, who, number):
        base.standins.requests.clear()
        with Gate(lambda: base.s3.endpoint) as gate:
            project = base.begin(tmp_path / "project", gate.endpoint)
            if self.stage == "fetch":
                base.standins.faults["/victim.csv"] = [Fault(drip=1)]
            if self.stage == "put":
                gate.when(VICTIM_PUBLISHED, gate.hold)
            run = Run(project)
            job = reach(run, base, gate, self.stage)
            target = job if who == "a job" else psutil.Process(run.process.pid)
            target.send_signal(number)
            if number == signal.SIGKILL and who == "Snakemake":
                job.kill()  # a pod or a node takes the jobs along
            time.sleep(0.5)
            gate.release()
            words = run.words()
        assert WORDS.get((who, number), "") in words
        told("Machine", f"{number.name} of {who}, during {self.stage}", base.keeper, words)
        base.end(project)


class TestKilledInFetch(Killed):
    stage = "fetch"


class TestKilledInConvert(Killed):
    stage = "convert"


class TestKilledInPut(Killed):
    stage = "put"


@pytest.fixture
def disk(tmp_path):
    """A disk of its own for the working folder."""
    with small_disk(tmp_path / "disk", "400m") as folder:
        yield folder


def test_a_full_disk(base, disk, told):
    project = base.begin(disk / "project")
    with filled(disk, but=20_000_000):
        words = project.fail()
    told("Machine", "a disk that is full, here", base.keeper, words, "the disk is full")
    base.end(project)


def test_a_folder_that_may_only_be_read(base, disk, told):
    project = base.begin(disk / "project")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    words = project.fail()
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    told("Machine", "a folder that may only be read", base.keeper, words, "cannot be written")
    base.end(project)


def test_a_stale_lock_of_another_machine(base, tmp_path, told):
    """Whether that run is dead cannot be known here: Snakemake's own message stands."""
    project = base.begin(tmp_path / "project")
    project.path(RUN_HOST).write_text("another-machine")
    project.path(".snakemake/locks").mkdir(exist_ok=True)
    project.path(".snakemake/locks/0.input.lock").write_text("results/summary.json\n")
    project.path(".snakemake/locks/0.output.lock").write_text("results/summary.json\n")
    words = project.fail()
    told("Machine", "a lock that another machine left", base.keeper, words, "--unlock")
    project.run("--unlock")
    base.end(project)


def test_out_of_memory(base, tmp_path, told):
    project = base.begin(tmp_path / "project")
    words = project.fail("--set-resources", "convert_table:mem_mb=60")
    fault = "a conversion that needs more memory than it has"
    told("Machine", fault, base.keeper, words, "memory", "mem_mb")
    base.end(project)


@pytest.mark.parametrize(
    "left", [b"", b'{"steady": {"ta', bytes(300)], ids=["empty", "cut", "zeros"]
)
def test_results_that_a_power_cut_leaves(base, tmp_path, told, left):
    project = base.begin(tmp_path / "project")
    for name in ("published.json", "raw/victim/all.json"):
        assert project.path(f"results/{name}").is_file()
        project.path(f"results/{name}").write_bytes(left)
    project.run()
    fault = {0: "empty", 15: "cut"}.get(len(left), "full of zeros")
    told("Machine", f"receipts that a power cut leaves {fault}", base.keeper)
    base.end(project)


def test_a_new_version_that_is_suspicious(base, tmp_path, told):
    """It is the source's fault; what was published stays until the user looked."""
    project = base.begin(tmp_path / "project")
    base.standins.given["/victim.csv"] = (table(2, rows=3), "text/csv")
    words = project.fail()
    told("Machine", "a source of which three rows are left", base.keeper, words, "accept=")
    project.run("--config", 'accept=["victim:rows", "victim:columns"]')
    base.standins.given["/victim.csv"] = (table(2), "text/csv")
    base.end(project)


@pytest.mark.parametrize("left", ["removed", "emptied"])
def test_records_that_snakemake_lost(base, tmp_path, told, left):
    """Without them it takes what is there for up to date, also at a new vintage."""
    project = base.begin(tmp_path / "project")
    if left == "removed":
        shutil.rmtree(project.path(".snakemake"))
    for record in project.path(".snakemake/metadata").rglob("*"):
        record.write_bytes(b"")
    assert "Snakemake has no record of results/" in project.run()
    told("Machine", f"Snakemake's records, {left}", base.keeper)
    base.end(project)

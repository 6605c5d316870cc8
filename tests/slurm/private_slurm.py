"""A Slurm cluster of this machine's own, for the tests: controller, accounting, two virtual nodes.

Debian's packages (slurmctld slurmd slurm-client munge slurm-wlm-basic-plugins slurmdbd
slurm-wlm-mysql-plugin mariadb-server), root and cgroup v1; no systemd. Everything stands in one
folder and listens on 127.0.0.1; besides it there are two links in /etc/slurm, because a job step
looks for its configuration there and nowhere else.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Self

from settings import CGROUP_CONF, MARK, MEMORY, PORTS, SLURM_CONF, SLURMDBD_CONF

ETC = Path("/etc/slurm")
PROGRAMS = "munged mariadbd mariadb-install-db slurmdbd slurmctld slurmd sbatch sacct sacctmgr"
NODES = ("n1", "n2")


class Slurm:
    """One cluster, from ``start`` to ``stop`` or as a context manager."""

    def __init__(self, state: Path):
        self.state = state.resolve()
        self.logs = self.state / "log"
        self._processes: list[subprocess.Popen] = []
        self._nodes: dict[str, subprocess.Popen] = {}
        self._controller: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start everything and wait until both nodes are idle.

        Raises:
            AssertionError: something is missing here, or did not come up; with its log.
        """
        self._check_machine()
        self._configure()
        self._start_munge()
        self._start_accounting()
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self._wait("both nodes idle", lambda: self.ask("sinfo -h -N -o %T") == "idle\nidle")
        return self

    def stop(self) -> None:
        """End every job and process, the last started first, and take the two links away."""
        for pid in job_processes() | watchers():
            _kill(pid)
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        for name in ("slurm.conf", "cgroup.conf"):
            link = ETC / name
            if link.is_symlink() and link.readlink() == self.state / name:
                link.unlink()

    def ask(self, command: str) -> str:
        """Return what one of Slurm's commands prints."""
        done = subprocess.run(
            command.split(), text=True, capture_output=True, timeout=60, check=False
        )
        return done.stdout.strip()

    def saved_job(self, job: str) -> Path:
        """Return the folder where the controller keeps a job's script and environment."""
        (folder,) = (self.state / "state").glob(f"hash.*/job.{job}")
        return folder

    def start_controller(self) -> None:
        """Start slurmctld; it goes on from its saved state."""
        self._controller = self._launch("slurmctld", "-D")
        self._wait("slurmctld", lambda: "UP" in self.ask("scontrol ping"))

    def stop_controller(self) -> None:
        """End slurmctld, which saves its state first; started jobs go on."""
        self._controller.terminate()
        self._controller.wait(30)

    def start_node(self, name: str) -> None:
        """Start one virtual node."""
        (self.state / f"spool-{name}").mkdir(exist_ok=True)
        self._nodes[name] = self._launch("slurmd", "-D", "-N", name)

    def kill_node(self, name: str) -> None:
        """End a node as a power cut does: its daemon and all that its jobs run, at once."""
        self._nodes[name].kill()
        self._nodes[name].wait()
        for job in self.ask(f"squeue -h -w {name} -o %A").split():
            for pid in job_processes(job) | watchers(job):
                _kill(pid)

    def _check_machine(self) -> None:
        missing = [name for name in PROGRAMS.split() if not shutil.which(name)]
        assert not missing, f"the private Slurm needs {', '.join(missing)}: see .ci/run"
        assert os.geteuid() == 0, "the private Slurm is started by root"
        assert MEMORY.is_dir(), f"there is no {MEMORY}: the private Slurm needs cgroup v1"
        host = socket.gethostname()
        assert socket.gethostbyname(host) == "127.0.0.1", f"{host} is not 127.0.0.1 in /etc/hosts"
        conf = ETC / "slurm.conf"  # a run that was killed leaves its own behind
        other = conf.exists() and not conf.read_text().startswith(MARK)
        assert not other, f"{conf}: this machine belongs to a real cluster"

    def _configure(self) -> None:
        names = PORTS | {"host": socket.gethostname(), "state": self.state}
        (self.state / "munge").mkdir(parents=True)
        self.logs.mkdir()
        ETC.mkdir(exist_ok=True)
        for name, text in (("slurm.conf", SLURM_CONF), ("cgroup.conf", CGROUP_CONF)):
            (self.state / name).write_text(text.format(**names))
            (ETC / name).unlink(missing_ok=True)
            (ETC / name).symlink_to(self.state / name)
        self.password = secrets.token_hex(16)
        path = self.state / "slurmdbd.conf"
        path.touch(mode=0o600)
        path.write_text(SLURMDBD_CONF.format(password=self.password, **names))

    def _start_munge(self) -> None:
        folder = self.state / "munge"
        (folder / "key").write_bytes(secrets.token_bytes(1024))
        (folder / "key").chmod(0o400)
        folder.chmod(0o755)
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid"}
        files |= {"log-file": "log", "seed-file": "seed"}
        options = [f"--{option}={folder / name}" for option, name in files.items()]
        self._launch("munged", "--foreground", "--force", *options)
        self._wait("munged", (folder / "socket").exists)

    def _start_accounting(self) -> None:
        data, socket_ = self.state / "mariadb", self.state / "mariadb.socket"
        # durable writes are of no use to a database that lives for minutes
        own = ["--no-defaults", "--user=root", f"--datadir={data}", "--innodb-flush-method=nosync"]
        install = [
            "mariadb-install-db",
            *own,
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run(install, check=True, capture_output=True, timeout=60)
        place = [f"--socket={socket_}", "--bind-address=127.0.0.1", f"--port={PORTS['mariadb']}"]
        self._launch("mariadbd", *own, *place, f"--pid-file={self.state}/mariadb.pid")
        sql = (
            f"CREATE DATABASE slurm; CREATE USER slurm@'127.0.0.1' IDENTIFIED BY '{self.password}';"
            "GRANT ALL ON slurm.* TO slurm@'127.0.0.1';"
        )
        client = ["mariadb", "--no-defaults", "--user=root", f"--socket={socket_}"]
        self._wait("mariadbd", socket_.exists)
        subprocess.run(client, input=sql, text=True, check=True, timeout=30)
        # slurmdbd.conf is looked for beside slurm.conf, which this variable names
        environment = os.environ | {"SLURM_CONF": f"{self.state}/slurm.conf"}
        self._launch("slurmdbd", "-D", env=environment)
        self._wait("slurmdbd", lambda: "Cluster" in self.ask("sacctmgr list cluster"))
        for words in ("cluster tests", "account demo", "user root account=demo"):
            self.ask(f"sacctmgr -i add {words}")

    def _launch(self, program: str, *arguments: str, **settings: object) -> subprocess.Popen:
        with (self.logs / f"{program}.out").open("ab") as out:
            # the cluster ends with the tests, also when they are killed
            bound = ["setpriv", "--pdeathsig", "KILL", program, *arguments]
            process = subprocess.Popen(
                bound, stdout=out, stderr=out, start_new_session=True, **settings
            )
        self._processes.append(process)
        return process

    def _wait(self, what: str, ready: Callable[[], bool], timeout: float = 30) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            logs = sorted(self.logs.iterdir())
            told = "\n".join(f"{p.name}: {p.read_text('utf-8', 'replace')[-800:]}" for p in logs)
            assert time.monotonic() < deadline, f"{what}: not there after {timeout} s\n{told}"
            time.sleep(0.1)


def job_processes(job: str = "*") -> set[int]:
    """Return the processes that a job (or any) runs, from its cgroups; not those that watch it."""
    pids: set[int] = set()
    for folder in Path("/sys/fs/cgroup/freezer").glob(f"slurm*/**/job_{job}"):
        for path in folder.rglob("cgroup.procs"):
            pids |= {int(pid) for pid in path.read_text().split()}
    return pids - watchers(job)


def watchers(job: str = "*") -> set[int]:
    """Return the processes of Slurm itself that watch a job (or any): one for each step."""
    lines = {path: _read(path).decode() for path in Path("/proc").glob("[0-9]*/cmdline")}
    title = f"slurmstepd: [[]{job}.*"
    return {int(path.parent.name) for path, line in lines.items() if fnmatch(line, title)}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # it ended by itself


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it ended by itself

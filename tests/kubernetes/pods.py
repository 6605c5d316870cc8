"""Pods that are processes, and the image they find."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from projects import REPOSITORY

CGROUPS = Path("/sys/fs/cgroup/memory")
KILLED = 128 + signal.SIGKILL
SPARK = REPOSITORY / "profiles/kubernetes/spark"
# a pod's own /run, where it finds its account: namespace and token
WITH_ACCOUNT = """
mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io &&
cp -r "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"
"""


class Image:
    """What the Dockerfile makes, as far as a pod sees it, out of this environment.

    The same lock, the same variables (those of ENV), and the storage plugin's wheel where the
    Dockerfile leaves it. Spark is that of `make spark`; ``entry`` is what the image with Spark has.
    """

    entry = SPARK / "executor.sh"

    def __init__(self, folder: Path):
        self.wheels = folder / "wheels"
        text = (REPOSITORY / "Dockerfile").read_text() + (SPARK / "Dockerfile").read_text()
        lines = re.findall(r"^ENV (.+)$", text, re.MULTILINE)
        given = dict(pair.split("=") for line in lines for pair in line.split())
        given["PIP_FIND_LINKS"] = str(self.wheels)
        installed = (REPOSITORY / ".venv/spark").glob("lib/python*/site-packages/pyspark")
        given["SPARK_HOME"] = str(next(installed, "/there/is/no/spark"))
        programs = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        self.variables = given | {"PATH": programs, "HOME": str(folder / "home")}
        (folder / "home").mkdir(parents=True)
        self._download(folder)

    def _download(self, folder: Path) -> None:
        lock = (REPOSITORY / "envs/requirements.txt").read_text()
        [plugin] = re.findall(r"^snakemake-storage-plugin-s3==(?:.*\\\n)*.*$", lock, re.MULTILINE)
        (folder / "plugin.txt").write_text(plugin)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--dest", str(self.wheels), "-r", folder / "plugin.txt"]
        subprocess.run(command, check=True)


class Pod:
    """A container's command at work in an empty folder, under its memory limit.

    Args:
        account: the folder that it finds as /run/secrets/kubernetes.io/serviceaccount.
    """

    def __init__(
        self,
        folder: Path,
        image: Image,
        container: Mapping,
        values: Mapping[str, str],
        account: Path | None = None,
    ):
        self._log = folder.with_suffix(".log")
        self._group = CGROUPS / f"diffusion-{os.getpid()}-{folder.name}"
        self._folder = folder
        folder.mkdir()
        self._group.mkdir()
        limit = container["resources"]["limits"]["memory"].removesuffix("i")
        self._write("memory.limit_in_bytes", limit)
        if (self._group / "memory.memsw.limit_in_bytes").exists():
            self._write("memory.memsw.limit_in_bytes", limit)  # no way out into swap
        command = [*container.get("command", [str(image.entry)]), *container["args"]]
        if account:
            command = ["unshare", "--mount", "/bin/sh", "-c", WITH_ACCOUNT, str(account), *command]
        enter = f'echo $$ > {self._group}/cgroup.procs && exec "$0" "$@"'
        with self._log.open("w") as out:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", enter, *command],
                cwd=folder,
                env={**image.variables, **values, "HOSTNAME": folder.name},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def _write(self, name: str, value: str) -> None:
        (self._group / name).write_text(value)

    @property
    def exit_code(self) -> int | None:
        """As Kubernetes tells it; None while it runs."""
        code = self._process.poll()
        return KILLED if code is not None and code < 0 else code

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def status(self, name: str) -> dict:
        """Return what the API tells of the pod, as far as somebody reads it."""
        ended = self.exit_code
        state = {"running": {}} if ended is None else {"terminated": {"exitCode": ended}}
        container = {"name": "snakemake", "state": state, "ready": ended is None}
        container |= {"image": "", "imageID": "", "restartCount": 0}
        ready = {"type": "Ready", "status": str(ended is None)}
        status = {"containerStatuses": [container], "conditions": [ready]}
        return {"metadata": {"name": name}, "status": status}

    def kill(self) -> None:
        """End whatever is in the pod, and remove what it wrote."""
        if not self._group.exists():
            return
        while pids := (self._group / "cgroup.procs").read_text().split():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.05)
        self._process.wait()
        self._group.rmdir()
        shutil.rmtree(self._folder, ignore_errors=True)


def command_lines() -> set[str]:
    """Return what `ps` shows of every process."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            found.add(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return found

"""Clones of this project whose runs go to Kubernetes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from projects import REPOSITORY, Project

PROFILE = "profiles/kubernetes"
# the profile's own settings, but for waiting
QUICK = ["--seconds-between-status-checks", "1"]


class Clone(Project):
    """A Git clone of this project, as it is now, whose runs go to Kubernetes."""

    def __init__(self, folder: Path, config: Mapping, environment: Mapping[str, str]):
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=REPOSITORY, capture_output=True, check=True).stdout
        for name in names.decode().rstrip("\0").split("\0"):
            if (REPOSITORY / name).is_file() and not name.startswith(("tests/", "config/sources")):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes((REPOSITORY / name).read_bytes())
        super().__init__(folder, config, environment)
        for command in (["init", "--quiet"], ["add", "."]):
            subprocess.run(["git", *command], cwd=folder, check=True)

    def command(self, *arguments: str, profile: str = PROFILE) -> list[str]:
        program = [sys.executable, "-m", "snakemake"]
        return [*program, "--workflow-profile", profile, *QUICK, *arguments]

    def snakemake(self, *arguments: str, profile: str = PROFILE, timeout: int = 200):
        return super().snakemake(*arguments, profile=profile, timeout=timeout)

    def variables(self) -> dict[str, str]:
        inside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return super().variables() | {"PATH": inside}

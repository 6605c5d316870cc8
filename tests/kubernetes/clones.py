"""Clones of this project whose runs go to Kubernetes."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from projects import Project, copy_of_repository

PROFILE = "profiles/kubernetes"
# the profile's own settings, but for waiting
QUICK = ["--seconds-between-status-checks", "1"]


class Clone(Project):
    """A Git clone of this project, as it is now, whose runs go to Kubernetes."""

    def __init__(self, folder: Path, config: Mapping, environment: Mapping[str, str]):
        copy_of_repository(folder)
        super().__init__(folder, config, environment)
        self.git("init", "--quiet")
        self.git("add", ".")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)

    def command(self, *arguments: str, profile: str = PROFILE) -> list[str]:
        program = [sys.executable, "-m", "snakemake"]
        return [*program, "--workflow-profile", profile, *QUICK, *arguments]

    def snakemake(self, *arguments: str, profile: str = PROFILE, timeout: int = 200):
        return super().snakemake(*arguments, profile=profile, timeout=timeout)

    def variables(self) -> dict[str, str]:
        inside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return super().variables() | {"PATH": inside}

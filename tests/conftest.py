"""What the tests share: real servers for the session, and projects to run Snakemake in."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from embedded_s3 import EmbeddedS3
from standins.server import Standins

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session")
def sources() -> Iterator[Standins]:
    """The stand-ins of the sources, for the whole session."""
    with Standins(token="stand-in-token") as server:
        yield server


@pytest.fixture
def standins() -> Iterator[Standins]:
    """Stand-ins of one test's own, for faults and counted requests."""
    with Standins() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedS3]:
    """An S3 server with the buckets lake and donnees-insee, for the whole session."""
    with EmbeddedS3(tmp_path_factory.mktemp("s3") / "data", ["lake", "donnees-insee"]) as server:
        yield server


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real official data; tests that need it skip, loudly, without it."""
    folder = SHARED / "real"
    if not folder.is_dir():
        pytest.skip(f"NOT RUN: the real data are not at {folder}")
    return folder


class Project:
    """A working directory in which the repository's workflow runs, as a user runs it."""

    def __init__(self, folder: Path, config: Mapping, environment: Mapping[str, str] | None = None):
        self.folder = folder
        self.environment = dict(environment or {})
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(config)

    def configure(self, config: Mapping) -> None:
        """Write the configuration, whole."""
        path = self.folder / "config" / "config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True), "utf-8")

    def snakemake(self, *arguments: str, profile: str = "profiles/default", timeout: int = 300):
        """Run Snakemake; returns the completed process, with all its words in ``stdout``."""
        command = [sys.executable, "-m", "snakemake", "-s", str(REPOSITORY / "workflow" / "Snakefile")]
        command += ["--directory", str(self.folder), "--workflow-profile", str(REPOSITORY / profile)]
        command += ["--configfile", str(self.folder / "config" / "config.yaml"), "--cores", "2"]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=clean | self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )

    def run(self, *arguments: str, **settings: object) -> str:
        """Run Snakemake, which must succeed; returns its words."""
        done = self.snakemake(*arguments, **settings)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def fail(self, *arguments: str, **settings: object) -> str:
        """Run Snakemake, which must fail; returns its words."""
        done = self.snakemake(*arguments, **settings)
        assert done.returncode != 0, done.stdout
        return done.stdout

    def path(self, name: str) -> Path:
        """Return a path in the project."""
        return self.folder / name


@pytest.fixture
def project(tmp_path: Path):
    """Make projects: ``project(config, environment)``."""

    def make(config: Mapping, environment: Mapping[str, str] | None = None, name: str = "project"):
        return Project(tmp_path / name, config, environment)

    return make

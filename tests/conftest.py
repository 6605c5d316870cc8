"""What the tests share: real servers for the session, and projects to run Snakemake in."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from embedded_s3 import EmbeddedS3
from projects import SHARED, Project
from standins.server import Standins


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


@pytest.fixture
def project(tmp_path: Path):
    """Make projects: ``project(config, environment)``."""

    def make(config: Mapping, environment: Mapping[str, str] | None = None, name: str = "project"):
        return Project(tmp_path / name, config, environment)

    return make

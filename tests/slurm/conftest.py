"""One private Slurm for the session, and projects that run on it."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from private_slurm import Slurm
from projects import small_config
from runs import ClusterProject

VARIABLES = {"DIFFUSION_SLURM_ACCOUNT": "demo", "DIFFUSION_SLURM_PARTITION": "main"}


@pytest.fixture(scope="session")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    """Slurm with accounting, memory limits by cgroups, and two virtual nodes."""
    with Slurm(tmp_path_factory.mktemp("slurm") / "state") as started:
        yield started


@pytest.fixture
def on_slurm(slurm, tmp_path) -> Iterator[Callable[..., ClusterProject]]:
    """Make projects that run on Slurm: ``on_slurm(config, environment)``."""

    projects: list[ClusterProject] = []

    def make(config: Mapping, environment: Mapping[str, str] | None = None) -> ClusterProject:
        variables = VARIABLES | dict(environment or {})
        projects.append(ClusterProject(tmp_path / "project", config, variables))
        return projects[-1]

    yield make
    for run in (run for project in projects for run in project.runs):
        run.process.terminate()  # `timeout` passes it on, and kills 10 s later
        run.process.wait()


@pytest.fixture
def plain(standins) -> dict:
    """One source, to be published on S3 by each test under a name of its own."""
    config = small_config(standins.url)
    del config["sources"]["communes"]
    return config

"""What the tests share: real servers for the session, and projects to run Snakemake in."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from embedded_s3 import EmbeddedS3
from minio_server import Minio, find
from minio_users import Mc
from projects import SHARED, Project
from standins.server import Standins

ASKED_FOR = (
    "slurm",
    "kubernetes",
    "database",
    "chromium",
    "clients",
)  # what is started only if asked for
# what is said when they are not
SAID = {
    "database": "tests of databases were left out: pytest --database tests/database",
    "chromium": "tests in a browser were left out: pytest --chromium tests/chromium",
    "clients": "tests of other clients were left out: pytest --clients --s3 minio tests/clients",
}
SLOW, LEFT = pytest.StashKey[int](), pytest.StashKey[dict[str, int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the S3 server; leave out the other one, and what is not asked for."""
    chosen = config.getoption("--s3")
    other = {"embedded" if chosen == "minio" else "minio"}
    other |= {name for name in ASKED_FOR if not config.getoption(f"--{name}")}
    left_out = [item for item in items if other & {mark.name for mark in item.iter_markers()}]
    config.hook.pytest_deselected(items=left_out)
    counts = {n: sum(bool(item.get_closest_marker(n)) for item in left_out) for n in SAID}
    config.stash[LEFT] = counts
    getattr(config, "workeroutput", {})["left"] = counts
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if "s3" in item.fixturenames:
            item.add_marker("s3")
    if "not slow" in config.option.markexpr:
        left_out = sum(item.get_closest_marker("slow") is not None for item in items)
        config.stash[SLOW] = left_out
        # with -n the workers collect; one of them tells the process that speaks to the user
        getattr(config, "workeroutput", {})["slow"] = left_out


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Keep what a worker of pytest-xdist left out: all of them collect the same."""
    told = getattr(node, "workeroutput", {})
    for name, key in (("slow", SLOW), ("left", LEFT)):
        if name in told:
            node.config.stash[key] = told[name]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out: a skip that nobody sees is a defect."""
    if left_out := config.stash.get(SLOW, 0):
        words = f"{left_out} slow tests were left out: `make test-all` runs them, too"
        terminalreporter.write_sep("=", words, yellow=True)
    for name, left_out in config.stash.get(LEFT, {}).items():
        if left_out:
            terminalreporter.write_sep("=", f"{left_out} {SAID[name]}", yellow=True)


@pytest.fixture(autouse=True)
def stay_here() -> Iterator[None]:
    """Leave the folder that a command has gone into: it is removed after a test that passed."""
    here = Path.cwd()
    yield
    os.chdir(here)


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--s3", choices=["embedded", "minio"], default="embedded")
    parser.addoption("--faults-page", action="store_true", help="write tests/faults/README.md")
    parser.addoption("--slurm", action="store_true", help="start a private Slurm; see tests/slurm")
    parser.addoption("--kubernetes", action="store_true", help="see tests/kubernetes")
    parser.addoption("--database", action="store_true", help="start PostgreSQL and MariaDB")
    parser.addoption("--clients", action="store_true", help="read what is published with others")
    parser.addoption("--chromium", action="store_true", help="open the pages in Debian's Chromium")


@pytest.fixture(scope="session")
def s3(request, tmp_path_factory) -> Iterator[EmbeddedS3 | Minio]:
    """An S3 server with the buckets lake and donnees-insee, for the whole session."""
    server = Minio if request.config.getoption("--s3") == "minio" else EmbeddedS3
    if server is Minio and not find("minio"):
        pytest.exit("--s3 minio: there is no `minio`; type `make minio` first", returncode=1)
    with server(tmp_path_factory.mktemp("s3") / "data", ["lake", "donnees-insee"]) as started:
        yield started


@pytest.fixture(scope="session")
def mc(s3, tmp_path_factory) -> Mc:
    """The MinIO client, as the server's root; its users are there, each with a bucket."""
    return Mc(s3, tmp_path_factory.mktemp("mc"))


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

"""A server and a project of these tests' own, and the ways in which requests go wrong."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from counting_proxy import CountingProxy
from faults.base import Base
from faults.disk import small_disk
from standins.server import Standins

PUT = r"PUT /lake/[^ ]*{} HTTP"
STEADY_RAW = PUT.format(r"raw/steady/[^ ]*-communes.csv")
VICTIM_PUBLISHED = PUT.format(r"diffusion/victim.parquet\?[^ ]*partNumber=1[^ ]*")
STEADY_PUBLISHED = PUT.format(r"diffusion/steady.parquet")


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """A disk that can be filled; what MinIO keeps of broken uploads fits on it, too."""
    with small_disk(tmp_path_factory.mktemp("small") / "disk", "1g") as folder:
        yield folder


@pytest.fixture(scope="module")
def server(s3, disk):
    """A server of these tests' own, of the kind that was chosen: it will be killed."""
    with type(s3)(disk / "data", ["lake", "donnees-insee"]) as started:
        yield started


@pytest.fixture(scope="module")
def base(server, tmp_path_factory):
    with Standins() as standins:
        yield Base(tmp_path_factory.mktemp("storage"), server, standins, "faults-storage")


@pytest.fixture(scope="module")
def thread():
    """A thread that stays: the embedded server ends with the thread that started it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


def kill(server) -> None:
    server._process.kill()  # as a power cut does; its own `stop` is polite
    server._process.wait()


def refusing(base, place, refuse):
    """Run the project behind a proxy that refuses some requests."""
    with CountingProxy(base.s3.endpoint) as proxy:
        proxy.refuse = refuse
        project = base.begin(place, proxy.endpoint)
        return project, project.snakemake()

"""Temporary keys that expire in the middle of a run, on a MinIO that gives them like SSP Cloud."""

import pytest

from faults.base import Base
from minio_server import Minio
from openid import Identity
from standins.faults import Fault
from standins.server import Standins

pytestmark = pytest.mark.minio
LIFE = 10  # seconds: enough to start, and to ask the storage


@pytest.fixture(scope="module")
def identity():
    with Identity() as started:
        yield started


@pytest.fixture(scope="module")
def base(identity, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    settings = identity.settings()
    with Minio(folder / "s3", ["lake"], settings=settings) as server, Standins() as standins:
        yield Base(folder, server, standins, "faults-token")


def test_a_token_that_expires(base, identity, tmp_path, told):
    project = base.begin(tmp_path / "project")
    base.standins.faults["/victim.csv"] = [Fault(delay=LIFE)]
    project.environment |= identity.keys(base.s3.endpoint, LIFE)
    words = project.fail()
    expected = ("expired", "7 days")
    told("S3", "the token expires between two jobs", base.keeper, words, *expected)
    project.environment |= identity.keys(base.s3.endpoint, 3600)
    project.run()
    base.end(project)

"""One private Kubernetes for each test, and clones of the project that run on it."""

from collections.abc import Callable, Iterator

import pytest
import yaml

from clones import PROFILE, Clone
from manifests import Schema
from pods import Image
from private_kubernetes import Kubernetes
from projects import REPOSITORY


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The published schema of Kubernetes."""
    return Schema()


@pytest.fixture(scope="session")
def image(tmp_path_factory) -> Image:
    """What pods find."""
    return Image(tmp_path_factory.mktemp("image"))


@pytest.fixture
def cluster(tmp_path, image, schema) -> Iterator[Kubernetes]:
    """A namespace without anything in it."""
    with Kubernetes(tmp_path / "cluster", image, schema) as started:
        yield started


@pytest.fixture
def on_kubernetes(cluster, s3, tmp_path) -> Callable[[dict], Clone]:
    """Make clones with a configuration, whose bucket is the S3 server's `lake`."""

    def make(config: dict) -> Clone:
        keys = s3.environment() | {"AWS_SESSION_TOKEN": "", "DIFFUSION_BUCKET": "lake"}
        keys["DIFFUSION_PROJECT"] = config["project"]["name"]
        return Clone(tmp_path / "clone", config, keys | cluster.environment())

    return make


@pytest.fixture
def documents() -> Callable[[str], list[dict]]:
    """Read the documents of a file of the profile."""

    def read(name: str) -> list[dict]:
        return list(yaml.safe_load_all((REPOSITORY / PROFILE / name).read_text("utf-8")))

    return read

"""The chapter's project, run once for the session on S3, and a small one to change at will."""

from collections.abc import Mapping

import pytest

from demo import give_filosofi
from projects import Project, chapter_config, merge, small_config


@pytest.fixture(scope="session")
def chapter(tmp_path_factory, sources, s3) -> Project:
    """The chapter's project, published to s3://lake/diffusion/dpe by one run."""
    give_filosofi(s3)
    config = chapter_config(sources.url)
    config["storage"] = {"url": "s3://lake/diffusion/dpe", "raw": "s3://lake/raw/dpe"}
    project = Project(tmp_path_factory.mktemp("chapter"), config, s3.environment())
    project.words = project.run()
    return project


@pytest.fixture
def small(project, standins):
    """Make the small project: two sources, one derived table, all in local folders."""

    def make(change: Mapping | None = None, name: str = "small") -> tuple[Project, dict]:
        config = merge(small_config(standins.url), change or {})
        return project(config, name=name), config

    return make

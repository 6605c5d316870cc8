"""The chapter's project, run once for the session on S3, and a small one to change at will."""

import copy
import shutil
from collections.abc import Mapping

import pytest

from demo import give_filosofi
from projects import Project, chapter_config, merge, small_config


@pytest.fixture(scope="session")
def chapter(tmp_path_factory, sources, s3) -> Project:
    """The chapter's project, published to s3://lake/diffusion/dpe by one run."""
    give_filosofi(s3)
    config = chapter_config(sources.url)
    described = f"{sources.url}/data-fair/api/v1/datasets/dpe-france"
    config["sources"]["dpe"] |= {"portal": described, "title": ""}
    config["storage"] = {"url": "s3://lake/diffusion/dpe", "raw": "s3://lake/raw/dpe"}
    project = Project(tmp_path_factory.mktemp("chapter"), config, s3.environment())
    project.words = project.run()
    return project


WARNED = {"sources": {"plain": {"checks": {"rows": [9000, None], "warn": ["rows"]}}}}


@pytest.fixture(scope="session")
def finished(tmp_path_factory, sources) -> tuple[Project, dict]:
    """The small project, published once for the session, with a warning: tests change copies."""
    config = merge(small_config(sources.url), WARNED)
    project = Project(tmp_path_factory.mktemp("finished") / "project", config)
    project.words = project.run()
    return project, config


@pytest.fixture
def published(finished, tmp_path) -> tuple[Project, dict]:
    """A copy of that project, and of its configuration."""
    shutil.copytree(finished[0].folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project", finished[1]), copy.deepcopy(finished[1])


@pytest.fixture
def small(project, standins):
    """Make the small project: two sources, all in local folders."""

    def make(change: Mapping | None = None, name: str = "small") -> tuple[Project, dict]:
        config = merge(small_config(standins.url), change or {})
        return project(config, name=name), config

    return make

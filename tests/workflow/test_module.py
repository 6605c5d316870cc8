"""The workflow as a `module:` of a project that holds its configuration, SQL and ten lines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from projects import REPOSITORY, Project

pytestmark = pytest.mark.slow  # clones and runs: half a minute

PARTS = ("envs", "scripts", "workflow")  # of the template, all that a module needs
SNAKEFILE = """
configfile: "config/config.yaml"

module diffusion:
    snakefile:
        {template}
    config:
        config

use rule * from diffusion
"""
CONFIG = {
    "project": {"name": "rents", "title": "Rents", "licence": "Licence Ouverte 2.0"},
    "vintage": "2025",
    "storage": {"url": "published", "raw": "raw"},
    "sources": {"rents": {"from": "file", "url": "rents.csv", "columns": {"code": "string"}}},
    "derive": {"twice": {"sql": "twice.sql", "inputs": ["rents"]}},
}


class Deployed(Project):
    """A project that takes the template as a module."""

    def __init__(self, folder: Path, template: str, environment: dict[str, str] | None = None):
        super().__init__(folder, CONFIG, environment)
        (folder / "rents.csv").write_text("code,n\n01001,3\n01002,4\n")
        (folder / "scripts/derive").mkdir(parents=True)
        (folder / "scripts/derive/twice.sql").write_text("SELECT code, 2 * n AS n FROM rents")
        (folder / "workflow").mkdir()
        self.take(template)

    @property
    def repository(self) -> Path:
        return self.folder

    def take(self, template: str) -> None:
        """Name the template: its Snakefile, or its place in Git."""
        (self.folder / "workflow/Snakefile").write_text(SNAKEFILE.format(template=template))

    def command(self, *arguments: str, profile: str = "profiles/default") -> list[str]:
        profile = str(REPOSITORY / profile)
        return [sys.executable, "-m", "snakemake", "--workflow-profile", profile, *arguments]


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template in a Git repository of its own, at v1.0.0."""
    folder = tmp_path / "acme" / "diffusion"
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "One")
    git(folder, "tag", "v1.0.0")
    return folder


def github(tag: str) -> str:
    """As snakedeploy writes it."""
    return f'github("acme/diffusion", path="workflow/Snakefile", tag="{tag}")'


@pytest.fixture
def reached(tmp_path: Path) -> dict[str, str]:
    """The environment in which Git finds that repository here, and Snakemake keeps nothing."""
    return {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{tmp_path}/acme/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/acme/",
    }


def test_a_tag_of_a_repository_is_run_and_moved_on(tmp_path, template, reached):
    project = Deployed(tmp_path / "rents", github("v1.0.0"), reached)
    words = project.run()
    assert "✓ twice  2 rows" in words, "it tells a run as a clone does"
    assert "Nothing to be done" in project.run()
    done = subprocess.run(
        [Path(sys.executable).parent / "diffusion", "changes"],
        cwd=project.path("config"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "twice" in done.stdout, "the other commands, too"
    told = project.path("results/config.yaml").read_text()
    assert str(tmp_path) not in told, "what was run is the same on any machine"
    published = project.path("published/twice.parquet").read_bytes()

    library = template / "scripts/diffusion/tables/engine.py"
    library.write_text(library.read_text() + "\n# later\n")
    git(template, "commit", "--quiet", "--all", "-m", "Two")
    git(template, "tag", "v2.0.0")
    assert "Nothing to be done" in project.run(), "a tag is what it was"
    project.take(github("v2.0.0"))
    assert "the code of its rule changed" in project.run("-n")
    project.run()
    assert project.path("published/twice.parquet").read_bytes() == published


def test_what_goes_wrong_is_told_in_our_words(tmp_path, template, reached):
    project = Deployed(tmp_path / "rents", github("v1.0.0"), reached)
    project.path("rents.csv").unlink()
    words = project.fail()
    assert "What went wrong (1):" in words and "sources.rents" in words
    assert project.path("results/run.json").is_file()


def test_a_clone_beside_it_and_the_library_of_that_clone(tmp_path, template):
    """The project's own query decides what is made again, as does the clone's code."""
    snakefile = os.path.relpath(template / "workflow/Snakefile", tmp_path / "rents/workflow")
    project = Deployed(tmp_path / "rents", f'"{snakefile}"')
    assert "✓ twice  2 rows" in project.run()
    project.path("scripts/derive/twice.sql").write_text("SELECT code, 3 * n AS n FROM rents")
    planned = project.run("-n")
    assert "twice" in planned and "derive" in planned and "rents  " not in planned
    project.run()
    assert not (project.path(".snakemake") / "diffusion").exists()

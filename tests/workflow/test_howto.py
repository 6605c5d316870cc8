"""docs/howto.md: each of its commands, as it stands there, on a project that was run once."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from projects import REPOSITORY, merge, small_config
from standins.server import Standins

PAGE = (REPOSITORY / "docs" / "howto.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUERY = "SELECT count(*) AS towns, sum(population) AS people FROM {0}"
pytestmark = pytest.mark.slow


class Section(NamedTuple):
    """A part of the page: what to write, and what to type."""

    edit: dict
    commands: list[str]


def section(title: str) -> Section:
    text = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    blocks = BLOCK.findall(text)
    edits = [yaml.safe_load(code) for language, code in blocks if language == "yaml"]
    return Section(*edits or [{}], [code for language, code in blocks if language == "sh"])


class Team:
    """A clone in which a team has its own sources, and a shell in it."""

    def __init__(self, folder: Path, server: Standins):
        self.folder, self.server = folder, server
        small = small_config(server.url)
        sources = {"rents": small["sources"]["communes"], "towns": small["sources"]["plain"]}
        self.config = small | {"sources": sources, "derive": derived("rents")}
        self.git(REPOSITORY, "clone", "--quiet", ".", str(folder))
        (folder / ".venv").symlink_to(REPOSITORY / ".venv")
        self.write()
        self.type("snakemake")

    def write(self, change: dict | None = None) -> None:
        merge(self.config, change or {})
        path = self.folder / "config" / "config.yaml"
        path.write_text(yaml.safe_dump(self.config, sort_keys=False), "utf-8")
        self.git(self.folder, "commit", "--quiet", "--all", "--message", "Our sources")

    def git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, env=self.variables())

    def variables(self) -> dict[str, str]:
        who = {f"GIT_{role}_NAME": "A" for role in ("AUTHOR", "COMMITTER")}
        who |= {f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")}
        path = f"{REPOSITORY}/.venv/bin{os.pathsep}{os.environ['PATH']}"
        return os.environ | who | {"PATH": path, "REPOSITORY": str(self.folder)}

    def type(self, commands: str, folder: Path | None = None) -> str:
        """Type commands into a shell that stops at the first one that fails."""
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", commands],
            cwd=folder or self.folder,
            env=self.variables(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def manifest(self, place: str = "published") -> dict:
        return json.loads((self.folder / place / "manifest.json").read_text("utf-8"))

    def hashes(self, place: str = "published") -> dict[str, str]:
        return {
            name: table["table_sha256"] for name, table in self.manifest(place)["tables"].items()
        }


def written(place: str) -> dict[str, int]:
    """Return when each table of a published place was put there."""
    return {path.name: path.stat().st_mtime_ns for path in Path(place).glob("*.parquet")}


def derived(source: str) -> dict:
    return {"summary": {"sql": QUERY.format(source), "inputs": [source]}}


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Team:
    with Standins() as server:
        yield Team(tmp_path_factory.mktemp("howto") / "team", server)


@pytest.fixture
def team(first: Team, tmp_path: Path) -> Team:
    """A copy of the team's clone, which tests change."""
    mine = Team.__new__(Team)
    mine.folder, mine.server = tmp_path / "team", first.server
    mine.config = yaml.safe_load(yaml.safe_dump(first.config))
    shutil.copytree(first.folder, mine.folder, symlinks=True)
    return mine


@pytest.fixture
def unasked(team: Team) -> Callable[[], bool]:
    """Say whether the sources were not asked since the test began."""
    before = len(team.server.requests)
    return lambda: {*team.server.requests[before:]} <= {("HEAD", "/")}  # `doctor` knocks


def test_every_section_is_one_of_these():
    tested = set(re.findall(r'section\("([^"]+)"\)', Path(__file__).read_text("utf-8")))
    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == tested


def test_rename(team, unasked):
    told, before = section("Rename a source or a table"), team.hashes()
    sources = team.config["sources"]
    sources["loyers"] = sources.pop("rents")
    team.write(told.edit | {"derive": derived("loyers")})
    team.type("diffusion lock")
    words = team.type(told.commands[0])
    assert unasked()
    assert "rents" in words
    after = team.hashes()
    assert set(after) == {"loyers", "summary", "towns"}
    assert after["towns"] == before["towns"]
    assert "rents" in team.manifest()["withdrawn"]
    lock = yaml.safe_load((team.folder / "config/sources.lock.yaml").read_text())
    assert set(lock) >= {"loyers", "towns"}


def test_retire(team):
    told, before = section("Retire a source"), team.hashes()
    team.write(told.edit)
    words = team.type(told.commands[0])
    assert "towns" in words.partition("source ")[0]
    assert "towns" not in words.partition("   source ")[2]
    assert team.hashes() == before


def test_withdraw(team, unasked):
    told, before = section("Withdraw a table"), team.hashes()
    team.config["sources"].pop("towns")
    team.write()
    team.type(told.commands[0])
    assert unasked()
    assert team.hashes() == {name: hash for name, hash in before.items() if name != "towns"}
    assert list(team.folder.glob("raw/towns/*/*"))


def test_change_the_bucket(team, unasked):
    told, before = section("Change the bucket"), team.hashes()
    team.write(told.edit)
    team.type(told.commands[0])
    assert unasked()
    assert team.hashes("new-place/published") == before == team.hashes()


def test_hand_over(team, tmp_path, unasked):
    """Both places are shared; the colleague has nothing but the repository and them."""
    shared = {key: str(tmp_path / "shared" / key) for key in ("url", "raw")}
    team.write({"storage": shared})
    team.type("diffusion copy-raw raw; snakemake; diffusion lock; git add config")
    team.git(team.folder, "commit", "--quiet", "--message", "Shared, and locked")
    before, sent = team.hashes(shared["url"]), written(shared["url"])
    team.type(section("Hand the project over").commands[0], folder=tmp_path)
    assert unasked()
    assert team.hashes(shared["url"]) == before
    assert written(shared["url"]) == sent


def test_archive(team, unasked):
    told = section("Archive a project")
    (team.folder / "config/archive.yaml").write_text(yaml.safe_dump(told.edit))
    make, use = told.commands
    team.type(make)
    shutil.move(team.folder / "deposit", team.folder.parent / "deposit")
    shutil.rmtree(team.folder / "raw")
    words = team.type(use, folder=team.folder.parent)
    assert unasked()
    assert words.splitlines()[-1] == "True"

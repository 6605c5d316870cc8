"""The commit that the manifest notes: of the project's own clone, and none of another's."""

import subprocess

import pytest

from diffusion.run.commit import commit_of


@pytest.fixture
def git(tmp_path):
    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init")
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "Snakefile").write_text("one")
    return git


def test_the_commit_and_whether_files_differ(git, tmp_path):
    assert commit_of(tmp_path) == "", "not committed yet"
    git("add", ".")
    git("commit", "-m", "x")
    commit = git("rev-parse", "HEAD")
    assert commit_of(tmp_path) == commit
    (tmp_path / "new").write_text("of a run")
    assert commit_of(tmp_path) == commit
    (tmp_path / "workflow" / "Snakefile").write_text("two")
    assert commit_of(tmp_path) == f"{commit}+changes"


def test_no_commit_of_a_clone_around_it(git, tmp_path):
    git("add", ".")
    git("commit", "-m", "x")
    inner = tmp_path / "project" / "workflow"
    inner.mkdir(parents=True)
    (inner / "Snakefile").write_text("another's")
    assert commit_of(inner.parent) == ""


def test_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of(tmp_path) == ""

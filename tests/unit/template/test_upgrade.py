"""A project merges a later release of its template: real Git, a small template."""

import subprocess
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.template.upgrade import upgrade

FIRST = {
    "README.md": "# Diffusion\n",
    "config/README.md": "keys\n",
    "config/config.yaml": "project: {name: example}\n",
    "config/examples/one.yaml": "one\n",
    "config/sspcloud.yaml": "mine when cloned\n",
    "scripts/derive/example.sql": "select 1\n",
    "scripts/diffusion/__init__.py": 'VERSION = "1.0.0"\n',
    "tests/test_all.py": "assert True\n",
    "workflow/Snakefile": "rule all:\n    input: []\n",
}
SECOND = FIRST | {
    "README.md": "# Diffusion, better\n",
    "config/README.md": "more keys\n",
    "config/config.yaml": "project: {name: another-example}\n",
    "config/new_example.yaml": "new\n",
    "envs/requirements.txt": "pandas==3\n",
    "scripts/derive/example.sql": "select 2\n",
    "scripts/diffusion/__init__.py": 'VERSION = "1.10.0"\n',
    "tests/test_all.py": "assert 1\n",
    "workflow/Snakefile": "rule all:\n    input: ['x']\n",
}


def git(folder: Path, *arguments: str) -> str:
    names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    command = ["git", *names, "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str | None], words: str, tag: str = "") -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", words)
    if tag:
        git(folder, "tag", tag)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, FIRST, "First", "v1.0.0")
    commit(folder, {"workflow/Snakefile": "rule all:\n    input: ['w']\n"}, "Between", "v1.9.0")
    commit(folder, SECOND | {"config/sspcloud.yaml": None}, "Second", "v1.10.0")
    git(folder, "tag", "latest")  # no release
    return folder


@pytest.fixture
def project(tmp_path: Path, template: Path) -> Path:
    """A clone of the first release that made itself a project."""
    folder = tmp_path / "project"
    git(tmp_path, "clone", "--quiet", "--origin", "template", str(template), str(folder))
    git(folder, "checkout", "--quiet", "-B", "main", "v1.0.0")
    for name, value in {"user.name": "B", "user.email": "b@example.org"}.items():
        git(folder, "config", name, value)
    mine = {
        "README.md": "# Rents\n",
        "config/config.yaml": "project: {name: rents}\n",
        "scripts/derive/example.sql": None,
        "scripts/derive/mine.sql": "select 3\n",
        "tests/test_all.py": None,
    }
    commit(folder, mine, "Mine")
    return folder


def texts(folder: Path) -> dict[str, str]:
    names = git(folder, "ls-files").splitlines()
    return {name: (folder / name).read_text() for name in names}


MERGED = {
    "README.md": "# Rents\n",
    "config/README.md": "more keys\n",
    "config/config.yaml": "project: {name: rents}\n",
    "config/examples/one.yaml": "one\n",
    "config/sspcloud.yaml": "mine when cloned\n",
    "envs/requirements.txt": "pandas==3\n",
    "scripts/derive/mine.sql": "select 3\n",
    "scripts/diffusion/__init__.py": 'VERSION = "1.10.0"\n',
    "workflow/Snakefile": "rule all:\n    input: ['x']\n",
}


def test_the_template_moves_on_and_what_is_the_projects_stays(project):
    (project / "notes.txt").write_text("not known to Git")
    before = git(project, "rev-parse", "HEAD")
    done = upgrade(project)
    assert (done.release.name, done.before, done.after) == ("v1.10.0", "1.0.0", "1.10.0")
    assert texts(project) == MERGED
    assert (project / "notes.txt").read_text() == "not known to Git"
    assert git(project, "rev-parse", "HEAD^1") == before, "one commit further, and back by one"
    assert git(project, "status", "--porcelain") == "?? notes.txt"
    assert git(project, "worktree", "list").count("\n") == 0
    assert git(project, "tag").split() == ["latest", "v1.0.0", "v1.10.0", "v1.9.0"]  # the clone's
    assert done.new_packages
    assert done.kept == [
        "README.md",
        "config/config.yaml",
        "config/new_example.yaml",
        "config/sspcloud.yaml",
        "scripts/derive/example.sql",
        "tests/test_all.py",
    ]
    assert not upgrade(project).commit, "it is there already"


def test_a_release_by_release(project):
    assert upgrade(project, "v1.9.0").after == "1.0.0"
    assert "'w'" in (project / "workflow/Snakefile").read_text()
    assert upgrade(project, "main").after == "1.10.0", "a branch can be named, too"


def test_the_same_lines_changed_twice_change_nothing(project):
    commit(project, {"workflow/Snakefile": "rule all:\n    input: ['mine']\n"}, "Not mine to edit")
    before = git(project, "rev-parse", "HEAD")
    with pytest.raises(DiffusionError) as caught:
        upgrade(project)
    assert "the template and this project changed the same lines of [template]:\n" in str(
        caught.value
    )
    assert "workflow/Snakefile" in str(caught.value)
    assert "Nothing was changed" in str(caught.value)
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "worktree", "list").count("\n") == 0


def test_what_the_project_changed_elsewhere_in_a_file_of_the_template_is_merged(project, template):
    longer = "# the flow\n\n\n\nrule all:\n    input: []\n"
    commit(template, {"workflow/Snakefile": longer}, "Longer", "v2.0.0")
    mine = {
        "workflow/Snakefile": FIRST["workflow/Snakefile"] + "\n\n# mine\n",
        "docs/mine.md": "a file of its own among the template's",
    }
    commit(project, mine, "Mine")
    upgrade(project)
    assert (project / "workflow/Snakefile").read_text() == longer + "\n\n# mine\n"
    assert (project / "docs/mine.md").read_text() == mine["docs/mine.md"]


def test_changes_that_are_not_committed_are_named(project):
    (project / "config/config.yaml").write_text("project: {name: other}\n")
    with pytest.raises(
        DiffusionError, match=r"changes are not committed \[template\]:\n +M config/config.yaml"
    ):
        upgrade(project)


def test_an_untracked_file_in_the_way_is_not_overwritten(project):
    (project / "envs").mkdir()
    (project / "envs/requirements.txt").write_text("mine")
    with pytest.raises(DiffusionError, match=r"envs/requirements\.txt"):
        upgrade(project)
    assert (project / "envs/requirements.txt").read_text() == "mine"


def copied(tmp_path: Path, files: dict[str, str]) -> Path:
    """A project that was made from a copy of the template, without its history."""
    folder = tmp_path / "copied"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    for name, value in {"user.name": "B", "user.email": "b@example.org"}.items():
        git(folder, "config", name, value)
    commit(folder, files, "Copied")
    commit(folder, {"config/config.yaml": "project: {name: rents}\n"}, "Mine")
    return folder


def test_a_copy_without_history_is_found_in_that_of_the_template(tmp_path, template):
    project = copied(tmp_path, FIRST)
    with pytest.raises(DiffusionError, match="git remote add template URL"):
        upgrade(project)
    upgrade(project, address=str(template))
    assert (project / "workflow/Snakefile").read_text() == SECOND["workflow/Snakefile"]
    assert (project / "config/config.yaml").read_text() == "project: {name: rents}\n"
    assert git(project, "tag") == "", "tags are the project's own"
    assert not upgrade(project, address=str(template)).commit


def test_a_copy_that_is_none_of_the_templates_says_which_it_began_with(tmp_path, template):
    project = copied(tmp_path, FIRST | {"config/config.yaml": "project: {name: before}\n"})
    with pytest.raises(DiffusionError, match=r"--base v0\.1\.0"):
        upgrade(project, address=str(template))
    upgrade(project, address=str(template), base="v1.0.0")
    assert (project / "workflow/Snakefile").read_text() == SECOND["workflow/Snakefile"]


def test_words_for_what_is_no_release_no_template_and_no_clone(tmp_path, project, template):
    with pytest.raises(
        DiffusionError, match=r"no such release \[template\]\n  → releases: v1\.10\.0, v1\.9\.0"
    ):
        upgrade(project, "v7.0.0")
    git(project, "remote", "set-url", "template", str(tmp_path / "nowhere"))
    with pytest.raises(DiffusionError, match=r"git fetch: .*nowhere"):
        upgrade(project)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DiffusionError, match="Git does not know this folder"):
        upgrade(empty)
    git(template, "tag", "-d", "v1.0.0", "v1.9.0", "v1.10.0")
    with pytest.raises(DiffusionError, match="no release"):
        upgrade(project, address=str(template))

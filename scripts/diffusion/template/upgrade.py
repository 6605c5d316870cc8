"""Merge a later version of the template into a project, or change nothing.

The merge is made in a work tree beside the project, which sees only its result: a fast-forward to
one merge commit. What the project owns stays as it is; a file of the template that both changed is
merged by Git, and where Git cannot, the upgrade is refused with the files.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.errors import TemplateError
from diffusion.template.git import Repository
from diffusion.template.owned import is_of_project, is_paper
from diffusion.template.releases import Release, chosen, fetch_template, version_of

MOST = 20  # files that are listed
LOCKS = "envs/*.txt"


@dataclass(frozen=True)
class Upgrade:
    """What was merged: from which version, the commit, and what the user should know of it."""

    release: Release
    before: str  # the version of the library
    after: str
    commit: str = ""  # empty: the project has that release already
    kept: Sequence[str] = ()  # files that the template changed, too
    new_packages: bool = False


@dataclass
class _Merge:
    """A merge under way, in a work tree of its own."""

    tree: Repository
    kept: list[str] = field(default_factory=list)


def upgrade(folder: Path, wanted: str = "", address: str = "", base: str = "") -> Upgrade:
    """Merge a release of the template into the project.

    Args:
        folder: the project's clone.
        wanted: a tag, branch or commit of the template; empty for its latest release.
        address: where the template is; empty for the remote `template`.
        base: the release that the project began with, where Git does not know: it was copied.

    Returns:
        What was merged.

    Raises:
        DiffusionError: changes that are not committed, no such release, or files of the template
            that the project changed otherwise. Nothing was changed.
    """
    project = Repository(folder)
    _refuse_unfit(project)
    fetch_template(project, address)
    release = chosen(project, wanted)
    before = version_of(project, "HEAD")
    after = version_of(project, release.commit)
    if project.is_within(release.commit, "HEAD"):
        return Upgrade(release, before, after)
    begun = _beginning(project, release, base)
    with _beside(project) as tree:
        merge = _Merge(tree)
        if begun:  # its files are those of the project's first commit: only the history is new
            tree.git("merge", "--allow-unrelated-histories", "-s", "ours", "-m", "Begin", begun)
        _merge(merge, release)
        commit = tree.git("rev-parse", "HEAD")
    new_packages = bool(project.git("diff", "--name-only", "HEAD", commit, "--", LOCKS))
    project.git("merge", "--ff-only", "--quiet", commit)
    return Upgrade(release, before, after, commit, merge.kept, new_packages)


def _refuse_unfit(project: Repository) -> None:
    top = project.try_git("rev-parse", "--show-toplevel")
    if top.code:
        fix = "an upgrade is a merge: git init, git add . and git commit first"
        raise TemplateError(str(project.folder), "Git does not know this folder", fix)
    if not Path(top.out).samefile(project.folder):
        fix = f"the project must be a clone of its own; the clone here is {top.out}"
        raise TemplateError(str(project.folder), "it is a folder in another clone", fix)
    changed = project.lines("status", "--porcelain", "--untracked-files=no")
    if changed:
        fix = "git commit them, or git stash; nothing was changed"
        raise TemplateError("git status", f"changes are not committed:\n{_listed(changed)}", fix)


def _beginning(project: Repository, release: Release, base: str) -> str:
    """Return the commit of the template that a project without its history began with.

    Raises:
        DiffusionError: it cannot be told.
    """
    if project.try_git("merge-base", "HEAD", release.commit).code == 0:
        return ""  # a clone: Git knows
    if base:
        return chosen(project, base).commit
    first = project.lines("rev-list", "--max-parents=0", "HEAD")[-1]
    tree = project.git("rev-parse", f"{first}^{{tree}}")
    for line in project.lines("log", "--format=%H %T", release.commit):
        commit, _, its_tree = line.partition(" ")
        if its_tree == tree:
            return commit
    found = (
        "this project has nothing of the template's history, and its first commit is none of its"
    )
    fix = "name the release that it began with: --base v0.1.0"
    raise TemplateError("git merge-base", found, fix)


@contextmanager
def _beside(project: Repository) -> Iterator[Repository]:
    """Give a work tree beside the project, which goes away with all that was tried in it."""
    with tempfile.TemporaryDirectory(prefix="diffusion-upgrade-") as folder:
        tree = Path(folder) / "tree"
        project.git("worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
        try:
            yield Repository(tree)
        finally:
            project.git("worktree", "remove", "--force", str(tree))


def _merge(merge: _Merge, release: Release) -> None:
    tree = merge.tree
    before = tree.git("rev-parse", "HEAD")
    tree.try_git("merge", "--no-commit", "--no-ff", "--quiet", release.commit)
    if not tree.knows("MERGE_HEAD"):
        tree.git("merge", "--no-commit", "--no-ff", "--quiet", release.commit)  # Git's own words
    unmerged = set(tree.lines("diff", "--name-only", "--diff-filter=U"))
    changed = unmerged | set(tree.lines("diff", "--name-only", "--cached", before))
    for path in sorted(changed):
        if is_of_project(path) or (path in unmerged and _is_settled(tree, path, before)):
            _keep(merge, path, before)
    conflicts = sorted(unmerged - set(merge.kept))
    if conflicts:
        found = f"the template and this project changed the same lines of:\n{_listed(conflicts)}"
        fix = (
            "these files are the template's. Merge them by hand: git merge "
            f"{release.commit[:12]}, or ask for what you need there. Nothing was changed"
        )
        raise TemplateError(release.name, found, fix)
    tree.git("commit", "--quiet", "--no-edit", "-m", f"Upgrade the template to {release.name}")


def _is_settled(tree: Repository, path: str, commit: str) -> bool:
    """Is a file that both changed the project's all the same: its own words, or removed by it?"""
    return is_paper(path) or not _has(tree, commit, path)


def _has(tree: Repository, commit: str, path: str) -> bool:
    return not tree.try_git("cat-file", "-e", f"{commit}:{path}").code


def _keep(merge: _Merge, path: str, commit: str) -> None:
    """Let a file be as the project has it, or absent as there."""
    merge.kept.append(path)
    if not _has(merge.tree, commit, path):
        merge.tree.git("rm", "--force", "--quiet", "--ignore-unmatch", "--", path)
    else:
        merge.tree.git("checkout", commit, "--", path)


def _listed(lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return "\n".join(f"  {line}" for line in [*lines[:MOST], *more])

"""The commit of the project, as the manifest notes it with what is published."""

from pathlib import Path

from diffusion.template.git import Repository

CHANGED = "+changes"  # files of the project that Git knows differ from that commit


def commit_of(project: Path) -> str:
    """Return the commit of a project's clone; empty where Git does not know its files."""
    said = Repository(project).said
    if not said("ls-files", "--", "workflow/Snakefile"):
        return ""  # no clone, or a folder that another project's clone leaves out
    commit = said("rev-parse", "--verify", "HEAD")
    is_changed = said("status", "--porcelain", "--untracked-files=no", "--", ".")
    return commit + CHANGED if commit and is_changed else commit

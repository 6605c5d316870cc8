"""The commit of the project, as the manifest notes it with what is published."""

import subprocess
from pathlib import Path

PATIENCE = 10  # seconds that Git may take
CHANGED = "+changes"  # files of the project that Git knows differ from that commit


def commit_of(project: Path) -> str:
    """Return the commit of a project's clone; empty where Git does not know its files."""
    if not git(project, "ls-files", "--", "workflow/Snakefile"):
        return ""  # no clone, or a folder that another project's clone leaves out
    commit = git(project, "rev-parse", "--verify", "HEAD")
    is_changed = git(project, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return commit + CHANGED if commit and is_changed else commit


def git(folder: Path, *arguments: str) -> str:
    """Return what Git says in a folder; nothing where it fails, is slow or is not there."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

"""Git, as this project asks it: its answer, or its words in an error."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffusion.errors import TemplateError

# its words are read and shown; nothing is asked on the terminal but by whoever holds the keys
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no"}
PATIENCE = 10  # seconds that Git may take where its answer is not needed
NO_HOOKS = ("-c", "core.hooksPath=/dev/null")  # of the project's: they are about its own commits


@dataclass(frozen=True)
class Answer:
    """What Git said: its exit code, and its two streams, stripped."""

    code: int
    out: str
    words: str


@dataclass(frozen=True)
class Repository:
    """A folder that Git knows."""

    folder: Path

    def try_git(self, *arguments: str, timeout: float | None = None) -> Answer:
        """Run Git; return what it answered, whatever its exit code.

        Args:
            timeout: seconds that it may take.

        Raises:
            DiffusionError: there is no Git.
        """
        command = ["git", *NO_HOOKS, "-C", str(self.folder), *arguments]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
            )
        except FileNotFoundError:
            raise TemplateError("git", "it is not installed", "install Git") from None
        return Answer(done.returncode, done.stdout.strip(), done.stderr.strip())

    def git(self, *arguments: str) -> str:
        """Run Git; return what it answered.

        Raises:
            DiffusionError: it failed, with its own words.
        """
        answer = self.try_git(*arguments)
        if answer.code:
            said = answer.words or answer.out or f"exit code {answer.code}"
            raise TemplateError(f"git {arguments[0]}", said, _remedy(said))
        return answer.out

    def said(self, *arguments: str) -> str:
        """Run Git; return what it answered, nothing where it fails, is slow or is not there."""
        try:
            answer = self.try_git(*arguments, timeout=PATIENCE)
        except (TemplateError, OSError, subprocess.TimeoutExpired):
            return ""
        return "" if answer.code else answer.out

    def lines(self, *arguments: str) -> Sequence[str]:
        """Run Git; return the lines that it answered."""
        return self.git(*arguments).splitlines()

    def knows(self, name: str) -> bool:
        """Is this the name of a commit here?"""
        return not self.try_git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").code

    def is_within(self, commit: str, later: str) -> bool:
        """Is a commit part of the history of another one?"""
        return not self.try_git("merge-base", "--is-ancestor", commit, later).code


def _remedy(said: str) -> str:
    if "tell me who you are" in said or "user.email" in said:
        return 'git config user.name "…" and git config user.email "…", then the same command again'
    return "mend what Git says, then type the same command again"

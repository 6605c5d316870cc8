"""Whose a file is: the project's, which edits it, or the template's, which replaces it.

What a user edits and what the template owns are different files, so that a later version of the
template can be merged without conflict (README, "Layout").
"""

from pathlib import PurePosixPath

FOLDERS = ("config", "scripts/derive")  # the project's
EXCEPT = ("config/README.md", "config/examples")  # the template's, though they lie there
FILES = ("envs/project.in", "envs/project.txt")  # the project's own Python packages
PAPERS = ("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md")  # whoever changed them


def is_of_project(path: str) -> bool:
    """Is this file one that a project edits, and a new version of the template leaves alone?

    Args:
        path: from the folder of the clone, with `/`.
    """
    if path in FILES:
        return True
    return _is_in(path, FOLDERS) and not _is_in(path, EXCEPT)


def is_paper(path: str) -> bool:
    """May a project have made this text its own, so that its words stay if it did?"""
    return path in PAPERS or _is_in(path, (".github",))


def _is_in(path: str, places: tuple[str, ...]) -> bool:
    return any(PurePosixPath(path).is_relative_to(place) for place in places)

"""The releases of the template: fetched beside the project's own tags, and chosen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.errors import TemplateError
from diffusion.template.git import Repository

REMOTE = "template"
# apart from the project's own tags and branches, which may have the same names
TAGS, HEADS = f"refs/{REMOTE}/tags/", f"refs/{REMOTE}/heads/"
VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")  # a release; anything else is none
VERSION_LINE = re.compile(r'^VERSION = "([^"]+)"', re.MULTILINE)
VERSION_FILE = "scripts/diffusion/__init__.py"


@dataclass(frozen=True)
class Release:
    """A state of the template: as the user names it, and its commit."""

    name: str
    commit: str


def fetch_template(project: Repository, address: str = "") -> None:
    """Fetch all that the template has.

    Args:
        project: the clone; nothing but refs of the template is changed in it.
        address: where the template is, for a project that has no remote of that name.

    Raises:
        DiffusionError: there is no such remote, or it cannot be reached.
    """
    if not address and REMOTE not in project.lines("remote"):
        fix = f"git remote add {REMOTE} URL, with the address that this project was cloned from"
        raise TemplateError("git remote", f"there is no remote `{REMOTE}`", fix)
    refs = [f"+refs/tags/*:{TAGS}*", f"+refs/heads/*:{HEADS}*"]
    project.git("fetch", "--quiet", "--no-tags", "--prune", address or REMOTE, *refs)


def chosen(project: Repository, wanted: str = "") -> Release:
    """Return the release that is meant: the latest one, or the tag, branch or commit given.

    Raises:
        DiffusionError: there is none, with those that there are.
    """
    tags = versions(project)
    if not wanted:
        if not tags:
            fix = "name what to take: --to BRANCH, or --to COMMIT"
            raise TemplateError(REMOTE, "the template has no release (no tag such as v1.0.0)", fix)
        return _release(project, tags[-1], TAGS + tags[-1])
    for name in (TAGS + wanted, HEADS + wanted, wanted):
        if project.knows(name):
            return _release(project, wanted, name)
    known = ", ".join([*reversed(tags)][:10]) or "none"
    raise TemplateError(f"--to {wanted}", "the template has no such release", f"releases: {known}")


def versions(project: Repository) -> Sequence[str]:
    """Return the tags of the template's releases, the latest last."""
    names = [
        ref.removeprefix(TAGS) for ref in project.lines("for-each-ref", "--format=%(refname)", TAGS)
    ]
    return sorted(filter(VERSION.fullmatch, names), key=_order)


def version_of(project: Repository, commit: str) -> str:
    """Return the version that the library of a commit states; empty where it has none."""
    text = project.try_git("show", f"{commit}:{VERSION_FILE}").out
    found = VERSION_LINE.search(text)
    return found[1] if found else ""


def _release(project: Repository, name: str, ref: str) -> Release:
    return Release(name, project.git("rev-parse", f"{ref}^{{commit}}"))


def _order(tag: str) -> tuple[int, ...]:
    found = VERSION.fullmatch(tag)
    return tuple(int(number) for number in found.groups()) if found else ()

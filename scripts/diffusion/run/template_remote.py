"""The template as a Git remote of its own, so that `origin` is free for one's own repository."""

from collections.abc import Iterator
from pathlib import Path

from diffusion.template.git import Repository
from diffusion.template.releases import REMOTE


def template_candidate(folder: Path) -> str:
    """Return the address of `origin` where that may be where the template was cloned from.

    Empty where there is none, `template` is a remote already, or commits were made here since.
    """
    said = Repository(folder).said
    names = said("remote").split()
    if "origin" not in names or REMOTE in names:
        return ""
    own = said("rev-list", "--count", "HEAD", "--not", "--remotes=origin")
    return said("remote", "get-url", "origin") if own == "0" else ""


def keep_as_template(folder: Path) -> Iterator[str]:
    """Call `origin` `template`, and let nothing be pushed there unasked; yield it in words."""
    said = Repository(folder).said
    said("remote", "rename", "origin", REMOTE)
    if REMOTE not in said("remote").split():
        yield "! Git could not rename the remote: git remote rename origin template"
        return
    said("config", "remote.pushDefault", "origin")
    yield f"Git remote {REMOTE}: where the template was cloned from (it was called origin)"
    yield "  your own:  git remote add origin ADDRESS && git push -u origin HEAD"
    yield f"  if it was yours already:  git remote rename {REMOTE} origin"

"""Which dataset of an archive is meant: the only one, or the one that is chosen of several."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from diffusion.config.parts import ArchiveLimits
from diffusion.errors import DiffusionError
from diffusion.files.archive import is_archive, list_members
from diffusion.files.members import choose, groups_of
from diffusion.propose.draft import Draft

Choose = Callable[[str, Sequence[str], str], str]  # what, of which, how it is stated: which one


def propose_member(draft: Draft, path: Path, choose_one: Choose) -> str:
    """Propose the dataset of an archive; return its name, or nothing where the file is none.

    Raises:
        DiffusionError: the archive is damaged, or holds no data.
    """
    if not is_archive(path):
        return ""
    groups = groups_of(list_members(path, ArchiveLimits()))
    pattern = draft.all_keys.get("member")
    found = [group[0].name for group in choose(groups, pattern)]
    if pattern or len(found) == 1:
        return found[0] if found else ""
    names = found or [group[0].name for group in groups]
    if not names:
        raise DiffusionError(draft.name, "the archive is empty", "look for another file")
    chosen = choose_one("the archive holds", names, "--set 'member: NAME'")
    draft.propose("member", chosen, f"one of {len(names)}")
    return chosen


def form_of(member: str) -> str:
    """Return the format that the name of a member tells."""
    return PurePosixPath(member).suffix.lower().lstrip(".")

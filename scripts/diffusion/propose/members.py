"""Which dataset of an archive is meant: the only one, or the one that is chosen of several."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import get_args

from diffusion.config.parts import ArchiveLimits
from diffusion.config.reading import Format
from diffusion.config.vector_formats import LAYERS
from diffusion.errors import ProposalError
from diffusion.files.archive import is_archive, list_members
from diffusion.files.members import choose, groups_of
from diffusion.propose.choosing import Choose, choose_one, fitting
from diffusion.propose.draft import Draft

FORMATS = {*get_args(Format), "tsv", *(form.suffix.lstrip(".") for form in LAYERS.values())}


def propose_member(draft: Draft, path: Path, words: Sequence[str], ask: Choose) -> str:
    """Propose the dataset of an archive; return its name, or nothing where the file is none.

    Args:
        words: parts of the name of the one that is meant.

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
    names = sorted(fitting(names, words) or names, key=_is_of_no_format)
    if not names:
        raise ProposalError(draft.name, "the archive is empty", "look for another file")
    chosen = names[0]
    if len(names) > 1:
        chosen = choose_one(ask, "the archive holds", names, "--resource TEXT")
    draft.propose("member", chosen, f"one of {len(found) or len(groups)}")
    return chosen


def _is_of_no_format(member: str) -> bool:
    """Whether the name of a member tells no format of data: it is listed behind those that do."""
    return not FORMATS & {suffix.lower().lstrip(".") for suffix in PurePosixPath(member).suffixes}


def form_of(member: str) -> str:
    """Return the format that the name of a member tells."""
    return PurePosixPath(member).suffix.lower().lstrip(".")

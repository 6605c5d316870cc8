"""What is to be proposed: the entry as it begins, its name, and what a portal says of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from diffusion.config.names import RULES, TARGETS
from diffusion.errors import ProposalError
from diffusion.propose.choosing import Choose, choose_one
from diffusion.propose.draft import Draft
from diffusion.propose.place import name_of
from diffusion.propose.portals.found import Found, Resource

# formats, as portals call them, of what stands beside data
NOT_READ = ("pdf", "doc", "docx", "odt", "rtf", "html", "htm", "web page", "png", "jpg", "md")


@dataclass(frozen=True)
class Wanted:
    """What is to be proposed.

    Attributes:
        place: as `url:` states it.
        name: of the source; empty, if it is to be found.
        given: keys that the user states.
        vintage: of the project.
        resources: which one of several is meant: of a portal's dataset a part of its title, its
            format or its identifier; of an archive or a database a part of a name.
        whole: take all of a file, whatever its size.
        taken: names that other sources have.
        choose: asks which of several is meant, if somebody can be asked.
        tell: is given words, as they come.
        begun: keys of the entry that what was typed states, where it is no URL of data.
    """

    place: str
    name: str
    given: Mapping[str, Any]
    vintage: str
    resources: Sequence[str]
    whole: bool
    taken: Collection[str]
    choose: Choose
    tell: Callable[[str], None]
    begun: Mapping[str, Any] = field(default_factory=dict)


def begun(wanted: Wanted) -> Draft:
    """Return the entry as it begins: with what was typed."""
    name = wanted.name or free(name_of(wanted.place), wanted.taken)
    kind = "s3" if wanted.place.startswith("s3://") else "file"
    keys = dict(wanted.begun) or {"from": kind, "url": wanted.place}
    return Draft(name, wanted.vintage, keys, given=dict(wanted.given))


def rename(draft: Draft, wanted: Wanted, text: str) -> None:
    """Name the source by what was chosen, unless the user stated a name."""
    if text and not wanted.name:
        draft.name = free(name_of(text), wanted.taken)


def free(name: str, taken: Collection[str]) -> str:
    """Return a name that no other source has, and that is no word of `snakemake`."""
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    names = (f"{name}_data" if name in (*TARGETS, *RULES) else name, *numbered)
    return next(each for each in names if each not in taken)


def chosen(found: Found, wanted: Wanted) -> Resource:
    """Return the resource that is meant: the only one, or the one that is chosen.

    Raises:
        DiffusionError: the dataset has none.
    """
    wanted.tell(found.told)
    if (
        not wanted.resources
        and len(read := [r for r in found.resources if r.form not in NOT_READ]) == 1
    ):
        return read[0]
    fits = next(filter(None, (_that_fit(found, word) for word in wanted.resources)), [])
    fits = fits or ([] if wanted.resources else list(found.resources))
    fits = [r for r in fits if r.is_usual and not wanted.resources] or fits
    if len(fits) == 1:
        return fits[0]
    if not found.resources:
        fix = "look on its page where the data are"
        raise ProposalError(wanted.place, "the dataset has no file and no API", fix)
    among = fits or found.resources
    told = {(r.told if _is_alone(r, among) else f"{r.told} {r.url}"): r for r in among}
    return told[choose_one(wanted.choose, "the dataset has", list(told), "--resource TEXT")]


def _that_fit(found: Found, asked: str) -> list[Resource]:
    word = asked.lower()
    fits = [r for r in found.resources if word in f"{r.title} {r.form} {r.ident} {r.url}".lower()]
    exact = [r for r in fits if word in (r.title.lower(), r.ident.lower())]
    return exact if len(exact) == 1 else fits


def _is_alone(resource: Resource, among: Sequence[Resource]) -> bool:
    return [each.told for each in among].count(resource.told) == 1


def take(draft: Draft, found: Found, resource: Resource, wanted: Wanted) -> None:
    """Take over what a portal says of a dataset."""
    wanted.tell(f"→ {resource.told}")
    draft.keys = {"from": "file", "url": resource.url, **resource.keys, **found.about(resource)}
    rename(draft, wanted, found.name)
    draft.why["vintage"] = "the day it last changed"
    draft.why[""] = found.told
    hosts = [urlsplit(url).netloc for url in (wanted.place, str(draft.keys["url"]))]
    if hosts[0] != hosts[1] and (stated := {"auth", "headers"} & wanted.given.keys()):
        found_at = f"the data are at {hosts[1]}, and `{min(stated)}` was stated for {hosts[0]}"
        fix = f"if that host is to get it, type that address: diffusion source '{resource.url}'"
        raise ProposalError(wanted.place, found_at, fix)

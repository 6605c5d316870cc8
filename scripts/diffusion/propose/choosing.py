"""What has to be chosen: members, resources, and the keys that a refusal offers as its remedies."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import yaml

from diffusion.config.remedies import in_line
from diffusion.errors import DiffusionError, ProposalError
from diffusion.files.other_encodings import likely_in
from diffusion.propose.bench import Bench, Made
from diffusion.propose.draft import Draft, laid_over
from diffusion.propose.layers import refined_with_crs

# what there is (`the archive holds`), which ones, and how it is stated: the one that is meant;
# None where nobody can be asked
Choose = Callable[[str, Sequence[str], str], str] | None
SHOWN = 40  # of many
ROUNDS = 5  # refusals in a row
# what a remedy tells to write, of what decides how data are read
STATED = re.compile(
    r"`((?:auth|csv|xlsx|json|fixed|pages|format|encoding|records|member|layer|table|geometry"
    r"|columns|nulls|where|headers|names|drop): [^`]+)`"
)
EXAMPLE = "response.rows.row"  # of a path that is not known
ANY = "…"  # stands for one of the names that are listed
LISTED = re.compile(r"(?:sheets|layers|tables|objects|datasets): ([^;]+)")


class Remedy(NamedTuple):
    """A key that may be stated, as YAML, and the words that stand with it."""

    text: str
    words: str

    @property
    def keys(self) -> dict[str, Any]:
        """It as keys of an entry; none where it is no YAML."""
        try:
            found = yaml.safe_load(self.text)
        except yaml.YAMLError:
            return {}
        return found if isinstance(found, dict) else {}


def fitting(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return the names that hold the first of the words that any holds; the one that is it."""
    for word in words:
        fits = [name for name in names if word.lower() in name.lower()]
        exact = [name for name in fits if word.lower() == name.lower()]
        if fits:
            return exact if len(exact) == 1 else fits
    return []


def choose_one(choose: Choose, what: str, names: Sequence[str], option: str) -> str:
    """Return which of several is meant.

    Raises:
        DiffusionError: nobody can be asked; lists them.
    """
    if choose is not None:
        return choose(what, names, option)
    listed = "\n".join(names[:SHOWN]) + (f"\n{ANY}" if len(names) > SHOWN else "")
    found = f"{what} {len(names)}, and which one is meant is to be said"
    raise ProposalError("several", found, f"add {option} to the command, of these:\n{listed}")


def remedies_of(error: DiffusionError) -> list[Remedy]:
    """Return the keys that a refusal offers."""
    listed = LISTED.search(error.found)
    names = [in_line(name.strip()) for name in listed[1].split(",")] if listed else []
    found = []
    for words in re.split(r"\n|; or ", error.fix):
        stated = [text for text in STATED.findall(words) if EXAMPLE not in text]
        for text in stated:
            each = [text.replace(ANY, name) for name in names] if ANY in text else [text]
            alone = len(stated) == len(each) == 1
            found += [Remedy(t, words.strip() if alone else t) for t in each]
    return [remedy for remedy in dict.fromkeys(found) if remedy.keys and ANY not in remedy.text]


def refined(draft: Draft, bench: Bench, words: Sequence[str], choose: Choose) -> Made:
    """Refine a draft; where the sample is refused, ask which of the remedies is right.

    Args:
        words: parts of the name of what is meant, where there are several layers or sheets.

    Raises:
        DiffusionError: the sample cannot be read, and nobody can be asked; says how it is stated.
    """
    keys = dict(draft.keys)
    for _ in range(ROUNDS):
        try:
            return refined_with_crs(draft, bench)
        except DiffusionError as error:
            if likely := likely_in(error.fix):
                keys["encoding"], draft.why["encoding"] = likely
                draft.keys = dict(keys)
                continue
            keys = laid_over(keys, _chosen(error, words, choose).keys)
            draft.keys = dict(keys)
    return refined_with_crs(draft, bench)


def _chosen(error: DiffusionError, words: Sequence[str], choose: Choose) -> Remedy:
    """Return which remedy of a refusal is right.

    Raises:
        DiffusionError: there is none, or nobody can be asked.
    """
    remedies = remedies_of(error)
    listed = [remedy.text for remedy in remedies] if LISTED.search(error.found) else []
    if len(fits := fitting(listed, words)) == 1:
        return remedies[listed.index(fits[0])]
    if not remedies or choose is None:
        raise with_option(error) from error.__cause__
    shown = [remedy.words for remedy in remedies]
    told = f"{error.where}: {error.found}\nremedies:"
    return remedies[shown.index(choose(told, shown, "--set YAML"))]


def with_option(error: DiffusionError) -> DiffusionError:
    """Say how what a remedy tells to write is stated before there is an entry."""
    remedies = remedies_of(error)
    if not remedies or "--set" in error.fix:
        return error
    more = " (or another of these)" if len(remedies) > 1 else ""
    fix = f"{error.fix}\nhere: the same command with --set '{remedies[0].text}'{more}"
    return error.restated(fix=fix)

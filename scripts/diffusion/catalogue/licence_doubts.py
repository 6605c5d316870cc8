"""Where the licences of what is published do not go together, or with what a portal states.

What is found here is no legal advice: it says where somebody has to look.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from diffusion.catalogue.keys import is_table
from diffusion.catalogue.licences import Licence, is_stated, licence_of
from diffusion.publish.licences import LICENCES as OF_SOURCES


@dataclass(frozen=True)
class Doubt:
    """What does not agree in the licences of an entry.

    Attributes:
        kind: ``unstated``; ``same``, ``sale``, ``change``: what the licence of a source asks for;
            ``stated``: what its portal says.
        source: by its name, the portal by its host; empty for the entry itself.
        licence: of the source, as it is stated.
        own: of the entry.
    """

    kind: str
    source: str = ""
    licence: str = ""
    own: str = ""


def doubts(entry: Mapping) -> Iterator[Doubt]:
    """Yield what does not agree in the licences of an entry of the manifest, or of a receipt."""
    own = entry.get("licence") or ""
    is_derived = bool(entry.get("inputs"))
    if not is_stated(own):
        yield Doubt("unstated")
    stated = entry.get("stated", {})
    if is_another(own, stated.get("licence", "")):
        host = urlsplit(stated["portal"]).hostname or stated["portal"]
        yield Doubt("stated", host, stated["licence"], own)
    for source, text in entry.get(OF_SOURCES, {}).items() if is_derived else ():
        if not is_stated(text):
            yield Doubt("unstated", source)
        elif kind := _conflict(licence_of(text), own, is_table(entry)):
            yield Doubt(kind, source, text, own)


def is_another(one: str, other: str) -> bool:
    """Say whether two texts name licences that are known not to be the same.

    One that is written without its version may be of any, as portals list them.
    """
    first, second = _versions(one), _versions(other)
    return bool(first and second) and not first & second


def _versions(text: str) -> set[str]:
    """Return the licences that a text may mean: one, or each version of one."""
    if known := licence_of(text):
        return {known.name}
    written = {"fr-lo": "licence ouverte"}.get(text.lower(), text)
    found = (licence_of(f"{written} {n}.0") for n in range(1, 5))
    return {known.name for known in found if known}


def _conflict(of_source: Licence | None, own: str, is_data: bool) -> str:
    """Return what the licence of a source asks for that the own one does not grant; or nothing.

    A figure is a produced work of ODbL, which may be under any licence.
    """
    known = licence_of(own)
    if of_source is None:
        return ""
    if of_source.no_change:
        return "change"
    if of_source.same and (is_data or of_source.family != "ODbL"):
        is_same = known is not None and known.family == of_source.family
        return "" if is_same else "same"
    return "sale" if of_source.no_sale and not (known and known.no_sale) else ""


WORDS = {
    "unstated": "the licence of `{source}`, of which it is made, is not stated",
    "same": "it is published under {own}, and made of `{source}` under {licence}, which asks for "
    "the same licence",
    "sale": "it is published under {own}, and made of `{source}` under {licence}, which allows no "
    "commercial use",
    "stated": "{source} states the licence {licence}, and {own} is declared",
    "change": "it is made of `{source}` under {licence}, which does not allow to publish what is "
    "derived from it",
}
OWN = "its licence is not stated"


def in_words(doubt: Doubt) -> str:
    """Return a doubt in words."""
    if not doubt.source:
        return OWN
    own = doubt.own if is_stated(doubt.own) else "no stated licence"
    return WORDS[doubt.kind].format(source=doubt.source, licence=doubt.licence, own=own)


def licence_notes(receipts: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield for the end of a run where licences do not agree; what states none is told together.

    Args:
        receipts: of all that is published, by names.
    """
    found = {name: list(doubts(receipt)) for name, receipt in receipts.items()}
    if silent := [name for name, those in found.items() if any(not d.source for d in those)]:
        listed = ", ".join(silent)
        yield f"! no licence is stated for {listed}; write `licence:` there"
    for name, those in found.items():
        for doubt in those:
            if doubt.source and doubt.kind != "unstated":
                yield f"! {name}: {in_words(doubt)}"

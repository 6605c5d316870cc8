"""Licences: how they are written, what they are called elsewhere, and where two do not agree.

They are named as https://spdx.org/licenses does, and in the authority table ``licence`` of the
Publications Office of the European Union, as far as each has them. What is found here is no legal
advice: it says where somebody has to look.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diffusion.catalogue.keys import is_table
from diffusion.publish.licences import LICENCES as OF_SOURCES

AUTHORITY = "http://publications.europa.eu/resource/authority/licence/"
OTHER = "other"  # what STAC writes of a licence that SPDX does not have
_CC = "https://creativecommons.org/"
_GOV_DE = "https://www.govdata.de/dl-de/"


@dataclass(frozen=True)
class Licence:
    """A licence.

    Attributes:
        name: its SPDX identifier, or what it would be.
        url: its own page.
        title: what it is called, as data.gouv.fr lists it if it does.
        eu: its code in the authority table; empty where it has none.
        same: what is derived has to be under it, too.
        no_sale: it allows no commercial use.
        no_change: it allows nothing to be derived.
        is_spdx: whether SPDX has it.
    """

    name: str
    url: str
    title: str
    eu: str = ""
    same: bool = False
    no_sale: bool = False
    no_change: bool = False
    is_spdx: bool = True

    @property
    def family(self) -> str:
        """Its name without the version: a later one may take an earlier one's place."""
        return self.name.rpartition("-")[0]

    @property
    def authority(self) -> str:
        """Its address in the authority table; empty where it has none."""
        return AUTHORITY + self.eu if self.eu else ""


_V1, _V2, _V3 = (rf"[ -]*(v|version )?({n}(\.0)?)" for n in "123")
# how licences are written: a pattern of the whole text, in small letters
KNOWN = {
    rf"(licence ouverte|open licen[cs]e|etalab|lov?)( ?/ ?open licence)?{_V2}": Licence(
        "etalab-2.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
        "Licence Ouverte / Open Licence version 2.0",
    ),
    rf"(licence ouverte|etalab)( ?/ ?open licence)?{_V1}": Licence(
        "etalab-1.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
        "Licence Ouverte / Open Licence",
        is_spdx=False,
    ),
    rf"(odbl|odc-odbl|open database licen[cs]e)({_V1})?": Licence(
        "ODbL-1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
        "Open Data Commons Open Database License (ODbL)",
        "ODC_BL",
        same=True,
    ),
    rf"(odc-by|open data commons attribution licen[cs]e)({_V1})?": Licence(
        "ODC-By-1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
        "Open Data Commons Attribution License",
        "ODC_BY",
    ),
    rf"(pddl|odc-pddl)({_V1})?": Licence(
        "PDDL-1.0",
        "https://opendatacommons.org/licenses/pddl/1-0/",
        "Open Data Commons Public Domain Dedication and Licence (PDDL)",
        "ODC_PDDL",
    ),
    r"cc[ -]?0([ -]*1\.0)?": Licence(
        "CC0-1.0",
        f"{_CC}publicdomain/zero/1.0/",
        "Creative Commons CCZero",
        "CC0",
    ),
    rf"(ogl|open government licen[cs]e)([ -]uk)?{_V3}": Licence(
        "OGL-UK-3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Open Government Licence 3.0",
        "OGL_3_0",
    ),
    r"dl-de[-/]by[-/ ]2[.-]0": Licence(
        "DL-DE-BY-2.0",
        f"{_GOV_DE}by-2-0",
        "Datenlizenz Deutschland – Namensnennung – Version 2.0",
    ),
    r"dl-de[-/]zero[-/ ]2[.-]0": Licence(
        "DL-DE-ZERO-2.0",
        f"{_GOV_DE}zero-2-0",
        "Datenlizenz Deutschland – Zero – Version 2.0",
    ),
    r"mit( licen[cs]e)?": Licence(
        "MIT",
        "https://opensource.org/license/mit",
        "MIT License",
    ),
}
_WORDS = {"by": "Attribution", "nc": "Non-Commercial", "sa": "Share-Alike", "nd": "No-Derivatives"}
COMMONS = re.compile(
    r"(?:cc|creative commons)[ -](by(?:[ -]nc)?(?:[ -](?:sa|nd))?)[ -]*(?:v|version )?"
    r"([1-4]\.0|2\.5)(?: international)?"
)
UNSTATED = re.compile(
    r"|none|unknown|not (stated|specified)|notspecified|licen[cs]e not specified|aucune|inconnue"
    r"|non (précisée|spécifiée|renseignée)"
)


def licence_of(text: str) -> Licence | None:
    """Return a licence that is known by how it is written; None for any other."""
    written = " ".join(text.lower().split())
    if found := COMMONS.fullmatch(written):
        return _commons(found[1].replace(" ", "-"), found[2])
    return next((known for way, known in KNOWN.items() if re.fullmatch(way, written)), None)


def is_stated(text: str) -> bool:
    """Say whether a text says what the licence is."""
    return UNSTATED.fullmatch(" ".join(text.lower().split())) is None


def _commons(kind: str, version: str) -> Licence:
    eu = f"CC_{kind.upper().replace('-', '')}_4_0" if version == "4.0" else ""
    terms = kind.split("-")
    return Licence(
        f"CC-{kind.upper()}-{version}",
        f"{_CC}licenses/{kind}/{version}/",
        f"Creative Commons {' '.join(_WORDS[term] for term in terms)}",
        eu,
        same="sa" in terms,
        no_sale="nc" in terms,
        no_change="nd" in terms,
    )


@dataclass(frozen=True)
class Doubt:
    """What does not agree in the licences of an entry.

    Attributes:
        kind: ``unstated``; ``same``, ``sale``, ``change``: what the licence of a source asks for.
        source: by its name; empty for the entry itself.
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
    for source, text in entry.get(OF_SOURCES, {}).items() if is_derived else ():
        if not is_stated(text):
            yield Doubt("unstated", source)
        elif kind := _conflict(licence_of(text), own, is_table(entry)):
            yield Doubt(kind, source, text, own)


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
        yield f"! no licence is stated of {listed}; write `licence:` there"
    for name, those in found.items():
        for doubt in those:
            if doubt.source and doubt.kind != "unstated":
                yield f"! {name}: {in_words(doubt)}"

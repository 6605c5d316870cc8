"""Licences: how they are written, and what they are called elsewhere.

They are named as https://spdx.org/licenses does, and in the authority table ``licence`` of the
Publications Office of the European Union, as far as each has them.
"""

import re
from dataclasses import dataclass

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
_OPEN = "licence ouverte|etalab"
# how licences are written: a pattern of the whole text, in small letters
KNOWN = {
    rf"({_OPEN}|open licen[cs]e|lov?)( ?/ ?open licence)?{_V2}( \(etalab\))?": Licence(
        "etalab-2.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
        "Licence Ouverte / Open Licence version 2.0",
    ),
    rf"({_OPEN})( ?/ ?open licence)?{_V1}": Licence(
        "etalab-1.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
        "Licence Ouverte / Open Licence",
        is_spdx=False,
    ),
    rf"(odbl|odc-odbl|(open data commons )?open database licen[cs]e( \(odbl\))?)({_V1})?": Licence(
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
# of a page of a licence, in any language, what tells which
ADDRESS = re.compile(r"https?://(?:www\.)?(\S+?)/?(?:(?:deed|legalcode)[\w.-]*)?(?:[?#]\S*)?")
COMMONS_AT = re.compile(
    r"creativecommons\.org/licenses/(by(?:-nc)?(?:-(?:sa|nd))?)/([1-4]\.0|2\.5)"
)
UNION_AT = re.compile(re.escape(AUTHORITY[7:]) + r"cc_(by)(nc)?(sa|nd)?_4_0")
SPDX_AT = re.compile(r"spdx\.org/licenses/([a-z0-9.-]+?)(?:\.html|\.json)?")
UNSTATED = re.compile(
    r"|none|unknown|not (stated|specified)|notspecified|licen[cs]e not specified|aucune|inconnue"
    r"|non (précisée|spécifiée|renseignée)"
)


def licence_of(text: str) -> Licence | None:
    """Return a licence that is known by how it is written, or by its address; None for others."""
    written = " ".join(text.lower().split())
    if address := ADDRESS.fullmatch(written):
        return _at(address[1])
    if found := COMMONS.fullmatch(written):
        return _commons(found[1].replace(" ", "-"), found[2])
    return next((known for way, known in KNOWN.items() if re.fullmatch(way, written)), None)


def is_stated(text: str) -> bool:
    """Say whether a text says what the licence is."""
    return UNSTATED.fullmatch(" ".join(text.lower().split())) is None


def _at(place: str) -> Licence | None:
    """Return the licence at an address: its own page, that of SPDX, or that of the Union."""
    if found := COMMONS_AT.fullmatch(place):
        return _commons(*found.groups())
    if found := UNION_AT.fullmatch(place):
        return _commons("-".join(filter(None, found.groups())), "4.0")
    if found := SPDX_AT.fullmatch(place):
        return licence_of(found[1])
    for known in KNOWN.values():
        pages = (ADDRESS.fullmatch(page.lower()) for page in (known.url, known.authority))
        if place in [page[1] for page in pages if page]:
            return known
    return None


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

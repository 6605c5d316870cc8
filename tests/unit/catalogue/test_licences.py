"""Licences: how they are written, and where those of sources and what is made of them disagree."""

import re

import pytest

from catalogues import CONFIG, DPE, manifest_of
from diffusion.catalogue.dcat import dcat_catalogue
from diffusion.catalogue.licence_doubts import doubts, in_words, licence_notes
from diffusion.catalogue.licences import KNOWN, is_stated, licence_of
from diffusion.catalogue.page.site import licence_link
from diffusion.publish.licences import licences_in, licences_of_inputs
from projects import REPOSITORY

OPEN, SHARED = "Licence Ouverte 2.0", "ODbL 1.0"


@pytest.mark.parametrize(
    ("text", "name", "eu"),
    [
        (OPEN, "etalab-2.0", ""),
        ("Licence Ouverte / Open Licence version 2.0", "etalab-2.0", ""),
        ("etalab-2.0", "etalab-2.0", ""),
        ("lov2", "etalab-2.0", ""),
        ("Licence Ouverte 1.0", "etalab-1.0", ""),
        (SHARED, "ODbL-1.0", "ODC_BL"),
        ("ODbL", "ODbL-1.0", "ODC_BL"),
        ("ODC-BY 1.0", "ODC-By-1.0", "ODC_BY"),
        ("PDDL", "PDDL-1.0", "ODC_PDDL"),
        ("CC-BY-4.0", "CC-BY-4.0", "CC_BY_4_0"),
        ("CC BY-SA 4.0", "CC-BY-SA-4.0", "CC_BYSA_4_0"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0", "CC_BYNC_4_0"),
        ("cc-by-nc-nd 4.0", "CC-BY-NC-ND-4.0", "CC_BYNCND_4_0"),
        ("Creative Commons BY 3.0", "CC-BY-3.0", ""),
        ("CC0", "CC0-1.0", "CC0"),
        ("OGL v3.0", "OGL-UK-3.0", "OGL_3_0"),
        ("dl-de/by-2-0", "DL-DE-BY-2.0", ""),
        ("dl-de-zero-2.0", "DL-DE-ZERO-2.0", ""),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0", "CC_BYSA_4_0"),
        ("http://www.creativecommons.org/licenses/by/3.0/deed.fr", "CC-BY-3.0", ""),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.fr", "CC-BY-4.0", "CC_BY_4_0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC0-1.0", "CC0"),
        ("https://opendatacommons.org/licenses/odbl/1-0", "ODbL-1.0", "ODC_BL"),
        ("https://spdx.org/licenses/etalab-2.0.html", "etalab-2.0", ""),
        ("https://spdx.org/licenses/ODbL-1.0", "ODbL-1.0", "ODC_BL"),
        (
            "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
            "CC-BY-4.0",
            "CC_BY_4_0",
        ),
        ("https://example.org/licenses/by/4.0/", None, None),
        ("https://spdx.org/licenses/", None, None),
        ("Licence Ouverte", None, None),
        ("CC BY", None, None),
        ("not Licence Ouverte 2.0", None, None),
    ],
)
def test_licences_that_are_known(text, name, eu):
    known = licence_of(text)
    assert (known.name if known else None, known.eu if known else None) == (name, eu)


def test_a_page_writes_the_title_of_a_code():
    assert licence_link("lov2")[0] == "Licence Ouverte / Open Licence version 2.0"
    assert licence_link("Licence Ouverte 2.0")[0] == "Licence Ouverte 2.0"
    assert licence_link("own-terms") == ("own-terms", "")


def test_the_table_of_the_documentation_is_true():
    text = (REPOSITORY / "docs" / "catalogue.md").read_text("utf-8")
    lines = text[text.index("| written, for example") :].split("\n\n")[0].splitlines()[2:]
    told = set()
    for line in lines:
        written, names, codes = (cell.strip() for cell in line.strip("|").split("|"))
        for example in re.findall("`([^`]+)`", written):
            if known := licence_of(example):
                told.add(known.name)
                assert known.name in names if known.is_spdx else names == "–", example
                assert known.eu in codes if known.eu else codes == "–", example
            else:
                assert example in ("NC", "SA", "ND"), example
    assert {known.name for known in KNOWN.values()} <= told


def test_what_states_nothing():
    assert not any(map(is_stated, ("", " None", "notspecified", "non précisée", "Not stated")))
    assert all(map(is_stated, (OPEN, "our own terms", "none of your business")))


def derived(own: str, sources: dict[str, str], kind: str = "table") -> dict:
    return {"kind": kind, "licence": own, "licences": sources, "inputs": {"x": "0"}}


@pytest.mark.parametrize(
    ("own", "sources", "kinds"),
    [
        (OPEN, {"a": OPEN, "b": "CC-BY-4.0", "c": "CC0"}, []),
        (OPEN, {"a": OPEN, "b": SHARED}, ["same b"]),
        (SHARED, {"a": OPEN, "b": SHARED}, []),
        ("our own terms", {"b": SHARED}, ["same b"]),
        ("CC BY-SA 4.0", {"a": "CC BY-SA 3.0", "b": SHARED}, ["same b"]),
        (OPEN, {"a": "CC BY-NC 4.0"}, ["sale a"]),
        ("CC BY-NC 4.0", {"a": "CC BY-NC 3.0", "b": OPEN}, []),
        (OPEN, {"a": "CC BY-NC-SA 4.0"}, ["same a"]),
        ("CC BY-ND 4.0", {"a": "CC BY-ND 4.0"}, ["change a"]),
        (OPEN, {"a": "", "b": "our own terms"}, ["unstated a"]),
        ("", {"a": SHARED}, ["unstated ", "same a"]),
    ],
)
def test_what_does_not_agree(own, sources, kinds):
    assert [f"{d.kind} {d.source}" for d in doubts(derived(own, sources))] == kinds


def test_a_figure_of_share_alike_data_may_be_under_any_licence():
    """ODbL calls it a produced work; CC BY-SA does not."""
    sources = {"a": SHARED, "b": "CC BY-SA 4.0"}
    assert [d.source for d in doubts(derived(OPEN, sources, "figure"))] == ["b"]


def test_a_source_is_judged_by_nobodys_licence_but_its_own():
    assert list(doubts({"kind": "table", "licence": SHARED, "licences": {"a": SHARED}})) == []


def test_they_are_carried_to_what_is_derived():
    source = {"noted": {"source": "osm", "licence": SHARED}}
    assert licences_in(source) == {"osm": SHARED}
    receipts = {
        "osm": {"licences": licences_in(source)},
        "old": {"licence": OPEN},  # a receipt of an older version
    }
    found = licences_of_inputs(receipts)
    assert found == {"osm": SHARED, "old": OPEN}
    far = licences_of_inputs({"d": {"licence": OPEN, "licences": found}})
    assert licences_in({"noted": {"source": "far", "licence": OPEN}, "licences": far}) == found


def test_a_run_says_so_at_its_end():
    receipts = {
        "a": {"licence": ""},
        "b": {"licence": "none"},
        "d": derived(OPEN, {"osm": SHARED}),
        "ok": {"licence": OPEN},
    }
    assert list(licence_notes(receipts)) == [
        "! no licence is stated for a, b; write `licence:` there",
        "! d: it is published under Licence Ouverte 2.0, and made of `osm` under ODbL 1.0, which "
        "asks for the same licence",
    ]


def test_the_catalogue_says_so():
    entry = DPE | derived(OPEN, {"osm": SHARED})
    (found,) = dcat_catalogue(manifest_of(dpe=entry))["dcat:dataset"]
    rights = found["dcat:distribution"][0]["dct:rights"]["rdfs:label"]
    assert rights == f"The office ; {in_words(next(doubts(entry)))}"
    shared = DPE | {"licence": SHARED}
    (found,) = dcat_catalogue(manifest_of(dpe=shared))["dcat:dataset"]
    licence = found["dcat:distribution"][0]["dct:license"]
    authority = "http://publications.europa.eu/resource/authority/licence/ODC_BL"
    assert licence["skos:exactMatch"] == {"@id": authority}
    assert CONFIG["project"]["licence"] == OPEN

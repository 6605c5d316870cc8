"""What a portal stated is taken over where nothing is declared, and told where that differs."""

import json

import jsonschema
import pytest

from catalogues import DPE, config_of, manifest_of
from diffusion.catalogue.dcat import dcat_catalogue
from diffusion.catalogue.files import write_catalogue
from diffusion.catalogue.licence_doubts import is_another, licence_notes
from diffusion.catalogue.licences import licence_of
from diffusion.catalogue.said import said
from diffusion.catalogue.stated import portal_notes
from diffusion.config.parts import Credit, Project, PublishSource, Write
from diffusion.publish.entries import table_entry
from diffusion.publish.manifest import MANIFEST
from diffusion.publish.publication import Publication
from diffusion.storage.store import Store
from projects import REPOSITORY

PORTAL = "https://portal.example/api/1/datasets/dpe/"
STATED = {
    "portal": PORTAL,
    "title": "Certificates of the portal",
    "publisher": "ADEME",
    "licence": "ODbL 1.0",
    "frequency": "annual",
    "modified": "2024-01-31",
}
SCHEMA = json.loads((REPOSITORY / "workflow/schemas/manifest.schema.json").read_text("utf-8"))


def entry(credit: Credit, *stated: dict) -> dict:
    """Return the manifest's entry of a source whose raw copies came one after the other."""
    publish = PublishSource(publish_as="dpe")
    told = Publication(publish=publish, write=Write(), credit=credit, checks="", code="", spec="")
    noted = {"source": "dpe", "licence": credit.licence, "vintage": "2025"}
    facts = {"noted": noted, "rows": 1, "columns": [], "missing": {}, "sha256": "a" * 64}
    days = [
        {"retrieved": f"2026-01-0{9 - n}T00:00:00+00:00", **({"stated": one} if one else {})}
        for n, one in enumerate(stated)
    ]
    return table_entry(told, facts, "passed", Project(name="demo", publisher="Office"), days)


def test_a_licence_and_a_credit_that_are_not_declared_are_those_of_the_portal():
    """Of raw copies that came on several days, the last statement counts."""
    found = entry(Credit(), STATED, STATED | {"licence": "CC0"}, {})
    assert found["stated"] == STATED
    assert found["licence"] == "ODbL 1.0"
    assert found["licences"] == {"dpe": "ODbL 1.0"}
    assert found["credits"] == ["ADEME — ODbL 1.0"]
    assert found["retrieval"]["first"] < found["retrieval"]["last"]
    declared = entry(Credit("Licence Ouverte 2.0", "Us"), STATED)
    assert declared["licences"] == {"dpe": "Licence Ouverte 2.0"}
    assert declared["credits"] == ["Us — Licence Ouverte 2.0"]
    assert "stated" not in entry(Credit(), {})


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("Licence Ouverte 2.0", "ODbL", True),
        ("Licence Ouverte 2.0", "lov2", False),
        ("Licence Ouverte 2.0", "Licence Ouverte v2.0 (Etalab)", False),
        ("Licence Ouverte 2.0", "Licence Ouverte / Open Licence", False),
        ("Licence Ouverte 2.0", "fr-lo", False),
        ("Licence Ouverte 2.0", "Licence Ouverte 1.0", True),
        ("ODbL 1.0", "Open Data Commons Open Database License (ODbL)", False),
        ("ODbL 1.0", "fr-lo", True),
        ("CC BY 4.0", "cc-by", False),
        ("CC BY-SA 4.0", "cc-by", True),
        ("Licence Ouverte 2.0", "notspecified", False),
        ("Licence Ouverte 2.0", "", False),
        ("our own", "ODbL", False),
    ],
)
def test_licences_that_are_known_to_differ(one, other, differs):
    """What is written without a version, or is not known, is no reason to warn."""
    assert is_another(one, other) == is_another(other, one) == differs


def test_a_portal_that_states_another_licence_is_told_at_the_end_and_on_the_page(tmp_path):
    store = Store(str(tmp_path / "published"), None)
    manifest = manifest_of(dpe=DPE | {"stated": STATED})
    assert list(licence_notes(manifest["tables"])) == [
        "! dpe: portal.example states the licence ODbL 1.0, and Licence Ouverte 2.0 is declared"
    ]
    store.put(MANIFEST, json.dumps(manifest).encode(), "")
    write_catalogue(store, config_of({"title": ""}), tmp_path)
    page = store.read("page-of/dpe.html")[0].decode().replace("\u00a0", " ")
    assert "portal.example indique ODbL 1.0, et Licence Ouverte 2.0 est déclarée" in page
    assert "Certificates of the portal · Éditeur : ADEME · Licence : ODbL 1.0" in page
    assert '<h1 lang="fr">Certificates of the portal</h1>' in page


def test_its_words_are_those_of_the_catalogue_where_none_are_declared():
    config, manifest = (
        config_of({"title": "", "frequency": None}),
        manifest_of(dpe=DPE | {"stated": STATED}),
    )
    noted = said(config, manifest).applied(manifest, config.project)
    jsonschema.validate(noted, SCHEMA, jsonschema.Draft202012Validator)
    about = noted["tables"]["dpe"]["about"]
    assert (about["title"], about["frequency"]) == (STATED["title"], "annual")
    (dataset,) = dcat_catalogue(noted)["dcat:dataset"]
    assert dataset["dct:creator"]["foaf:name"] == "ADEME"
    assert dataset["dct:publisher"]["foaf:name"] == "The office"
    own = config_of()
    about = said(own, manifest).applied(manifest, own.project)["tables"]["dpe"]["about"]
    assert (about["title"], about["frequency"]) == ("Energy certificates", "monthly")


@pytest.mark.parametrize(
    ("stated", "licence", "note"),
    [
        (
            {},
            "LO",
            "· dpe: its portal is asked with the next vintage: these raw copies were frozen "
            "without what it states",
        ),
        (
            {"portal": PORTAL, "failed": "HTTP 404"},
            "LO",
            "! dpe: its portal states nothing: HTTP 404; see `portal` in config/README.md",
        ),
        (
            STATED,
            None,
            "· dpe: published under the licence that portal.example states: ODbL 1.0; `licence:` "
            "declares another",
        ),
        (STATED | {"licence": "notspecified"}, None, None),
        (STATED, "LO", None),
    ],
)
def test_what_the_end_of_a_run_says_of_it(stated, licence, note, monkeypatch):
    import catalogues

    project = {k: v for k, v in catalogues.CONFIG["project"].items() if k != "licence"}
    monkeypatch.setitem(catalogues.CONFIG, "project", project)
    config = config_of({"portal": PORTAL} | ({"licence": licence} if licence else {}))
    assert list(portal_notes(config, {"dpe": {"stated": stated}})) == ([note] if note else [])
    assert list(portal_notes(config_of(), {"dpe": {}})) == []


def test_a_licence_that_the_server_of_the_data_names_is_told(monkeypatch):
    """By the header of an answer, without a `portal` of the source."""
    import catalogues

    project = {k: v for k, v in catalogues.CONFIG["project"].items() if k != "licence"}
    monkeypatch.setitem(catalogues.CONFIG, "project", project)
    named = "https://spdx.org/licenses/ODbL-1.0"
    stated = {"portal": "https://data.example/t.csv", "licence": named}
    [note] = portal_notes(config_of(), {"dpe": {"stated": stated}})
    assert note.startswith(f"· dpe: published under the licence that data.example states: {named}")
    assert licence_of(entry(Credit(), stated)["licence"]).name == "ODbL-1.0"

"""CITATION.cff: how all that is published is cited."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from catalogues import DPE, config_of, manifest_of
from diffusion.catalogue.citation import citation_file, is_our_citation
from diffusion.catalogue.licences import KNOWN, _commons
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.site import Site
from diffusion.catalogue.said import said

SCHEMA = json.loads((Path(__file__).parent / "cff-1.2.0.schema.json").read_text("utf-8"))


def cited(manifest: dict, public: str = "") -> dict:
    """Return the content of the file, which fits the schema of the format."""
    data = citation_file(Site.of(manifest, Place(public)))
    assert is_our_citation(data)
    found = yaml.safe_load(data)
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    jsonschema.Draft7Validator(SCHEMA, format_checker=checker).validate(found)
    return found


@pytest.fixture
def manifest() -> dict:
    config, manifest = config_of(), manifest_of()
    return said(config, manifest).applied(manifest, config.project)


def test_it_says_who_what_when_and_where(manifest):
    dpe = manifest["tables"]["dpe"]
    dpe["retrieval"]["url"] = "https://office.example/dpe.csv"
    dpe["attribution"] = "ADEME, « DPE »: 2021 # oui"
    assert cited(manifest, "https://data.example/demo/") == {
        "cff-version": "1.2.0",
        "message": "Pour citer ces données, reprenez ce qui est dit ici.",
        "type": "dataset",
        "title": "Démo",
        "authors": [{"name": "The office", "website": "https://office.example/"}],
        "contact": [{"name": "The office", "email": "data@office.example"}],
        "date-released": "2026-01-02",
        "version": "2025-03-19",
        "url": "https://data.example/demo/",
        "keywords": ["logement"],
        "references": [
            {
                "type": "data",
                "title": "Energy certificates",
                "authors": [{"name": "ADEME, « DPE »: 2021 # oui"}],
                "url": "https://office.example/dpe.csv",
                "date-downloaded": "2026-01-02",
                "version": "2025-03-19",
                "license": "etalab-2.0",
            }
        ],
    }


def test_several_licences_are_none_of_the_whole(manifest):
    """In the format a list of them leaves the reader the choice."""
    assert "license" not in cited(manifest)
    dpe = manifest["tables"]["dpe"]
    assert cited(manifest | {"tables": {"dpe": dpe}})["license"] == "etalab-2.0"
    other = dpe | {"licence": "dl-de/by-2-0"}
    found = cited(manifest | {"tables": {"dpe": other}})
    assert found["license-url"] == "https://www.govdata.de/dl-de/by-2-0"


def test_what_an_address_says_little_of_is_left_out():
    """An address with axes is none; a folder here is nobody's; English is what is not French."""
    found = cited(manifest_of(dpe=DPE))
    assert found["message"] == "To cite these data, use what is said here."
    (source,) = found["references"]
    assert (source["authors"], "url" in source) == ([{"name": "office.example"}], False)
    here = DPE | {"retrieval": {"url": "/home/me/dpe.csv", "last": "2026-01-02T00:00:00+00:00"}}
    assert "references" not in cited(manifest_of(dpe=here))


def test_a_prefix_without_words_is_cited_by_its_name():
    found = cited({"project": {"name": "bare"}, "tables": {}})
    assert (found["title"], found["authors"]) == ("bare", [{"name": "bare"}])


@pytest.mark.parametrize(
    "licence",
    [
        *KNOWN.values(),
        *(_commons(k, v) for k in ("by", "by-nc-nd", "by-sa") for v in ("2.5", "4.0")),
    ],
    ids=lambda licence: licence.name,
)
def test_each_licence_is_named_as_the_format_lets_it_be(licence):
    entry = DPE | {"licence": {"etalab-1.0": "Licence Ouverte 1.0"}.get(licence.name, licence.name)}
    found = cited(manifest_of(dpe=entry))
    assert found.keys() & {"license", "license-url"}

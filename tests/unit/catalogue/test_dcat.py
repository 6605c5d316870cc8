"""catalog.jsonld: what harvesters of DCAT-AP read."""

import json
import os
from pathlib import Path

import pytest

from catalogues import SHA, config_of, manifest_of, thing
from diffusion.catalogue.datapackage import datapackage
from diffusion.catalogue.dcat import dcat_catalogue
from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.said import said
from diffusion.catalogue.vocabularies import FREQUENCIES, LANGUAGES, THEMES
from diffusion.config.about import Frequency, Language, Theme

BASE = "https://data.example/demo/"
EUROPE = "http://publications.europa.eu/resource/authority/"
MANDATORY = {  # properties that DCAT-AP 3.0 asks for
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher", "dcat:dataset"},
    "dcat:Dataset": {"dct:title", "dct:description"},
    "dcat:Distribution": {"dcat:accessURL"},
    "foaf:Agent": {"foaf:name"},
    "spdx:Checksum": {"spdx:algorithm", "spdx:checksumValue"},
    "skos:Concept": {"skos:prefLabel"},
}


@pytest.fixture
def catalogue() -> dict:
    config, manifest = config_of(), manifest_of()
    return dcat_catalogue(said(config, manifest).applied(manifest, config.project))


def dataset(catalogue: dict, name: str) -> dict:
    return next(item for item in catalogue["dcat:dataset"] if item["dct:identifier"] == name)


def nodes(value: object):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def test_what_dcat_ap_asks_for_is_there(catalogue):
    for node in nodes(catalogue):
        kind = node.get("@type")
        if isinstance(kind, str) and "@value" not in node:
            assert MANDATORY.get(kind, set()) <= node.keys(), node
    assert None not in [value for node in nodes(catalogue) for value in node.values()]


def test_a_dataset(catalogue):
    found = dataset(catalogue, "dpe")
    assert found["@id"] == f"{BASE}catalog.jsonld#dpe"
    assert found["dct:title"] == {"@value": "Energy certificates", "@language": "fr"}
    assert found["dct:accrualPeriodicity"]["@id"] == f"{EUROPE}frequency/MONTHLY"
    assert found["dct:language"]["@id"] == f"{EUROPE}language/FRA"
    assert [theme["@id"] for theme in found["dcat:theme"]] == [f"{EUROPE}data-theme/ENER"]
    assert [word["@value"] for word in found["dcat:keyword"]] == ["énergie", "logement"]
    assert found["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:data@office.example"}
    assert found["dcat:landingPage"]["@id"] == "https://office.example/"
    time = found["dct:temporal"]
    days = [time[key]["@value"] for key in ("dcat:startDate", "dcat:endDate")]
    assert days == ["2020-01-31", "2021-02-01"]
    assert dataset(catalogue, "parts")["dct:title"]["@value"] == "parts"


def test_its_files(catalogue):
    parquet, csv = dataset(catalogue, "dpe")["dcat:distribution"]
    assert csv["dcat:downloadURL"] == csv["dcat:accessURL"] == {"@id": f"{BASE}dpe.csv"}
    assert csv["dcat:mediaType"]["@id"].endswith("/media-types/text/csv")
    assert parquet["dct:format"]["@id"] == f"{EUROPE}file-type/PARQUET"
    assert parquet["spdx:checksum"]["spdx:checksumValue"]["@value"] == SHA
    algorithm = parquet["spdx:checksum"]["spdx:algorithm"]
    assert algorithm["skos:exactMatch"] == {"@id": "spdx:checksumAlgorithm_sha256"}
    assert parquet["dct:license"]["dct:identifier"] == "etalab-2.0"
    known = parquet["dct:license"]
    assert known["rdfs:label"] == "Licence Ouverte / Open Licence version 2.0"
    assert known["dct:title"] == "Licence Ouverte 2.0"
    assert "skos:exactMatch" not in known, "the authority table has no Licence Ouverte"
    own = dataset(catalogue, "shapes")["dcat:distribution"][0]["dct:license"]
    assert own == {"@type": "dct:LicenseDocument", "rdfs:label": "by our own terms"}
    _, odd = dataset(catalogue, "parts")["dcat:distribution"]
    key = "parts/by_code=_a%252Fb/data-0.parquet"
    assert odd["dcat:downloadURL"]["@id"] == f"{BASE}{key}", "a % of the key is one in the address"


def test_a_box_across_the_180th_meridian_is_two(catalogue):
    place = dataset(catalogue, "shapes")["dct:spatial"]
    west = "((177.5 -20.0,180 -20.0,180 10.25,177.5 10.25,177.5 -20.0))"
    east = "((-180 -20.0,-178.0 -20.0,-178.0 10.25,-180 10.25,-180 -20.0))"
    assert place["dcat:bbox"]["@value"] == f"MULTIPOLYGON({west},{east})"
    assert len(json.loads(place["geo:asGeoJSON"]["@value"])["coordinates"]) == 2


def test_where_it_comes_from(catalogue):
    found = dataset(catalogue, "dpe")
    (raw,) = found["prov:wasDerivedFrom"]
    assert raw["prov:atLocation"]["rdfs:label"] == "https://office.example/{dep}.csv"
    assert raw["owl:versionInfo"] == "2025-03-19"
    assert raw["prov:generatedAtTime"]["@value"] == "2026-01-02T00:00:00+00:00"
    assert len(raw["dct:identifier"]) == 2
    plan = found["prov:wasGeneratedBy"]["prov:qualifiedAssociation"]["prov:hadPlan"]
    assert plan["dct:identifier"] == [f"commit {'a' * 40}", "code c0de"]
    (made_of,) = dataset(catalogue, "shapes")["prov:wasDerivedFrom"]
    assert made_of["@id"] == found["@id"]


def test_what_it_was_made_of_has_the_name_under_which_it_is_published():
    tables = manifest_of()["tables"]
    tables["dpe"]["table_sha256"] = SHA
    tables["parts"]["inputs"] = {"certificates": SHA, "private": "e" * 64}
    (first, second) = dataset(dcat_catalogue(manifest_of(**tables)), "parts")["prov:wasDerivedFrom"]
    assert first["@id"] == "catalog.jsonld#dpe"
    assert second["@id"] == "catalog.jsonld#private"


def test_without_a_public_address_it_is_relative():
    found = dataset(dcat_catalogue(manifest_of()), "dpe")
    assert found["dcat:distribution"][0]["dcat:downloadURL"] == {"@id": "dpe.parquet"}


def test_an_entry_of_an_earlier_version_says_what_it_has():
    entry = {"objects": [thing("t.parquet")]}
    manifest = {"tables": {"t": entry}}
    (found,) = dcat_catalogue(manifest)["dcat:dataset"]
    assert found["dct:title"] == "t"
    assert datapackage(manifest)["resources"][0]["path"] == "t.parquet"


def test_very_many_files_of_a_folder_are_one_distribution():
    objects = [thing(f"t/{n}.parquet", values={"n": str(n)}) for n in range(FILES_EACH + 1)]
    entry = manifest_of()["tables"]["parts"] | {"objects": objects}
    (found,) = dcat_catalogue(manifest_of(t=entry))["dcat:dataset"][0]["dcat:distribution"]
    assert found["dcat:accessURL"] == {"@id": "manifest.json"}
    assert found["dcat:byteSize"]["@value"] == str(3 * len(objects))


def test_every_word_of_the_configuration_has_one_of_the_vocabulary():
    for words, known in ((Frequency, FREQUENCIES), (Language, LANGUAGES), (Theme, THEMES)):
        assert set(words.__args__) == known.keys()


def test_shapes_of_dcat_ap(catalogue):
    """Those of SEMIC are not of this project: the environment names their file."""
    pyshacl = pytest.importorskip("pyshacl")
    rdflib = pytest.importorskip("rdflib")
    if not (shapes := os.environ.get("DCAT_AP_SHAPES")):
        pytest.skip("DCAT_AP_SHAPES names no file of DCAT-AP 3.0.1's SHACL shapes")
    graph = rdflib.Graph().parse(data=json.dumps(catalogue), format="json-ld")
    rules = rdflib.Graph().parse(Path(shapes))
    conforms, _, words = pyshacl.validate(graph, shacl_graph=rules)
    assert conforms, words


def test_the_harvester_of_data_gouv_fr_reads_it(catalogue):
    """Its parser takes `xsd:hexBinary` for bytes, which its documents refuse: see ``SHA256``."""
    rdflib = pytest.importorskip("rdflib", reason="rdflib is not installed")
    graph = rdflib.Graph().parse(data=json.dumps(catalogue), format="json-ld")
    spdx = rdflib.Namespace("http://spdx.org/rdf/terms#")
    taken = {spdx[f"checksumAlgorithm_{name}"] for name in ("md5", "sha1", "sha256")}
    assert not taken & set(graph.objects(predicate=spdx.algorithm))
    labels = set()
    for licence in graph.objects(predicate=rdflib.DCTERMS.license):
        labels |= set(map(str, graph.objects(licence, rdflib.RDFS.label)))
    assert labels == {"Licence Ouverte / Open Licence version 2.0", "by our own terms"}

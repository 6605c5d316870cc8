"""The STAC catalogue of the geographic tables, in Portolan's profile."""

import importlib
import json

import pytest

from catalogues import PARTS, SHA, config_of, listed, manifest_of, thing
from diffusion.catalogue.files import write_catalogue
from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.said import said
from diffusion.catalogue.stac import STAC_VERSION, Picture, stac_catalogue, stac_collection
from diffusion.publish.manifest import MANIFEST
from diffusion.storage.store import Store

DIVIDED = PARTS | {
    "columns": listed({"code": "string", "geometry": "binary"}),
    "geo": {"crs": "OGC:CRS84", "types": ["Point"], "bbox_wgs84": [2.0, 48.0, 3.0, 49.0]},
    "licence": "ODbL 1.0",
}


@pytest.fixture
def manifest() -> dict:
    config = config_of()
    found = manifest_of(**{**manifest_of()["tables"], "parts": DIVIDED})
    return said(config, found).applied(found, config.project)


def test_a_collection_for_each_geographic_table(manifest):
    links = stac_catalogue(manifest)["links"]
    assert [(link["href"], link["title"]) for link in links if link["rel"] == "child"] == [
        ("./catalog-of/parts/collection.json", "parts"),
        ("./catalog-of/shapes/collection.json", "shapes"),
    ]


def test_a_collection(manifest):
    found = stac_collection(manifest, "shapes", "2.1.0", Picture(7, SHA))
    assert found["extent"]["spatial"]["bbox"] == [[177.5, -20.0, -178.0, 10.25]]
    assert found["extent"]["temporal"]["interval"] == [
        ["2014-01-01T00:00:00Z", "2016-03-31T23:59:59Z"]
    ]
    assert found["assets"]["shapes.parquet"] == {
        "href": "../../shapes.parquet",
        "title": "shapes.parquet",
        "type": "application/vnd.apache.parquet",
        "roles": ["data"],
        "proj:code": "EPSG:2154",
        "file:size": 3,
        "file:checksum": f"1220{SHA}",
    }
    assert found["assets"]["thumbnail"]["file:size"] == 7
    assert (found["version"], found["updated"]) == ("2.1.0", "2026-01-02T03:04:05+00:00")
    assert (found["providers"][0]["name"], found["providers"][0]["email"]) == (
        "The office",
        "data@office.example",
    )


def test_a_licence_that_spdx_does_not_have_is_where_the_readme_says_it(manifest):
    found = stac_collection(manifest, "shapes", "1.0.0")
    link = next(link for link in found["links"] if link["rel"] == "license")
    assert (found["license"], link["href"]) == ("other", "./README.md")
    known = stac_collection(manifest, "parts", "1.0.0")
    link = next(link for link in known["links"] if link["rel"] == "license")
    assert (known["license"], "opendatacommons" in link["href"]) == ("ODbL-1.0", True)


def test_a_divided_table(manifest):
    found = stac_collection(manifest, "parts", "1.0.0")
    assert found["partition:keys"] == [{"name": "by_code", "type": "string"}]
    assert found["partition:glob"] == "https://data.example/demo/parts/*/*.parquet"
    assert "../../parts/by_code=_a%252Fb/data-0.parquet" in [
        asset["href"] for asset in found["assets"].values()
    ]
    assert "proj:code" not in json.dumps(found), "it is no code of EPSG"
    many = [thing(f"parts/{n}.parquet", values={"code": "1"}) for n in range(FILES_EACH + 1)]
    entry = DIVIDED | {"objects": many}
    assert stac_collection(manifest_of(parts=entry), "parts", "1.0.0")["assets"] == {}


@pytest.mark.parametrize("name", ["shapes", "parts"])
def test_pystac_agrees(manifest, name):
    """With the schemas that it brings: no network."""
    reason = "pystac[validation] is not installed: it is a validator of tests only"
    pytest.importorskip("jsonschema", reason=reason)
    pystac = pytest.importorskip("pystac", reason=reason)
    validator = importlib.import_module("pystac.validation.stac_validator")
    for content in (stac_catalogue(manifest), stac_collection(manifest, name, "1.0.0")):
        kind = pystac.STACObjectType(content["type"])
        assert validator.JsonSchemaSTACValidator().validate_core(content, kind, STAC_VERSION)
    content |= {"license": ""}
    with pytest.raises(pystac.errors.STACValidationError):
        validator.JsonSchemaSTACValidator().validate_core(content, kind, STAC_VERSION)
    read = pystac.Collection.from_dict(stac_collection(manifest, name, "1.0.0"))
    assert read.extent.spatial.bboxes == [manifest["tables"][name]["geo"]["bbox_wgs84"]]


def test_the_validator_of_portolan_agrees(manifest, tmp_path):
    """But for the picture, which only the machine that has the table can draw."""
    reason = "rashid, the validator of portolan-cli, is not installed"
    rashid = pytest.importorskip("rashid", reason=reason)
    store = Store(str(tmp_path / "published"), None)
    store.put(MANIFEST, json.dumps(manifest).encode(), "")
    write_catalogue(store, config_of(), tmp_path)
    found = rashid.validate(tmp_path / "published", structural=True, schema=True, data=False)
    told = {(finding.rule_id, str(finding.path)) for finding in found.findings}
    assert told == {
        ("PTL-VIZ-001", f"catalog-of/{name}/collection.json") for name in ("parts", "shapes")
    }

"""croissant.json: what libraries of machine learning load data by."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogues import PARQUET, config_of, listed, manifest_of, thing
from diffusion.catalogue.croissant import croissant
from diffusion.catalogue.keys import FILES_EACH
from diffusion.catalogue.said import said
from diffusion.storage.hashing import sha256_of

REASON = "mlcroissant is not installed: it is a validator of tests only"


@pytest.fixture
def described() -> dict:
    config, manifest = config_of(), manifest_of()
    return croissant(said(config, manifest).applied(manifest, config.project))


def records(described: dict, name: str) -> dict:
    return next(found for found in described["recordSet"] if found["name"] == name)


def test_whose_it_is(described):
    assert (described["name"], described["description"]) == ("demo", "Démo")
    assert described["creator"]["name"] == "The office"
    assert described["license"][1] == "by our own terms"
    assert described["datePublished"] == "2026-01-02T03:04:05+00:00"


def test_columns_are_fields_of_the_parquet_file(described):
    fields = {field["name"]: field for field in records(described, "dpe")["field"]}
    kinds = {name: field["dataType"] for name, field in fields.items()}
    assert kinds == {
        "code": "sc:Text",
        "day": "sc:Date",
        "at": "sc:DateTime",
        "n": "sc:Integer",
        "surface": "sc:Float",
        "price": "sc:Float",
    }
    source = {"fileObject": {"@id": "dpe.parquet"}, "extract": {"column": "code"}}
    assert fields["code"]["source"] == source
    assert fields["code"]["description"] == "Code of the commune"
    file = next(found for found in described["distribution"] if found["@id"] == "dpe.csv")
    assert file["contentUrl"] == "https://data.example/demo/dpe.csv"


def test_a_folder_is_a_set_of_files(described):
    (field,) = records(described, "parts")["field"]
    assert field["source"]["fileSet"] == {"@id": "parts/"}
    files = [found for found in described["distribution"] if found["@id"].startswith("parts/")]
    assert [found["@type"] for found in files] == ["cr:FileObject", "cr:FileObject", "cr:FileSet"]
    assert files[-1]["includes"] == "parts/*/*.parquet"
    many = [thing(f"parts/{n}.parquet", values={"n": str(n)}) for n in range(FILES_EACH + 1)]
    entry = manifest_of()["tables"]["parts"] | {"objects": many}
    assert len(croissant(manifest_of(parts=entry))["distribution"]) == 1


def test_mlcroissant_agrees(tmp_path, described):
    mlcroissant = pytest.importorskip("mlcroissant", reason=REASON)
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(described))
    issues = mlcroissant.Dataset(jsonld=str(path)).metadata.ctx.issues
    assert issues.errors == set()
    assert all("version" in warning for warning in issues.warnings)


def test_mlcroissant_reads_the_rows(tmp_path):
    """Codes keep their zeros; names of columns may be anything."""
    mlcroissant = pytest.importorskip("mlcroissant", reason=REASON)
    table = pa.table({"code": ["01053", "2A004"], "n d'été/1": [1, 2]})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    item = thing("t.parquet", media_type=PARQUET) | {"sha256": sha256_of(path)}
    columns = listed({name: str(table.schema.field(name).type) for name in table.column_names})
    entry = {"objects": [item], "columns": columns, "published": "2026-01-02T03:04:05+00:00"}
    (tmp_path / "croissant.json").write_text(json.dumps(croissant(manifest_of(t=entry))))
    rows = list(mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json")).records("t"))
    assert [row["t/code"] for row in rows] == [b"01053", b"2A004"]
    assert len(rows[0]) == 2

"""datapackage.json: what each file is, so that `01053` survives who reads a CSV by it."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogues import config_of, manifest_of, thing
from diffusion.catalogue.datapackage import datapackage
from diffusion.catalogue.said import said
from diffusion.publish.layout import DIALECT, write_csv
from diffusion.tables.engine import engine
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits


@pytest.fixture
def package() -> dict:
    config, manifest = config_of(), manifest_of()
    return datapackage(said(config, manifest).applied(manifest, config.project))


def resource(package: dict, name: str) -> dict:
    return next(item for item in package["resources"] if item["name"] == name)


def test_whose_it_is(package):
    assert package["name"] == "demo"
    assert package["contributors"] == [
        {"title": "The office", "role": "publisher", "email": "data@office.example"}
    ]
    assert package["licenses"][0]["name"] == "etalab-2.0"


def test_a_csv_is_described_to_its_types(package):
    found = resource(package, "dpe.csv")
    assert found["dialect"]["delimiter"] == ","
    assert (found["encoding"], found["profile"]) == ("utf-8", "tabular-data-resource")
    assert found["hash"].startswith("sha256:")
    fields = {field.pop("name"): field for field in found["schema"]["fields"]}
    assert fields == {
        "code": {"type": "string", "description": "Code of the commune"},
        "day": {"type": "date"},
        "at": {"type": "datetime", "format": "any"},
        "n": {"type": "integer"},
        "surface": {"type": "number", "unit": "m²"},
        "price": {"type": "number"},
        "tags": {"type": "array"},
    }
    assert "dialect" not in resource(package, "dpe.parquet")


def test_a_folder_is_one_resource_of_several_files(package):
    found = resource(package, "parts")
    assert found["path"] == [
        "parts/by_code=_01/data-0.parquet",
        "parts/by_code=_a%2Fb/data-0.parquet",
    ]
    assert (found["bytes"], "hash" in found) == (6, False)


def test_a_licence_that_nobody_knows_is_named_by_its_words(package):
    assert resource(package, "shapes.parquet")["licenses"] == [
        {"name": "by_our_own_terms", "title": "by our own terms"}
    ]


def test_the_validator_of_frictionless_agrees(tmp_path, package):
    """With a CSV as it is published: every type, codes, missing values, quotes, a line break."""
    frictionless = pytest.importorskip("frictionless")
    table = pa.table(
        {
            "code": ["01053", "2A004", None],
            "text": ['a "b", c', "two\nlines", ""],
            "day": pa.array([1, None, 2], pa.date32()),
            "at": pa.array([0, 1_500_000, None], pa.timestamp("us")),
            "utc": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
            "clock": pa.array([0, 3_600_000_000, None], pa.time64("us")),
            "n": [1, None, 3],
            "x": [1.5, 1e300, None],
            "flag": [True, False, None],
            "tags": [["a"], [], None],
            "nested": [{"a": 1}, {"a": None}, None],
        }
    )
    path, target = tmp_path / "t.parquet", tmp_path / "t.csv"
    pq.write_table(table, path)
    with engine(Limits(1000, 1, tmp_path)) as con:
        write_csv(con, path, target)
    item = thing("t.csv", media_type="text/csv", dialect=dict(DIALECT))
    facts = facts_of(path)
    entry = {"objects": [item], "columns": facts["columns"], "published": ""}
    made = datapackage(manifest_of(t=entry))
    for resource in made["resources"]:
        del resource["hash"], resource["bytes"]  # made up
    (tmp_path / "datapackage.json").write_text(json.dumps(made))
    read = frictionless.Package(str(tmp_path / "datapackage.json"))
    report = read.resources[0].validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
    assert [row["code"] for row in read.resources[0].read_rows()] == ["01053", "2A004", None]
    whole = frictionless.Package.from_descriptor(package)  # it raises what is wrong
    assert [r.name for r in whole.resources] == [r["name"] for r in package["resources"]]


def test_a_plain_reader_that_looks_at_the_dialect(tmp_path, package):
    dialect = resource(package, "dpe.csv")["dialect"]
    text = 'code,text\n01053,"a ""b"""\n'
    given = {"delimiter": dialect["delimiter"], "quotechar": dialect["quoteChar"]}
    rows = list(csv.DictReader(text.splitlines(), doublequote=dialect["doubleQuote"], **given))
    assert rows == [{"code": "01053", "text": 'a "b"'}]

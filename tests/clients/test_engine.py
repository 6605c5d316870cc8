"""`engine: spark`, by real Spark on this machine.

make minio clients spark && pytest --clients --s3 minio tests/clients
"""

import datetime
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from derivations import entry_of
from diffusion.derive.inputs import PublishedTable
from diffusion.derive.spark import queried_by_spark
from diffusion.derive.table import derive_by_spark, derive_sql, query_text
from diffusion.errors import DiffusionError
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from minio_users import BUCKET, USER, temporary
from projects import REPOSITORY, Project
from standins.server import Standins

pytestmark = [pytest.mark.clients, pytest.mark.minio]
QUERY = """
SELECT
    departement, count(*) AS communes, CAST(sum(population) AS BIGINT) AS population,
    min(code) AS first
FROM communes WHERE code <> '01001' GROUP BY departement
"""


def published(folder, name: str, columns: dict) -> PublishedTable:
    """Return a table in two files, in a folder whose name Spark would take for a pattern."""
    table, objects = pa.table(columns), []
    for place, rows in (("by_d=_01", table.slice(0, 3)), ("by_d=null", table.slice(3))):
        path = folder / "a b %20 [1]" / name / place / "data-1.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, path)
        key = f"{name}/{place}/data-1.parquet"
        objects.append({"key": key, "size": path.stat().st_size, "sha256": key})
    names = [{"name": name} for name in columns]
    receipt = {"name": name, "url": str(folder / "a b %20 [1]"), "objects": objects}
    return PublishedTable(receipt | {"columns": names, "credits": []}, None)


@pytest.fixture
def inputs(tmp_path):
    dpe = {
        "code_insee_commune_actualise": ["01001", "01001", "01002", "2A004", "97105", None],
        "tv016_departement_code": ["01", "01", "01", "2A", "971", None],
        "classe_consommation_energie": ["A", "F", "N", "G", None, "D"],
        "consommation_energie": [100.5, 300.25, 0.0, 410.0, None, 90.0],
    }
    filosofi = {
        "CODGEO": ["01001", "01002", "2A004", "97105"],
        "LIBGEO": ["L'Abergement", "Œ", "Ajaccio", None],
        "MED14": [20_000.5, None, 18_000.0, 15_000.0],
        "NBMENFISC14": [300, 10, 30_000, 9_000],
    }
    known = {"code": ["01", "2A", "971", "976"], "nom": ["Ain", "Corse-du-Sud", "Guadeloupe", "M"]}
    given = {"dpe": dpe, "filosofi": filosofi, "departements_insee": known}
    return {name: published(tmp_path, name, columns) for name, columns in given.items()}


def by_spark(entry, inputs, folder):
    target, limits = folder / "spark.parquet", Limits(2000, 2, folder / "scratch")
    query = query_text(entry, REPOSITORY)
    with engine(limits) as con, queried_by_spark("x", query, inputs, None, limits) as rows:
        derive_by_spark(con, "mine", entry, inputs, rows, target)
    return pq.read_table(target)


@pytest.mark.parametrize("name", ["dpe_par_commune", "dpe_par_departement"])
def test_the_chapters_queries_have_the_result_of_duckdb(name, inputs, tmp_path):
    entry = entry_of(sql=f"config/examples/chapter/{name}.sql", inputs=["t"], engine="spark")
    with engine(Limits(2000, 1, tmp_path / "scratch")) as con:
        derive_sql(con, "mine", entry, inputs, REPOSITORY, tmp_path / "duckdb.parquet")
    found = by_spark(entry, inputs, tmp_path)
    assert found.num_rows
    assert found.equals(pq.read_table(tmp_path / "duckdb.parquet"))  # values, types and order
    assert not any((tmp_path / "scratch").iterdir())


def test_times_of_a_day_are_read_and_written(tmp_path):
    times = {"at": pa.array([datetime.time(9, 30), None, datetime.time(23, 59, 59, 123456)])}
    inputs = {"t": published(tmp_path, "t", times | {"n": [1, 2, 3]})}
    query = entry_of(sql="SELECT n, at FROM t", inputs=["t"], engine="spark")
    found = by_spark(query, inputs, tmp_path)
    assert found.column("at").to_pylist() == times["at"].to_pylist()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT nothing FROM dpe", "`nothing` cannot be resolved"),
        ("SELECT * FROM parquet.`{place}`", "TABLE_OR_VIEW_NOT_FOUND|not supported|UNSUPPORTED"),
    ],
)
def test_spark_says_what_is_wrong(sql, words, inputs, tmp_path):
    place = next(iter(inputs["dpe"].files))
    with pytest.raises(DiffusionError, match=words) as caught:
        by_spark(entry_of(sql=sql.format(place=place)), inputs, tmp_path)
    assert caught.value.where == "x"
    assert "\tat " not in str(caught.value)


def test_a_run_by_spark_is_published_as_one_by_duckdb(s3, mc, tmp_path):
    """Read in place from S3 with a session token; what Spark hands over by S3 is removed."""
    derived = {"inputs": ["communes"], "sql": QUERY, "checks": {"unique": ["departement"]}}
    with Standins() as standins:
        source = {"from": "file", "url": f"{standins.url}/files/communes.csv"}
        config = {
            "project": {"name": "engine", "licence": "Licence Ouverte 2.0"},
            "vintage": "2026-01-01",
            "storage": {
                "url": f"s3://{BUCKET}/diffusion/engine",
                "raw": f"s3://{BUCKET}/raw/engine",
            },
            "sources": {"communes": source | {"partition_by": ["departement"]}},
            "derive": {"by_spark": derived | {"engine": "spark"}, "by_duckdb": derived},
        }
        (spark,) = (REPOSITORY / ".venv/spark").glob("lib/python*/site-packages/pyspark")
        settings = {
            "SPARK_HOME": str(spark),
            "SPARK_MASTER": "local[2]",
            "DIFFUSION_SPARK_SCRATCH": f"s3://{BUCKET}/scratch",
        }
        Project(tmp_path / "project", config, temporary(s3, USER) | settings).run()
    names = ("by_spark", "by_duckdb")
    tables = [pq.read_table(tmp_path / f"project/results/tables/{name}.parquet") for name in names]
    assert tables[0].num_rows > 1
    assert tables[0].equals(tables[1])
    found = s3.client().get_object(Bucket=BUCKET, Key="diffusion/engine/manifest.json")
    manifest = json.load(found["Body"])["tables"]
    entries = [manifest[name] for name in names]
    same = ("rows", "columns", "checks", "origin")
    assert [entries[0].get(key) for key in same] == [entries[1].get(key) for key in same]
    left = s3.client().list_objects_v2(Bucket=BUCKET, Prefix="scratch/").get("Contents", [])
    assert {item["Key"] for item in left} <= {"scratch/"}  # the place itself, without a byte

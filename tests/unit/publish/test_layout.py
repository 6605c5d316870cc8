"""What a table is published as: a file or a folder, a CSV, the members of an archive."""

import csv
import io
import json
import re
import zipfile

import duckdb
import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import shapely

from archives import zip_of
from conversions import Converter, raw, source_of
from diffusion.publish.layout import member_uploads, table_uploads
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits

HASHED = re.compile(r"data-[0-9a-f]{12}\.parquet")
CODES = ["01", "01", "2A", "", None, "a/b c", "Île=é%2F", "null", ".."]


@pytest.fixture
def publish(tmp_path):
    """Publish a table to a folder, and return that folder."""

    def publish(table: pa.Table | None, inputs=(), **keys):
        path, scratch, target = (tmp_path / name for name in ("t.parquet", "scratch", "published"))
        if table is not None:
            pq.write_table(table, path)
        with engine(Limits(1000, 2, scratch)) as con:
            source, out = source_of(**keys), scratch / "out"
            uploads = table_uploads(con, source.publish, source.write, path, out)
            if source.members_read:
                uploads += member_uploads(source.publish.publish_as, source.read, inputs, out)
            for upload in uploads:
                place = target / upload.key
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(upload.path.read_bytes())
        return target

    return publish


TABLE = pa.table({"code": CODES, "n": range(len(CODES)), "year": [2023, 2024] * 4 + [None]})


def by_pandas(folder):
    return pd.read_parquet(folder)


def by_pyarrow(folder):
    return ds.dataset(folder, partitioning="hive").to_table().to_pandas()


def by_duckdb(folder, hive):
    files = f"{folder}/**/*.parquet"
    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM read_parquet('{files}', hive_partitioning={hive})").df()


@pytest.mark.parametrize(
    "reader",
    [by_pandas, by_pyarrow, lambda f: by_duckdb(f, True), lambda f: by_duckdb(f, False)],
    ids=["pandas", "pyarrow", "duckdb hive", "duckdb"],
)
def test_codes_come_back_from_a_folder_as_they_went(publish, reader):
    folder = publish(TABLE, partition_by=["code"]) / "t"
    frame = reader(folder).sort_values("n")
    assert [None if pd.isna(code) else code for code in frame["code"]] == CODES
    if "by_code" in frame:  # a text too, whatever the reader makes of its values
        assert frame["by_code"].astype(str).tolist()[:3] == ["_01", "_01", "_2A"]


def test_names_in_a_folder(publish):
    folder = publish(TABLE, partition_by=["code", "year"])
    files = {p.parent: p for p in folder.glob("**/*.parquet")}
    assert all(HASHED.fullmatch(path.name) for path in files.values())
    names = sorted(str(place.relative_to(folder)) for place in files)
    assert len(names) == len(CODES)  # each its own: two of 01 are of two years
    assert "t/by_code=_01/by_year=_2023" in names
    assert "t/by_code=null/by_year=_2023" in names  # a missing value …
    assert "t/by_code=_null/by_year=_2024" in names  # … is not the word
    assert "t/by_code=_/by_year=_2024" in names  # nor the empty text
    assert "t/by_code=_a%2Fb%20c/by_year=_2024" in names
    assert "t/by_code=_../by_year=null" in names
    both = [pq.read_table(path, partitioning=None) for path in files.values()]
    assert sorted(n for table in both for n in table["n"].to_pylist()) == list(range(len(CODES)))


def test_partitions_of_a_geoparquet_are_geoparquet(publish, tmp_path):
    frame = geopandas.GeoDataFrame(
        {"dep": ["01", "01", "2A"]},
        geometry=shapely.points([[7e5, 6.6e6], [7.1e5, 6.6e6], [7.2e5, 6.7e6]]),
        crs=2154,
    )
    frame.to_file(tmp_path / "l.gpkg")
    keys = {"partition_by": ["dep"], "columns": {"dep": "category"}}
    converter = Converter(tmp_path)
    converter.convert(tmp_path / "l.gpkg", **keys)
    folder = publish(None, **keys) / "t"
    parts = [
        geopandas.read_parquet(*(folder / f"by_dep=_{d}").iterdir(), partitioning=None)
        for d in ("01", "2A")
    ]
    assert [len(part) for part in parts] == [2, 1]
    assert all(part.crs == "EPSG:2154" for part in parts)
    schema = pq.read_schema(*(folder / "by_dep=_2A").iterdir())
    assert set(schema.metadata) == {b"geo", b"diffusion"}
    assert schema.field("geometry").metadata is None
    assert schema.field("dep").type == "string"


def test_csv(publish, tmp_path):
    frame = geopandas.GeoDataFrame(
        {"code": ["01", "2A", "00012"], "nom": ["Rhône", 'dit "le", bref', None]},
        geometry=[shapely.Point(2.123456789012, 48.1), shapely.Point(1, 2, 3), None],
        crs=4326,
    )
    frame.to_file(tmp_path / "l.gpkg")
    Converter(tmp_path).convert(tmp_path / "l.gpkg", sort_by=["nom"])
    text = (publish(None, also=["csv"]) / "t.csv").read_text("utf-8")
    assert text.splitlines() == [
        "code,nom,geometry",
        "01,Rhône,POINT (2.123456789012 48.1)",
        '2A,"dit ""le"", bref",POINT Z (1 2 3)',
        "00012,,",
    ]


def test_csv_of_nested_and_dated_values(publish):
    day = pa.array([0, None], pa.date32())
    table = pa.table(
        {"l": [["a", "b"], None], "s": [{"x": 1}, {"x": None}], "d": day, "bbox": ["x", ""]}
    )
    text = (publish(table, also=["csv"]) / "t.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert json.loads(rows[0]["l"]) == ["a", "b"]
    assert json.loads(rows[0]["s"]) == {"x": 1}
    assert rows[0]["d"] == "1970-01-01"
    assert [row["bbox"] for row in rows] == ["x", ""]


def test_members_of_an_archive(publish, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix in ("shp", "shx", "dbf", "prj"):
            archive.writestr(f"d/dep.{suffix}", suffix)
        archive.writestr("readme.txt", "no")
    keys = {"from": "archive", "member": "*.shp", "keep_members": True, "publish_as": "dep_fr"}
    folder = publish(TABLE, [raw(path)], **keys)
    names = sorted(str(p.relative_to(folder)) for p in folder.glob("**/*") if p.is_file())
    assert names == ["dep_fr.parquet", *(f"dep_fr/dep.{s}" for s in ("dbf", "prj", "shp", "shx"))]


def test_members_of_one_name_keep_their_folders(publish, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of([(f"{n}.zip", zip_of([("d/a.csv", b"x\n1\n")])) for n in "pq"]))
    keys = {"from": "archive", "member": "*.zip/a.csv", "members": "many", "keep_members": True}
    folder = publish(TABLE, [raw(path)], **keys)
    names = sorted(str(p.relative_to(folder)) for p in folder.glob("t/**/*.csv"))
    assert names == ["t/p.zip/d/a.csv", "t/q.zip/d/a.csv"]

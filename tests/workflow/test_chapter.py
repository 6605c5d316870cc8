"""The chapter's project on S3: what is published, read by every client that users have."""

import datetime
import html
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import duckdb
import geopandas
import jsonschema
import pandas as pd
import pyarrow.dataset as ds
import pyarrow.fs
import pytest
import s3fs

from fenced import block
from minio_server import find
from projects import REPOSITORY, Project, lists_of

PREFIX = "lake/diffusion/dpe"
LIMITS = ("min", "max")


@pytest.fixture(scope="session")
def client(s3, chapter):
    keys = {"aws_access_key_id": s3.access_key, "aws_secret_access_key": s3.secret_key}
    return boto3.client("s3", endpoint_url=s3.endpoint, region_name="us-east-1", **keys)


@pytest.fixture(scope="session")
def arrow(s3, chapter) -> pyarrow.fs.S3FileSystem:
    host = s3.endpoint.removeprefix("http://")
    keys = {"access_key": s3.access_key, "secret_key": s3.secret_key, "region": "us-east-1"}
    return pyarrow.fs.S3FileSystem(endpoint_override=host, scheme="http", **keys)


@pytest.fixture(scope="session")
def files(s3, chapter) -> s3fs.S3FileSystem:
    return s3fs.S3FileSystem(key=s3.access_key, secret=s3.secret_key, endpoint_url=s3.endpoint)


def is_text(series: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(series)


def test_boto3_lists_what_the_chapter_publishes(client):
    listed = client.list_objects_v2(Bucket="lake", Prefix="diffusion/dpe/")["Contents"]
    names = {item["Key"].removeprefix("diffusion/dpe/") for item in listed}
    shapefile = {
        f"departements_fr/departements-20180101.{e}" for e in ("shp", "shx", "dbf", "prj", "cpg")
    }
    figures = {f"{name}.{e}" for name in ("carte_dpe", "histogramme_dpe") for e in ("png", "svg")}
    tables = {"df_dpe.parquet", "df_dpe.csv", "departements_fr.parquet", "filosofi.parquet"}
    derived = {
        "departements_insee.parquet",
        "dpe_par_commune.parquet",
        "dpe_par_departement.parquet",
    }
    derived.add("dpe_mal_codes.parquet")
    files = figures | tables | derived
    made = {name.partition(".")[0] for name in tables | derived}
    geo = {"departements_fr", "departements_insee", "dpe_mal_codes"}
    lists = lists_of(made, {"carte_dpe", "histogramme_dpe"}, geo)
    assert names == shapefile | files | lists


def test_its_catalogue_is_a_portolan(client, tmp_path):
    """By the validator of Portolan, with the bytes of all that it names."""
    reason = "rashid, the validator of portolan-cli, is not installed"
    rashid = pytest.importorskip("rashid", reason=reason)
    for item in client.list_objects_v2(Bucket="lake", Prefix="diffusion/dpe/")["Contents"]:
        path = tmp_path / item["Key"].removeprefix("diffusion/dpe/")
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file("lake", item["Key"], str(path))
    found = rashid.validate(tmp_path, structural=True, data=True).findings
    # the example gives neither titles nor a contact
    left = {"PTL-TTL-002", "PTL-PRV-003"}
    assert [f"{f.path}: {f.message}" for f in found if f.rule_id not in left] == []


def test_boto3_reads_the_manifest_and_its_hashes_hold(client):
    import hashlib

    body = client.get_object(Bucket="lake", Key="diffusion/dpe/manifest.json")["Body"].read()
    manifest = json.loads(body)
    schema = json.loads((REPOSITORY / "workflow/schemas/manifest.schema.json").read_text("utf-8"))
    jsonschema.validate(manifest, schema, jsonschema.Draft202012Validator)
    for entry in manifest["tables"].values():
        for item in entry["objects"]:
            data = client.get_object(Bucket="lake", Key=f"diffusion/dpe/{item['key']}")[
                "Body"
            ].read()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (item["size"], item["sha256"])
    dpe = manifest["tables"]["df_dpe"]
    assert dpe["vintage"] == "2025-03-19"
    assert dpe["licence"] == "Licence Ouverte 2.0"
    assert {"name": "code_insee_commune_actualise", "type": "string"} in dpe["columns"]
    assert len(dpe["raw_sha256"]) == 6
    assert dpe["about"]["temporal"] == [dpe["values"]["date_etablissement_dpe"][e] for e in LIMITS]
    assert dpe["about"]["described"]["surface_thermique_lot"] == {"measured_in": "m²"}
    assert dpe["values"]["numero_dpe"]["distinct"] == dpe["rows"]
    assert dpe["stated"]["licence"] == "Licence Ouverte / Open Licence"
    assert dpe["about"]["title"] == dpe["stated"]["title"]
    assert dpe["retrieval"]["url"].endswith("/data-fair/api/v1/datasets/dpe-france/lines")
    assert dpe["retrieval"]["first"] <= dpe["retrieval"]["last"] <= dpe["published"]
    csv = next(item for item in dpe["objects"] if item["key"] == "df_dpe.csv")
    assert (csv["media_type"], csv["dialect"]["delimiter"]) == ("text/csv", ",")
    west, south, east, north = manifest["tables"]["departements_fr"]["geo"]["bbox_wgs84"]
    assert -62 < west < east < 56
    assert -22 < south < north < 52


def test_the_catalogue_lists_what_is_there(client):
    def read(name: str) -> dict:
        found = client.get_object(Bucket="lake", Key=f"diffusion/dpe/{name}")
        return json.loads(found["Body"].read())

    manifest, package = read("manifest.json"), read("datapackage.json")
    objects = {i["key"]: i for entry in manifest["tables"].values() for i in entry["objects"]}
    hashes = {key: f"sha256:{item['sha256']}" for key, item in objects.items()}
    assert {r["path"]: r["hash"] for r in package["resources"]} == hashes
    stated = {
        item["dcat:downloadURL"]["@id"]: item["spdx:checksum"]["spdx:checksumValue"]["@value"]
        for dataset in read("catalog.jsonld")["dcat:dataset"]
        for item in dataset["dcat:distribution"]
    }
    assert stated == {key: item["sha256"] for key, item in objects.items()}


@pytest.mark.parametrize("tool", ["pandas", "pyarrow", "geopandas", "s3fs", "boto3"])
def test_the_code_on_a_page_reads_the_table(client, s3, tool, tmp_path, monkeypatch):
    """As it stands there, with keys in the environment."""
    key = "diffusion/dpe/page-of/departements_fr.html"
    page = client.get_object(Bucket="lake", Key=key)["Body"].read().decode()
    code = re.search(rf"<summary>{tool}</summary>.*?<code>(.*?)</code>", page, re.DOTALL)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    exec(html.unescape(code[1]), found)  # noqa: S102
    if tool in ("s3fs", "boto3"):
        assert len(pd.read_parquet("departements_fr.parquet")) == 102
    else:
        assert len(found["table" if tool == "pyarrow" else "df"]) == 102


def cell(tool: str) -> str:
    """Return the code of a tool in the page that leads through the chapter, for this bucket."""
    return (
        block("docs/chapter.md", tool)
        .replace("my-bucket/", "lake/")
        .replace('"my-bucket"', '"lake"')
        .replace("diffusion/dpe-filosofi", "diffusion/dpe")
    )


@pytest.fixture
def cells(s3, chapter, tmp_path, monkeypatch) -> Path:
    """A folder of a user who has keys in the environment."""
    variables = {"AWS_SESSION_TOKEN": "", "AWS_DEFAULT_REGION": "us-east-1"} | s3.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("tool", ["s3fs", "boto3", "pyarrow"])
def test_the_cells_of_the_chapter_as_they_are_written_today(cells, files, tool):
    found: dict = {}
    exec(cell(tool), found)  # noqa: S102
    codes = found["df"]["code_insee_commune_actualise"]
    assert "2A004" in set(codes)
    if tool == "s3fs":
        assert set(codes) == set(found["as_csv"]["code_insee_commune_actualise"])
        assert len(found["outlines"]) == 102
    put = {"s3fs": "departements_fr/", "boto3": "df_dpe.parquet", "pyarrow": "surfaces.parquet"}
    there = files.find(f"lake/mine/{put[tool]}")
    files.rm("lake/mine", recursive=True)
    assert there
    if tool == "pyarrow":
        assert {"A", "G"} <= set(found["means"]["classe_consommation_energie"].to_pylist())


def test_mc_lists_copies_here_and_there(cells, files):
    if not (mc := find("mc")):
        pytest.skip("there is no `mc`: make minio")
    cells.joinpath("bin").mkdir()
    cells.joinpath("bin", "mc").symlink_to(mc)
    path = f"{cells}/bin:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-euc", cell("mc")],
        env=os.environ | {"PATH": path, "MC_CONFIG_DIR": str(cells / "mc")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "departements_fr/departements-20180101.shp" in done.stdout
    assert files.exists("lake/mine/df_dpe.parquet")
    files.rm("lake/mine", recursive=True)


def test_snakemake_reads_an_object_as_its_input(cells, client):
    (cells / "Snakefile").write_text(cell("Snakemake"))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "dpe", "--quiet", "all"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(pd.read_parquet("df_dpe.parquet")) > 0
    assert client.head_object(Bucket="lake", Key="diffusion/dpe/df_dpe.parquet")


def test_objects_carry_hash_and_content_type(client):
    head = client.head_object(Bucket="lake", Key="diffusion/dpe/df_dpe.parquet")
    assert head["ContentType"] == "application/vnd.apache.parquet"
    metadata = {key.lower(): value for key, value in head["Metadata"].items()}  # rclone: Sha256
    assert len(metadata["sha256"]) == 64


def test_s3fs_and_pandas_read_as_in_the_chapter(files):
    with files.open(f"{PREFIX}/df_dpe.parquet", "rb") as file:
        dpe = pd.read_parquet(file)
    assert {"01450", "2A004"} <= set(dpe["code_insee_commune_actualise"])
    assert is_text(dpe["code_insee_commune_actualise"])
    assert is_text(dpe["classe_consommation_energie"])  # a category, too
    assert isinstance(dpe["date_etablissement_dpe"].dropna().iloc[0], datetime.date)
    with files.open(f"{PREFIX}/df_dpe.csv", "r") as file:
        copy = pd.read_csv(file, dtype={"code_insee_commune_actualise": str})
    assert len(copy) == len(dpe)
    assert list(copy.columns) == list(dpe.columns)


def test_pyarrow_reads_in_place(arrow):
    table = ds.dataset(f"{PREFIX}/filosofi.parquet", filesystem=arrow)
    assert str(table.schema.field("CODGEO").type) == "string"
    assert str(table.schema.field("MED14").type) == "double"
    paris = table.to_table(filter=ds.field("CODGEO") == "75056").to_pylist()
    assert [row["LIBGEO"] for row in paris] == ["Paris"]


def test_secrecy_is_null_never_zero(arrow):
    table = ds.dataset(f"{PREFIX}/filosofi.parquet", filesystem=arrow).to_table(columns=["MED14"])
    values = table["MED14"].to_pandas()
    assert values.isna().any()
    assert values.min() > 1000


def test_geopandas_reads_outlines_with_crs(arrow):
    outlines = geopandas.read_parquet(f"{PREFIX}/departements_fr.parquet", filesystem=arrow)
    assert outlines.crs.to_epsg() == 4326
    assert len(outlines) == 102
    assert {"69D", "69M", "2A", "2B", "971"} <= set(outlines["code_insee"])
    north = geopandas.read_parquet(
        f"{PREFIX}/departements_fr.parquet", filesystem=arrow, bbox=(2, 50, 3, 51)
    )
    assert 0 < len(north) < 10


def test_geopandas_reads_the_shapefile_folder_as_in_the_chapter(files, tmp_path):
    files.get(f"{PREFIX}/departements_fr/", str(tmp_path / "departements_fr"), recursive=True)
    outlines = geopandas.read_file(tmp_path / "departements_fr")
    assert "Rhône" in " ".join(outlines["nom"])


def test_duckdb_reads_dates_and_codes(arrow):
    con = duckdb.connect()
    con.register("dpe", ds.dataset(f"{PREFIX}/df_dpe.parquet", filesystem=arrow))
    kinds = dict(con.execute("SELECT column_name, column_type FROM (DESCRIBE dpe)").fetchall())
    assert kinds["code_insee_commune_actualise"] == "VARCHAR"
    assert kinds["date_etablissement_dpe"] == "DATE"
    found = con.execute(
        "SELECT count(*) FROM dpe WHERE code_insee_commune_actualise = '01450'"
    ).fetchall()
    assert found == [(100,)]


def test_rhone_is_one_department(arrow):
    table = (
        ds.dataset(f"{PREFIX}/dpe_par_departement.parquet", filesystem=arrow).to_table().to_pandas()
    )
    table = table.set_index("departement")
    assert len(table) == 101
    assert table.loc["69", "nom"] == "Rhône"
    assert table.loc["69", "logements"] > 0
    assert table["revenu_moyen_pondere"].notna().sum() > 90


def test_classes_by_commune_beside_income(arrow):
    table = ds.dataset(f"{PREFIX}/dpe_par_commune.parquet", filesystem=arrow).to_table().to_pandas()
    assert list(table["commune"]) == sorted(["01450", "01053", "2A004", "69123", "75056", "97105"])
    row = table.set_index("commune").loc["75056"]
    assert row["nom"] == "Paris"
    assert 10_000 < row["revenu_median"] < 60_000
    assert 0 <= row["part_fg"] <= 1


def test_spatial_join_finds_wrongly_coded_addresses(arrow):
    wrong = geopandas.read_parquet(f"{PREFIX}/dpe_mal_codes.parquet", filesystem=arrow)
    assert len(wrong) > 10
    assert (wrong["departement_trouve"] != wrong["tv016_departement_code"]).all()
    dpe = ds.dataset(f"{PREFIX}/df_dpe.parquet", filesystem=arrow).count_rows()
    assert 0.005 < len(wrong) / dpe < 0.03


def test_figures_are_pictures_with_source_and_licence(client):
    png = client.get_object(Bucket="lake", Key="diffusion/dpe/carte_dpe.png")["Body"].read()
    svg = (
        client.get_object(Bucket="lake", Key="diffusion/dpe/carte_dpe.svg")["Body"].read().decode()
    )
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    assert min(picture.size) > 900
    assert len(picture.getcolors(picture.width * picture.height)) > 500  # drawn, not blank
    assert "<svg" in svg


def test_the_run_ends_with_the_table_of_what_was_published(chapter: Project):
    _, heading, table = chapter.words.partition("\nPublished to s3://lake/diffusion/dpe/:\n")
    assert heading and "\ndf_dpe.parquet " in table
    assert max(map(len, table.partition("\n\n")[0].splitlines())) <= 80


def test_a_second_run_has_nothing_to_do(chapter: Project):
    assert "Nothing to be done" in chapter.run()


def test_the_report_shows_checks_and_figures(chapter: Project):
    assert "WARNING" not in chapter.run("--report", "report.html")
    report = chapter.path("report.html").read_text("utf-8")
    assert str(chapter.folder) not in report
    assert str(REPOSITORY) not in report
    shown = json.loads(re.search(r"^    var results = (.*);$", report, re.MULTILINE)[1])
    names = {Path(path).stem: entry for path, entry in shown.items()}
    assert names.keys() >= {"dpe", "departements", "dpe_par_commune", "carte_dpe", "run-times"}
    caption = names["carte_dpe"]["caption"]
    assert "s3://lake/diffusion/dpe/carte_dpe.png" in caption
    assert "Licence Ouverte 2.0" in caption
    assert "s3://lake/diffusion/dpe/departements_fr.parquet" in names["departements"]["caption"]


@pytest.mark.slow  # with the small project in test_reruns.py, too
def test_a_fresh_clone_restores_from_raw_copies_and_sends_nothing(
    chapter, sources, client, tmp_path
):
    def state() -> dict:
        listed = client.list_objects_v2(Bucket="lake", Prefix="diffusion/dpe/")["Contents"]
        return {item["Key"]: item["LastModified"] for item in listed}

    before, asked = state(), len(sources.requests)
    import yaml

    config = yaml.safe_load((chapter.folder / "config" / "config.yaml").read_text("utf-8"))
    clone = Project(tmp_path / "clone", config | {"offline": True}, chapter.environment)
    clone.run()
    assert len(sources.requests) == asked
    assert state() == before

"""The code on the pages, as it stands there, by every client and every kind of user.

make minio clients spark && pytest --clients --s3 minio tests/clients
"""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pyarrow.dataset as ds
import pytest
from pyarrow.fs import S3FileSystem

from counting_proxy import CountingProxy
from minio_users import BUCKET, LISTER, OTHER, USER, temporary
from projects import REPOSITORY, Project
from standins.server import Standins

pytestmark = [pytest.mark.clients, pytest.mark.minio]
PYTHON = REPOSITORY / ".venv" / "clients" / "bin" / "python"
SPARK = REPOSITORY / ".venv" / "spark" / "bin" / "python"
SPARK_SETTINGS = {
    "PYSPARK_SUBMIT_ARGS": "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false"
    " --conf spark.ui.showConsoleProgress=false pyspark-shell",
    "SPARK_LOCAL_IP": "127.0.0.1",
}
PREFIX = "diffusion/clients"
ROWS = {"plain": 250, "parts": 250, "departements": 102}
MANY = 400_000  # rows of a table that is large enough to be read in part
# what is added to the code, to see that it read the table
SEEN = {
    "pandas": "print(len(df))",
    "geopandas": "print(len(df), df.crs.to_epsg(), df.geometry.notna().all())",
    "polars": "print(df.height)",
    "pyarrow": "print(table.num_rows)",
    "Spark": "print(len(df.collect()))",
}
# a machine without network has DuckDB's extensions for S3 from the package index
DUCKDB = """
import duckdb, importlib, pathlib, sys
con = duckdb.connect()
for name in ("httpfs", "aws"):
    package = importlib.import_module(f"duckdb_extension_{name}")
    [file] = pathlib.Path(package.__file__).parent.rglob("*.duckdb_extension")
    con.load_extension(str(file))
*before, query, _ = sys.argv[1].split(";")
for statement in before:
    con.sql(statement)
print(len(con.sql(query).fetchall()))
"""


class Published:
    """A project that alice published, and its pages."""

    def __init__(self, s3, folder: Path, standins: Standins):
        self.s3 = s3
        draw = Random(1)
        many = "code,number,other,text\n" + "".join(
            f"{draw.getrandbits(48):012x},{draw.getrandbits(40)},{draw.random()},{draw.random()}m\n"
            for _ in range(MANY)
        )
        standins.given["/many.csv"] = (many.encode(), "text/csv")
        communes = {"from": "file", "url": f"{standins.url}/files/communes.csv"}
        shapes = f"{standins.url}/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"
        url = f"s3://{BUCKET}/{PREFIX}"
        config = {
            "project": {"name": "clients", "licence": "Licence Ouverte 2.0"},
            "vintage": "2026-01-01",
            "storage": {
                "url": url,
                "raw": f"s3://{BUCKET}/raw/clients",
                "public_url": f"{s3.endpoint}/{BUCKET}/{PREFIX}",
            },
            "sources": {
                "plain": communes,
                "parts": communes | {"partition_by": ["departement"]},
                "departements": {"from": "archive", "url": shapes, "member": "*.shp"},
                "many": {"from": "file", "url": f"{standins.url}/many.csv", "sort_by": ["code"]},
            },
        }
        self.project = Project(folder / "project", config, temporary(s3, USER))
        self.project.run()
        root, key = s3.client(), f"{PREFIX}/page-of/{{}}.html"
        self._pages = {
            name: root.get_object(Bucket=BUCKET, Key=key.format(name))["Body"].read().decode()
            for name in config["sources"]
        }

    def code(self, name: str, tool: str) -> str:
        """Return the code on the page of a table."""
        found = re.search(
            rf"<summary>{re.escape(tool)}</summary>.*?<code>(.*?)</code>",
            self._pages[name],
            re.DOTALL,
        )
        assert found, f"{name}: no code for {tool}"
        return html.unescape(found[1])


@pytest.fixture(scope="module")
def published(s3, mc, tmp_path_factory):
    if not (PYTHON.exists() and SPARK.exists()):
        fix = "type `make clients spark` first"
        pytest.exit(f"--clients: not all clients are there; {fix}", returncode=1)
    with Standins() as standins:
        yield Published(s3, tmp_path_factory.mktemp("clients"), standins)


ABORTED = "terminate called without an active exception"


def run(tool: str, code: str, variables: dict[str, str], folder: Path) -> tuple[bool, str]:
    """Run code as a reader would, in an empty folder; return whether it went well, and words."""
    if tool == "DuckDB":
        command = [str(PYTHON), "-c", DUCKDB, code]
    elif tool == "mc":
        command = ["bash", "-euc", code]
    elif tool == "Snakemake":  # of the project itself
        (folder / "Snakefile").write_text(code)
        command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    else:
        python = SPARK if tool == "Spark" else PYTHON
        command = [str(python), "-c", f"{code}\n{SEEN.get(tool, '')}"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MC_"))}
    settings = {"HOME": str(folder), "MC_CONFIG_DIR": str(folder / ".mc")}
    path = f"{Path.home()}/.cache/diffusion/bin:{clean['PATH']}"
    environment = clean | settings | {"PATH": path} | SPARK_SETTINGS | variables
    for _ in range(2):
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        # Arrow's S3 client may abort a Python that is at its end, all being printed: once in 1,000
        if done.returncode == 0 or ABORTED not in done.stdout:
            break
    return done.returncode == 0, done.stdout


def rows_read(tool: str, words: str, name: str, folder: Path) -> int:
    """Return how many rows a reader has: printed, or in the files that came."""
    if tool not in COPIERS:
        return int(words.split()[-1] if tool != "geopandas" else words.split()[-3])
    kept = (path for path in folder.rglob("*.parquet") if ".snakemake" not in path.parts)
    files = sorted(map(str, kept))
    assert files, words
    return ds.dataset(files).count_rows()


COPIERS = ("s3fs", "boto3", "mc", "Snakemake")
LISTERS = ("s3fs", "Snakemake")  # whose code lists first
TOOLS = ("pandas", "pyarrow", "DuckDB", "polars", "s3fs", "mc")
CELLS = [(name, tool) for name in ROWS for tool in TOOLS]
CELLS += [
    ("plain", "Snakemake"),
    ("plain", "boto3"),
    ("departements", "boto3"),
    ("departements", "geopandas"),
]


@pytest.mark.parametrize("user", [USER, LISTER])
@pytest.mark.parametrize(("name", "tool"), CELLS)
def test_who_may_list_reads_by_every_client(published, user, name, tool, tmp_path):
    """The owner, and another user who may list: both with temporary keys and a session token."""
    variables = temporary(published.s3, user)
    went_well, words = run(tool, published.code(name, tool), variables, tmp_path)
    assert went_well, words
    assert rows_read(tool, words, name, tmp_path) == ROWS[name]


@pytest.mark.parametrize(("name", "tool"), CELLS)
def test_who_may_get_only_reads_one_file_and_no_folder(published, name, tool, tmp_path):
    """Another user of the platform: GetObject below diffusion/, and no listing."""
    reads = name != "parts" and tool not in LISTERS
    variables = temporary(published.s3, OTHER)
    went_well, words = run(tool, published.code(name, tool), variables, tmp_path)
    assert went_well == reads, words
    if reads:
        assert rows_read(tool, words, name, tmp_path) == ROWS[name]
    else:
        denied = "Access.?Denied|Forbidden|Permission|insufficient|Unable to guess the type of copy"
        denied += "|Missing input files"  # as Snakemake's plugin has it, which asks for the bucket
        assert re.search(denied, words, re.IGNORECASE)


def test_no_code_reads_much_more_than_the_best(published, tmp_path):
    """Two of four columns of a table of some megabytes, counted at a proxy before the server."""
    variables, sent = temporary(published.s3, USER), {}
    for tool in ("pandas", "pyarrow", "DuckDB", "polars", "Spark"):
        with CountingProxy(published.s3.endpoint) as proxy:
            hosts = [url.partition("//")[2] for url in (published.s3.endpoint, proxy.endpoint)]
            code = published.code("many", tool).replace(*hosts)
            went_well, words = run(tool, code, variables, tmp_path)
            assert went_well, words
            assert rows_read(tool, words, "many", tmp_path) == MANY
            sent[tool] = proxy.bytes_sent
    best = min(sent.values())
    print(sent)
    assert all(count <= 1.2 * best for count in sent.values()), sent


@pytest.mark.parametrize(("user", "reads"), [(LISTER, True), (OTHER, False)])
def test_spark_reads_for_who_may_list(published, user, reads, tmp_path):
    """It lists even one file, so that `GetObject` alone does not suffice."""
    variables = temporary(published.s3, user)
    went_well, words = run("Spark", published.code("plain", "Spark"), variables, tmp_path)
    assert went_well == reads, words
    if reads:
        assert rows_read("Spark", words, "plain", tmp_path) == ROWS["plain"]
    else:
        assert re.search("listObjects.*Access Denied", words)


def test_spark_reads_a_folder_as_pyarrow_does(published, tmp_path):
    """In place, and codes stay text: `_01` in a folder's name is no number to Spark."""
    endpoint, variables = published.s3.endpoint, temporary(published.s3, USER)
    seen = f"""
import json
whole = spark.read.parquet("s3a://{BUCKET}/{PREFIX}/parts/")
whole.printSchema()
one = whole.where("by_departement = '_01'")
print(json.dumps([whole.dtypes, whole.collect(), one.count()]))
"""
    went_well, words = run("Spark", published.code("parts", "Spark") + seen, variables, tmp_path)
    assert went_well, words
    [line] = [line for line in words.splitlines() if line.startswith("[[")]
    types, rows, one = json.loads(line)
    *types, added = map(tuple, types)
    scheme, _, host = endpoint.partition("://")
    s3 = S3FileSystem(
        access_key=variables["AWS_ACCESS_KEY_ID"],
        secret_key=variables["AWS_SECRET_ACCESS_KEY"],
        session_token=variables["AWS_SESSION_TOKEN"],
        scheme=scheme,
        endpoint_override=host,
    )
    table = ds.dataset(f"{BUCKET}/{PREFIX}/parts/", filesystem=s3).to_table()
    named = {"int64": "bigint"}  # Spark's own names
    assert types == [(f.name, named.get(str(f.type), str(f.type))) for f in table.schema]
    assert added == ("by_departement", "string")
    assert ("code", "string") in types and any(row[0].startswith("01") for row in rows)
    wanted = sorted(tuple(row.values()) for row in table.to_pylist())
    assert sorted(tuple(row[:-1]) for row in rows) == wanted
    assert one == sum(row["departement"] == "01" for row in table.to_pylist()) > 0


KEYLESS = [(name, tool) for name in ("plain", "departements") for tool in ("pandas", "DuckDB")]
KEYLESS += [("plain", "polars"), ("plain", "pyarrow"), ("departements", "geopandas")]


@pytest.mark.parametrize(("name", "tool"), [*KEYLESS, ("parts", "pandas")])
def test_anybody_reads_what_is_opened(published, mc, name, tool, tmp_path):
    """After `mc anonymous set download`: by HTTP, without any key."""
    code = published.code(name, f"{tool} without an account")
    mc("anonymous", "set", "download", f"root/{BUCKET}/diffusion")
    try:
        went_well, words = run(tool, code, {}, tmp_path)
    finally:
        mc("anonymous", "set", "none", f"root/{BUCKET}/diffusion")
    assert went_well, words
    assert rows_read(tool, words, name, tmp_path) == ROWS[name]

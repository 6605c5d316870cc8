"""Code of README.md, docs/published.md, docs/show.md and docs/try.md, as it stands there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from diffusion.run.cli import main
from fenced import block
from projects import REPOSITORY, Project, is_shipped

TOWNS = "code,dep,population,surface,lon,lat\n" + "".join(
    f"{dep}{n:03},{dep},{n},{n / 2},2.{n},48.9\n" for dep in ("01", "02", "2A") for n in range(4)
)
TABLE = {"columns": {"code": "string", "dep": "string"}, "checks": {"unique": ["code"]}}


@pytest.fixture(scope="module")
def published(tmp_path_factory, sources, s3) -> Project:
    """Towns in one file, and the same in a folder, on S3."""
    sources.given["/towns.csv"] = (TOWNS.encode(), "text/csv")
    source = {"from": "file", "url": f"{sources.url}/towns.csv"} | TABLE
    points = {"geometry": {"from": {"lon": "lon", "lat": "lat"}}}
    config = {
        "project": {"name": "told", "licence": "Licence Ouverte 2.0"},
        "vintage": "2026-01-01",
        "storage": {"url": "s3://lake/diffusion/told", "raw": "s3://lake/raw/told"},
        "sources": {"towns": source | points, "dpe": source | {"partition_by": ["dep"]}},
    }
    project = Project(tmp_path_factory.mktemp("told"), config, s3.environment())
    project.run()
    return project


def executed(project: Project, code: str, seen: str) -> str:
    """Run code as a notebook in the project's folder does; returns what ``seen`` prints."""
    place = {"PYTHONPATH": str(REPOSITORY / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{seen}"],
        cwd=project.folder,
        env=os.environ | project.environment | place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def on_the_lake(code: str) -> str:
    return code.replace("my-bucket/diffusion/my-project", "lake/diffusion/told")


def test_by_pandas(published):
    if not is_shipped("README.md"):
        pytest.skip("NOT RUN: the project has a README of its own")
    code = on_the_lake(block("README.md", "Publish to S3", 2)).replace(
        "dpe.parquet", "towns.parquet"
    )
    assert executed(published, code, "print(df.shape)") == "(12, 1)"


def test_by_the_manifest(published):
    code = on_the_lake(block("docs/published.md", "What is promised to whom"))
    assert executed(published, code, "print(len(wanted), sorted(set(df.dep)))") == "2 ['01', '2A']"


def test_in_a_notebook(published):
    code = block("docs/show.md", "In a notebook: `from diffusion import table`")
    assert executed(published, code, "print(len(towns.geo(bbox=[2, 48, 3, 49])))") == "12"


def test_a_try_shows_what_the_page_shows(tmp_path, standins, capsys):
    example = REPOSITORY / "config" / "examples" / "api_offset.yaml"
    source = yaml.safe_load(example.read_text("utf-8"))["sources"]["api_offset"]
    source["url"] = source["url"].replace("https://example.org", standins.url)
    config = {"project": {"name": "told"}, "vintage": "2026", "sources": {"communes": source}}
    Path(tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    assert main(["try", "communes"], tmp_path) == 0
    told = capsys.readouterr()
    words = (told.out + told.err).replace(standins.url, "https://example.org")
    lines = {line.rstrip() for line in words.splitlines()}
    shown = block("docs/try.md", "Trying a source").splitlines()[1:]
    assert [line for line in shown if line not in lines] == [], words

"""`from diffusion import table`, from any folder of a project, in any environment."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

import diffusion
from diffusion.config.parts import Server
from diffusion.errors import DiffusionError
from diffusion.storage.connection import connection
from diffusion.storage.hashing import sha256_of
from diffusion.storage.store import Store
from projects import REPOSITORY

# another folder is the current one afterwards, as in a notebook
CODE = """
import sys
from diffusion import table
assert not {"pandas", "geopandas"} & set(sys.modules)
print(table("towns").sql("SELECT sum(n) FROM towns").fetchall(), sys.modules["diffusion"].__file__)
"""


def publish(folder: Path, storage: dict, store: Store) -> None:
    """Publish a table of two rows, and configure a project that has other mistakes."""
    path = folder / "made.parquet"
    pq.write_table(pa.table({"code": ["01", "02"], "n": [1, 2]}), path)
    digest = sha256_of(path)
    store.put("towns.parquet", path, digest)
    columns = [{"name": "code", "type": "string"}, {"name": "n", "type": "int64"}]
    entry = {"rows": 2, "columns": columns, "credits": []}
    entry["objects"] = [{"key": "towns.parquet", "size": path.stat().st_size, "sha256": digest}]
    tables = {"towns": entry, "map": {"kind": "figure", "objects": []}}
    store.put("manifest.json", json.dumps({"version": 1, "tables": tables}).encode(), "")
    config = {"project": {"name": "x"}, "storage": storage, "sources": {"t": {"urll": "mistake"}}}
    config["sources"]["t"]["publish_as"] = "towns"
    (folder / "config").mkdir()
    (folder / "notes/deep").mkdir(parents=True)
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    publish(tmp_path, {"url": "published"}, Store(str(tmp_path / "published"), None))
    monkeypatch.chdir(tmp_path / "notes/deep")
    return tmp_path


def test_a_table_in_every_form(folder, monkeypatch):
    towns = diffusion.table("t")
    monkeypatch.chdir("/")
    forms = "read it by .frame() (pandas), .arrow(), .sql() (DuckDB) or .geo() (GeoPandas)"
    assert repr(towns) == f"<table towns: 2 rows, 2 columns, {folder}/published; {forms}>"
    assert towns.frame(columns=["n"]).n.tolist() == [1, 2]
    assert towns.arrow(filter=pc.field("n") > 1).to_pylist() == [{"code": "02", "n": 2}]
    assert towns.sql("SELECT code FROM towns WHERE n = 2").fetchall() == [("02",)]
    assert towns.dataset().count_rows() == 2


@pytest.mark.parametrize("name", ["head", "shape", "to_pandas"])
def test_who_takes_it_for_a_frame_is_told_how_to_get_one(folder, name):
    towns = diffusion.table("t")
    words = r"read it by .frame\(\) \(pandas\), .arrow\(\), .sql\(\) "
    with pytest.raises(AttributeError, match=f"has no `{name}`; {words}"):
        getattr(towns, name)
    with pytest.raises(TypeError, match=f"gives no 'code'; {words}"):
        towns["code"]
    assert copy.copy(towns).columns == ["code", "n"]
    del towns.receipt["columns"][0]["name"]
    towns.receipt = None
    with pytest.raises((TypeError, AttributeError), match="NoneType"):  # what fails by itself
        towns.columns  # noqa: B018


def test_a_table_on_s3(tmp_path, s3, monkeypatch):
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    storage = {"url": "s3://lake/notebook", "endpoint": s3.endpoint}
    link = connection(Server(endpoint=s3.endpoint), s3.environment())
    publish(tmp_path, storage, Store(storage["url"], link))
    monkeypatch.chdir(tmp_path)
    assert diffusion.table("towns").sql("SELECT max(code) FROM towns").fetchall() == [("02",)]


def test_what_is_no_table(folder, monkeypatch):
    with pytest.raises(DiffusionError, match="did you mean `towns`"):
        diffusion.table("town")
    with pytest.raises(DiffusionError, match="a figure, and no table"):
        diffusion.table("map")
    monkeypatch.chdir("/")
    with pytest.raises(DiffusionError, match=r"there is no config/config.yaml here"):
        diffusion.table("towns")
    with pytest.raises(AttributeError):
        diffusion.towns  # noqa: B018


def python(code: str, folder: Path, *paths: Path) -> str:
    """Run code in a folder, with some folders where packages are installed."""
    where = os.pathsep.join(map(str, paths))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": where},
        text=True,
        capture_output=True,
    )
    return done.stdout + done.stderr


def test_the_environment_finds_the_library_of_the_clone(folder, tmp_path):
    """What is installed gives way to the clone around, and to what a job names."""
    installed, notes = REPOSITORY / "scripts/launcher", tmp_path / "notes"
    assert "is not in a Diffusion project" in python("import diffusion", notes, installed)
    for name in ("workflow", "scripts"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    library = tmp_path / "scripts/diffusion/__init__.py"
    assert python(CODE, notes, installed) == f"[(3,)] {library}\n"
    other = tmp_path / "other/diffusion"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("VERSION = 'its own'")
    told = python("import diffusion; print(diffusion.VERSION)", notes, installed, other.parent)
    assert told == "its own\n"


def test_it_costs_nothing_to_import():
    code = "import sys; import diffusion; print(len([m for m in sys.modules if 'diffusion.' in m]))"
    assert python(code, REPOSITORY, REPOSITORY / "scripts") == "0\n"

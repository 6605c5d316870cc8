"""Each job loads what it uses: on a plain CSV and a layer, most libraries are not needed."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from projects import REPOSITORY, Project, small_config

HEAVY = (
    *("pandas", "geopandas", "matplotlib", "pyarrow", "duckdb", "numpy", "py7zr", "boto3"),
    "snakemake",
)
# Python runs it in every process; at the end it notes what was loaded, by the script
SITE = f"""
import atexit, json, os, sys

def note():
    loaded = [name for name in {HEAVY} if name in sys.modules]
    script = os.path.basename(sys.argv[0]).split(".")[-2]
    with open(os.environ["LOADED"], "a") as file:
        file.write(json.dumps([script, loaded]) + "\\n")

def leave(code, leave=os._exit):  # a job that ended well: nothing that stands here comes after
    note()
    leave(code)

atexit.register(note)
os._exit = leave
"""
ARROW = {"pyarrow", "duckdb", "numpy"}  # pyarrow imports numpy
LOADED = {
    # Snakemake's S3 plugin, what its reports are made by, and itself
    "__main__": {"boto3", "numpy", "snakemake"},
    "fetch_raw": set(),
    "convert_table": ARROW,
    "publish_sources": set(),
    "derive_table": ARROW,
    "publish_derived": set(),
    "write_summary": {"pyarrow", "numpy"},  # the first rows on the pages
}


def layer(path: Path) -> dict:
    """Write a layer with a row of totals, which is looked at, and return the source."""
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    rows = [("a", 1), ("b", 2), ("Total", 3)]
    features = [
        {"type": "Feature", "properties": {"name": name, "n": n}, "geometry": square}
        for name, n in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return {"from": "file", "url": str(path)}


@pytest.fixture
def loaded(tmp_path, sources) -> dict[str, set[str]]:
    """What each script of a run had loaded at its end; the main process is ``__main__``."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE)
    config = small_config(sources.url)
    del config["sources"]["communes"]
    config["sources"]["layer"] = layer(tmp_path / "layer.geojson")
    config["derive"] = {"total": {"sql": "SELECT count(*) AS n FROM plain", "inputs": ["plain"]}}
    notes = tmp_path / "loaded"
    environment = {"PYTHONPATH": str(tmp_path / "site"), "LOADED": str(notes)}
    Project(tmp_path / "project", config, environment).run()
    found: dict[str, set[str]] = {}
    for line in notes.read_text().splitlines():
        script, modules = json.loads(line)
        found.setdefault(script, set()).update(modules)
    return found


def test_a_job_loads_what_it_uses(loaded):
    if importlib.util.find_spec("snakemake_executor_plugin_slurm"):  # it loads pandas
        loaded["__main__"] -= {"pandas", "pyarrow"}
    assert loaded == LOADED


def test_what_asks_no_web_server_loads_no_client_of_one():
    """Objects, databases and files of this machine are fetched in as short a job as can be."""
    code = "import sys, diffusion.fetch.batch; sys.exit('requests' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)

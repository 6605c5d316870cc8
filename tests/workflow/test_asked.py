"""`snakemake NAME` makes and checks one entry, and publishes nothing; drafts are left out."""

import json
from pathlib import Path

import yaml

from diffusion.config.load import merge
from diffusion.run.cli import main

CONFIG = """
project: {name: small}
vintage: "2026-01-01"
sources:
  rents: {from: file, url: rents.csv, columns: {code: string}, checks: {unique: [code]}}
  towns: {from: file, url: towns.csv, columns: {code: string}}
  rough: {from: file, url: nowhere.csv, draft: true}
derive:
  means: {sql: "SELECT code, n FROM rents ORDER BY code", inputs: [rents]}
"""


def test_one_entry_by_its_name(project):
    """One project, from a first look at a source to what is derived from it."""
    config = yaml.safe_load(CONFIG)
    rough = config["sources"].pop("rough")
    one = project(config)
    (one.folder / "rents.csv").write_text("code,n\n01,1\n02,2\n")
    (one.folder / "towns.csv").write_text("code\n01\n")

    words = one.run("-n", "rents")
    assert "This would run 2 jobs: fetch_raw 1, convert_table 1\n" in words
    assert "towns" not in words

    words = one.run("rents")
    assert "✓ rents  2 rows" in words
    made = "rents: results/tables/rents.parquet, made and checked, not published: `snakemake` does "
    assert made + "it; look at it: diffusion show rents\n" in words
    assert not (one.folder / "published").exists()
    assert not (one.folder / "results/tables/towns.parquet").exists()
    run = json.loads((one.folder / "results/run.json").read_text())
    assert (run["status"], run["entries"]["rents"]["state"]) == ("succeeded", "made")
    assert made in one.run("rents"), "also where there is nothing to do"

    words = one.fail("means")
    assert "made of what is published, and rents is not published from this folder, as it " in words
    words = one.fail("rent")
    assert "snakemake rent: there is no such source or derived entry" in words
    assert "did you mean `rents`?" in words

    one.run()
    assert sorted(manifest(one.folder)) == ["means", "rents", "towns"]
    before = manifest(one.folder)

    query = {"sql": "SELECT code, n + 1 AS n FROM rents ORDER BY code"}
    change(one.folder, derive={"means": query}, vintage="2026-01-02")
    words = one.run("means")
    assert "✓ means  2 rows" in words
    assert "1 job: derive_table 1\n" in words, "of what is published, whatever the vintage is now"
    assert "not published: `snakemake` does it; look at it: diffusion show means" in words
    assert manifest(one.folder) == before

    (one.folder / "nowhere.csv").write_text("a\n1\n1\n")
    change(one.folder, sources={"rough": rough | {"checks": {"unique": ["a"]}}})
    words = one.fail("rough")
    assert "✗ rough  2 rows" in words
    assert "sources.rough.checks.unique" in words


def test_a_published_table_that_becomes_a_draft_stays(project, monkeypatch, capsys):
    """And a newer vintage of another one is looked at before it is published."""
    one = project(yaml.safe_load(CONFIG))
    (one.folder / "rents.csv").write_text("code,n\n01,1\n02,2\n")
    (one.folder / "towns.csv").write_text("code\n01\n")
    one.run()
    before = manifest(one.folder)
    change(one.folder, sources={"towns": {"draft": True, "urll": "a mistake in it"}})
    words = one.run()
    assert "now a draft, which leaves it as it is: towns" in words
    assert "no longer configured" not in words
    assert "Drafts, left out: towns, rough; 1 mistake in them" in words
    assert manifest(one.folder)["towns"] == before["towns"]
    assert (one.folder / "published/towns.parquet").is_file()
    one.configure(yaml.safe_load(CONFIG))
    change(one.folder, sources={"towns": {"draft": True}})
    assert "checked, not published: it is a draft; what was published of it" in one.run("towns")
    assert manifest(one.folder)["towns"] == before["towns"]
    change(one.folder, sources={"towns": {"draft": False, "publish": False}})
    assert "checked, not published: `publish: false`; look at it" in one.run("towns")
    change(one.folder, sources={"towns": {"draft": True, "publish": True}})

    monkeypatch.chdir(one.folder)
    one.configure(yaml.safe_load(CONFIG))
    Path("rents.csv").write_text("code,n\n01,1\n02,3\n03,3\n")
    assert main(["update", "rents", "--vintage", "2026-02-01"], one.folder) == 1
    told = capsys.readouterr().out
    assert "\n2 rows became 3; keys: 1 new, 1 with other values\n" in told
    assert manifest(one.folder)["rents"] == before["rents"]
    Path("rents.csv").unlink()  # it is not asked for again
    assert main(["update", "rents", "--vintage", "2026-02-01", "--yes"], one.folder) == 0
    one.run()
    entry = manifest(one.folder)["rents"]
    assert (entry["vintage"], entry["rows"]) == ("2026-02-01", 3)
    assert entry["changes"][-1]["keys"] == {"added": 1, "changed": 1}


def manifest(folder: Path) -> dict:
    return json.loads((folder / "published/manifest.json").read_text())["tables"]


def change(folder: Path, **change: object) -> None:
    """Lay something over the configuration."""
    path = folder / "config/config.yaml"
    config = yaml.safe_load(path.read_text())
    merge(config, change)
    path.write_text(yaml.safe_dump(config, sort_keys=False))

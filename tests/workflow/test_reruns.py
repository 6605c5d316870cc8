"""Only what depends on a change runs again."""

import copy
import json
import shutil

import pyarrow.parquet as pq
import pytest

from diffusion.run.cli import main
from projects import Project, folder_state, job_counts, merge

CHANGES = {  # what is changed in the finished project, and the jobs that it costs
    "a type": (
        {"sources": {"plain": {"columns": {"population": "float"}}}},
        {"convert_table": 1, "publish_sources": 1},
    ),
    "a vintage": (
        {"sources": {"plain": {"vintage": "2026-02-02"}}},
        {"fetch_raw": 1, "convert_table": 1, "publish_sources": 1},
    ),
    "a check": (
        {"sources": {"plain": {"checks": {"rows": [1, None]}}}},
        {"check_table": 1, "publish_sources": 1},
    ),
    "words": (
        {"sources": {"plain": {"description": "other words"}}},
        {"publish_sources": 1},
    ),
    "words for the catalogue": (
        {
            "sources": {
                "plain": {"title": "Communes", "columns": {"code": {"description": "INSEE"}}}
            }
        },
        {},
    ),
    "a partition more": (
        {"sources": {"communes": {"partitions": {"departement": ["01", "2A", "2B"]}}}},
        {
            "fetch_raw": 1,
            "convert_part": 1,
            "combine_parts": 1,
            "publish_sources": 1,
        },
    ),
}


@pytest.mark.slow
def test_a_clone_that_is_behind_does_not_go_back_untold(tmp_path):
    """Another clone publishes a newer vintage, and with it other files of a folder."""
    data = tmp_path / "data.csv"
    config = {"project": {"name": "two", "licence": "x"}, "vintage": "2026-01-01"}
    config["storage"] = {place: str(tmp_path / place) for place in ("url", "raw")}
    source = {"from": "file", "url": str(data), "partition_by": ["a"]}
    config["sources"] = {"t": source | {"columns": {"a": "string"}}}
    data.write_text("a,b\nx,1\ny,2\n")
    ahead = Project(tmp_path / "ahead", config)
    ahead.run()
    first = folder_state(tmp_path / "url" / "t")
    behind = Project(shutil.copytree(tmp_path / "ahead", tmp_path / "behind"), config)
    data.write_text("a,b\nx,3\nz,4\n")
    ahead.configure(config | {"vintage": "2026-02-01"})
    ahead.run()
    second = folder_state(tmp_path / "url" / "t")
    words = behind.fail()
    assert "`t` was published by another clone since (20" in words
    assert "t: vintage 2026-02-01 is published, and this is the older 2026-01-01" in words
    assert folder_state(tmp_path / "url" / "t") == second
    words = behind.run("--config", 'accept=["t:vintage"]')
    assert "· t: vintage 2026-02-01 went back to 2026-01-01" in words
    assert {k: v[1] for k, v in folder_state(tmp_path / "url" / "t").items()} == {
        k: v[1] for k, v in first.items()
    }


@pytest.mark.slow
def test_changes_run_what_depends_on_them(finished, published):
    project, config = published
    assert job_counts(finished[0].words) == {
        "fetch_raw": 3,
        "convert_part": 2,
        "combine_parts": 1,
        "convert_table": 1,
        "publish_sources": 1,
    }
    assert "Nothing to be done" in project.run()
    for change, jobs in CHANGES.values():
        project.configure(merge(copy.deepcopy(config), change))
        assert job_counts(project.run("-n")) == jobs, change
    for change, _ in CHANGES.values():
        merge(config, change)
    project.configure(config)
    project.run()
    tables = json.loads(project.path("published/manifest.json").read_text())["tables"]
    assert tables["plain"]["vintage"] == "2026-02-02"
    assert tables["plain"]["description"] == "other words"
    package = json.loads(project.path("published/datapackage.json").read_text())
    assert "Communes" in [resource["title"] for resource in package["resources"]]
    assert "departement=2B" in tables["communes"]["raw_sha256"]
    assert "Nothing to be done" in project.run()


@pytest.mark.slow
def test_one_change_after_the_other_runs_what_depends_on_it(published):
    """As above, each change on what the one before it left."""
    project, config = published
    for change, jobs in CHANGES.values():
        project.configure(merge(config, change))
        assert job_counts(project.run("-n")) == jobs, change
        project.run()
    assert "Nothing to be done" in project.run()


def test_forced_rerun_asks_no_source_and_sends_nothing(published, sources):
    project, _ = published
    asked, before = len(sources.requests), folder_state(project.path("published"))
    raw = folder_state(project.path("raw"))
    project.run("--forceall")
    assert len(sources.requests) == asked
    assert folder_state(project.path("published")) == before
    assert folder_state(project.path("raw")) == raw


def test_partitions_that_are_dealt_anew_ask_no_source(published, sources):
    project, config = published
    asked, tables = len(sources.requests), project.path("published/communes")
    raw, before = folder_state(project.path("raw")), folder_state(tables)
    config["sources"]["communes"]["batches"] = 1
    project.configure(config)
    jobs = {"fetch_raw": 1, "convert_table": 1, "publish_sources": 1}
    assert job_counts(project.run()) == jobs
    assert len(sources.requests) == asked
    assert folder_state(project.path("raw")) == raw
    assert folder_state(tables) == before, "several batches give the bytes of one"


def test_a_fresh_clone_restores_from_raw_copies_and_sends_nothing(finished, sources, tmp_path):
    """A new folder over the same storage, with the network forbidden."""
    kept = [tmp_path / "clone" / name for name in ("published", "raw")]
    for folder in kept:
        shutil.copytree(finished[0].path(folder.name), folder)
    clone = Project(tmp_path / "clone", finished[1] | {"offline": True})
    asked, before = len(sources.requests), list(map(folder_state, kept))
    clone.run()
    assert len(sources.requests) == asked
    assert list(map(folder_state, kept)) == before
    assert clone.path("results/tables/plain.parquet").is_file()


def test_lock_is_written_and_a_difference_shows_both_sides(published):
    project, _ = published
    project.run("write_lock")
    lock = project.path("config/sources.lock.yaml")
    text = lock.read_text("utf-8")
    assert "departement=2A" in text
    old = next(line for line in text.splitlines() if "sha256" in line).split()[-1]
    lock.write_text(text.replace(old, "f" * 64), "utf-8")
    words = project.fail("--forcerun", "fetch_raw", "-k")
    for part in (
        "f" * 64,
        old,
        "locked:",
        "found:",
        "bytes",
        "retrieved",
        "diffusion lock --accept communes",
    ):
        assert part in words
    project.run("write_lock", "--forcerun", "fetch_raw", "--config", 'accept=["communes:raw"]')
    assert lock.read_text("utf-8") == text


@pytest.mark.slow
def test_a_publication_that_failed_is_made_by_the_next_run(published):
    project, config = published
    manifest = project.path("published/manifest.json")
    good = manifest.read_text()
    manifest.write_text("{")
    project.configure(merge(config, {"sources": {"plain": {"description": "other words"}}}))
    assert "put back a good copy" in project.fail()
    manifest.write_text(good)
    project.run()
    assert json.loads(manifest.read_text())["tables"]["plain"]["description"] == "other words"
    assert "Nothing to be done" in project.run()


@pytest.mark.slow
def test_failed_checks_are_told_by_every_run_until_they_are_mended(published):
    project, config = published
    before = folder_state(project.path("published"))
    change = {name: {"checks": {"required": ["habitants"]}} for name in ("plain", "communes")}
    project.configure(merge(config, {"sources": change}))
    project.fail()
    words = project.fail()
    assert "check_table" not in job_counts(words), "its result is kept"
    assert words.count("the table has no column `habitants`") == 2
    assert folder_state(project.path("published")) == before


def test_a_table_that_waits_is_published_though_another_source_runs_too(published):
    """Snakemake alone might overlook it: tests/workflow/test_workarounds.py."""
    project, config = published
    change = {"plain": {"description": "other words"}, "communes": {"vintage": "2026-03-03"}}
    project.configure(merge(config, {"sources": change}))
    project.run()
    tables = json.loads(project.path("published/manifest.json").read_text())["tables"]
    assert tables["plain"]["description"] == "other words"
    assert tables["communes"]["vintage"] == "2026-03-03"
    assert "Nothing to be done" in project.run()


@pytest.mark.slow
def test_a_source_that_is_not_published_is_read_by_what_is_derived(small):
    private = {"sources": {"plain": {"publish": False}}}
    counted = {"derive": {"total": {"sql": "SELECT count(*) AS n FROM plain", "inputs": ["plain"]}}}
    project, _ = small(merge(private, counted))
    words = project.run()
    assert "not published (`publish: false`)" in words
    names = {path.name for path in project.path("published").rglob("*.parquet")}
    assert names == {"communes.parquet", "total.parquet"}
    manifest = json.loads(project.path("published/manifest.json").read_text())
    assert sorted(manifest["tables"]) == ["communes", "total"]
    assert pq.read_table(project.path("published/total.parquet")).to_pylist() == [{"n": 250}]
    states = json.loads(project.path("results/run.json").read_text())["entries"]
    assert states["plain"]["reason"] == "not published: `publish: false`"
    assert "Nothing to be done" in project.run()


@pytest.mark.slow
def test_what_was_taken_down_stops_the_next_run_in_words(small, monkeypatch):
    """Here, where its results are gone, and on a machine that still has them."""
    project, _ = small({})
    project.run()
    results = [project.path(name) for name in ("results", ".snakemake")]
    for folder in results:
        shutil.copytree(folder, project.path(f"copy/{folder.name}"))
    monkeypatch.chdir(project.folder)
    assert (
        main(["takedown", "plain", "--reason", "the licence ended", "--yes"], project.folder) == 0
    )
    words = project.fail()
    assert "sources.plain: `plain` was taken down on" in words
    for folder in results:
        shutil.rmtree(folder)
        shutil.copytree(project.path(f"copy/{folder.name}"), folder)
    assert "sources.plain: `plain` was taken down on" in project.fail()
    names = {path.name for path in project.path("published").rglob("*.parquet")}
    assert names == {"communes.parquet"}

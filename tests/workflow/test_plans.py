"""A plan holds exactly what depends on a change: of the code, of the storage, of the project."""

import copy
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from projects import REPOSITORY, Project, folder_state, is_list, job_counts, merge, small_config

CODE = ("workflow", "scripts", "envs", "profiles")
DERIVE = {"total": {"sql": "SELECT sum(population) AS n FROM plain", "inputs": ["plain"]}}


class Clone(Project):
    """A project in a clone of the repository of its own."""

    @property
    def repository(self) -> Path:
        return self.folder

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one place of a file, as who mends the library does."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
def published(tmp_path_factory, sources) -> tuple[Clone, dict]:
    """A clone whose small project, with a derived table, was run once."""
    folder = tmp_path_factory.mktemp("clone") / "first"
    listed = subprocess.check_output(["git", "ls-files", *CODE], cwd=REPOSITORY, text=True)
    for name in listed.splitlines():
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)
    config = small_config(sources.url) | {"derive": DERIVE}
    clone = Clone(folder, config)
    clone.run()
    return clone, config


@pytest.fixture
def clone(published, tmp_path) -> tuple[Clone, dict]:
    """A copy of that clone, elsewhere, to change at will."""
    first, config = published
    shutil.copytree(first.folder, tmp_path / "moved", symlinks=True)
    copy = Clone.__new__(Clone)
    copy.folder, copy.environment = tmp_path / "moved", {}
    return copy, json.loads(json.dumps(config))


def planned(clone: Clone, config: dict | None = None) -> dict[str, int]:
    if config is not None:
        clone.configure(config)
    return job_counts(clone.run("-n"))


def test_moving_the_clone_runs_nothing(clone):
    assert planned(clone[0]) == {}


CONVERSION = "scripts/diffusion/convert/columns.py"


def test_a_fix_in_the_library_makes_tables_again(clone):
    project, _ = clone
    project.edit(CONVERSION, '"""', '"""A comment was changed. ')
    assert planned(project) == {
        "convert_table": 1,
        "convert_part": 2,
        "combine_parts": 1,
        "publish_sources": 1,
        "derive_table": 1,
        "publish_derived": 1,
    }


@pytest.mark.slow
def test_a_changed_comment_makes_no_new_version(clone):
    project, _ = clone
    before = folder_state(project.path("published"))
    tables = json.loads(before["manifest.json"][1])["tables"]
    project.edit(CONVERSION, '"""', '"""A comment was changed. ')
    project.run()
    after = folder_state(project.path("published"))
    assert {name: data for name, (_, data) in after.items() if not is_list(name)} == {
        name: data for name, (_, data) in before.items() if not is_list(name)
    }
    again = json.loads(after["manifest.json"][1])["tables"]
    for name, entry in tables.items():
        assert (again[name]["code"] == entry["code"]) == (name == "total")
        assert again[name]["published"] == entry["published"], "no new version"
        both = [
            [{k: v for k, v in item.items() if k != "etag"} for item in version["objects"]]
            for version in (again[name], entry)  # a copied file has another inode
        ]
        assert both[0] == both[1]
    assert planned(project) == {}


def test_words_of_a_check_check_again(clone):
    project, _ = clone
    project.edit("scripts/diffusion/check/checks.py", "the table has", "this table has")
    assert planned(project) == {
        "check_table": 3,
        "publish_sources": 1,
        "derive_table": 1,
        "publish_derived": 1,
    }


def test_how_raw_bytes_come_makes_nothing_again(clone):
    project, _ = clone
    project.edit("scripts/diffusion/fetch/client.py", "MAX_REDIRECTS = 10", "MAX_REDIRECTS = 11")
    project.edit("scripts/diffusion/base/joblog.py", "see the log", "look at the log")
    assert planned(project) == {}


def test_another_version_of_a_locked_library(clone):
    project, _ = clone
    project.edit("envs/requirements.txt", "\nduckdb==", "\nduckdb==99.")
    assert set(planned(project)) >= {"convert_table", "combine_parts", "derive_table"}
    assert "fetch_raw" not in planned(project)


def test_one_unrelated_source(clone):
    project, config = clone
    source = config["sources"]["plain"]
    merge(config, {"sources": {"further": {k: source[k] for k in ("from", "url")}}})
    assert planned(project, config) == {"fetch_raw": 1, "convert_table": 1, "publish_sources": 1}


def test_a_derived_table_is_not_overlooked_beside_another_source(clone):
    """Snakemake alone would: what it waits for runs; see `sources_receipt` in common.smk."""
    project, config = clone
    source = config["sources"]["plain"]
    config["sources"]["further"] = {k: source[k] for k in ("from", "url")}
    config["derive"]["total"]["sql"] = "SELECT max(population) AS n FROM plain"
    jobs = planned(project, config)
    assert (jobs["publish_sources"], jobs["derive_table"], jobs["publish_derived"]) == (1, 1, 1)


def test_what_is_derived_follows_its_own_inputs_only(clone):
    project, config = clone
    change = {"sources": {"communes": {"columns": {"population": "float"}}}}
    assert "derive_table" not in planned(project, merge(config, change))
    change = {"sources": {"plain": {"columns": {"population": "float"}}}}
    assert planned(project, merge(config, change))["derive_table"] == 1


@pytest.mark.slow
def test_one_unrelated_source_publishes_no_other_again(clone):
    project, config = clone
    before = folder_state(project.path("published"))
    source = config["sources"]["plain"]
    further = {k: source[k] for k in ("from", "url")}
    project.configure(merge(config, {"sources": {"further": further}}))
    project.run()
    after = folder_state(project.path("published"))
    assert {name: after[name] for name in before if not is_list(name)} == {
        name: state for name, state in before.items() if not is_list(name)
    }
    assert planned(project) == {}


@pytest.mark.parametrize(
    ("storage", "rules"),
    [
        ({"region": "eu-west-3"}, set()),
        ({"endpoint": "minio.example.org/"}, set()),
        ({"url": "elsewhere"}, {"publish_sources", "derive_table", "publish_derived"}),
    ],
)
def test_where_things_are_published_converts_nothing(clone, storage, rules):
    project, config = clone
    assert set(planned(project, merge(config, {"storage": storage}))) == rules


def test_reasons_can_be_read(clone):
    project, config = clone
    change = {"sources": {"plain": {"columns": {"population": "float"}}}}
    project.configure(merge(config, change))
    words = project.run("-n")
    line = re.search("^  plain .*$", words, re.MULTILINE)
    assert line and re.fullmatch(" +plain +convert +`columns` changed", line[0]), words


PUBLISHED_AGAIN = {"publish_sources", "derive_table", "publish_derived"}
# what docs/how-it-works.md says of each change: its row, the change, the rules that run again
TOLD = [
    ("nothing", {}, set()),
    ("a column", {"columns": {"population": "float"}}, {"convert_table"} | PUBLISHED_AGAIN),
    ("a check", {"checks": {"rows": [1, 999]}}, {"check_table", "publish_sources"}),
    ("the `vintage`", {"vintage": "2027"}, {"fetch_raw", "convert_table"} | PUBLISHED_AGAIN),
    ("a description", {"description": "All of them"}, PUBLISHED_AGAIN),
    ("title", {"title": "All of them"}, set()),
]


@pytest.mark.slow
def test_what_runs_again_is_what_the_page_says(clone):
    project, config = clone
    page = (REPOSITORY / "docs" / "how-it-works.md").read_text("utf-8")
    found = {}
    for row, change, rules in TOLD:
        assert f"\n| {row}" in page
        changed = merge(copy.deepcopy(config), {"sources": {"plain": change}})
        found[row] = set(planned(project, changed)) == rules
    sql = {"derive": {"total": {"sql": "SELECT max(population) AS n FROM plain"}}}
    found["a query"] = set(planned(project, merge(copy.deepcopy(config), sql))) == {
        "derive_table",
        "publish_derived",
    }
    more = {"communes": {"partitions": {"departement": ["01", "2A", "69"]}}}
    counts = planned(project, merge(copy.deepcopy(config), {"sources": more}))
    found["a value of"] = (counts["fetch_raw"], counts["convert_part"]) == (1, 1)
    assert [row for row, is_true in found.items() if not is_true] == []

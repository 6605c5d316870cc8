"""Every fenced block of the documentation is executed by a test, or is excused with a reason."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from diffusion.config.load import load_config
from diffusion.config.resolve import ConfigError, resolve_config
from fenced import Block, block, blocks_of
from make_rule_graph import page_with, rule_graph
from projects import REPOSITORY, is_shipped, merge
from test_docs import PAGES

ENGLISH, FRENCH = "README.md", "README.fr.md"  # its blocks are those of README.md: test_french.py
BLOCKS = [b for page in PAGES if page.name != FRENCH for b in blocks_of(page.as_posix())]
TUTORIAL = "tests/workflow/test_tutorial.py::"
CELLS = "tests/workflow/test_chapter.py::"
READERS = "tests/workflow/test_read_as_told.py::"
HERE = "tests/unit/test_snippets.py::"
ERROR = f"{HERE}test_errors_are_told_as_they_are_shown"

# a page, or one block of it → the test that runs it as it stands there
RUN = {
    "docs/tutorial.md": f"{TUTORIAL}test_a_reader_gets_what_the_page_shows",
    "docs/derive.md": f"{TUTORIAL}test_the_examples_of_derived_tables_run",
    "docs/howto.md": "tests/workflow/test_howto.py::test_every_section_is_one_of_these",
    "docs/how-it-works.md § The steps": f"{HERE}test_the_graph_of_the_rules_is_in_step",
    "docs/chapter.md § s3fs": f"{CELLS}test_the_cells_of_the_chapter_as_they_are_written_today",
    "docs/chapter.md § boto3": f"{CELLS}test_the_cells_of_the_chapter_as_they_are_written_today",
    "docs/chapter.md § pyarrow": f"{CELLS}test_the_cells_of_the_chapter_as_they_are_written_today",
    "docs/chapter.md § Snakemake": f"{CELLS}test_snakemake_reads_an_object_as_its_input",
    "docs/chapter.md § mc": f"{CELLS}test_mc_lists_copies_here_and_there",
    "docs/published.md § What is promised to whom": f"{READERS}test_by_the_manifest",
    "docs/show.md § In a notebook: `from diffusion import table`": f"{READERS}test_in_a_notebook",
    "README.md § Publish to S3 (2)": f"{READERS}test_by_pandas",
    "README.md § Add your source (3)": ERROR,
    "config/README.md § How to read an error": ERROR,
    "docs/source.md § `diffusion source URL`": "tests/unit/propose/test_source.py::"
    "test_the_page_shows_what_is_said",
    "docs/source.md § A database": "tests/database/test_source.py::test_the_page_s_commands",
    "docs/try.md § Trying a source": f"{READERS}test_a_try_shows_what_the_page_shows",
}
# what is not run here, and why
EXCUSED = {
    "CONTRIBUTING.md § Set up and test": "the tests themselves; targets are looked up in test_docs",
    "README.md § Try it": "installs everything; .ci/run does it, and tests/workflow the same run",
    "README.md § Try it (2)": "of that run; the form is in tests/workflow/test_terminal.py",
    "README.md § Add your source": "asks a portal; tests/unit/propose does it on stand-ins",
    "README.md § How it works": "a drawing",
    "README.md § Publish to S3": "asks the SSP Cloud; tests/workflow/test_profiles.py does it",
    "docs/outdated.md § `diffusion outdated`": "a project that is invented, to show each state; "
    "words are tested in tests/unit/run/test_keeping_up.py",
    "docs/outdated.md § `diffusion update`": "as above; tests/unit/run/test_keeping_up.py",
    "docs/packages.md § Your own Python packages": "installs from an index; "
    "tests/workflow/test_packages.py locks a package of its own",
    "docs/published.md § A new version that differs much": "words are tested in tests/unit/publish",
    "docs/show.md § On the terminal: `diffusion show`": "invented, to show each doubt; "
    "words are tested in tests/unit/run/test_showing.py",
    "docs/upgrade.md § Keeping up with the template": "tests/unit/template/test_upgrade.py does it",
    "docs/upgrade.md § Without a clone: the template as a module": "names a forge; "
    "tests/workflow/test_module.py does it from a clone",
    "config/README.md § JSON and XML": "alternatives of one key; tests/unit/convert has each",
    "profiles/kubernetes/README.md § On Kubernetes": "pytest --kubernetes does it",
    "profiles/kubernetes/README.md § Spark": "pytest --kubernetes does it",
    "profiles/slurm/README.md § On a Slurm cluster": "pytest --slurm does it",
}


def runs(found: Block) -> bool:
    return found.page in RUN or found.name in RUN


@pytest.mark.parametrize("found", BLOCKS, ids=lambda found: found.name)
def test_every_block_is_run_or_excused(found):
    ways = [runs(found), found.name in EXCUSED, found.language == "yaml" and not runs(found)]
    assert any(ways), f"{found.name}: write it into RUN, with the test that runs it"
    assert not (runs(found) and found.name in EXCUSED)


def test_nothing_is_listed_that_is_not_there():
    there = {found.name for found in BLOCKS} | {found.page for found in BLOCKS}
    own = set() if is_shipped(ENGLISH) else {n for n in (*RUN, *EXCUSED) if n.startswith(ENGLISH)}
    assert (RUN.keys() | EXCUSED.keys()) - there == own
    for name, test in RUN.items():
        file, _, function = test.partition("::")
        text = (REPOSITORY / file).read_text("utf-8")
        assert f"def {function}" in text, test
        assert name.partition(" § ")[0] in text, f"{file} does not name the page"
    named = re.findall(r"tests/[\w/.]*\w", " ".join(EXCUSED.values()))
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


# ------------------------------------------------------------------ snippets of configuration
A_PROJECT = {
    "project": {"name": "mine"},
    "vintage": "2026-03",
    "sources": {"dpe": {"from": "file", "url": "dpe.csv"}, "t": {"from": "file", "url": "t.csv"}},
}
TABLES = ("departements", "taux_par_departement", "communes")  # that snippets name and do not have
SNIPPETS = [b for b in BLOCKS if b.language == "yaml" and not runs(b) and b.name not in EXCUSED]


@pytest.mark.parametrize("found", SNIPPETS, ids=lambda found: found.name)
def test_snippets_of_configuration_are_valid(found, tmp_path, monkeypatch):
    """Merged into a project, or, where they are keys of a source, into one of its sources."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/communes.csv").write_text("code\n01001\n")
    monkeypatch.chdir(tmp_path)
    given, config = yaml.safe_load(found.text), copy.deepcopy(A_PROJECT)
    for name in TABLES:
        config["sources"][name] = {"from": "file", "url": f"{name}.csv"}
    if not given.keys() & {"project", "storage", "sources", "derive", "vintage"}:
        url = {"url": "https://example.org/{commune}/{month}"} if "partitions" in given else {}
        given = {"sources": {"t": given | url}}
    resolve_config(merge(config, given))


SHOWN = {
    (ENGLISH, "Add your source", 3): "{sources: {dpe: {pages: {stlye: x}}}}",
    ("config/README.md", "How to read an error", 1): "{storage: {ulr: x}}",
}


@pytest.mark.parametrize("place", SHOWN, ids=str)
def test_errors_are_told_as_they_are_shown(place, tmp_path):
    if place[0] == ENGLISH and not is_shipped(ENGLISH):
        pytest.skip("NOT RUN: the project has a README of its own")
    path = tmp_path / "config.yaml"
    config = merge(copy.deepcopy(A_PROJECT), yaml.safe_load(SHOWN[place]))
    config["sources"]["dpe"] |= {"from": "api", "url": "https://example.org"}
    path.write_text(yaml.safe_dump(config), "utf-8")
    with pytest.raises(ConfigError) as error:
        load_config([path])
    shown = block(*place).strip().removesuffix(", …")
    told = re.sub(r"\(.*?, line", "(config/config.yaml, line", str(error.value))
    assert re.sub(r"line \d+", "", shown) in re.sub(r"line \d+", "", told)


def test_the_graph_of_the_rules_is_in_step():
    """docs/how-it-works.md: if this fails, type `make docs`."""
    page = REPOSITORY / "docs" / "how-it-works.md"
    assert page_with(rule_graph()) == page.read_text("utf-8")
    rules = {n for p in Path(REPOSITORY / "workflow/rules").glob("*.smk") for n in rules_of(p)}
    told = set(re.findall(r"`(\w+)`", page.read_text("utf-8").partition("| rule |")[2]))
    assert rules - {"all", "write_lock"} <= told


def rules_of(path: Path) -> list[str]:
    return re.findall(r"^rule (\w+):", path.read_text("utf-8"), re.MULTILINE)

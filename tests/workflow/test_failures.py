"""What goes wrong ends with a clear message and leaves what is published as it was."""

import copy
import io
import shutil
import zipfile
from collections.abc import Callable

import pytest

from faults.report import messages
from projects import Project, folder_state, merge
from standins.faults import Fault
from standins.generate import departements_zip

HTML = b"<!DOCTYPE html><html><body>Maintenance en cours</body></html>"
NEW = "2026-09-09"


@pytest.fixture
def fails(published):
    """Lay a change over the published project: it must fail and leave what is published alone."""
    project, config = published
    before = folder_state(project.path("published"))

    def run(change) -> str:
        project.configure(merge(config, change))
        words = project.fail()
        assert folder_state(project.path("published")) == before
        return words

    return run


def test_misspelt_key(fails):
    words = fails({"sources": {"plain": {"colums": {"code": "string"}}}})
    assert "sources.plain.colums" in words
    assert "did you mean `columns`?" in words


def both_shapefiles() -> bytes:
    """An archive that holds two datasets."""
    given, both = zipfile.ZipFile(io.BytesIO(departements_zip())), io.BytesIO()
    with zipfile.ZipFile(both, "w") as out:
        for name in given.namelist():
            out.writestr(name, given.read(name))
            out.writestr(f"old-{name}", given.read(name))
    return both.getvalue()


@pytest.fixture(scope="module")
def broken(finished, sources, tmp_path_factory) -> Callable[[str], str]:
    """Sources that go wrong, each in its way, in one run; returns what is said of each."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "both.zip").write_bytes(both_shapefiles())
    half = departements_zip()[: len(departements_zip()) // 2]
    sources.faults["/contours/"] = [Fault(replace=half, content_type="application/zip")]
    sources.faults["/examples/page"] = [Fault(replace=HTML, content_type="text/html")] * 9
    outlines = f"{sources.url}/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"
    change = {
        "plain": {"vintage": NEW, "url": f"{sources.url}/files/nowhere.csv"},
        "communes": {"vintage": NEW},
        "page": {"from": "file", "url": f"{sources.url}/files/page.html"},
        "outlines": {"from": "archive", "url": outlines},
        "two": {"from": "archive", "url": str(folder / "both.zip")},
        "renamed": {
            "from": "file",
            "url": f"{sources.url}/files/communes.csv",
            "columns": {"code": "string", "habitants": "int"},
        },
    }
    shutil.copytree(finished[0].folder, folder / "project", symlinks=True)
    config = merge(copy.deepcopy(finished[1]), {"sources": change})
    project = Project(folder / "project", config)
    before = folder_state(project.path("published"))
    done = project.snakemake("--keep-going")
    sources.faults.clear()
    words = done.stdout
    assert done.returncode != 0, words
    assert folder_state(project.path("published")) == before

    def told(name: str) -> str:
        """What the jobs of one source said as they failed."""
        found = messages(words, rf"\w+ {name}\b.*")
        assert found, words
        return "".join(found)

    return told


def test_not_found(broken):
    words = broken("plain")
    assert "sources.plain: HTTP 404 from" in words
    assert "check the URL\n" in words, "`empty_on` is a key of an API alone"


def test_html_page_in_place_of_json(broken):
    words = broken("communes")
    assert "sources.communes" in words
    assert "Maintenance en cours" in words


def test_html_page_in_place_of_a_file(broken):
    words = broken("page")
    assert "sources.page" in words
    assert "HTML" in words


def test_truncated_zip(broken):
    assert "cut short or damaged" in broken("outlines")


def test_two_shapefiles_in_one_zip(broken):
    assert 'member: "old-departements-20180101.shp"' in broken("two")


def test_column_that_disappears(broken):
    words = broken("renamed")
    assert "not in the data: `habitants`" in words
    assert "population" in words


def test_failed_check_stops_all_sources(fails):
    """One source's new version is fine, the other's fails: neither is published."""
    change = {
        "sources": {
            "plain": {"drop": ["population"]},
            "communes": {"checks": {"rows": [9000, None]}},
        }
    }
    words = fails(change)
    assert (
        "✗ check_table communes\n  sources.communes.checks.rows (config/config.yaml, line " in words
    )
    assert "): the table has " in words
    assert "published together or not at all" in words


def test_a_warning_does_not_stop_publishing(finished):
    project, _ = finished
    assert "warned" in project.words
    assert project.path("published/plain.parquet").is_file()

"""What goes wrong ends with a clear message and leaves what is published as it was."""

import copy
import shutil

import pytest

from projects import Project, folder_state, merge, small_config
from standins.faults import Fault

HTML = b"<!DOCTYPE html><html><body>Maintenance en cours</body></html>"
NEW = "2026-09-09"


@pytest.fixture(scope="module")
def once(tmp_path_factory, sources) -> tuple[Project, dict]:
    """The small project, published once for all tests of this file."""
    config = small_config(sources.url)
    project = Project(tmp_path_factory.mktemp("once") / "project", config)
    project.run()
    return project, config


@pytest.fixture
def published(once, sources, tmp_path):
    """A copy of that project, in which a change must fail and leave what is published alone."""
    shutil.copytree(once[0].folder, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project", once[1])
    before = folder_state(project.path("published"))

    def fails(change) -> str:
        project.configure(merge(copy.deepcopy(once[1]), change))
        words = project.fail()
        assert folder_state(project.path("published")) == before
        return words

    yield fails
    sources.faults.clear()


def archive(sources, name: str, **keys: object) -> dict:
    return {"sources": {"outlines": {"from": "archive", "url": f"{sources.url}{name}", **keys}}}


def test_misspelt_key(published):
    words = published({"sources": {"plain": {"colums": {"code": "string"}}}})
    assert "sources.plain.colums" in words
    assert "did you mean `columns`?" in words


def test_not_found(published, sources):
    words = published(
        {"sources": {"plain": {"vintage": NEW, "url": f"{sources.url}/files/nowhere.csv"}}}
    )
    assert "sources.plain: HTTP 404 from" in words
    assert "check the URL" in words


def test_html_page_in_place_of_json(published, sources):
    sources.faults["/examples/page"] = [Fault(replace=HTML, content_type="text/html")] * 9
    words = published({"sources": {"communes": {"vintage": NEW}}})
    assert "sources.communes" in words
    assert "Maintenance en cours" in words


def test_html_page_in_place_of_a_file(published, sources):
    words = published(
        {"sources": {"plain": {"vintage": NEW, "url": f"{sources.url}/files/page.html"}}}
    )
    assert "HTML" in words
    assert "sources.plain" in words


def test_truncated_zip(published, sources, tmp_path):
    from standins.generate import departements_zip

    data = departements_zip()
    sources.faults["/contours/"] = [
        Fault(replace=data[: len(data) // 2], content_type="application/zip")
    ]
    words = published(archive(sources, "/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"))
    assert "cut short or damaged" in words


def test_two_shapefiles_in_one_zip(published, project, tmp_path):
    import io
    import zipfile

    from standins.generate import departements_zip

    both = tmp_path / "both.zip"
    with (
        zipfile.ZipFile(io.BytesIO(departements_zip())) as given,
        zipfile.ZipFile(both, "w") as out,
    ):
        for name in given.namelist():
            out.writestr(name, given.read(name))
            out.writestr(f"old-{name}", given.read(name))
    words = published({"sources": {"outlines": {"from": "archive", "url": str(both)}}})
    assert 'member: "old-departements-20180101.shp"' in words


def test_column_that_disappears(published, sources):
    change = {"sources": {"plain": {"columns": {"code": "string", "habitants": "int"}}}}
    words = published(change)
    assert "not in the data: `habitants`" in words
    assert "population" in words


def test_failed_check_stops_all_sources(published):
    """One source's new version is fine, the other's fails: neither is published."""
    change = {
        "sources": {
            "plain": {"drop": ["population"]},
            "communes": {"checks": {"rows": [9000, None]}},
        }
    }
    words = published(change)
    assert "communes failed its checks" in words
    assert " rows: the table has " in words
    assert "published together or not at all" in words


def test_a_warning_does_not_stop_publishing(small):
    project, _ = small({"sources": {"plain": {"checks": {"rows": [9000, None], "warn": ["rows"]}}}})
    assert "warned" in project.run()

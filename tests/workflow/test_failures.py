"""What goes wrong ends with a clear message and leaves what is published as it was."""

import pytest

from projects import folder_state, merge
from standins.faults import Fault

HTML = b"<!DOCTYPE html><html><body>Maintenance en cours</body></html>"
NEW = "2026-09-09"


@pytest.fixture
def published(small):
    """The small project, published once; returns what checks that nothing changed."""
    project, config = small()
    project.run()
    before = folder_state(project.path("published"))

    def fails(change) -> str:
        project.configure(merge(config, change))
        words = project.fail()
        assert folder_state(project.path("published")) == before
        return words

    return fails


def archive(standins, name: str, **keys: object) -> dict:
    return {"sources": {"outlines": {"from": "archive", "url": f"{standins.url}{name}", **keys}}}


def test_misspelt_key(published):
    words = published({"sources": {"plain": {"colums": {"code": "string"}}}})
    assert "sources.plain.colums" in words
    assert "did you mean `columns`?" in words


def test_not_found(published, standins):
    words = published(
        {"sources": {"plain": {"vintage": NEW, "url": f"{standins.url}/files/nowhere.csv"}}}
    )
    assert "sources.plain: HTTP 404 from" in words
    assert "check the URL" in words


def test_html_page_in_place_of_json(published, standins):
    standins.faults["/examples/page"] = [Fault(replace=HTML, content_type="text/html")] * 9
    words = published({"sources": {"communes": {"vintage": NEW}}})
    assert "sources.communes" in words
    assert "Maintenance en cours" in words


def test_html_page_in_place_of_a_file(published, standins):
    words = published(
        {"sources": {"plain": {"vintage": NEW, "url": f"{standins.url}/files/page.html"}}}
    )
    assert "HTML" in words
    assert "sources.plain" in words


def test_truncated_zip(published, standins, tmp_path):
    from standins.generate import departements_zip

    data = departements_zip()
    standins.faults["/contours/"] = [
        Fault(replace=data[: len(data) // 2], content_type="application/zip")
    ]
    words = published(archive(standins, "/fr/datasets/r/eb36371a-761d-44a8-93ec-3d728bec17ce"))
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


def test_column_that_disappears(published, standins):
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
    assert "published together or not at all" in words


def test_a_warning_does_not_stop_publishing(small):
    project, _ = small({"sources": {"plain": {"checks": {"rows": [9000, None], "warn": ["rows"]}}}})
    assert "warned" in project.run()

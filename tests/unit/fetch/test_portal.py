"""What a portal states of a data set: asked once at a fetch, frozen, and in nobody's way."""

import json
from pathlib import Path

import pytest

from diffusion.fetch.batch import fetch_batch
from diffusion.fetch.portal import Portal
from diffusion.storage.store import Store
from fetches import Answer, Asked, Scripted, record_waits, source_of
from standins.data_fair import PREFIX, SLUG
from standins.server import Standins

ODS = {
    "dataset_id": "x",
    "metas": {
        "default": {
            "title": "Loyers",
            "publisher": "ANIL",
            "license": "Licence Ouverte v2.0 (Etalab)",
            "modified": "2024-11-05T10:00:00+00:00",
        },
        "dcat": {"accrualperiodicity": "http://publications.europa.eu/x/frequency/ANNUAL"},
    },
}
UDATA = {
    "title": "Contours\n des départements",
    "organization": {"name": "OpenStreetMap"},
    "license": "odc-odbl",
    "resources": [],
    "frequency": "unknown",
    "last_update": "2018-01-01T00:00:00",
}
CKAN = {
    "success": True,
    "result": {
        "title": "T" * 400,
        "organization": {"title": "Office"},
        "license_title": None,
        "license_id": "cc-by",
        "metadata_modified": "2020-02-02T00:00:00",
        "frequency": ["odd"],
    },
}

UNKNOWN = "its answer is no description as data-fair, Opendatasoft, udata and CKAN write it"


def stated(answer: object, **more: object) -> dict:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    with Scripted(lambda _: Answer(body=body, **more)) as server:
        found = Portal(source_of("https://x.example/", portal=server.url).fetch, "sources.t").stated
        assert found.pop("portal") == server.url
    return found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (
            ODS,
            {
                "title": "Loyers",
                "publisher": "ANIL",
                "licence": "Licence Ouverte v2.0 (Etalab)",
                "frequency": "annual",
                "modified": "2024-11-05",
            },
        ),
        (
            UDATA,
            {
                "title": "Contours des départements",
                "publisher": "OpenStreetMap",
                "licence": "odc-odbl",
                "modified": "2018-01-01",
            },
        ),
        (
            CKAN,
            {
                "title": "T" * 300,
                "publisher": "Office",
                "licence": "cc-by",
                "modified": "2020-02-02",
            },
        ),
        (
            UDATA | {"organization": None, "owner": {"first_name": "Ada", "last_name": "Lovelace"}},
            {
                "title": "Contours des départements",
                "publisher": "Ada Lovelace",
                "licence": "odc-odbl",
                "modified": "2018-01-01",
            },
        ),
        (
            {"result": {"license_id": "x", "extras": [{"key": "frequency", "value": "annual"}]}},
            {"licence": "x", "frequency": "annual"},
        ),
        (
            {"a": 1},
            {"failed": UNKNOWN},
        ),
        (
            [],
            {"failed": UNKNOWN},
        ),
        (b"<html>", {"failed": "its answer is no JSON, but of no kind"}),
    ],
)
def test_descriptions_of_portals(answer, found):
    assert stated(answer) == found


def test_a_portal_that_does_not_answer_stops_nothing(monkeypatch):
    record_waits(monkeypatch)
    assert stated(b"", status=404)["failed"].startswith("HTTP 404 from http://127.0.0.1:")
    assert "503" in stated(b"", status=503)["failed"]


def test_it_is_asked_once_a_job_without_a_secret_and_frozen(tmp_path: Path, monkeypatch):
    """Not where all is frozen; a secret that it repeats is not kept; it is no part of a request."""
    monkeypatch.setenv("KEY", "t0p-s3cret-1x")
    told = UDATA | {"title": "Loyers t0p-s3cret-1x"}

    def answer(asked: Asked) -> Answer:
        body = json.dumps(told).encode() if asked.path == "/about" else b"a;b\n1;2\n"
        return Answer(headers={"Content-Type": "text/csv"}, body=body)

    store = Store(str(tmp_path / "raw"), None)
    with Scripted(answer) as server:
        url, more = f"{server.url}/{{n}}.csv", {"auth": {"env": "KEY"}}
        axes = {"partitions": {"n": ["1", "2"]}, "portal": f"{server.url}/about"}
        source = source_of(url, "file", **axes, **more)

        def fetched() -> dict:
            batch = ["n=1", "n=2"]
            found = fetch_batch("t", source.fetching, batch, store, tmp_path / "s", lock={})
            return found["partitions"]

        first = fetched()
        asked = [one for one in server.asked if one.path == "/about"]
        assert ["Authorization" in one.headers for one in asked] == [False]
        assert first == fetched()
        assert len(server.asked) == 3
    for noted in first.values():
        assert noted["stated"]["licence"] == "odc-odbl"
        assert "portal" not in noted["request"]
        assert "s3cret" not in json.dumps(noted)


def test_the_stand_in_of_data_fair():
    with Standins() as sources:
        url = f"{sources.url}{PREFIX}{SLUG}"
        found = Portal(source_of("https://x.example/", portal=url).fetch, "sources.t").stated
    assert found == {
        "portal": url,
        "title": "Diagnostics de performance énergétique (avant juillet 2021)",
        "licence": "Licence Ouverte / Open Licence",
        "modified": "2022-12-06",
    }


CC, ABOUT = "https://creativecommons.org/licenses/by/4.0/", '<{}>; rel="license"'


@pytest.mark.parametrize("kind", ["file", "api"])
def test_a_licence_that_the_server_names_is_noted(kind, tmp_path: Path):
    """Of the file or the first page; an address beside it is completed."""
    body = b"a;b\n1;2\n" if kind == "file" else b'[{"a": 1}]'
    mime = "text/csv" if kind == "file" else "application/json"
    for link, found in ((CC, CC), ("/licence.html", "{}/licence.html")):
        headers = {"Link": f"{ABOUT.format(link)}, <x>; rel=about", "Content-Type": mime}
        with Scripted(lambda _, h=headers: Answer(headers=h, body=body)) as server:
            more = {"pages": {"style": "none"}} if kind == "api" else {}
            source = source_of(f"{server.url}/t", kind, **more)
            store = Store(str(tmp_path / link.replace("/", "_")), None)
            noted = fetch_batch("t", source.fetching, ["all"], store, tmp_path / "s", lock={})
            [stated] = [noted["partitions"][name]["stated"] for name in noted["partitions"]]
            expected = {"portal": f"{server.url}/t", "licence": found.format(server.url)}
            assert stated == expected


def test_what_a_portal_states_counts_before_the_header(tmp_path: Path):
    def answer(asked: Asked) -> Answer:
        if asked.path == "/about":
            return Answer(body=json.dumps(UDATA).encode())
        return Answer(
            headers={"Link": ABOUT.format(CC), "Content-Type": "text/csv"}, body=b"a\n1\n"
        )

    with Scripted(answer) as server:
        source = source_of(f"{server.url}/t.csv", "file", portal=f"{server.url}/about")
        store = Store(str(tmp_path / "raw"), None)
        noted = fetch_batch("t", source.fetching, ["all"], store, tmp_path / "s", lock={})
    assert noted["partitions"]["all"]["stated"]["licence"] == "odc-odbl"

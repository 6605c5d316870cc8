"""Pages and API addresses of portals: what is found, what is written, and the table it makes."""

import json

import pytest

from diffusion.fetch.descriptions import day_of, frequency_of
from diffusion.propose.portals.found import one_line
from fetches import Answer, Asked, Scripted
from portals import PAGE, RESOURCE, ROWS, answer

LINES = {"style": "next_url", "records": "results", "total": "total"}
# what is typed: the name, keys of the entry
PAGES = {
    "/datasets/loyers-2024/": ("loyers_2024", {
        "from": "file",
        "title": "Loyers par commune",
        "description": "Loyers moyens au mètre carré.",
        "licence": "Licence Ouverte / Open Licence version 2.0",
        "attribution": "Ministère du Logement, Loyers par commune",
        "homepage": "https://www.data.gouv.fr/datasets/loyers-2024/",
        "frequency": "annual",
        "vintage": "2024-10-01",
    }),
    f"/fr/datasets/r/{RESOURCE}": ("loyers_2024", {"from": "file", "vintage": "2024-10-01"}),
    f"/fr/datasets/loyers-2024/#/resources/{RESOURCE}": ("loyers_2024", {"from": "file"}),
    "/explore/dataset/loyers/information/": ("loyers", {
        "from": "file",
        "csv": {"delimiter": ";"},
        "licence": "ODbL 1.0",
        "attribution": "Métropole, Loyers",
        "frequency": "annual",
    }),
    "/datasets/loyers-2024": ("loyers_2024", {"from": "file"}),
    "/data-fair/api/v1/datasets/loyers-2024/lines": ("loyers_2024", {
        "from": "api",
        "pages": LINES,
        "licence": "Licence Ouverte / Open Licence",
        "attribution": "ADEME, Loyers",
        "vintage": "2024-11-05",
    }),
    "/dataset/rents": ("rents", {
        "from": "file",
        "licence": "Creative Commons Attribution 4.0",
        "attribution": "City, Rents",
    }),
    "/records/1234567/files/loyers.csv?download=1": ("rents_of_france", {
        "from": "file",
        "licence": "cc-by-4.0",
        "attribution": "Doe, Jane, Rents of France",
        "homepage": "https://doi.org/10.5281/zenodo.1234567",
        "frequency": "never",
    }),
    "/melodi/data/DS_LOYERS?GEO=COM": ("loyers", {
        "from": "api",
        "limit": "30/min",
        "title": "Loyers",
        "frequency": "annual",
        "vintage": "2024-11-05",
    }),
    "/wfs/ows?service=WFS&request=GetFeature&typeNames=LOYERS:commune": ("commune", {
        "from": "api",
        "format": "geojson",
        "licence": "Licence Ouverte 2.0",
        "attribution": "IGN, Loyers",
        "geometry": {"crs": "EPSG:4326", "family": "point"},
        "params": {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": "LOYERS:commune",
            "outputFormat": "application/json",
            "srsName": "EPSG:4326",
            "sortBy": "code",
        },
    }),
    "/ogc/collections/loyers/items": ("loyers", {"from": "api", "licence": "ODbL 1.0"}),
}  # fmt: skip


@pytest.mark.parametrize("typed", PAGES)
def test_a_portal(typed: str, added) -> None:
    name, expected = PAGES[typed]
    with Scripted(answer) as server:
        resource = ["--resource", "csv"] if typed.startswith("/datasets/") else []
        code, words = added(server.url + typed, *resource)
        assert code == 0, words
        keys = added.keys(name)
        assert {key: keys.get(key) for key in expected} == expected
        table = added.table(name)
    assert table.num_rows == len(ROWS)
    values = next(n for n in table.column_names if "loyer" in n or n.endswith("NIVEAU_value"))
    assert sorted(table[values].to_pylist()) == [8.5, 9.25, 12.0]
    assert f"✓ written to config/config.yaml, under sources.{name}" in words
    assert ("licence" in keys) == ("no licence is stated" not in words)


def test_several_resources_are_listed(added) -> None:
    with Scripted(answer) as server:
        code, words = added(server.url + "/datasets/loyers-2024/")
    assert code == 1
    assert "the dataset has 3" in words and "add --resource TEXT" in words
    assert "loyers-2024.csv (csv, 99 bytes, 2024-10-01)\n" in words and "notice.pdf (pdf)" in words


def test_a_page_of_no_portal_shows_its_files(added) -> None:
    with Scripted(answer) as server:
        code, words = added(server.url + "/page")
        assert code == 1
        assert "is a web page, and of no portal" in words
        assert (
            f"diffusion source '{server.url}/files/loyers.csv'" in words and "x.html" not in words
        )


def test_words_of_portals() -> None:
    assert frequency_of("http://publications.europa.eu/resource/authority/frequency/MONTHLY") == (
        "monthly"
    )
    assert frequency_of("Annuelle") == "annual" and frequency_of("who knows") == ""
    assert day_of("2024-11-05T08:00") == "2024-11-05" and day_of(1730793600) == "2024-11-05"
    assert day_of("yesterday") == "" and day_of(None) == ""
    long = one_line("word " * 200)
    assert len(long) <= 300 and long.endswith("…")


def test_an_answer_that_is_not_as_its_api_describes_it_is_no_portal_s(added) -> None:
    odd = {"resources": [1], "metas": {"default": []}, "metadata": {"license": 3}, "files": [[]]}
    odd |= {"slug": "x", "schema": 1, "result": {"resources": [None]}, "identifier": "DS_X"}
    for typed in ("/datasets/x/", "/explore/dataset/x/", "/dataset/x", "/records/1", "/wfs"):

        def answered(asked: Asked) -> Answer:
            is_api = "/api/" in asked.path or "Capabilities" in asked.path
            return Answer(body=json.dumps(odd).encode() if is_api else PAGE)

        with Scripted(answered) as server:
            code, words = added(server.url + typed)
        assert code == 1 and "is a web page, and of no portal" in words, words


def test_what_is_stated_for_a_portal_is_not_sent_elsewhere(added) -> None:
    def elsewhere(asked: Asked) -> Answer:
        found = answer(asked)
        return found._replace(body=found.body.replace(b"127.0.0.1", b"localhost"))

    with Scripted(elsewhere) as server:
        words = added(server.url + "/dataset/rents", "--set", "headers: {X-Mine: mine}")[1]
    assert "the data are at localhost" in words and "`headers` was stated for 127.0.0.1" in words
    assert not any("loyers.csv" in asked.path for asked in server.asked)

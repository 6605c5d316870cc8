"""The stand-ins behave as the real sources do, where a client depends on it."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas
import obstore
import pytest
import requests
from obstore.store import S3Store

import embedded_s3
from diffusion.errors import DiffusionError
from embedded_s3 import EmbeddedS3
from standins import examples, files
from standins.dpe import COLUMNS, dpe_rows
from standins.faults import Fault
from standins.filosofi import HEADER, filosofi_csv
from standins.places import communes
from standins.server import CONTOURS_PATH, CONTOURS_UUID, Standins

SCRIPTS = Path(__file__).parents[2] / "scripts"
LINES = "/data-fair/api/v1/datasets/dpe-france/lines"
QS_01450 = 'code_insee_commune_actualise:"01450"'


@pytest.fixture(scope="module")
def server() -> Iterator[Standins]:
    with Standins() as standins:
        yield standins


def lines(server: Standins, **params: object) -> requests.Response:
    return requests.get(server.url + LINES, params=params, timeout=10)


def test_an_exact_multiple_ends_with_one_empty_page(server: Standins) -> None:
    first = lines(server, qs=QS_01450, size=100)
    body = first.json()
    assert list(body) == ["total", "next", "results"]
    assert (body["total"], len(body["results"])) == (100, 100)
    assert first.links["next"]["url"] == body["next"]
    assert "/dpe-france/" not in body["next"]
    last = requests.get(body["next"], timeout=10).json()
    assert last == {"results": []}


def test_following_next_gives_every_row_once(server: Standins) -> None:
    page = lines(server, qs=QS_01450, size=30, page=1).json()
    rows = page["results"]
    while "next" in page:
        page = requests.get(page["next"], timeout=10).json()
        assert "total" not in page
        rows += page["results"]
    assert [row["_i"] for row in rows] == [row["_i"] for row in dpe_rows("01450")]
    assert all(row["_score"] is None for row in rows)


def test_after_skips_the_first_lines(server: Standins) -> None:
    assert [row["_i"] for row in lines(server, size=2, after=10).json()["results"]] == [11, 12]


def test_the_query_of_the_chapter(server: Standins) -> None:
    url = f"{server.url}{LINES}?format=json&q_mode=simple&qs=code_insee_commune_actualise"
    url += "%3A%2201450%22&size=100&select=%2A&sampling=neighbors"
    body = requests.get(url, timeout=10).json()
    assert len(body["results"]) == 100
    assert "meta" not in body


def test_unknown_parameters_are_ignored_with_a_hint(server: Standins) -> None:
    body = lines(server, code_insee="01450", size=1).json()
    assert body["total"] > 1_000_000
    [hint] = body["meta"]["hints"]
    assert "code_insee is not a recognized query parameter and was ignored" in hint


def test_or_and_departments(server: Standins) -> None:
    two = lines(server, qs=f'{QS_01450} OR code_insee_commune_actualise:"2A004"').json()
    assert two["total"] == 100 + len(dpe_rows("2A004"))
    rows = lines(server, qs='tv016_departement_code:"2B"', size=500).json()["results"]
    assert {row["code_insee_commune_actualise"][:2] for row in rows} == {"2B"}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"size": 10001}, '"size" cannot be more than 10000'),
        ({"size": 5000, "page": 3}, '"size * page" cannot be more than 10000'),
        ({"after": "x"}, '"after" parameter is malformed'),
        ({"select": "numero_dpe,nope"}, "Impossible de sélectionner le champ nope"),
        ({"qs": 'nope:"1"'}, "Impossible de faire une recherche sur le champ nope"),
    ],
)
def test_bad_requests_are_plain_text(server: Standins, params: dict, message: str) -> None:
    response = lines(server, **params)
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/plain")
    assert message in response.text


def test_csv_has_a_bom_and_its_next_page_in_the_link_header(server: Standins) -> None:
    response = lines(server, format="csv", size=5, select="numero_dpe,geo_adresse")
    assert response.content.startswith(b"\xef\xbb\xbfnumero_dpe,geo_adresse\n")
    assert "format=csv" in response.links["next"]["url"]


def test_the_dataset_tells_when_it_changed(server: Standins) -> None:
    dataset = requests.get(server.url + LINES.removesuffix("/lines"), timeout=10).json()
    assert dataset["finalizedAt"] == server.finalized_at
    types = {column["key"]: column["type"] for column in dataset["schema"]}
    assert types["code_insee_commune_actualise"] == "integer"


def test_certificates_have_the_defects_of_the_real_ones() -> None:
    rows = [row for code in list(communes())[::60] for row in dpe_rows(code)]
    assert len({row["numero_dpe"] for row in rows}) == len(rows)
    assert {key for row in rows for key in row} == set(COLUMNS)
    assert not any(value is None for row in rows for value in row.values())
    noise = [row for row in rows if row["classe_consommation_energie"] not in "ABCDEFG"]
    assert 0 < len(noise) < 0.02 * len(rows)
    assert {0, 32767} <= {row.get("annee_construction") for row in rows}
    assert "1899-12-30" in {row["date_etablissement_dpe"] for row in rows}
    assert 69052 in {row["surface_thermique_lot"] for row in rows}


def test_filosofi_has_one_line_for_each_commune_and_every_kind_of_silence() -> None:
    header, *rows = [line.split(";") for line in filosofi_csv().decode().splitlines()]
    assert header == HEADER
    assert [row[0] for row in rows] == list(communes())
    assert {len(row) for row in rows} == {len(header)}
    assert {"s", "nd", "ns", ""} <= {cell for row in rows for cell in row}


def test_contours_are_reached_by_a_redirect(server: Standins, tmp_path: Path) -> None:
    found = requests.get(f"{server.url}/fr/datasets/r/{CONTOURS_UUID}", timeout=30)
    assert [answer.status_code for answer in found.history] == [302]
    assert found.url == server.url + CONTOURS_PATH
    missing = requests.get(f"{server.url}/fr/datasets/r/no-such-uuid", timeout=10)
    assert (missing.status_code, missing.text) == (404, "Resource not found")

    (tmp_path / "contours.zip").write_bytes(found.content)
    contours = geopandas.read_file(tmp_path / "contours.zip")
    codes = set(contours["code_insee"])
    assert len(contours) == len(codes) == 102
    assert {"69D", "69M", "2A", "2B", "971"} <= codes
    assert "69" not in codes
    assert contours.crs.to_epsg() == 4326
    assert "Hérault" in set(contours["nom"])


def test_ranges_resume_only_the_same_file(server: Standins) -> None:
    url = server.url + "/files/communes.csv"
    whole = requests.get(url, timeout=10)
    same = {"Range": "bytes=100-", "If-Range": whole.headers["ETag"]}
    part = requests.get(url, headers=same, timeout=10)
    assert (part.status_code, part.content) == (206, whole.content[100:])
    size = len(whole.content)
    assert part.headers["Content-Range"] == f"bytes 100-{size - 1}/{size}"
    changed = requests.get(url, headers=same | {"If-Range": '"older"'}, timeout=10)
    assert (changed.status_code, changed.content) == (200, whole.content)
    beyond = requests.get(url, headers={"Range": f"bytes={size}-"}, timeout=10)
    assert beyond.status_code == 416


def test_every_pagination_style_starts(server: Standins) -> None:
    for style in set(examples.STYLES) - {*examples.POSTED, "secured", "oauth2"}:
        assert requests.get(f"{server.url}/examples/{style}", timeout=10).ok, style
    url = server.url + "/examples/post"
    body = requests.post(url, json={"page": 3, "size": 100}, timeout=10).json()
    assert (len(body["items"]), body["total"]) == (50, 250)
    secured = server.url + "/examples/secured"
    assert requests.get(secured, timeout=10).status_code == 401
    assert requests.get(secured, headers={"X-Api-Key": server.token}, timeout=10).ok


def test_faults_are_used_one_per_request(server: Standins) -> None:
    url = server.url + "/files/communes.json"
    server.faults["/files/communes.json"] = [Fault(status=503), None, Fault(cut_after=100)]
    assert requests.get(url, timeout=10).status_code == 503
    assert len(requests.get(url, timeout=10).json()) == 250
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url, timeout=10)
    assert requests.get(url, timeout=10).ok
    assert server.requests[-4:] == [("GET", "/files/communes.json")] * 4


HASHES = """
import hashlib
from standins import files, generate
made = [generate.filosofi_csv(), generate.departements_zip()]
made += [repr(generate.dpe_rows("2A004")).encode()]
made += [files.content(name) for name in files.FILES]
print([hashlib.sha256(data).hexdigest() for data in made])
"""


def test_another_process_generates_the_same_bytes() -> None:
    outputs = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"}
        command = [sys.executable, "-c", HASHES]
        outputs.append(subprocess.check_output(command, cwd=SCRIPTS, env=environment, text=True))
    assert outputs[0] == outputs[1]
    assert hashlib.sha256(files.content("communes.7z")).hexdigest() in outputs[0]


def store_of(server: EmbeddedS3) -> S3Store:
    keys = {"access_key_id": server.access_key, "secret_access_key": server.secret_key}
    options = {"region": "us-east-1", "client_options": {"allow_http": True}}
    return S3Store("my-bucket", endpoint=server.endpoint, **keys, **options)


def test_the_embedded_s3_keeps_its_objects_over_a_restart(tmp_path: Path) -> None:
    server = EmbeddedS3(tmp_path / "s3", ["my-bucket"])
    with server:
        obstore.put(store_of(server), "diffusion/a.txt", b"42")
        assert server.environment()["AWS_ENDPOINT_URL"] == server.endpoint
        assert requests.get(f"{server.endpoint}/my-bucket", timeout=5).status_code >= 400
    with EmbeddedS3(tmp_path / "s3", ["my-bucket"]) as again:
        assert bytes(obstore.get(store_of(again), "diffusion/a.txt").bytes()) == b"42"
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(again.endpoint, timeout=5)


def test_the_embedded_s3_says_where_its_log_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_s3, "_find_rclone", lambda: "/bin/false")
    with pytest.raises(DiffusionError, match=r"did not come up[\s\S]*s3\.log"):
        EmbeddedS3(tmp_path / "s3", []).start()


@pytest.mark.skipif(not shutil.which("setpriv"), reason="the program setpriv is not here")
def test_the_embedded_s3_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, embedded_s3.__file__, str(tmp_path / "s3"), "my-bucket"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        exports = dict(parent.stdout.readline().strip().split("=", 1) for _ in range(6))
        url = exports["export AWS_ENDPOINT_URL"]
        assert requests.get(url, timeout=5).status_code == 400
        parent.kill()
    time.sleep(0.5)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url, timeout=5)

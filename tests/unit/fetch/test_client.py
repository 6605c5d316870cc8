"""Retries, refusals, secrets, redirects and resumed downloads, against real servers."""

import email.utils
import gzip
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from diffusion.config.fetching import FileFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.download import CHUNK
from diffusion.fetch.receive import local_file
from fetches import Answer, Asked, Scripted, client_of, download, record_waits, source_of
from standins import files
from standins.faults import Fault
from standins.server import CONTOURS_PATH, CONTOURS_UUID, Standins

CSV = "/files/communes.csv"
DATA = files.content("communes.csv")
SECRET = "s3cr&t/+ =%"  # all that URLs write in another way
OLD, NEW = b"old" * 40_000, b"NEW" * 40_000
AUTH = {"bearer": {}, "header": {"name": "X-Key"}, "param": {"name": "key"}}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def received(folder: Path) -> bytes:
    assert {path.name for path in folder.iterdir()} == {"file"}  # no part, no state
    return (folder / "file").read_bytes()


def after(seconds: float) -> Fault:
    return Fault(429, b"Trop de traffic", {"Retry-After": str(seconds)})


@pytest.mark.parametrize(
    ("faults", "least", "most"),
    [
        ([Fault(429, b"Trop de traffic")], 1, 2),
        ([after(7)], 7, 7),
        ([after(0)], 0, 0),
        ([Fault(503, headers={"Retry-After": "soon"})], 1, 2),
        ([Fault(500), Fault(502)], 2, 3),
        ([Fault(cut_after=100)], 1, 2),
    ],
)
def test_what_may_pass_is_tried_again(
    faults: list[Fault], least: float, most: float, standins: Standins, waits: list[float]
) -> None:
    standins.faults[CSV] = list(faults)
    response = client_of(source_of(standins.url)).get(standins.url + CSV)
    assert response.content == DATA
    assert len(standins.requests) == len(faults) + 1
    assert len(waits) == len(faults) and least <= waits[-1] <= most


def test_a_wait_of_a_day_is_the_users_decision(standins: Standins, waits: list[float]) -> None:
    standins.faults[CSV] = [after(86400)]
    with pytest.raises(DiffusionError, match="the server asks to wait 86,400 s"):
        client_of(source_of(standins.url)).get(standins.url + CSV)
    assert not waits


def test_retry_after_may_be_a_date(standins: Standins, waits: list[float]) -> None:
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    standins.faults[CSV] = [Fault(503, headers={"Retry-After": date})]
    client_of(source_of(standins.url)).get(standins.url + CSV)
    assert 55 < waits[0] <= 60


def test_a_reset_connection_is_tried_again(tmp_path: Path, waits: list[float]) -> None:
    answers = iter([Answer(headers={"Content-Length": "9"}, body=b"abc", reset=True)])
    with Scripted(lambda _: next(answers, Answer(body=b"abcdefghi"))) as server:
        download(tmp_path, server.url + "/f")
    assert received(tmp_path) == b"abcdefghi"
    assert len(waits) == 1


def test_the_last_failure_says_what_the_server_said(
    standins: Standins, caplog: pytest.LogCaptureFixture
) -> None:
    standins.faults[CSV] = [Fault(503, b"Maintenance\n  until noon")] * 9
    with pytest.raises(DiffusionError) as caught:
        client_of(source_of(standins.url)).get(standins.url + CSV)
    assert "sources.t: HTTP 503: Maintenance until noon (tried 3 times)" in str(caught.value)
    assert "run `snakemake` again later to go on" in str(caught.value)
    assert len(standins.requests) == 3
    assert caplog.text.count("trying again in") == 2


def test_nobody_listens(waits: list[float]) -> None:
    with Scripted(lambda _: Answer()) as server:
        url = server.url
    with pytest.raises(DiffusionError, match=r"refuses connections.*\(tried 3 times\)"):
        client_of(source_of(url)).get(url)
    assert len(waits) == 2


@pytest.mark.parametrize(("status", "fix"), [(401, "auth"), (403, "licence"), (404, "the URL")])
def test_a_refusal_is_final(
    status: int, fix: str, standins: Standins, waits: list[float], tmp_path: Path
) -> None:
    standins.faults[CSV] = [Fault(status, "Accès réservé".encode())]
    with pytest.raises(DiffusionError) as caught:
        download(tmp_path, standins.url + CSV)
    assert f"HTTP {status} from {standins.url}{CSV}: Accès réservé" in str(caught.value)
    assert fix in caught.value.fix
    assert (len(standins.requests), waits) == (1, [])


@pytest.mark.parametrize("style", AUTH)
def test_the_secret_stays_at_home(
    style: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "diffusion")
    failing = [Answer(500), Answer(302, {"Location": "/again"})]

    def own(asked: Asked) -> Answer:
        shown = f"{asked.path} {asked.headers.get('Authorization')} {asked.headers.get('X-Key')}"
        to = other.url.replace("//", "//me:pa55@") + "/file.csv?X-Amz-Signature=5ig&x=1"
        answer = failing.pop(0) if failing else Answer(302, {"Location": to})
        return answer._replace(body=shown.encode())  # a server that echoes what it got

    with Scripted(lambda _: Answer(body=b"data")) as other, Scripted(own) as server:
        keys = {"auth": {"env": "KEY", "style": style} | AUTH[style], "allow_hosts": ["127.0.0.1"]}
        facts = download(tmp_path, server.url + "/f", {"KEY": SECRET}, **keys)
        failing += [Answer(403)]
        with pytest.raises(DiffusionError) as refused:
            download(tmp_path, server.url + "/f", {"KEY": SECRET}, **keys)
        failing += [Answer(500)] * 3
        with pytest.raises(DiffusionError) as failed:
            download(tmp_path, server.url + "/f", {"KEY": SECRET}, **keys)
    sent = {"bearer": f"Bearer {SECRET}", "header": SECRET, "param": "s3cr%26t%2F%2B+%3D%25"}[style]
    for asked in server.asked:
        assert sent in f"{asked.path} {asked.headers}"
    told = [repr(facts), caplog.text, str(refused.value), str(failed.value)]
    told += traceback.format_exception(refused.value) + traceback.format_exception(failed.value)
    told += [f"{asked.path} {asked.headers}".replace("5ig", "") for asked in other.asked]
    for text in told:
        assert not any(secret in text for secret in ("s3cr", "5ig", "pa55"))
    assert "***" in str(refused.value) and "***" in str(failed.value)


def test_the_secret_does_not_leave_https() -> None:
    source = source_of("https://own.example/f", auth={"env": "KEY"})
    sent = {}
    for url in ("https://own.example/g", "http://own.example/f", "https://own.example.evil.org/"):
        request = requests.Request("GET", url, headers={})
        client_of(source, {"KEY": SECRET})._authorise(request)
        sent[url] = "Authorization" in request.headers
    assert list(sent.values()) == [True, False, False]


@pytest.mark.parametrize(
    ("own", "to"),
    [
        ("https://OWN.example/f", "https://own.example/g"),
        ("https://own.example:443/f", "https://own.example/g"),
        ("http://own.example/f", "http://own.example:80/g"),
        ("https://own.example./f", "https://own.example/g"),
    ],
)
def test_the_secret_goes_with_every_page_however_the_server_is_spelled(own: str, to: str) -> None:
    request = requests.Request("GET", to, headers={})
    client_of(source_of(own, auth={"env": "KEY"}), {"KEY": SECRET})._authorise(request)
    assert request.headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("secret", ["s3cr\net", "“s3cret”", "s3cr\x00et"])
@pytest.mark.parametrize("style", ["bearer", "header"])
def test_a_secret_that_no_header_can_hold_is_not_shown(secret: str, style: str) -> None:
    source = source_of("https://own.example/f", auth={"env": "KEY", "style": style})
    with pytest.raises(DiffusionError, match="KEY has a line break, or a sign") as caught:
        client_of(source, {"KEY": secret})
    assert "s3cr" not in "".join(traceback.format_exception(caught.value))
    client_of(source, {"KEY": "plain\n"})  # mounted files end in a line break


def test_the_secret_wins_over_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Scripted(lambda _: Answer(body=b"x")) as server:
        client_of(source_of(server.url, auth={"env": "KEY"}), {"KEY": "abc"}).get(server.url)
    assert server.asked[0].headers["Authorization"] == "Bearer abc"


def test_a_secret_that_is_not_set() -> None:
    with pytest.raises(DiffusionError, match=r"KEY is not set \[variable\]\s+→ export KEY="):
        client_of(source_of("https://own.example/f", auth={"env": "KEY"}))


def test_redirects_are_written_down(standins: Standins, tmp_path: Path) -> None:
    url = f"{standins.url}/fr/datasets/r/{CONTOURS_UUID}"
    facts = download(tmp_path, url)
    assert facts["url"] == standins.url + CONTOURS_PATH
    assert (facts["redirects"], facts["status"]) == ([url], 200)
    assert facts["etag"].startswith('"') and "2018" in facts["last_modified"]
    assert facts["content_type"] == "application/zip"


@pytest.mark.parametrize(
    ("location", "words", "requests_sent"),
    [("/loop", "more than 10 redirects", 11), ("ftp://x.example/f", "ftp://x.example", 1)],
)
def test_redirects_that_lead_nowhere(
    location: str, words: str, requests_sent: int, tmp_path: Path
) -> None:
    with Scripted(lambda _: Answer(302, {"Location": location})) as server:
        with pytest.raises(DiffusionError, match=words):
            download(tmp_path, server.url + "/loop")
        assert len(server.asked) == requests_sent


class Changing:
    """A file server that cuts the first answer, and then does to ranges what a test wants."""

    def __init__(self, rest: Callable[[Asked, int], Answer], etag: str = '"a"'):
        self.rest, self.first = rest, _cut(etag)

    def __call__(self, asked: Asked) -> Answer:
        if self.first:
            answer, self.first = self.first, None
            return answer
        start = asked.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        return self.rest(asked, int(start)) if start else Answer(200, {"ETag": '"b"'}, NEW)


def _cut(etag: str) -> Answer:
    return Answer(200, {"ETag": etag, "Content-Length": "120000"}, OLD[:80_000])


def part(etag: str, data: bytes, shift: int = 0) -> Callable[[Asked, int], Answer]:
    def rest(asked: Asked, start: int) -> Answer:
        given = {"ETag": etag} if etag else {}
        given["Content-Range"] = f"bytes {start + shift}-119999/120000"
        return Answer(206, given, data[start:])

    return rest


@pytest.mark.parametrize(
    ("rest", "result", "requests_sent"),
    [
        (part('"a"', OLD), OLD, 2),
        (part("", NEW), NEW, 3),  # If-Range ignored, and no word of it
        (lambda *_: Answer(200, {"ETag": '"b"'}, NEW), NEW, 2),
        (part('"b"', NEW), NEW, 3),  # If-Range ignored
        (part('"a"', OLD, shift=1), NEW, 3),  # another range than asked
        (lambda *_: Answer(416), NEW, 3),
    ],
    ids=["goes-on", "no-etag-in-206", "changed", "changed-206", "other-range", "refused"],
)
def test_a_download_goes_on_where_it_stopped(
    rest: Callable, result: bytes, requests_sent: int, tmp_path: Path
) -> None:
    with Scripted(Changing(rest)) as server:
        with pytest.raises(
            DiffusionError, match="closed the connection: 80,000 bytes received, 40,000 missing"
        ):
            download(tmp_path, server.url + "/f", retries=0)
        download(tmp_path, server.url + "/f")  # as a new run would
        assert len(server.asked) == requests_sent
        headers = server.asked[1].headers
        assert (headers["Range"], headers["If-Range"]) == (f"bytes={CHUNK}-", '"a"')
    assert received(tmp_path) == result


@pytest.mark.parametrize(("etag", "params"), [('W/"a"', {}), ('"a"', {"other": "1"})])
def test_a_download_begins_again_when_in_doubt(etag: str, params: dict, tmp_path: Path) -> None:
    with Scripted(Changing(part('"a"', OLD), etag)) as server:
        with pytest.raises(DiffusionError):
            download(tmp_path, server.url + "/f", retries=0)
        download(tmp_path, server.url + "/f", params=params)
        assert "Range" not in server.asked[1].headers
    assert received(tmp_path) == NEW


def test_ranges_of_the_stand_in(standins: Standins, tmp_path: Path) -> None:
    standins.faults[CSV] = [Fault(cut_after=1000), Fault(cut_after=2000), Fault(status=503)]
    facts = download(tmp_path, standins.url + CSV, retries=3)
    assert received(tmp_path) == DATA
    assert (facts["status"], len(standins.requests)) == (200, 4)


def test_a_wrong_length_is_never_taken(tmp_path: Path) -> None:
    short = Answer(200, {"Content-Length": "1000"}, b"abc")
    with Scripted(lambda _: short) as server, pytest.raises(DiffusionError, match="tried 3 times"):
        download(tmp_path, server.url + "/f")
    assert not (tmp_path / "file").exists()


def test_a_server_that_compresses_unasked(tmp_path: Path) -> None:
    packed = Answer(200, {"Content-Encoding": "gzip", "ETag": '"a"'}, gzip.compress(DATA))
    with Scripted(lambda _: packed) as server:
        download(tmp_path, server.url + "/f")
        assert server.asked[0].headers["Accept-Encoding"] == "identity"
    assert received(tmp_path) == DATA


def test_https_where_there_is_none(tmp_path: Path) -> None:
    with Scripted(lambda _: Answer(body=b"a")) as server, pytest.raises(DiffusionError) as caught:
        download(tmp_path, server.url.replace("http:", "https:") + "/f")
    assert caught.value.found == (
        f"127.0.0.1:{server.port} answers, but not in HTTPS, though the URL begins with https://"
    )
    assert "correct the port, or write http:// if" in caught.value.fix
    assert len(server.asked) == 0


def test_http_where_there_is_https_only(tmp_path: Path) -> None:
    """Some servers say so in words, others send an alert of TLS, which is no HTTP."""

    def alert(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    said = Answer(400, body=b"Client sent an HTTP request to an HTTPS server.")
    with Scripted(lambda _: said) as server, pytest.raises(DiffusionError) as caught:
        download(tmp_path, server.url + "/f")
    assert f"127.0.0.1:{server.port} answers in HTTPS only" in caught.value.found
    with socket.create_server(("127.0.0.1", 0)) as tls:
        thread = threading.Thread(target=alert, args=(tls,))
        thread.start()
        with pytest.raises(DiffusionError, match="answers in HTTPS only") as caught:
            download(tmp_path, f"http://127.0.0.1:{tls.getsockname()[1]}/f")
        thread.join()
    assert "write https://" in caught.value.fix


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("example.org/a/{dep}.csv", "https://example.org/a/01.csv"),
        ("//data.example.org/x", "https://data.example.org/x"),
        ("https:/example.org/x?q=1", "https://example.org/x?q=1"),
        ("localhost:8000/x", "https://localhost:8000/x"),
        ("/data/example.csv", None),
        ("/data.d/example.csv", None),
        ("data/a.b/x.csv", None),
        ("x.csv", None),
    ],
)
def test_a_path_that_may_be_meant_for_an_address(url: str, address: str | None) -> None:
    with pytest.raises(DiffusionError) as caught:
        local_file(FileFetch(url=url), {"dep": "01"}, "sources.t.url")
    assert caught.value.fix.startswith("check the path" if address is None else "if that is an ad")
    assert address is None or f"`url: {address}`" in caught.value.fix

"""What is checked before Snakemake does anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from diffusion.config.parts import Storage
from diffusion.errors import DiffusionError
from diffusion.run.preflight import check_storage, check_work_prefix


def test_the_work_prefix_is_of_this_project() -> None:
    prefix = "s3://lake/snakemake/team-a"
    check_work_prefix("team-a", prefix, {"DIFFUSION_PROJECT": "team-a"})
    check_work_prefix("team-a", prefix, {})  # given on the command line
    check_work_prefix("team-a", None, {"DIFFUSION_PROJECT": "other"})  # results are in this folder
    with pytest.raises(
        DiffusionError, match=r"it is `team-a`, and `project.name` is `b`"
    ) as caught:
        check_work_prefix("b", prefix, {"DIFFUSION_PROJECT": "team-a"})
    assert caught.value.fix == "export DIFFUSION_PROJECT=b"
    with pytest.raises(DiffusionError, match="it is not set"):
        check_work_prefix("b", "s3://lake/snakemake/$DIFFUSION_PROJECT", {})


@contextmanager
def answering(status: int, **headers: str) -> Iterator[str]:
    """A server, or a proxy, that answers everything with one status."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_CONNECT = answer

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("status", [301, 307])
def test_a_server_that_sends_elsewhere(status: int, keyed: None) -> None:
    """Amazon's does, for a bucket of another region; with a place, or without."""
    for place in ({"Location": "http://lake.s3.example.invalid/"}, {}):
        with answering(status, **place) as server, pytest.raises(DiffusionError) as caught:
            storage = Storage(url="s3://lake/x", raw="raw", endpoint=f"http://{server}")
            check_storage(storage)
        assert caught.value.found == "the bucket is on another server, or in another region"
        assert "AWS_REGION" in caught.value.fix


@pytest.mark.parametrize(
    ("status", "given", "words"),
    [
        (403, "me:secret@", "the proxy refuses the connection"),
        (407, "", "the proxy wants a name and a password"),
    ],
)
def test_a_proxy_that_refuses(
    status: int, given: str, words: str, keyed: None, monkeypatch
) -> None:
    storage = Storage(url="s3://lake/x", raw="raw", endpoint="https://s3.example.org")
    with answering(status) as proxy, pytest.raises(DiffusionError) as caught:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://{given}{proxy}")
        check_storage(storage)
    assert caught.value.found == words
    assert caught.value.where.endswith(f", by the proxy http://{proxy}")
    assert "NO_PROXY" in caught.value.fix


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

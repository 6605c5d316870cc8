"""The doctor before broken set-ups: each is one line in plain words, with the remedy."""

import base64
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from counting_proxy import CountingProxy, Refusal
from diffusion.config.parts import Server
from diffusion.config.resolve import resolve_config
from diffusion.run.doctor import examine

S3 = {"url": "s3://lake/diffusion/doctor", "raw": "s3://lake/raw/doctor"}
NOBODY = "http://127.0.0.1:9"  # the discard port: nobody listens


def says(environment: dict, monkeypatch, storage: dict | None = None, **source: object) -> str:
    """Return all lines of the doctor for one source, in an environment."""
    for name in ("AWS_SESSION_TOKEN", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    source = {"from": "file", "url": __file__} | source
    config = {"project": {"name": "d"}, "vintage": "1", "sources": {"one": source}}
    resolved = resolve_config(config | {"storage": storage or S3})
    return "\n".join(map(str, examine(resolved)))


def token_that_ends(seconds: float) -> str:
    """Return a session token as MinIO's, so many seconds after these tests began."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds}).encode())
    return f"eyJhbGciOiJIUzUxMiJ9.{claims.decode().rstrip('=')}.c2lnbmF0dXJl"


def test_all_is_well(s3, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=6_000_000_000))
    words = says(s3.environment(), monkeypatch)
    assert "✗" not in words
    assert f"✓ endpoint: {s3.endpoint} answers" in words
    assert "✓ clock: " in words
    assert "✓ storage.url: s3://lake/diffusion/doctor can be read and written" in words
    assert "✓ storage.raw: s3://lake/raw/doctor can be read and written" in words
    assert "· readers: only with an account" in words
    assert "✓ sources.one: " in words


def test_the_probe_is_gone_afterwards(s3, monkeypatch):
    from diffusion.storage.connection import connection
    from diffusion.storage.store import Store

    says(s3.environment(), monkeypatch)
    assert not list(
        Store(S3["url"], connection(Server(endpoint=s3.endpoint), s3.environment())).list("")
    )


BROKEN = {
    "refused": ({"AWS_ENDPOINT_URL": NOBODY}, "✗ endpoint: http://127.0.0.1:9 does not answer"),
    "unknown host": (
        {"AWS_ENDPOINT_URL": "https://no-such-host.invalid"},
        "has an unknown host name\n    → correct storage.endpoint or AWS_ENDPOINT_URL",
    ),
    "wrong key": (
        {"AWS_ACCESS_KEY_ID": "nobody-at-all"},
        "the access key is unknown, or has",
    ),
    "wrong secret": (
        {"AWS_SECRET_ACCESS_KEY": "not-the-secret"},
        "the secret key is wrong\n    → check AWS_SECRET_ACCESS_KEY",
    ),
    "expired token": (
        {"AWS_SESSION_TOKEN": token_that_ends(-3600)},
        "UTC\n    → start a new service on SSP Cloud (tokens live 7 days)",
    ),
    "short token": ({"AWS_SESSION_TOKEN": token_that_ends(3600 * 9.9)}, "· token: 9."),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_environment(s3, monkeypatch, name):
    changed, expected = BROKEN[name]
    assert expected in says(s3.environment() | changed, monkeypatch)


def test_https_to_a_server_without(s3, monkeypatch):
    endpoint = s3.endpoint.replace("http://", "https://")
    words = says(s3.environment() | {"AWS_ENDPOINT_URL": endpoint}, monkeypatch)
    assert f"does not speak https\n    → write the endpoint with {s3.endpoint}" in words


def test_a_certificate_that_nobody_trusts(s3, monkeypatch, tmp_path):
    openssl = shutil.which("openssl")
    assert openssl, "openssl makes the certificate of this test"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    with serving(lambda _: None, context) as server:
        endpoint = f"https://127.0.0.1:{server.server_port}"
        words = says(s3.environment() | {"AWS_ENDPOINT_URL": endpoint}, monkeypatch)
    assert "has a certificate that is not trusted\n    → install its authority's" in words


def test_a_clock_that_is_wrong(s3, monkeypatch):
    def late(handler: BaseHTTPRequestHandler) -> None:
        handler.date_time_string = lambda *_: "Sun, 22 Nov 2020 10:00:00 GMT"
        handler.send_response(403)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with serving(late) as server:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        words = says(s3.environment() | {"AWS_ENDPOINT_URL": endpoint}, monkeypatch)
    assert "s from the server's\n    → set this machine's clock (NTP)" in words


def test_a_bucket_that_is_not_there_is_not_made(s3, monkeypatch):
    storage = {"url": "s3://no-such-bucket/diffusion", "raw": "s3://lake/raw/doctor"}
    words = says(s3.environment(), monkeypatch, storage)
    assert "✗ storage.url: s3://no-such-bucket/diffusion: the bucket does not exist" in words
    assert "✓ storage.raw" in words
    assert "the bucket does not exist" in says(s3.environment(), monkeypatch, storage)


def test_a_prefix_that_may_only_be_read(s3, monkeypatch):
    with CountingProxy(s3.endpoint) as proxy:
        proxy.refuse = lambda request: Refusal(403) if request.method == "PUT" else None
        words = says(s3.environment() | {"AWS_ENDPOINT_URL": proxy.endpoint}, monkeypatch)
    assert "✗ storage.url: s3://lake/diffusion/doctor: access is denied, or" in words


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"url": "nowhere.csv"}, "✗ sources.one: nowhere.csv\n    → there is no such file"),
        ({"url": f"{NOBODY}/x.csv"}, f"✗ sources.one: {NOBODY} does not answer"),
        (
            {"from": "s3", "url": "s3://lake/nothing.csv"},
            "there is no object s3://lake/nothing.csv",
        ),
        ({"from": "s3", "url": "s3://no-such-bucket/*.csv"}, "the bucket does not exist"),
    ],
)
def test_a_source_that_is_not_there(s3, monkeypatch, source, expected):
    assert expected in says(s3.environment(), monkeypatch, **source)


def test_a_disk_that_is_full(s3, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000_000))
    assert "✗ disk: 1.0 GB free in " in says(s3.environment(), monkeypatch)


def test_no_secret_is_printed(s3, monkeypatch):
    environment = s3.environment() | {"AWS_SESSION_TOKEN": token_that_ends(-1)}
    words = says(environment, monkeypatch)
    assert s3.secret_key not in words
    assert environment["AWS_SESSION_TOKEN"] not in words


class serving:
    """A small server of one answer, with TLS when a context is given."""

    def __init__(self, answer: Callable, context: ssl.SSLContext | None = None):
        handler = type(
            "Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": _mute}
        )
        self.server = HTTPServer(("127.0.0.1", 0), handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,))

    def __enter__(self) -> HTTPServer:
        self.thread.start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _mute(*_: object) -> None:
    pass

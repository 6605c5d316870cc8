"""What the tests of fetching share: a client, a scripted server, and waits that cost no time."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from backports import zstd

import diffusion.fetch.download as downloading
from diffusion.base.progress import Progress
from diffusion.config.model import Source
from diffusion.config.resolve import resolve_config
from diffusion.fetch.api import fetch_api
from diffusion.fetch.client import Client
from diffusion.fetch.pages import first_request
from diffusion.fetch.request import filled


class Asked(NamedTuple):
    """A request as a server got it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """What a scripted server says; a body shorter than its Content-Length ends the connection."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""
    reset: bool = False


class Scripted:
    """A real HTTP server that answers what a function says, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Asked], Answer], tls: ssl.SSLContext | None = None):
        self.asked: list[Asked] = []
        self._tls = tls
        self._handler = type("Handler", (_Handler,), {"answer": staticmethod(answer), "of": self})

    def __enter__(self) -> "Scripted":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, self.headers, body)
        self.of.asked.append(asked)
        answer = self.answer(asked)
        self.send_response(answer.status)
        length = {"Content-Length": str(len(answer.body)), "Connection": "close"}
        for name, value in (length | dict(answer.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):  # a client may want the head only
            self.wfile.write(answer.body)
        if answer.reset:
            linger = struct.pack("ii", 1, 0)  # close with RST, not with FIN
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    do_GET = do_POST = _serve

    def log_message(self, *args: object) -> None:
        """Silent: `Scripted.asked` is the log."""


def record_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the waits between tries pass at once; returns how long each would have been."""
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=waits.append))
    return waits


def source_of(url: str, kind: str = "api", **keys: object) -> Source:
    """Return a source as the configuration gives it."""
    source = {"from": kind, "url": url, "vintage": "2025-03-19"} | keys
    if url.startswith("http"):
        source.setdefault("retries", 2)
    return resolve_config({"project": {"name": "t"}, "sources": {"t": source}}).sources["t"]


def client_of(source: Source, environment: Mapping[str, str] | None = None) -> Client:
    return Client(source.fetch, source.fetch.url, "sources.t", environment or {})


def download(
    folder: Path, url: str, environment: Mapping[str, str] | None = None, **keys: object
) -> dict:
    """Download into ``folder / "file"``; returns what the server said."""
    source = source_of(url, "file", **keys)
    with Progress("t", "B") as progress:
        client = client_of(source, environment)
        request = filled(source.fetch, url, source.fetch.params, {})
        return downloading.download(client, request, folder / "file", progress)


def fetch(
    folder: Path, url: str, environment: Mapping[str, str] | None = None, **keys: object
) -> dict:
    """Fetch an API's pages into ``folder / "records"``; returns the facts."""
    source = source_of(url, **keys)
    first = first_request(source.fetch, url, {})
    with Progress("t", "rows") as progress:
        client = client_of(source, environment)
        return fetch_api(client, source.fetch, first, folder / "records", progress)


def rows(folder: Path) -> list[dict]:
    """Return the records that ``fetch`` wrote."""
    return [json.loads(line) for line in lines((folder / "records").read_bytes())]


def lines(data: bytes) -> list[bytes]:
    """Return the lines of a file made of zstd frames."""
    text = b""
    while data:
        one = zstd.ZstdDecompressor()
        text += one.decompress(data)
        data = one.unused_data
    return text.splitlines()

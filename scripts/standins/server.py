"""One local HTTP server that stands in for every source, for the demo and for the tests.

cd scripts && python -m standins.server        prints its URL, serves until SIGTERM or SIGINT

with Standins() as standins:
    requests.get(standins.url + "/data-fair/api/v1/datasets/dpe-france/lines")
    standins.faults["/files/communes.csv"] = [Fault(status=503), None, Fault(cut_after=100)]
"""

import argparse
import signal
import socket
import socketserver
import struct
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from standins import data_fair, examples, files, publishers
from standins.answers import Answer, Request, file_answer, text
from standins.contours import departements_zip
from standins.faults import NONE, Fault

DEFAULT_TOKEN = "stand-in-token"
CONTOURS_UUID = "eb36371a-761d-44a8-93ec-3d728bec17ce"
CONTOURS_PATH = "/contours/departements-20180101-shp.zip"
ALIAS = "/as/"  # /as/NAME/files/communes.csv
REDIRECTS = ("/fr/datasets/r/", "/api/1/datasets/r/")  # the old and the new form of data.gouv.fr


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def server_bind(self) -> None:
        """Bind without HTTPServer's look-up of the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """A client that went away is no error: timeouts are what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Standins:
    """The server, from `start` to `stop` or as a context manager.

    Attributes:
        url: `http://127.0.0.1:PORT`.
        requests: (method, path with query) of every request received so far.
        faults: path prefix → failures, each used by one request; None lets a request pass.
        finalized_at: when the DPE dataset last changed; move it to simulate an update.
        given: path → (bytes, content type) of files that a test adds.
        token: what `/examples/secured` accepts.
    """

    def __init__(self, token: str = DEFAULT_TOKEN, port: int = 0):
        self.token = token
        self.requests: list[tuple[str, str]] = []
        self.faults: dict[str, list[Fault | None]] = {}
        self.given: dict[str, tuple[bytes, str]] = {}
        self.finalized_at = data_fair.FINALIZED_AT
        self.running = False
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"standins": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        self.running = True
        serve = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        serve.start()
        return self

    def stop(self) -> None:
        self.running = False
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def received(self, method: str, path: str) -> Fault | None:
        """Note a request and take the failure that was ordered for it, if any."""
        with self._lock:
            self.requests.append((method, path))
            for prefix, faults in self.faults.items():
                if faults and path.startswith(prefix):
                    return faults.pop(0)
        return None

    def route(self, request: Request) -> Answer:
        """The normal answer to a request."""
        if request.path.startswith(ALIAS):  # the same under as many names as a test needs
            path = request.path.removeprefix(ALIAS).partition("/")[2]
            return self.route(replace(request, path=f"/{path}"))
        path = request.path
        if path in self.given:
            return file_answer(request, *self.given[path])
        if path.startswith(data_fair.PREFIX):
            return data_fair.answer(request, self.finalized_at)
        if path.startswith(REDIRECTS):
            return _redirect(request)
        if path == CONTOURS_PATH:
            return file_answer(request, departements_zip(), "application/zip")
        if path.startswith(examples.PREFIX):
            return examples.answer(request, self.token)
        if path.startswith(files.PREFIX):
            return files.answer(request)
        return publishers.answer(request, self.token) or text(404, "Not found")


def _redirect(request: Request) -> Answer:
    if request.path.rsplit("/", 1)[1] != CONTOURS_UUID:
        return text(404, "Resource not found")
    return Answer(302, headers={"Location": request.base + CONTOURS_PATH})


class _Handler(BaseHTTPRequestHandler):
    """From the socket to `Standins.route` and back."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer on a kept connection waits 40 ms
    standins: Standins

    def _serve(self) -> None:
        if not self.standins.running:  # a kept connection outlives the server's socket
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.standins.received(self.command, self.path)
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, parts.path, query, self.headers, body, self.standins.url)
        normal = partial(self.standins.route, request)
        fault = fault or NONE
        self._send(fault.apply(normal), fault)

    do_GET = do_HEAD = do_POST = _serve

    def _send(self, answer: Answer, fault: Fault) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer.body[: fault.cut_after], fault.drip)
        if fault.cut_after is not None:
            self.close_connection = True
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send_body(self, body: bytes, drip: float) -> None:
        size = max(1, len(body) // 8) if drip else len(body) or 1
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            time.sleep(drip)

    def log_message(self, *args: object) -> None:
        """Silent: `Standins.requests` is the log."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the stand-ins for the sources.")
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="for /examples/secured")
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with Standins(options.token, options.port) as standins:
        print(standins.url, flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()

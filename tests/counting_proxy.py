"""A proxy before an S3 server that notes every request, and can refuse some of them."""

import http.client
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self


class Request(NamedTuple):
    """What a client sent; ``headers`` have names in lower case."""

    method: str
    path: str
    headers: dict[str, str]


class Refusal(NamedTuple):
    """What the proxy answers itself, as S3 servers do."""

    status: int
    body: bytes = b""


def refusal(status: int, code: str) -> Refusal:
    """Return an S3 error: ``refusal(503, "SlowDown")``."""
    return Refusal(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())


def passed_on(
    target: str, request: Request, headers: Iterable[tuple[str, str]], body: bytes | None
) -> tuple[http.client.HTTPResponse, bytes]:
    """Ask the server, and again what it fails itself: the client's tries would blur the counts.

    rclone does fail, with 500, one in a thousand of the first puts that come at once to a folder.
    """
    for pause in (0.05, 0.2, 0.5, None):
        connection = http.client.HTTPConnection(target)
        # the Host header stays the client's: it is part of what was signed
        connection.putrequest(
            request.method, request.path, skip_host=True, skip_accept_encoding=True
        )
        for key, value in headers:
            connection.putheader(key, value)
        connection.endheaders(body)
        found = connection.getresponse()
        data = found.read()
        connection.close()
        if found.status < 500 or pause is None:
            break
        time.sleep(pause)
    return found, data


class CountingProxy:
    """``with CountingProxy(server.endpoint) as proxy:`` serves ``proxy.endpoint``."""

    def __init__(self, endpoint: str):
        self.target = endpoint.removeprefix("http://")
        self.requests: list[Request] = []
        self.bytes_sent = 0  # bytes of all bodies that went to the client
        self.refuse: Callable[[Request], Refusal | None] = lambda request: None
        self.changed: Callable[[Request, str, str], str] = lambda request, header, value: value
        self.passed: Callable[[Request], None] = lambda request: None  # once it was answered

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else 40 ms a request

            def log_message(self, *_: object) -> None:
                pass

            def handle_any(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(size) if size else None
                headers = {key.lower(): value for key, value in self.headers.items()}
                request = Request(self.command, self.path, headers)
                proxy.requests.append(request)
                if refusal := proxy.refuse(request):
                    return self.answer(*refusal)
                found, data = passed_on(proxy.target, request, self.headers.items(), body)
                size = found.getheader("content-length") or str(len(data))
                proxy.passed(request)
                given = [(k, proxy.changed(request, k, v)) for k, v in found.getheaders()]
                self.answer(found.status, data, given, size)

            def answer(
                self, status: int, data: bytes, headers: list | None = None, size: str = ""
            ) -> None:
                self.send_response_only(status)
                for key, value in headers or []:
                    if key.lower() not in ("transfer-encoding", "content-length"):
                        self.send_header(key, value)
                self.send_header("Content-Length", size or str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    proxy.bytes_sent += len(data)
                    self.wfile.write(data)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def sent(self) -> list[str]:
        """Return "METHOD key" of all that changed something, and forget all requests."""
        changed = [f"{r.method} {r.path}" for r in self.requests if r.method not in ("GET", "HEAD")]
        self.requests.clear()
        return changed

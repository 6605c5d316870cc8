"""A way to an S3 server that does something when a certain request is on its way."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

CHUNK = 64 * 1024


class Gate:
    """A TCP relay: ``with Gate(lambda: server.endpoint) as gate:`` serves ``gate.endpoint``.

    The server behind it may be killed and come back at another port.
    """

    def __init__(self, target: Callable[[], str]):
        self._target, self._listening = target, socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._wanted: re.Pattern | None = None
        self.held, self._released = threading.Event(), threading.Event()

    def when(self, request: str, action: Callable[[], None]) -> None:
        """Do something once, with a piece of the body of the request that matches on its way."""
        self._wanted, self._action = re.compile(request.encode()), action

    def hold(self) -> None:
        """Keep a request on its way until it is released."""
        self.held.set()
        self._released.wait(60)

    def release(self) -> None:
        """Let what was held go on."""
        self._released.set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        assert kind or not self._wanted, f"{self._wanted.pattern} was never on its way"
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        host, _, port = self._target().removeprefix("http://").rpartition(":")
        with client, suppress(OSError), socket.create_connection((host, int(port))) as server:
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server, self._look)
            back.join()

    def _pump(self, source: socket.socket, to: socket.socket, look: Callable | None = None) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                to.sendall(data[: len(data) // 2])
                if look:
                    look(data)
                to.sendall(data[len(data) // 2 :])
        with suppress(OSError):
            to.shutdown(socket.SHUT_WR)

    def _look(self, data: bytes) -> None:
        if self._wanted and self._wanted.search(data):
            self._wanted = None
            self._action()

"""Connections whose address is judged before anything is sent there.

A name is resolved twice: when a link is judged, and when it is followed. Whoever owns the name can
answer differently the second time (DNS rebinding); so the address that was reached is judged too.
"""

import socket
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy

from diffusion.errors import DiffusionError


class JudgingAdapter(HTTPAdapter):
    """Connects as requests does, and lets an address be refused; a proxy's is not judged."""

    def __init__(self, judge: Callable[[str, str], None]):
        """``judge``: is given the URL and the address that was reached, and raises to refuse."""
        self._judge = judge
        super().__init__()

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **keys: Any
    ) -> Any:
        """Return the pool of a request's server, made to judge each new connection."""
        pool: Any = super().get_connection_with_tls_context(request, *args, **keys)
        proxies = keys.get("proxies") or (args[1] if len(args) > 1 else None)
        if not select_proxy(str(request.url), proxies) and not hasattr(pool.ConnectionCls, "judge"):
            made = {
                "_new_conn": _new_conn,
                "judge": staticmethod(self._judge),
                "url": request.url,
            }
            pool.ConnectionCls = type("Judged", (pool.ConnectionCls,), made)
        return pool


def _new_conn(connection: Any) -> socket.socket:
    """Replace urllib3's own method of that name, which makes the socket of a connection."""
    made: socket.socket = super(type(connection), connection)._new_conn()
    try:
        connection.judge(connection.url, str(made.getpeername()[0]))
    except DiffusionError:
        made.close()
        raise
    return made

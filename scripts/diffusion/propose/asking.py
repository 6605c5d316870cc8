"""One request at a time of a portal or an API, by the client of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from diffusion.config.fetching import FileFetch, HttpFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.client import Client
from diffusion.fetch.hosts import only_one_asks
from diffusion.fetch.request import Request
from diffusion.fetch.secret import secret_hidden

PROBING = {"retries": 0, "wait_minutes": 0.0}  # what is not there is no portal


@dataclass
class Asking:
    """Asks, and keeps what was asked, so that nothing is asked twice.

    Attributes:
        fetch: headers, auth, time-out: as the source's own; they go to its own host alone.
    """

    fetch: HttpFetch = field(default_factory=lambda: FileFetch(url=""))
    _known: dict[tuple, Any] = field(default_factory=dict)

    def json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON that a URL answers; None where there is none, whatever the reason."""
        key = (url, repr(params))
        if key not in self._known:
            try:
                self._known[key] = self.answer(url, params, **PROBING).json()
            except (DiffusionError, requests.exceptions.JSONDecodeError):
                self._known[key] = None
        return self._known[key]

    def text(self, url: str, params: Mapping[str, Any] | None = None) -> str:
        """Return the text that a URL answers; empty where there is none, whatever the reason."""
        try:
            return self.answer(url, params, **PROBING).text
        except DiffusionError:
            return ""

    def sent(self, request: Request, **how: Any) -> requests.Response:
        """Return the answer to a request as an API is asked, with its method and body.

        Raises:
            DiffusionError: there is none, or it is refused.
        """
        fetch = msgspec.structs.replace(self.fetch, url=request.url, **how)
        with secret_hidden(fetch), only_one_asks(request.url):
            return Client(fetch, request.url, request.url.partition("?")[0]).get(*request.sent)

    def answer(
        self, url: str, params: Mapping[str, Any] | None = None, **how: Any
    ) -> requests.Response:
        """Return the answer to a request.

        Raises:
            DiffusionError: there is none, or it is refused.
        """
        if urlsplit(url).netloc != urlsplit(self.fetch.url).netloc:  # secrets are of the source's
            how |= {"auth": [], "headers": {}}
        fetch = msgspec.structs.replace(self.fetch, url=url, **how)
        with secret_hidden(fetch), only_one_asks(url):
            return Client(fetch, url, url.partition("?")[0]).get(url, params)

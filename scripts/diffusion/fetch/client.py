"""HTTP as the sources need it: retries, resumed downloads, redirects that are written down.

Only 200 and 206 are data. A connection error and 5xx are tried again with exponential back-off and
jitter; 202, 429 and a 403 by quota are waited for, honouring ``Retry-After``; anything else fails
at once with the server's own words. Secrets go to the source's own host only and never into a URL
that is kept.
"""

import logging
import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import tenacity

from diffusion import VERSION
from diffusion.base.redaction import redact, redact_urls
from diffusion.base.trust import NO_TLS, NO_TLS_FIX, TRUST, UNTRUSTED
from diffusion.base.variables import as_written
from diffusion.config.fetching import HttpFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.asked import asked_hash
from diffusion.fetch.connections import JudgingAdapter
from diffusion.fetch.link_policy import LinkPolicy
from diffusion.fetch.patience import (
    TRANSIENT_ERRORS,
    Patience,
    TransientStatus,
    asks_to_wait,
    error_of,
    is_quota,
    seconds_to_wait,
)
from diffusion.fetch.secret import is_own_server, secret_of

logger = logging.getLogger(__name__)
T = TypeVar("T")
MAX_REDIRECTS = 10
SHOWN = 3000  # characters of an answer that is refused: those that messages are made of
DATA = (200, 206)
NOTHING = (204,)
STATUS_FIXES = {401: "check `auth:`", 403: "check `auth:` and the licence", 404: "check the URL"}
NO_DATA = (
    "only 200 and 206 are data: check `url`, `method` and what the server's documentation says"
)
CUT_SHORT = re.compile(r"(\d+) bytes read, (\d+) more expected")
# part of an error of requests or urllib3: what the message to the user says instead
CONNECTION_ERRORS = {
    "Connection refused": "refuses connections",
    "Failed to resolve": "is an unknown host: check the address and the network",
    "Network is unreachable": "cannot be reached from here: check the network",
    "timed out": "did not answer in time (`timeout: {timeout}` seconds)",
    "Connection reset": "broke the connection",
    "Connection aborted": "broke the connection",
}


class Client:
    """The one connection of a job to a source's host."""

    def __init__(
        self,
        fetch: HttpFetch,
        url: str,
        where: str,
        environment: Mapping[str, str] = os.environ,
    ):
        """Prepare a session; nothing is sent yet.

        Args:
            fetch: headers, auth, timeout, retries, allow_…
            url: of the first request, axes filled in; the secret goes to its host.
            where: how errors name it, e.g. ``sources.dpe``.
            environment: holds the secret that ``auth.env`` names.
        """
        self.where, self.timeout, self._fetch = where, fetch.timeout, fetch
        self.lost = 0  # answers that did not come, or not whole
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"diffusion/{VERSION}"
        self.session.headers.update(fetch.headers)
        self._auth, self._secret = fetch.auth, secret_of(fetch.auth, environment, where)
        self._links, self._own = LinkPolicy(fetch, url, where), urlsplit(url)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, JudgingAdapter(self._links.judge))

    def asked_hash(self, *what: object) -> str:
        """Return a hash of a request as this client sends it; no secret."""
        return asked_hash(self._fetch, *what)

    def get(
        self,
        url: str,
        params: Mapping | None = None,
        method: str = "GET",
        body: object = None,
        empty_on: Collection[int] = (),
    ) -> requests.Response:
        """Return a complete answer; its redirects are in ``history``.

        Args:
            empty_on: statuses that mean, as 204 does, that there is nothing.
        """
        accepted = {*DATA, *NOTHING, *empty_on}

        def once() -> requests.Response:
            response = self.send(url, params, method=method, body=body, accepted=accepted)
            response.content  # noqa: B018 - reads the body inside the retry
            return response

        return self.retrying(once)

    def send(
        self,
        url: str,
        params: Mapping | None,
        method: str = "GET",
        body: object = None,
        headers: Mapping | None = None,
        stream: bool = False,
        accepted: Collection[int] = DATA,
    ) -> requests.Response:
        """Send one request, following redirects; raise for every status that is not accepted.

        Raises:
            TransientStatus: it may pass; ``retrying`` tries again.
            DiffusionError: any other status, with the server's own words.
        """
        history: list[requests.Response] = []
        for _ in range(MAX_REDIRECTS + 1):
            request = requests.Request(
                method, url, params=params, json=body, headers=dict(headers or {})
            )
            self._authorise(request)
            response = self._send_once(self.session.prepare_request(request), stream)
            if not response.is_redirect:
                response.history = history
                return self._checked(response, accepted)
            history.append(response)
            response.close()
            link = response.headers["Location"].encode("latin-1").decode("utf-8", "replace")
            url, params = self.target(response, link), None
        redirects = " → ".join(self.redacted(r.url) for r in history[-3:])
        raise DiffusionError(
            self.where, f"more than {MAX_REDIRECTS} redirects: {redirects}", "check the URL"
        )

    def _send_once(self, prepared: requests.PreparedRequest, stream: bool) -> requests.Response:
        url = prepared.url or ""
        settings = self.session.merge_environment_settings(url, {}, stream, None, None)
        try:
            return self.session.send(
                prepared, timeout=self.timeout, allow_redirects=False, **settings
            )
        except requests.exceptions.SSLError as error:
            host = urlsplit(url).netloc.rpartition("@")[2]
            if NO_TLS.search(str(error)):
                found = f"{host} answers, but not in HTTPS, though the URL begins with https://"
                raise DiffusionError(self.where, found, NO_TLS_FIX) from None
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise
            host = urlsplit(url).hostname or ""
            raise DiffusionError(self.where, f"the {UNTRUSTED}: {host}", TRUST) from None

    def target(self, response: requests.Response, link: str) -> str:
        """Return the full URL of a link in an answer: a redirect, or the next page.

        Raises:
            DiffusionError: it leads where the configuration does not allow; see ``LinkPolicy``.
        """
        try:
            return self._links.target(response.url, link)
        except DiffusionError as error:
            raise DiffusionError(error.where, self.redacted(error.found), error.fix) from None

    def _authorise(self, request: requests.Request) -> None:
        """Add the secret: on the source's own host only, and never where https became http."""
        if not self._secret or not is_own_server(urlsplit(request.url), self._own):
            return
        if self._auth.style == "bearer":
            request.headers["Authorization"] = f"Bearer {self._secret}"
            request.auth = lambda prepared: prepared  # else an entry of ~/.netrc replaces it
        elif self._auth.style == "header":
            request.headers[self._auth.name] = self._secret
        else:
            request.params = {**(request.params or {}), self._auth.name: self._secret}

    def _checked(self, response: requests.Response, accepted: Collection[int]) -> requests.Response:
        status, request = response.status_code, response.request
        if status in accepted or (status == 416 and "Range" in request.headers):
            return response
        words = self.redacted(" ".join(response.text[:SHOWN].split()))[:300] or response.reason
        after = seconds_to_wait(response.headers)
        if is_quota(response) or (status == 202 and request.method == "GET"):
            raise TransientStatus(status, words, after, asks_to_wait=True)
        if status >= 500:
            raise TransientStatus(status, words, after)
        found = self.redacted(f"HTTP {status} from {response.url}: {words}")
        fix = STATUS_FIXES.get(status, "" if status >= 300 else NO_DATA)
        raise DiffusionError(self.where, found, fix)

    def retrying(self, action: Callable[[], T]) -> T:
        """Return what ``action`` returns, trying again after errors that may pass."""
        patience = Patience(self._fetch.retries, self._fetch.wait_minutes)

        def log_retry(state: tenacity.RetryCallState) -> None:
            error = error_of(state)
            self.lost += not asks_to_wait(error)
            found, what = self._description(error), patience.told(error, state.upcoming_sleep)
            logger.warning("%s: %s; %s", self.where, found, what)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((TransientStatus, *TRANSIENT_ERRORS)),
            stop=patience.stop,
            wait=patience.wait,
            before_sleep=log_retry,
            reraise=True,
        )
        try:
            return retrying(action)
        except (TransientStatus, *TRANSIENT_ERRORS) as error:
            why, fix = patience.gave_up(error)
            if isinstance(error, requests.exceptions.ProxyError):
                fix = "correct or unset http_proxy and https_proxy, or name the host in no_proxy"
            found = self._description(error) + why
            raise DiffusionError(self.where, found, fix) from None  # its cause shows the secret
        except requests.RequestException as error:
            raise DiffusionError(self.where, self.redacted(str(error)), "check the URL") from None

    def _description(self, error: BaseException | None) -> str:
        """Return an error that may pass in plain words, its secrets left out."""
        if cut := CUT_SHORT.search(str(error)):
            came, missing = map(int, cut.groups())
            host, counts = self._own.hostname, f"{came:,} bytes received, {missing:,} missing"
            return f"{host} closed the connection: {counts}"
        who = self._own.hostname
        if isinstance(error, requests.exceptions.ProxyError):
            url = self._own.geturl()
            proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
            who = f"the proxy {redact_urls(str(proxy))}"
        for sign, words in CONNECTION_ERRORS.items():
            if sign in str(error):
                return f"{who} {words.format(timeout=self.timeout)}"
        if isinstance(error, requests.exceptions.ProxyError):
            return f"{who} cannot be used: {self.redacted(str(error))}"
        return self.redacted(str(error))

    def redacted(self, text: str) -> str:
        """Return text without the secret, and without passwords and signatures in URLs.

        Variables are as they are written.
        """
        text = redact(as_written(text), self._secret)
        return redact_urls(text)

    def without_secret(self, url: str) -> str:
        """Return a URL that the server built, without the secret parameter it may repeat."""
        if not self._secret or self._auth.style != "param":
            return url
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query, True) if k != self._auth.name]
        return urlunsplit(parts._replace(query=urlencode(query)))

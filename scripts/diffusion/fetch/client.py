"""HTTP as the sources need it: retries, resumed downloads, redirects that are written down.

A connection error, 429 and 5xx are tried again with exponential back-off and jitter, honouring
``Retry-After``; any other 4xx fails at once with the server's own words. Secrets go to the
source's own host only and never into a URL that is kept.
"""

import email.utils
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import tenacity

from diffusion import VERSION
from diffusion.base.trust import TRUST, UNTRUSTED
from diffusion.config.fetching import HttpFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.link_policy import LinkPolicy
from diffusion.fetch.redaction import redact, redact_urls

logger = logging.getLogger(__name__)
T = TypeVar("T")
MAX_REDIRECTS = 10
MAX_WAIT = 300  # seconds; a longer Retry-After is the user's decision, not ours
TRANSIENT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
STATUS_FIXES = {401: "check `auth:`", 403: "check `auth:` and the licence", 404: "check the URL"}
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


class TransientStatus(Exception):
    """A status that may pass: 429 or 5xx."""

    def __init__(self, status: int, words: str, retry_after: float | None):
        super().__init__(f"HTTP {status}: {words}")
        self.retry_after = retry_after


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
        self.where, self.timeout, self.retries = where, fetch.timeout, fetch.retries
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"diffusion/{VERSION}"
        self.session.headers.update(fetch.headers)
        self._auth, self._secret = fetch.auth, None
        self._links, self._own = LinkPolicy(fetch, url, where), urlsplit(url)
        if name := self._auth.env:
            self._secret = environment.get(name)
            if not self._secret:
                raise DiffusionError(
                    f"{where}.auth.env", f"the variable {name} is not set", f"export {name}=…"
                )

    def get(
        self, url: str, params: Mapping | None = None, method: str = "GET", body: object = None
    ) -> requests.Response:
        """Return a complete, successful response; its redirects are in ``history``."""

        def once() -> requests.Response:
            response = self.send(url, params, method=method, body=body)
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
    ) -> requests.Response:
        """Send one request, following redirects; raise for every status but success.

        Raises:
            TransientStatus: 429 or 5xx; ``retrying`` tries again.
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
                return self._checked(response)
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
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                raise
            host = urlsplit(url).hostname
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
        to, own = urlsplit(request.url), self._own
        if not self._secret or to.netloc != own.netloc or to.scheme not in (own.scheme, "https"):
            return
        if self._auth.style == "bearer":
            request.headers["Authorization"] = f"Bearer {self._secret}"
            request.auth = lambda prepared: prepared  # else an entry of ~/.netrc replaces it
        elif self._auth.style == "header":
            request.headers[self._auth.name] = self._secret
        else:
            request.params = {**(request.params or {}), self._auth.name: self._secret}

    def _checked(self, response: requests.Response) -> requests.Response:
        status = response.status_code
        if status < 300 or (status == 416 and "Range" in response.request.headers):
            return response
        words = " ".join(response.text.split())[:300] or response.reason
        if status == 429 or status >= 500:
            after = _retry_after(response.headers.get("Retry-After"))
            if after is None or after <= MAX_WAIT:
                raise TransientStatus(status, words, after)
            fix = "what was received is kept; run `snakemake` again after that time"
            found = f"HTTP {status}: {words}; the server asks to wait {after:,.0f} s"
            raise DiffusionError(self.where, self.redacted(found), fix)
        found = self.redacted(f"HTTP {status} from {response.url}: {words}")
        raise DiffusionError(self.where, found, STATUS_FIXES.get(status, ""))

    def retrying(self, action: Callable[[], T]) -> T:
        """Return what ``action`` returns, trying again after errors that may pass."""
        wait = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)

        def wait_for(state: tenacity.RetryCallState) -> float:
            after = getattr(_error_of(state), "retry_after", None)
            return wait(state) if after is None else after

        def log_retry(state: tenacity.RetryCallState) -> None:
            found, seconds = self._description(_error_of(state)), state.upcoming_sleep
            logger.warning("%s: %s; trying again in %.1f s", self.where, found, seconds)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((TransientStatus, *TRANSIENT_ERRORS)),
            stop=tenacity.stop_after_attempt(self.retries + 1),
            wait=wait_for,
            before_sleep=log_retry,
            reraise=True,
        )
        try:
            return retrying(action)
        except (TransientStatus, *TRANSIENT_ERRORS) as error:
            found = f"{self._description(error)} (tried {self.retries + 1} times)"
            fix = "what was received is kept; run `snakemake` again later to go on"
            raise DiffusionError(self.where, found, fix) from None  # its cause shows the secret
        except requests.RequestException as error:
            raise DiffusionError(self.where, self.redacted(str(error)), "check the URL") from None

    def _description(self, error: BaseException | None) -> str:
        """Return an error that may pass in plain words, its secrets left out."""
        if cut := CUT_SHORT.search(str(error)):
            came, missing = map(int, cut.groups())
            host, counts = self._own.hostname, f"{came:,} bytes received, {missing:,} missing"
            return f"{host} closed the connection: {counts}"
        for sign, words in CONNECTION_ERRORS.items():
            if sign in str(error):
                return f"{self._own.hostname} {words.format(timeout=self.timeout)}"
        return self.redacted(str(error))

    def redacted(self, text: str) -> str:
        """Return text without the secret, and without passwords and signatures in URLs."""
        text = redact(text, self._secret)
        return redact_urls(text)

    def without_secret(self, url: str) -> str:
        """Return a URL that the server built, without the secret parameter it may repeat."""
        if not self._secret or self._auth.style != "param":
            return url
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query, True) if k != self._auth.name]
        return urlunsplit(parts._replace(query=urlencode(query)))


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number or an HTTP date (RFC 9110, 10.2.3)."""
    if value is None or value.strip().isdigit():
        return float(value) if value else None
    date = email.utils.parsedate_tz(value)
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None

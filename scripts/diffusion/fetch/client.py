"""HTTP as the sources need it: retries, resumed downloads, redirects that are written down.

Only 200 and 206 are data. A connection error and 5xx are tried again with exponential back-off and
jitter; 202, 429 and a 403 by quota are waited for, honouring ``Retry-After``; anything else fails
at once with the server's own words. Secrets go to the source's own host only and never into a URL
that is kept.
"""

import logging
import os
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import requests
import tenacity

from diffusion import VERSION
from diffusion.base.redaction import redact_urls
from diffusion.base.variables import told
from diffusion.config.fetching import ApiFetch, FileFetch, HttpFetch
from diffusion.errors import AnswerError, DiffusionError, UnreachableError
from diffusion.fetch.asked import asked_hash
from diffusion.fetch.authorisation import Authorisation
from diffusion.fetch.connection_words import Words, refusal_of
from diffusion.fetch.connections import JudgingAdapter
from diffusion.fetch.link_policy import LinkPolicy
from diffusion.fetch.links import link_to
from diffusion.fetch.pace import Pace
from diffusion.fetch.patience import (
    TRANSIENT_ERRORS,
    Patience,
    TransientStatus,
    asks_to_wait,
    error_of,
)
from diffusion.fetch.refused_statuses import DATA, refuse_status
from diffusion.fetch.secret import is_own_server, without_secrets

logger = logging.getLogger(__name__)
T = TypeVar("T")
MAX_REDIRECTS = 10
NOTHING = (204,)
SEE_OTHER = (301, 302, 303)  # a POST goes on as a GET, as browsers do (RFC 9110, 15.4)


class Client:
    """The one connection of a job to a source's host."""

    def __init__(
        self,
        fetch: HttpFetch,
        url: str,
        where: str,
        environment: Mapping[str, str] = os.environ,
        pace: Pace | None = None,
    ):
        """Prepare a session; nothing is sent yet.

        Args:
            fetch: headers, auth, timeout, retries, allow_…
            url: of the first request, axes filled in; the secret goes to its host.
            where: how errors name it, e.g. ``sources.dpe``.
            environment: holds the secrets that ``auth`` names.
            pace: how fast the host may be asked.
        """
        self.where, self.timeout, self.fetch = where, fetch.timeout, fetch
        self._pace = pace
        self.lost = 0  # answers that did not come, or not whole
        self.licence = ""  # the address of that of the data, where an answer names it
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"diffusion/{VERSION}"
        self.session.headers.update(fetch.headers)
        self._auth = Authorisation(fetch.auth, environment, where, self._ask_token)
        self._links, self._own = LinkPolicy(fetch, url, where), urlsplit(url)
        self._words = Words(self._own, fetch.timeout, self.redacted)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, JudgingAdapter(self._links.judge))

    def asked_hash(self, *what: object) -> str:
        """Return a hash of a request as this client sends it; no secret."""
        return asked_hash(self.fetch, *what)

    def get(
        self,
        url: str,
        params: Mapping | None = None,
        method: str = "GET",
        body: object = None,
        form: Mapping[str, str] | None = None,
        empty_on: Collection[int] = (),
    ) -> requests.Response:
        """Return a complete answer; its redirects are in ``history``.

        Args:
            empty_on: statuses that mean, as 204 does, that there is nothing.
        """
        accepted = {*DATA, *NOTHING, *empty_on}

        def once() -> requests.Response:
            response = self.send(
                url, params, method=method, body=body, form=form, accepted=accepted
            )
            response.content  # noqa: B018 - reads the body inside the retry
            return response

        return self.retrying(once)

    def send(
        self,
        url: str,
        params: Mapping | None,
        method: str = "GET",
        body: object = None,
        form: Mapping[str, str] | None = None,
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
        renewed = False
        for _ in range(MAX_REDIRECTS + 1):
            own = dict(headers or {})  # it is signed
            request = requests.Request(method, url, own, params=params, json=body, data=form)
            self._authorise(request)
            response = self._send_once(self.session.prepare_request(request), stream)
            if response.status_code == 401 and self._auth.may_expire and not renewed:
                renewed = True
                self._auth.renew()
                continue
            if not response.is_redirect:
                response.history = history
                return self._checked(response, accepted)
            history.append(response)
            response.close()
            link = response.headers["Location"].encode("latin-1").decode("utf-8", "replace")
            url, params = self.target(response, link), None
            if response.status_code in SEE_OTHER and method == "POST":
                method, body, form = "GET", None, None
        redirects = " → ".join(self.redacted(r.url) for r in history[-3:])
        found = f"more than {MAX_REDIRECTS} redirects: {redirects}"
        raise AnswerError(self.where, found, "check the URL")

    def _send_once(self, prepared: requests.PreparedRequest, stream: bool) -> requests.Response:
        url = prepared.url or ""
        if self._pace and is_own_server(urlsplit(url), self._own):
            self._pace.wait()
        settings = self.session.merge_environment_settings(url, {}, stream, None, None)
        try:
            return self.session.send(
                prepared, timeout=self.timeout, allow_redirects=False, **settings
            )
        except requests.ConnectionError as error:
            if refused := refusal_of(error, url, self.where):
                raise refused from None
            raise

    def target(self, response: requests.Response, link: str) -> str:
        """Return the full URL of a link in an answer: a redirect, or the next page.

        Raises:
            DiffusionError: it leads where the configuration does not allow; see ``LinkPolicy``.
        """
        try:
            return self._links.target(response.url, link)
        except DiffusionError as error:
            raise error.restated(found=self.redacted(error.found)) from None

    def _authorise(self, request: requests.Request) -> None:
        """Add the secret: on the source's own host only, and never where https became http."""
        if self._auth and is_own_server(urlsplit(request.url), self._own):
            self._auth.sign(request)

    def _ask_token(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> object:
        """Ask a server of tokens, by a connection of its own."""
        place = f"{self.where}.auth"
        client = Client(FileFetch(url=url, timeout=self.timeout), url, place)
        try:
            response = client.retrying(
                lambda: client.send(url, None, "POST", form=form, headers=headers)
            )
            return response.json()
        except DiffusionError as error:  # a server may repeat what it was sent
            raise error.restated(found=self.redacted(error.found)) from None
        except requests.exceptions.JSONDecodeError as error:
            raise AnswerError(place, f"the answer of {url} is no JSON ({error})") from None

    def _checked(self, response: requests.Response, accepted: Collection[int]) -> requests.Response:
        is_api = isinstance(self.fetch, ApiFetch)
        refuse_status(response, accepted, self.where, self.redacted, is_api=is_api)
        self.licence = self.licence or _licence_of(response)
        return response

    def retrying(self, action: Callable[[], T]) -> T:
        """Return what ``action`` returns, trying again after errors that may pass."""
        patience = Patience(self.fetch.retries, self.fetch.wait_minutes)

        def log_retry(state: tenacity.RetryCallState) -> None:
            error = error_of(state)
            self.lost += not asks_to_wait(error)
            found, what = self._words.of(error), patience.told(error, state.upcoming_sleep)
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
            found = self._words.of(error) + why
            raise UnreachableError(self.where, found, fix) from None  # its cause shows the secret
        except requests.RequestException as error:
            raise AnswerError(self.where, self.redacted(str(error)), "check the URL") from None

    def redacted(self, text: str) -> str:
        """Return text without the secret, and without passwords and signatures in URLs.

        Variables are as they are written.
        """
        return redact_urls(without_secrets(told(text), self._auth.secrets))

    def without_secret(self, url: str) -> str:
        """Return a URL that the server built, without the secret parameter it may repeat."""
        if not (names := self._auth.parameters):
            return url
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query, True) if k not in names]
        return urlunsplit(parts._replace(query=urlencode(query)))


def _licence_of(response: requests.Response) -> str:
    """Return the address of a licence that an answer names: `Link: <…>; rel="license"`."""
    link = link_to(response, "license")
    return urljoin(response.url, link) if link else ""

"""HTTP as the sources need it: retries, resumed downloads, redirects that are written down.

A connection error, 429 and 5xx are tried again with exponential back-off and jitter, honouring
``Retry-After``; any other 4xx fails at once with the server's own words. Secrets go to the
source's own host only and never into a URL that is kept.
"""

import email.utils
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urljoin, urlsplit, urlunsplit

import requests
import tenacity

from diffusion import VERSION
from diffusion.errors import DiffusionError
from diffusion.progress import Progress

logger = logging.getLogger(__name__)
CHUNK = 64 * 1024  # bytes; what a broken connection loses of a download at most
MAX_REDIRECTS = 10
MAX_WAIT = 300  # seconds; a longer Retry-After is the user's decision, not ours
USERINFO = re.compile(r"(https?://)[^/@\s]+@")
SIGNED = re.compile(  # what makes a signed URL (S3, Azure, Google) a key
    r"(?i)([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig)=)[^&\s]+"
)
TRANSIENT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class TransientStatus(Exception):
    """A status that may pass: 429 or 5xx."""

    def __init__(self, status: int, words: str, retry_after: float | None):
        super().__init__(f"HTTP {status}: {words}")
        self.retry_after = retry_after


class Client:
    """The one connection of a job to a source's host."""

    def __init__(self, source: Mapping, where: str, environment: Mapping = os.environ):
        """Prepare a session; nothing is sent yet.

        Args:
            source: the resolved source: headers, auth, timeout, retries.
            where: how errors name it, e.g. ``sources.dpe``.
            environment: holds the secret that ``auth.env`` names.
        """
        self.where, self.timeout, self.retries = where, source["timeout"], source["retries"]
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"diffusion/{VERSION}"
        self.session.headers.update(source["headers"])
        self._auth, self._secret = source["auth"], None
        self._own = urlsplit(source["url"])
        if name := self._auth["env"]:
            self._secret = environment.get(name)
            if not self._secret:
                raise DiffusionError(
                    f"{where}.auth.env", f"the variable {name} is not set", f"export {name}=…"
                )

    def get(
        self, url: str, params: Mapping | None = None, method: str = "GET", body: object = None
    ) -> requests.Response:
        """Return a whole, successful response; its redirects are in ``history``."""

        def once() -> requests.Response:
            response = self._send(url, params, method=method, body=body)
            response.content  # noqa: B018 - reads the body inside the retry
            return response

        return self._retrying(once)

    def download(self, url: str, params: Mapping, path: Path, progress: Progress) -> dict:
        """Stream a file to ``path``, resuming with Range + If-Range what an earlier try left.

        Returns:
            what the server said: url (final), redirects, status, etag, last_modified, content_type.

        Raises:
            DiffusionError: refused, or still failing after all retries; the part is kept.
        """
        part, state = path.with_name(path.name + ".part"), path.with_name(path.name + ".part.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = self._retrying(lambda: self._download_once(url, params, part, state, progress))
        part.replace(path)
        state.unlink(missing_ok=True)
        return facts

    def _download_once(
        self, url: str, params: Mapping, part: Path, state: Path, progress: Progress
    ) -> dict:
        asked = [url, dict(params)]
        have, validator = _resumable(part, state, asked)
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        with self._send(url, params, headers=headers, stream=True) as response:
            if response.status_code not in (206, 416):
                have, validator = 0, None
            elif not _continues(response, have, validator):
                state.unlink(missing_ok=True)
                raise TransientStatus(response.status_code, "the server's range does not fit", 0)
            facts, total = _facts(response, self.redacted), _length(response, have)
            progress.expect(total)
            progress.add(have - progress.count)
            with part.open("r+b" if have else "wb") as file:
                known = {"asked": asked, "validator": _validator(response) or validator}
                state.write_text(json.dumps(known))  # once the part holds nothing older
                file.seek(have)
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    progress.add(len(chunk))
                file.truncate()
                if total and file.tell() != total:
                    raise requests.ConnectionError(f"{file.tell()} of {total} bytes came")
        return facts

    def _send(
        self,
        url: str,
        params: Mapping | None,
        method: str = "GET",
        body: object = None,
        headers: Mapping | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Send one request, following redirects; raise for every status that is no success."""
        history = []
        for _ in range(MAX_REDIRECTS + 1):
            request = requests.Request(
                method, url, params=params, json=body, headers=dict(headers or {})
            )
            self._authorise(request)
            settings = self.session.merge_environment_settings(url, {}, stream, None, None)
            prepared = self.session.prepare_request(request)
            response = self.session.send(
                prepared, timeout=self.timeout, allow_redirects=False, **settings
            )
            if not response.is_redirect:
                response.history = history
                return self._checked(response)
            history.append(response)
            response.close()
            url, params = urljoin(response.url, response.headers["Location"]), None
        hops = " → ".join(self.redacted(r.url) for r in history[-3:])
        raise DiffusionError(
            self.where, f"more than {MAX_REDIRECTS} redirects: {hops}", "check the URL"
        )

    def _authorise(self, request: requests.Request) -> None:
        """Add the secret: on the source's own host only, and never where https became http."""
        to, own = urlsplit(request.url), self._own
        if not self._secret or to.netloc != own.netloc or to.scheme not in (own.scheme, "https"):
            return
        if self._auth["style"] == "bearer":
            request.headers["Authorization"] = f"Bearer {self._secret}"
            request.auth = lambda prepared: prepared  # else an entry of ~/.netrc replaces it
        elif self._auth["style"] == "header":
            request.headers[self._auth["name"]] = self._secret
        else:
            request.params = {**(request.params or {}), self._auth["name"]: self._secret}

    def _checked(self, response: requests.Response) -> requests.Response:
        status = response.status_code
        if status < 300 or (status == 416 and "Range" in response.request.headers):
            return response
        words = " ".join(response.text.split())[:300] or response.reason
        if status == 429 or status >= 500:
            raise TransientStatus(status, words, _retry_after(response.headers.get("Retry-After")))
        fix = {401: "check `auth:`", 403: "check `auth:` and the licence", 404: "check the URL"}
        found = self.redacted(f"HTTP {status} from {response.url}: {words}")
        raise DiffusionError(self.where, found, fix.get(status, ""))

    def _retrying(self, action):
        wait = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception()
            after = getattr(error, "retry_after", None)
            return wait(state) if after is None else min(after, MAX_WAIT)

        def tell(state: tenacity.RetryCallState) -> None:
            found, seconds = self.redacted(str(state.outcome.exception())), state.upcoming_sleep
            logger.warning("%s: %s; trying again in %.1f s", self.where, found, seconds)

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((TransientStatus, *TRANSIENT_ERRORS)),
            stop=tenacity.stop_after_attempt(self.retries + 1),
            wait=pause,
            before_sleep=tell,
            reraise=True,
        )
        try:
            return retrying(action)
        except (TransientStatus, *TRANSIENT_ERRORS) as error:
            found = f"{self.redacted(str(error))} (tried {self.retries + 1} times)"
            fix = "what came so far is kept; run `snakemake` again later to go on"
            raise DiffusionError(self.where, found, fix) from None  # its cause shows the secret
        except requests.RequestException as error:
            raise DiffusionError(self.where, self.redacted(str(error)), "check the URL") from None

    def redacted(self, text: str) -> str:
        """Return text without the secret, and without passwords and signatures in URLs."""
        secret = self._secret
        for form in {secret, quote(secret, safe=""), quote_plus(secret)} if secret else ():
            text = text.replace(form, "***")
        return SIGNED.sub(r"\1***", USERINFO.sub(r"\1", text))

    def without_secret(self, url: str) -> str:
        """Return a URL that the server built, without the secret parameter it may repeat."""
        if not self._secret or self._auth["style"] != "param":
            return url
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query, True) if k != self._auth["name"]]
        return urlunsplit(parts._replace(query=urlencode(query)))


def _facts(response: requests.Response, redacted: Callable[[str], str]) -> dict:
    names = {"etag": "ETag", "last_modified": "Last-Modified", "content_type": "Content-Type"}
    return {
        "url": redacted(response.url),
        "redirects": [redacted(r.url) for r in response.history],
        "status": 200 if response.status_code == 206 else response.status_code,
        **{key: response.headers.get(name) for key, name in names.items()},
    }


def _validator(response: requests.Response) -> str | None:
    """Return a strong validator for If-Range (RFC 9110, 13.1.5), or None."""
    if _is_encoded(response):
        return None  # a range would count other bytes than those that were written
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified")


def _is_encoded(response: requests.Response) -> bool:
    return response.headers.get("Content-Encoding", "identity") != "identity"


def _length(response: requests.Response, have: int) -> int | None:
    """Return the whole length of the file, where the server says it."""
    if _is_encoded(response):
        return None
    return int(response.headers.get("Content-Length", 0)) + have or None


def _resumable(part: Path, state: Path, asked: list) -> tuple[int, str | None]:
    if not (part.exists() and state.exists()):
        return 0, None
    known = json.loads(state.read_text())
    if known["asked"] != asked or not known["validator"]:
        return 0, None
    return part.stat().st_size, known["validator"]


def _continues(response: requests.Response, have: int, validator: str | None) -> bool:
    """Say whether a 206 is the rest of the same file; some servers ignore If-Range."""
    given = response.headers.get("Content-Range", "")
    same = _validator(response) in (None, validator)
    return response.status_code == 206 and same and given.startswith(f"bytes {have}-")


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number or an HTTP date (RFC 9110, 10.2.3)."""
    if value is None or value.strip().isdigit():
        return float(value) if value else None
    date = email.utils.parsedate_tz(value)
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None

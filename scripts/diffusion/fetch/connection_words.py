"""Connections that failed, in words: what requests, urllib3 and OpenSSL say is for programmers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import requests

from diffusion.base.redaction import redact_urls
from diffusion.base.trust import NO_TLS, NO_TLS_FIX, TRUST, UNTRUSTED
from diffusion.errors import DiffusionError, UnreachableError

NOT_PACKED = "write `headers: {Accept-Encoding: identity}`"
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
# how servers of HTTPS answer plain HTTP: by an alert of TLS, or in words with status 400
ONLY_TLS = re.compile(r"\\x15\\x03|HTTP request (was sent )?to (an )?HTTPS (port|server)", re.I)
ONLY_TLS_FIX = "write https:// in the URL, or correct the port"


def refusal_of(error: requests.ConnectionError, url: str, where: str) -> DiffusionError | None:
    """Return the error for a connection that no further try makes better; None for others."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    if ONLY_TLS.search(str(error)):
        return only_tls(url, where)
    if not isinstance(error, requests.exceptions.SSLError):
        return None
    if NO_TLS.search(str(error)):
        found = f"{host} answers, but not in HTTPS, though the URL begins with https://"
        return UnreachableError(where, found, NO_TLS_FIX)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return UnreachableError(where, f"the {UNTRUSTED}: {urlsplit(url).hostname or ''}", TRUST)
    return None


def only_tls(url: str, where: str) -> DiffusionError:
    """Return the error for plain HTTP that was sent to a port of HTTPS."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    found = f"{host} answers in HTTPS only, though the URL begins with http://"
    return UnreachableError(where, found, ONLY_TLS_FIX)


@dataclass(frozen=True)
class Words:
    """Puts errors that may pass into words.

    Attributes:
        own: the URL of the source.
        timeout: in seconds, as configured.
        redacted: leaves secrets out of a text.
    """

    own: SplitResult
    timeout: float
    redacted: Callable[[str], str]

    def of(self, error: BaseException | None) -> str:
        """Return an error in plain words, its secrets left out."""
        who = self.own.hostname
        if cut := CUT_SHORT.search(str(error)):
            came, missing = map(int, cut.groups())
            return f"{who} closed the connection: {came:,} bytes received, {missing:,} missing"
        if isinstance(error, requests.exceptions.ProxyError):
            url = self.own.geturl()
            proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
            who = f"the proxy {redact_urls(str(proxy))}"
        if isinstance(error, requests.exceptions.ContentDecodingError) and "header" in str(error):
            return f"{who} says that the answer is compressed, and it is not: {NOT_PACKED}"
        for sign, words in CONNECTION_ERRORS.items():
            if sign in str(error):
                return f"{who} {words.format(timeout=self.timeout)}"
        if isinstance(error, requests.exceptions.ProxyError):
            return f"{who} cannot be used: {self.redacted(str(error))}"
        return self.redacted(str(error))

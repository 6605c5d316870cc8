"""Where links may lead: redirects, and the next page that an API names.

The user wrote the source's URL; where its answers lead is not trusted. Only http and
https links are followed, never from https to http, and never to an address that is not public (this
machine, its network, the metadata service of a cloud), unless it is the source's own host or the
configuration allows it.
"""

import ipaddress
import socket
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests

from diffusion.config.fetching import HttpFetch
from diffusion.errors import RedirectError

SCHEMES = ("http", "https")
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


class LinkPolicy:
    """The policy of one source."""

    def __init__(self, fetch: HttpFetch, url: str, where: str):
        """Args: what the source allows, its own URL, and how errors name it."""
        self.where = where
        self._http_allowed = fetch.allow_http_redirects
        self._own = _server(_split(url, where))
        self._allowed = {host.lower() for host in fetch.allow_hosts}

    def target(self, sender: str, link: str) -> str:
        """Return the full URL of a link that came with an answer.

        Args:
            sender: URL of the answer.
            link: as received; may be relative.

        Raises:
            DiffusionError: it leads where the configuration does not allow.
        """
        try:
            url = _prepared(urljoin(sender, link))
        except (ValueError, requests.RequestException) as error:
            raise RedirectError(
                self.where, f"{sender} leads to what is not a URL: {error}"
            ) from None
        old, new = _split(sender, self.where), _split(url, self.where)
        if new.scheme not in SCHEMES or not new.hostname:
            fix = "only http:// and https:// are followed: correct the URL"
            raise RedirectError(self.where, f"{sender} leads to {url}", fix)
        if (old.scheme, new.scheme) == ("https", "http") and not self._http_allowed:
            found = f"{sender} leads to {url}, which is not encrypted"
            fix = (
                "correct the URL; or write `allow_http_redirects: true` under this source: anybody "
                "on the way can then read and change the data"
            )
            raise RedirectError(self.where, found, fix)
        if not self.is_known(new) and (inside := _inside(new)):
            found = f"{sender} leads to {url}, which is inside this network ({inside})"
            fix = f"if that is meant, write under this source: allow_hosts: [{new.hostname}]"
            raise RedirectError(self.where, found, fix)
        return url

    def is_known(self, url: SplitResult) -> bool:
        """Whether the configuration names this server: as the source's own, or as allowed."""
        return _server(url) == self._own or url.hostname in self._allowed

    def judge(self, url: str, address: str) -> None:
        """Refuse an address that a connection was made to, before anything is sent there.

        The name may have led to another address when the link was judged (DNS rebinding).

        Raises:
            DiffusionError: it is not public, and the configuration does not name the server.
        """
        parts = _split(url, self.where)
        if not self.is_known(parts) and not _is_public(address):
            found = f"{parts.hostname} leads inside this network ({address})"
            fix = f"if that is meant, write under this source: allow_hosts: [{parts.hostname}]"
            raise RedirectError(self.where, found, fix)


def as_encrypted(sender: str, link: str) -> str:
    """Return a link with the encryption of an answer by the same host.

    Servers behind a proxy that encrypts do not know of it, and name themselves by http.
    """
    try:
        old, new = urlsplit(sender), urlsplit(link)
        port = new.port
    except ValueError:
        return link  # which is refused
    is_own = (old.scheme, new.scheme) == ("https", "http") and old.hostname == new.hostname
    if not is_own or port not in (None, 80, old.port):
        return link
    return urlunsplit(new._replace(scheme="https", netloc=old.netloc))


def _prepared(url: str) -> str:
    """Return a URL as it is sent: readers of URLs differ in what they take for the host."""
    request = requests.PreparedRequest()
    request.prepare_url(url, None)
    return str(request.url)


def _server(parts: SplitResult) -> tuple[str | None, int | None]:
    """Return host and port; the ports of http and https are one server's."""
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.hostname, None if parts.port in (None, default) else parts.port


def _split(url: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port, parts.hostname  # noqa: B018 - they are read, and refused, only when asked for
    except ValueError as error:
        raise RedirectError(where, f"{url} is not a URL: {error}", "correct the URL") from None
    return parts


def _inside(parts: SplitResult) -> str:
    """Return an address of the host that is not public, or nothing.

    A name that nobody here knows is left to the request itself: a proxy may know it.
    """
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    addresses = (str(address[4][0]) for address in found)
    return next((address for address in addresses if not _is_public(address)), "")


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):  # it may contain an IPv4 address
        nat64 = ipaddress.IPv4Address(found.packed[-4:]) if found in NAT64 else None
        found = found.ipv4_mapped or found.sixtofour or nat64 or found
    return found.is_global and not found.is_multicast

"""The part of a source that states what is requested, and from where: its ``from``, ``url`` …"""

import os
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec

from diffusion.base.variables import expand
from diffusion.config.parts import Credentials, Part, Section, Server

# `example.org/…`, `//example.org/…`, `https:/example.org/…`, `localhost:8000/…`
HOST = re.compile(
    r"(?:https?:/{0,2}|//)?(?P<name>localhost|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,})(:\d+)?/",
    re.IGNORECASE,
)
TEXTS = ("csv", "ndjson")  # formats of answers that have no envelope
PLACES = ("url", "endpoint", "region", "portal")  # keys that may have ``${VAR}``
Style = Literal["none", "next_url", "link_header", "page", "offset", "cursor"]


class Auth(Section):
    env: str | None = None
    style: Literal["bearer", "header", "param", "basic", "oauth2"] = "bearer"
    name: str = "X-Api-Key"
    prefix: str = ""
    user_env: str | None = None
    token_url: str = ""
    scope: str = ""
    in_body: bool = False

    @property
    def variables(self) -> list[str]:
        """The names of the variables that hold its secret, and the name that goes with it."""
        return [name for name in (self.env, self.user_env) if name]


class Pages(Section):
    style: Style | None = None
    records: str = ""
    names: str = ""
    single: bool = False
    next: str = "next"
    total: str | None = None
    more: str = ""
    last: str = ""
    marker: str = ""
    error: str = ""
    estimate: str = "meta.totalMarginPct"
    hints: str = "meta.hints"
    param: str = ""
    start: int | None = None
    size_param: str = ""
    size: int = 1000
    max_pages: int = 100_000

    @property
    def is_one(self) -> bool:
        """Whether one page is asked for: because that is stated, or nothing is."""
        return self.style in (None, "none")

    @property
    def first_number(self) -> int:
        """What the counter of the first page is: pages usually count from 1, offsets from 0."""
        if self.start is not None:
            return self.start
        return 0 if self.style == "offset" else 1


class Reuse(Section):
    """Windows that are over: their axis, and days until their data are settled."""

    axis: str = ""
    after: int = 0


class Fetch(Part, tag_field="from"):
    """What is requested, and from where. The kinds of sources differ most here."""

    url: str
    sha256: str | None = None
    portal: str = ""
    formerly: dict[str, Any] = {}
    was: str | None = None
    reuse: Reuse = Reuse()

    @property
    def kind(self) -> str:
        """The ``from`` of the source."""
        return str(self.__struct_config__.tag)

    @property
    def is_http(self) -> bool:
        """Whether it comes over HTTP, and not from a local file or S3."""
        return self.url.startswith(("http://", "https://"))

    @property
    def address(self) -> str | None:
        """The URL that a path may be meant for: one that begins with a host, and has no scheme."""
        host = HOST.match(self.url)
        return f"https://{self.url[host.start('name') :]}" if host else None


class HttpFetch(Fetch):
    params: dict[str, Any] = {}
    headers: dict[str, str] = {}
    auth: list[Auth] = []
    timeout: float = 60
    retries: int = 5
    wait_minutes: float = 15
    limit: str = ""
    allow_http_redirects: bool = False
    allow_hosts: list[str] = []
    method: Literal["GET", "POST"] = "GET"
    body: dict[str, Any] = {}
    form: dict[str, str] = {}


class ApiFetch(HttpFetch, tag="api"):
    format: Literal["json", "geojson", "ndjson", "csv", "xml"] = "json"
    empty_on: list[int] = []
    pages: Pages = Pages()


class Export(Section):
    method: Literal["GET", "POST"] = "POST"
    body: dict[str, Any] = {}
    form: dict[str, str] = {}
    job: str = ""
    status: str = ""
    done: list[str] = []
    failed: list[str] = []
    link: str = ""

    @property
    def is_stated(self) -> bool:
        """Whether the file is asked for first."""
        return bool(self.job or self.link)


class DownloadFetch(HttpFetch):
    if_changed: bool = False
    export: Export = Export()


class ArchiveFetch(DownloadFetch, tag="archive"):
    pass


class FileFetch(DownloadFetch, tag="file"):
    pass


class S3Fetch(Fetch, tag="s3"):
    if_changed: bool = False
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    anonymous: bool = False
    request_payer: bool = False
    credentials: Credentials = Credentials()
    version: str = ""

    @property
    def server(self) -> Server:
        return Server(**{name: getattr(self, name) for name in Server.__struct_fields__})


class DatabaseFetch(Fetch, tag="database", kw_only=True):
    url: str = ""
    url_env: str | None = None
    table: str | None = None
    query: str | None = None
    timeout: float = 3600
    retries: int = 2


AnyFetch = ApiFetch | ArchiveFetch | FileFetch | S3Fetch | DatabaseFetch


F = TypeVar("F", bound=Fetch)


def expanded(fetch: F, environment: Mapping[str, str] = os.environ) -> F:
    """Return a fetch part with its ``${VARIABLES}`` replaced: for the process that asks.

    Raises:
        DiffusionError: one of them is not set.
    """
    given = {name: getattr(fetch, name, None) for name in PLACES}
    found = {name: expand(text, environment) for name, text in given.items() if text}
    return msgspec.structs.replace(fetch, **found)


def fetch_from_text(text: str) -> AnyFetch:
    """Return the fetch part that ``as_text`` wrote; its ``from`` gives the kind."""
    fetch: AnyFetch = msgspec.json.decode(text, type=AnyFetch)
    return fetch

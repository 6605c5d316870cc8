"""The secret of a source: read from the environment, and for which server it is."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult

from diffusion.base.redaction import redact
from diffusion.base.variables import LINE_END, keep_out, told
from diffusion.config.databases import parse_address
from diffusion.config.fetching import AnyFetch, Auth, DatabaseFetch, HttpFetch
from diffusion.errors import DiffusionError, VariableError

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
DATABASES = ["PGPASSWORD", "MYSQL_PWD", "MYSQL_PASSWORD"]
PORTS = {"http": 80, "https": 443}


def secret_of(auth: Auth, environment: Mapping[str, str], where: str) -> str:
    """Return the secret that ``auth.env`` names.

    Raises:
        DiffusionError: it is not set, or no header can hold it; the secret itself is never shown.
    """
    place = f"{where}.auth.env"
    secret = variable_of(auth.env, environment, place)
    in_header = auth.style in ("bearer", "header")
    if in_header and (CONTROLS.search(secret) or not _is_latin(secret)):
        found = f"the variable {auth.env} has a line break, or a sign that no header can hold"
        fix = "copy the secret anew, as plain text: a typographic quote may have slipped in"
        raise VariableError(place, found, fix)
    keep_out(secret)
    return secret


def variable_of(name: str | None, environment: Mapping[str, str], where: str) -> str:
    """Return what a variable holds, without the line end that mounted files have.

    Raises:
        DiffusionError: it is not set.
    """
    value = environment.get(name, "").rstrip(LINE_END) if name else ""
    if name and not value:
        raise VariableError(where, f"the variable {name} is not set", f"export {name}=…")
    return value


@contextmanager
def secret_hidden(fetch: AnyFetch | HttpFetch) -> Iterator[None]:
    """Keep the secret out of errors: a server may repeat it in its answer."""
    try:
        yield
    except DiffusionError as error:
        given = (error.where, error.found, error.fix)
        shown = tuple(without_secret_of(fetch, words) for words in given)
        if shown == given:
            raise
        raise error.restated(*shown) from None  # its cause shows the secret


def without_secret_of(fetch: AnyFetch | HttpFetch, text: str) -> str:
    """Return a text without the secrets of a source, however a server may have written them.

    Variables in its address are shown as they are written.
    """
    return without_secrets(told(text), _secrets(fetch))


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return a text without any of some secrets; the longest first, as one may hold another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = redact(text, secret)
    return text


def _secrets(fetch: AnyFetch | HttpFetch) -> Iterator[str]:
    """Yield the secrets that the environment holds for a source."""
    variables = DATABASES if isinstance(fetch, DatabaseFetch) else []
    if isinstance(fetch, HttpFetch):
        variables = [auth.env for auth in fetch.auth if auth.env]
    for variable in variables:
        yield os.environ.get(variable, "").rstrip(LINE_END)
    if isinstance(fetch, DatabaseFetch) and fetch.url_env:
        with suppress(ValueError):
            yield parse_address(os.environ.get(fetch.url_env, "").strip()).password


def is_own_server(to: SplitResult, own: SplitResult) -> bool:
    """Whether a URL is of the same server, however it is spelled, and not less protected."""
    return _server(to) == _server(own) and to.scheme in (own.scheme, "https")


def _server(url: SplitResult) -> tuple[str, int | None]:
    port = None if url.port == PORTS.get(url.scheme) else url.port
    return (url.hostname or "").rstrip("."), port  # hostname is in lower case


def _is_latin(secret: str) -> bool:
    try:
        secret.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True

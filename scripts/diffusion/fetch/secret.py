"""The secret of a source: read from the environment, and for which server it is."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult

from diffusion.config.databases import parse_address
from diffusion.config.fetching import AnyFetch, Auth, DatabaseFetch, HttpFetch
from diffusion.errors import DiffusionError
from diffusion.fetch.redaction import redact

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
LINE_END = "\r\n"
DATABASES = ["PGPASSWORD", "MYSQL_PWD", "MYSQL_PASSWORD"]
PORTS = {"http": 80, "https": 443}


def secret_of(auth: Auth, environment: Mapping[str, str], where: str) -> str | None:
    """Return the secret that ``auth.env`` names, without the line end that mounted files have.

    Raises:
        DiffusionError: it is not set, or no header can hold it; the secret itself is never shown.
    """
    if not auth.env:
        return None
    secret = environment.get(auth.env, "").rstrip(LINE_END)
    if not secret:
        fix = f"export {auth.env}=…"
        raise DiffusionError(f"{where}.auth.env", f"the variable {auth.env} is not set", fix)
    if auth.style != "param" and (CONTROLS.search(secret) or not _is_latin(secret)):
        found = f"the variable {auth.env} has a line break, or a sign that no header can hold"
        fix = "copy the secret anew, as plain text: a typographic quote may have slipped in"
        raise DiffusionError(f"{where}.auth.env", found, fix)
    return secret


@contextmanager
def secret_hidden(fetch: AnyFetch) -> Iterator[None]:
    """Keep the secret out of errors: a server may repeat it in its answer."""
    try:
        yield
    except DiffusionError as error:
        found, fix = (without_secret_of(fetch, words) for words in (error.found, error.fix))
        if (found, fix) == (error.found, error.fix):
            raise
        raise DiffusionError(error.where, found, fix) from None  # its cause shows the secret


def without_secret_of(fetch: AnyFetch, text: str) -> str:
    """Return a text without the secret of a source, however a server may have written it."""
    for secret in _secrets(fetch):
        text = redact(text, secret)
    return text


def _secrets(fetch: AnyFetch) -> Iterator[str]:
    """Yield the secrets that the environment holds for a source."""
    variables = DATABASES if isinstance(fetch, DatabaseFetch) else []
    if isinstance(fetch, HttpFetch) and fetch.auth.env:
        variables = [fetch.auth.env]
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

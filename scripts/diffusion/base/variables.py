"""What is shown of ``${VAR}`` and of secrets: a name, as the configuration writes it, or nothing.

An address may be secret by its place, as that of a feed which only its subscribers know. The value
is looked up late, in the job that asks, and noted here: whatever that process shows or keeps goes
through ``as_written``. A server may repeat a part of it, in a file's name or an ETag: the parts of
a path or a query are left out as well, but for plain words and numbers, and the host of a URL.

What a server repeats may stand in the data, and from there come into examples, notes and errors of
any job that reads them. So each job, when it begins, notes the secrets of all sources here
(``keep_out_all``); its log and errors go through ``told``, and what it keeps of the data beside
the data themselves through ``shown``.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from diffusion.base.redaction import PLACE, PLAIN, redact
from diffusion.errors import VariableError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
SHORTEST = 6  # characters: fewer would be found everywhere, and are no secret
SHORTEST_SECRET = 4  # the same, of what is known to be one
LINE_END = "\r\n"  # which mounted files have
# keys of the configuration that name the variable of a secret; variables that always hold one
NAMES = ("env", "url_env", "secret_key_env", "token_env")
ALWAYS = ("PGPASSWORD", "MYSQL_PWD", "MYSQL_PASSWORD", "AWS_SESSION_TOKEN")
PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#@:]*:([^/?#]*)@", re.IGNORECASE)  # in a URL
PARTS = re.compile(r"[/?&=#:;,@\s]+")
SHORTEST_PART, ENDING = 8, re.compile(r"(?:\.[A-Za-z]\w{0,4}){1,2}$")
_values: dict[str, str] = {}  # what is shown, by the value
_secrets: set[str] = set()
_texts: dict[str, str] = {}  # what the configuration writes, by what it means here


def expand(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a text of the configuration with its variables replaced.

    Raises:
        DiffusionError: one is not set, and has no default.
    """

    def replace(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        value = environment.get(name)
        if not value and default is None:
            raise VariableError(name, "the variable is not set", f"export {name}=…")
        if value:
            _note(name, value)
        return value or default or ""

    found = VARIABLE.sub(replace, text)
    if found != text:
        _texts[found] = text
    return found


def _note(name: str, value: str) -> None:
    if len(value) >= SHORTEST:
        _values[value] = f"${{{name}}}"
    for part in _parts(value):
        _values.setdefault(part, f"${{{name}}}")


def keep_out(secret: str) -> None:
    """Note a secret, such as a token that was obtained: it is left out of all that is said."""
    if len(secret) >= SHORTEST_SECRET:
        _secrets.add(secret)


def keep_out_all(declared: object, environment: Mapping[str, str] = os.environ) -> None:
    """Note the secrets that some sources name, and the values of their variables.

    Args:
        declared: ``sources:``, or a part of it.
    """
    for name in ALWAYS:
        keep_out(environment.get(name, ""))
    _keep_out_named(declared, environment)


def _keep_out_named(declared: object, environment: Mapping[str, str]) -> None:
    if isinstance(declared, Mapping):
        for key, item in declared.items():
            if key in NAMES and isinstance(item, str):
                secret = environment.get(item, "").strip()
                keep_out(secret)
                if found := PASSWORD.match(secret):
                    keep_out(unquote(found[1]))
            _keep_out_named(item, environment)
    elif isinstance(declared, list | tuple):
        for item in declared:
            _keep_out_named(item, environment)
    elif isinstance(declared, str):
        for name, _ in VARIABLE.findall(declared):
            _note(name, environment.get(name, ""))


def _parts(value: str) -> Iterator[str]:
    """Yield the parts of a value that a server may repeat, and that may be secret by themselves."""
    for part in PARTS.split(PLACE.sub("", value)):
        for text in (part, ENDING.sub("", part)):
            if len(text) >= SHORTEST_PART and text != value and not PLAIN.fullmatch(text):
                yield text


def as_written(text: str) -> str:
    """Return a text with the values of variables as the configuration writes them."""
    if text in _texts:
        return _texts[text]
    for value in sorted(_values, key=len, reverse=True):
        text = redact(text, value, _values[value])
    return text


def told(text: str) -> str:
    """Return a text ``as_written``, and without secrets."""
    text = as_written(text)
    for secret in sorted(_secrets, key=len, reverse=True):
        text = redact(text, secret)
    return text


def shown(kept: Any, *, of_data: bool = False) -> Any:
    """Return what is kept of data, such as examples of values, with its texts as they are told.

    Keys stay, as they are names; and numbers, but for values (``value``, ``values``).

    Args:
        of_data: a number is such a value.
    """
    if isinstance(kept, str):
        return told(kept)
    if isinstance(kept, Mapping):
        of_rows = {"value", *(["values"] if isinstance(kept.get("values"), Mapping) else [])}
        return {key: shown(v, of_data=of_data or key in of_rows) for key, v in kept.items()}
    if isinstance(kept, list | tuple):
        return [shown(item, of_data=of_data) for item in kept]
    if not of_data or isinstance(kept, bool) or kept is None:
        return kept
    return kept if (text := told(str(kept))) == str(kept) else text


def noted(text: str, means: str) -> str:
    """Return how an address is noted: as it is written, with a hash of what it means here.

    By that, another value of the variable is known to be another address.

    Args:
        means: the same text for addresses that mean the same.
    """
    return f"{_texts[text]} (set to {digest(means)})" if text in _texts else text


@lru_cache(maxsize=1000)
def digest(text: str) -> str:
    """Return a hash that is slow to make, so that a short secret is not found by guessing."""
    return hashlib.scrypt(text.encode(), salt=b"diffusion", n=2**14, r=8, p=1, dklen=8).hex()


def forget() -> None:
    """Forget all values: another configuration is read."""
    _values.clear()
    _secrets.clear()
    _texts.clear()

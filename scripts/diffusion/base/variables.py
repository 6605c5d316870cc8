"""What is shown of ``${VAR}``: the name, as the configuration writes it, and never the value.

An address may be secret by its place, as that of a feed which only its subscribers know. The value
is looked up late, in the job that asks, and noted here: whatever that process shows or keeps goes
through ``as_written``. A server may repeat a part of it, in a file's name or an ETag: the parts of
a path or a query are left out as well, but for plain words and numbers, and the host of a URL.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from diffusion.base.redaction import redact
from diffusion.errors import DiffusionError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
SHORTEST = 6  # characters: fewer would be found everywhere, and are no secret
PLACE = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)  # scheme and host
PARTS = re.compile(r"[/?&=#:;,@\s]+")
# no secret: a word, a number, a date, a version
PLAIN = re.compile(r"[A-Za-z]{1,11}|[a-z]+(?:[-_][a-z]+){1,3}|v?[\d._-]+", re.IGNORECASE)
SHORTEST_PART, ENDING = 8, re.compile(r"(?:\.[A-Za-z]\w{0,4}){1,2}$")
_values: dict[str, str] = {}  # what is shown, by the value
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
            raise DiffusionError(name, "the variable is not set", f"export {name}=…")
        if value:
            _values[value] = f"${{{name}}}"
            for part in _parts(value):
                _values.setdefault(part, f"${{{name}}}")
        return value or default or ""

    found = VARIABLE.sub(replace, text)
    if found != text:
        _texts[found] = text
    return found


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
        if len(value) >= SHORTEST:
            text = redact(text, value, _values[value])
    return text


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
    _texts.clear()

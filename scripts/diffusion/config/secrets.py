"""Secrets have no place in the configuration: find what looks like one, and never show it.

Some names betray a secret whatever their value (``password``, ``api_key``). Others are those of
keys of APIs and of ordinary parameters alike: ``key=population``, ``code=01001``, ``sort_key``.
There, only a value counts that chance has made: 20 characters or more without a space, and in one
of its words letters, digits and capitals change places at least six times; or a UUID.
Names, codes, dates and keys of SDMX (``Q.N.FR.W2.S1M.S1.N.B.B1G``) are none; of random keys of 20
characters one in twenty is not seen, of the usual ones of 32 and more hardly any. An identifier
refused by mistake costs a variable of the environment, and is sent as before.
"""

import re
from collections.abc import Iterator

from diffusion.config.databases import is_address
from diffusion.errors import DiffusionError, SecretError

NAMED = re.compile(
    r"secret(?!ari|air|ary)|token(?!i[sz]|s$)|passw(or)?d|^pwd$|authorization|cookie"
    r"|(api|auth|access|private)[-_]?key|^sig$|^X-Amz-Signature$",
    re.IGNORECASE,
)
# of pages, not of users: ordinary
PAGED = re.compile(r"(page|next|cursor|continuation|resumption|sync|skip)[-_]?token", re.IGNORECASE)
# names that are ordinary as well: the value decides
MAYBE = re.compile(r"(?i:(.*[-_.])?(key|code|auth|signature))|\w*Key")
LONG = re.compile(r"[A-Za-z0-9_~.+/=-]{20,}")
WORD = re.compile(r"[A-Za-z0-9]+")
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# one kind of sign after another; a capital before small letters is usual
CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
CHANGES = 6
SENT = re.compile(r"\.(headers|params|body|form)(\.|$)")  # where a name alone betrays a secret
VALUE = re.compile(
    r"(AKIA|ASIA)[0-9A-Z]{16}|-----BEGIN|AIza[\w-]{35}|eyJ[\w-]{10,}\.|gh[pousr]_\w{20,}"
    r"|Bearer\s+\S{8,}|Basic\s+(?=\S+[0-9=A-Z])[A-Za-z0-9+/]{8,}=*"
)
USERINFO = re.compile(r"(?<=://)[^/@\s?#]+(?=@)")  # a token may stand there without a colon
QUERY = re.compile(r"(?<=[?&])([\w.\[\]-]+)=([^&{#\s]+)")
# of a database, a name may stand before the host, and a password is told in its own words
OF_DATABASE = re.compile(r"sources\.[^.]+\.url")
FIX = "put it in an environment variable and name that: `auth: {env: NAME}`; then change the secret"


def secret_problems(value: object, where: str = "") -> Iterator[DiffusionError]:
    """Yield every place below ``where`` that looks like a secret."""
    if isinstance(value, dict):
        for key, item in value.items():
            path = f"{where}.{key}".lstrip(".")
            if SENT.search(where) and _filled(item) and _betrays(str(key), str(item)):
                yield SecretError(path, "looks like a secret", FIX)
            else:
                yield from secret_problems(item, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secret_problems(item, f"{where}.{index}")
    elif isinstance(value, str) and OF_DATABASE.fullmatch(where) and is_address(value):
        return  # see ``rules_database``
    elif isinstance(value, str) and hide(value) != value:
        yield SecretError(where, "looks like a secret", FIX)


def hide(text: str) -> str:
    """Return the text with everything that looks like a secret replaced by ``***``."""
    return QUERY.sub(_hidden, USERINFO.sub("***", VALUE.sub("***", text)))


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}=***" if _betrays(match[1], match[2]) else match[0]


def _betrays(name: str, value: str) -> bool:
    """Say whether a parameter is a secret: by its name, or by name and value."""
    if NAMED.search(name):
        return not PAGED.search(name)
    return bool(MAYBE.fullmatch(name)) and is_random(value)


def is_random(value: str) -> bool:
    """Say whether only chance makes such a value; see above."""
    changes = [len(CHANGE.findall(word)) for word in WORD.findall(value)]
    return bool(
        UUID.fullmatch(value) or (LONG.fullmatch(value) and max(changes, default=0) >= CHANGES)
    )


def _filled(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""

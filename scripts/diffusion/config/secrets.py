"""Secrets have no place in the configuration: find what looks like one, and never show it."""

import re
from collections.abc import Iterator

from diffusion.errors import DiffusionError

NAMED = re.compile(
    r"secret|token|passw(or)?d|authorization|cookie|(api|auth|access|private)[-_]?key",
    re.IGNORECASE,
)
SENT = re.compile(r"\.(headers|params|body)(\.|$)")  # where a name alone betrays a secret
VALUE = re.compile(
    r"(AKIA|ASIA)[0-9A-Z]{16}|-----BEGIN|AIza[\w-]{35}|eyJ[\w-]{10,}\.|gh[pousr]_\w{20,}"
    r"|Bearer\s+\S{8,}|Basic\s+(?=\S+[0-9=A-Z])[A-Za-z0-9+/]{8,}=*"
)
USERINFO = re.compile(r"(?<=://)[^/@\s]+:[^/@\s]+(?=@)")
QUERY = re.compile(
    r"(?<=[?&])((?:[\w-]*(?:secret|token|passw(?:or)?d|api[-_]?key)[\w-]*|sig|X-Amz-Signature)=)"
    r"[^&{]+",
    re.IGNORECASE,
)
FIX = "put it in an environment variable and name that: `auth: {env: NAME}`; then change the secret"


def secret_problems(value: object, where: str = "") -> Iterator[DiffusionError]:
    """Yield every place below ``where`` that looks like a secret."""
    if isinstance(value, dict):
        for key, item in value.items():
            path = f"{where}.{key}".lstrip(".")
            if SENT.search(where) and NAMED.search(str(key)) and _filled(item):
                yield DiffusionError(path, "looks like a secret", FIX)
            else:
                yield from secret_problems(item, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secret_problems(item, f"{where}.{index}")
    elif isinstance(value, str) and hide(value) != value:
        yield DiffusionError(where, "looks like a secret", FIX)


def hide(text: str) -> str:
    """Return the text with everything that looks like a secret replaced by ``***``."""
    return QUERY.sub(r"\1***", USERINFO.sub("***", VALUE.sub("***", text)))


def _filled(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""

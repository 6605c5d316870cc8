"""Secrets left out of what is shown or kept: messages, logs, provenance.

A server that repeats a secret writes it in its own way: as URLs, JSON, HTML or base64 do.
"""

import base64
import re
from functools import lru_cache
from html.entities import codepoint2name

USERINFO = re.compile(r"(https?://)[^/@\s]+@")
SIGNED = re.compile(  # what makes a signed URL (S3, Azure, Google) a key
    r"(?i)([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig)=)[^&\s]+"
)
# signs of base64 that URLs and JSON write in another way, and those of its variant for URLs
BASE64 = {
    "+": r"(?:[+\-]|%2[Bb]|\\{1,4}u002[Bb])",
    "/": r"(?:\\{0,4}/|_|%2[Ff]|\\{1,4}u002[Ff])",
}
AS_GIVEN = "surrogateescape"  # how Python keeps what the environment holds and is no UTF-8
SHORTEST_CORE = 4  # characters of base64: fewer would be found everywhere
SHORTEST_START = 6  # characters: so few of a secret that was cut off tell nothing


def redact(text: str, secret: str | None, shown: str = "***") -> str:
    r"""Return a text without a secret, however it is written there.

    Plain (in capitals, too), percent-encoded once or again, with the escapes of JSON (``\/``,
    ``\u00e9``) or of HTML, in base64 (also with what stands around it, as ``user:secret``); and
    what a text that is cut off has of it.

    Args:
        shown: stands in its place.
    """
    if not secret:
        return text
    whole, characters = _patterns(secret)
    return _without_start(whole.sub(lambda _: shown, text), characters, shown)


def redact_urls(text: str) -> str:
    """Return a text without the passwords and signatures that URLs in it carry."""
    return SIGNED.sub(r"\1***", USERINFO.sub(r"\1", text))


@lru_cache(maxsize=64)
def _patterns(secret: str) -> tuple[re.Pattern[str], list[re.Pattern[str]]]:
    """Return what finds a secret, and each of its characters."""
    characters = [_written(character) for character in secret]
    encoded = {secret.encode(errors=AS_GIVEN), secret.encode("latin-1", "ignore")}
    ways = ["".join(characters), *(way for data in encoded for way in _in_base64(data))]
    return re.compile("|".join(ways)), [re.compile(character) for character in characters]


def _written(character: str) -> str:
    """Return a pattern of the ways in which a character is written."""
    code = ord(character)
    units = re.findall("....", character.encode("utf-16-be", "surrogatepass").hex())
    ways = [rf"\\{{0,4}}(?i:{re.escape(character)})", _percent(character.encode(errors=AS_GIVEN))]
    ways += ["".join(rf"\\{{1,4}}u(?i:{unit})" for unit in units)]
    ways += [rf"&#(?:0*{code}|[xX]0*(?i:{code:x}));"]
    ways += [f"&{codepoint2name[code]};"] if code in codepoint2name else []
    ways += [rf"\\{{1,4}}x(?i:{code:02x})", _percent(bytes([code]))] if code < 256 else []
    ways += [r"\+"] if character == " " else []
    return f"(?:{'|'.join(ways)})"


def _percent(data: bytes) -> str:
    # a URL within a URL is encoded again: %252F
    return "(?i:" + "".join(f"%(?:25)*{byte:02x}" for byte in data) + ")"


def _in_base64(secret: bytes) -> list[str]:
    """Return patterns of a secret in base64, for each of the three ways in which it may begin.

    The characters at its edges hold bits of what stands beside it.
    """
    sign, found = "[A-Za-z0-9+/_-]", []
    for before in range(3):
        bits = 8 * (before + len(secret))
        text = base64.b64encode(b"\0" * before + secret).decode()
        core = text[-(-8 * before // 6) : bits // 6]
        if len(core) >= SHORTEST_CORE:
            written = "".join(BASE64.get(character, character) for character in core)
            edge = f"(?:{sign}=*)?" if bits % 6 else ""
            found.append(f"{sign if before else ''}{written}{edge}")
    return found


def _without_start(text: str, characters: list[re.Pattern[str]], shown: str) -> str:
    """Return a text that was cut off within a secret without what it has of it."""
    end = len(text.rstrip("…"))
    for at in range(max(0, end - 12 * len(characters)), end):
        place = at
        for count, character in enumerate(characters):
            if place >= end and count >= SHORTEST_START:
                return text[:at] + shown + text[end:]
            if not (found := character.match(text, place, end)):
                break
            place = found.end()
    return text

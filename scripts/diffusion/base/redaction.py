"""Secrets left out of what is shown or kept: messages, logs, provenance.

A server that repeats a secret writes it in its own way: as URLs, JSON, HTML or base64 do.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
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
SHORTEST_START = 6  # characters: fewer of a secret that was cut off tell nothing
PLACE = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)  # scheme and host
# no secret: a word, a number, a date, a version
PLAIN = re.compile(r"[A-Za-z]{1,11}|[a-z]+(?:[-_][a-z]+){1,3}|v?[\d._-]+", re.IGNORECASE)


def redact(text: str, secret: str | None, shown: str = "***") -> str:
    r"""Return a text without a secret, however it is written there.

    Plain (in capitals, too), percent-encoded once or again, with the escapes of JSON (``\/``,
    ``\u00e9``) or of HTML, in base64 (also with what stands around it, as ``user:secret``); and
    what there is of one that was cut off, at the end of the text or within it.

    Args:
        shown: stands in its place.
    """
    if not secret:
        return text
    whole, starts = _patterns(secret)
    text = whole.sub(lambda _: shown, text)
    for start in starts:
        text = start.left_out(text, shown)
    return text


def redact_urls(text: str) -> str:
    """Return a text without the passwords and signatures that URLs in it carry."""
    return SIGNED.sub(r"\1***", USERINFO.sub(r"\1", text))


@dataclass(frozen=True)
class _Start:
    """Finds what a text has of a secret that was cut off.

    Attributes:
        head: its first characters; fewer tell nothing.
        rest: each of those that follow.
    """

    head: re.Pattern[str]
    rest: Sequence[re.Pattern[str]]

    @classmethod
    def of(cls, characters: Sequence[str], least: int) -> "_Start":
        head = re.compile("".join(characters[:least]))
        return cls(head, [re.compile(character) for character in characters[least:]])

    def left_out(self, text: str, shown: str) -> str:
        """Return a text without it."""
        end, kept, at = len(text.rstrip("…")), [], 0
        while found := self.head.search(text, at, end):
            place = self._end(text, found.end(), end)
            # whatever goes on like a word is another one
            is_cut = place == end or not (
                text[place].isalnum() or PLAIN.fullmatch(text[found.start() : place])
            )
            kept += [text[at : found.start()], shown if is_cut else text[found.start() : place]]
            at = place
        return "".join([*kept, text[at:]])

    def _end(self, text: str, at: int, end: int) -> int:
        for character in self.rest:
            if not (found := character.match(text, at, end)):
                break
            at = found.end()
        return at


@lru_cache(maxsize=1000)
def _patterns(secret: str) -> tuple[re.Pattern[str], list[_Start]]:
    """Return what finds a secret, and what finds one that was cut off."""
    characters = [_written(character) for character in secret]
    encoded = {secret.encode(errors=AS_GIVEN), secret.encode("latin-1", "ignore")}
    coded = [way for data in encoded for way in _in_base64(data)]
    ways = ["".join(characters), *("".join(way) for way in coded)]
    place = PLACE.match(secret)  # that of a URL is none
    least = SHORTEST_START + (place.end() if place else 0)
    many = [(characters, least), *((way, least * 4 // 3) for way in coded)]
    starts = [_Start.of(way, count) for way, count in many if count < len(way)]
    return re.compile("|".join(ways)), starts


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


def _in_base64(secret: bytes) -> list[list[str]]:
    """Return patterns of a secret in base64, for each of the three ways in which it may begin.

    The characters at its edges hold bits of what stands beside it.
    """
    sign, found = "[A-Za-z0-9+/_-]", []
    for before in range(3):
        bits = 8 * (before + len(secret))
        text = base64.b64encode(b"\0" * before + secret).decode()
        core = text[-(-8 * before // 6) : bits // 6]
        if len(core) >= SHORTEST_CORE:
            written = [BASE64.get(character, character) for character in core]
            edge = [f"(?:{sign}=*)?"] if bits % 6 else []
            found.append([*([sign] if before else []), *written, *edge])
    return found

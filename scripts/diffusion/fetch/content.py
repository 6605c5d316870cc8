"""The bytes of an answer as readers take them: not compressed, and JSON in UTF-8."""

import codecs
import gzip
import zlib

import requests

from diffusion.errors import AnswerError

PACKED = b"\x1f\x8b"  # JSON, XML and text begin in another way
LAYERS = 2  # a file that a server compresses once more
WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, which begins alike
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUARD = b")]}'"  # before JSON, so that no other site can run it


def unpacked(response: requests.Response, where: str) -> bytes:
    """Return the body; one that is compressed, whatever its headers say, decompressed.

    Raises:
        DiffusionError: it is cut short.
    """
    content = response.content
    for _ in range(LAYERS):
        if not content.startswith(PACKED):
            break
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            found = f"the compressed answer is cut short or damaged: {error}"
            raise AnswerError(where, found, "run `snakemake` again later") from error
    return content


def as_json(content: bytes) -> bytes:
    """Return JSON as UTF-8, without a byte order mark or a guard before it."""
    wide = next((name for mark, name in WIDE if content.startswith(mark)), "")
    if wide:
        content = content.decode(wide, "replace").encode()
    content = content.removeprefix(codecs.BOM_UTF8)
    return content.removeprefix(GUARD).lstrip(b",\r\n") if content.startswith(GUARD) else content

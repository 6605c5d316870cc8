"""Expat as XML is read by it: entities refused, ISO-8859-1 as Windows-1252, errors in words."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from diffusion.config.remedies import CORRECT
from diffusion.errors import XmlDataError

CHUNK = 1 << 16
LATIN = re.compile(  # what calls itself so is often Windows-1252, and has its letters
    rb"""(?P<before>\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\bencoding\s*=\s*["'])iso[-_]?8859-1(?=["'])""",
    re.IGNORECASE,
)


class XmlError(ValueError):
    """A document cannot be read; ``fix``: what to do."""

    def __init__(self, found: str, fix: str):
        super().__init__(found)
        self.fix = fix


def new_parser(start: Callable, end: Callable) -> expat.XMLParserType:
    """Return a parser that refuses entities; names are `namespace name`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = parser.SkippedEntityHandler = _refuse_entity
    return parser


def _refuse_entity(name: str, *further: object) -> None:
    fix = "ask its publisher for a file without entities of its own; they can stand for anything"
    raise XmlError(f"declares or uses the entity `{name}`", fix)


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, and nothing at its end."""
    with path.open("rb") as file:
        if start := file.read(CHUNK):
            yield as_windows(start)
        while chunk := file.read(CHUNK):
            yield chunk
    yield b""


def as_windows(start: bytes) -> bytes:
    """Return the start of a document that calls itself ISO-8859-1 as one of Windows-1252.

    The letters of the one are those of the other, which has € and œ where ISO-8859-1 has controls.
    """
    return LATIN.sub(rb"\g<before>windows-1252", start, count=1)


def feed(parser: expat.XMLParserType, chunk: bytes, label: str) -> None:
    """Give a parser the next bytes of a document, none at its end.

    Raises:
        DiffusionError: it is no XML, or what a handler found in it.
    """
    try:
        parser.Parse(chunk, not chunk)
    except XmlError as error:
        found = f"line {parser.CurrentLineNumber:,}: {error}"
        raise XmlDataError(label, found, error.fix) from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        fix = f"{CORRECT}; if it is cut off, fetch it again under a new `vintage`"
        raise XmlDataError(label, f"is no valid XML: {error}", fix) from error

"""Texts with signs that are not what they show: told beside the table, and kept.

Signs as HTML writes them (`&eacute;`), which a declaration decodes, and as JSON does; signs that
nobody sees, before which two codes look alike and are not; `?` within words, in place of letters
that were lost; and control characters that were letters of Windows-1252.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.rows import Watcher
from diffusion.tables.texts import bytes_of, text_columns

HTML = r"&(#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,8});"
# not the joiners of emoji and of Persian, nor the marks of direction
UNSEEN = "[\u00ad\u200b\u2060\ufeff]|^[\u00a0\u2007\u202f]|[\u00a0\u2007\u202f]$"
CONTROLS = "[\x80-\x9f]"
LOST = r"^[^/=&@]*[A-Za-z]\?[a-z][^/=&@]*$"  # not in addresses
MANY = 3  # such values
ESCAPED = r"^[^\[{].*\\u[0-9A-Fa-f]{4}"  # not in JSON, whose readers know them
HIDDEN = tuple(sign.encode() for sign in "\u00ad\u200b\u2060\ufeff\u00a0\u2007\u202f")
CONTROL_BYTE = b"\xc2"
CONTROL = re.compile(CONTROL_BYTE + rb"[\x80-\x9f]")
LONGEST = 60  # characters of an example


@dataclass(order=True)
class _Seen:
    """How many values have signs of a kind, and the first one by the order of texts."""

    count: int = 0
    example: str = ""


class OddSigns(Watcher):
    """Looks for such signs in columns of text."""

    def __init__(self, columns: Iterable[Column]):
        """Args: of the table; those whose signs of HTML are decoded have none, or mean them."""
        self._decoded = {column.name for column in columns if column.spec.entities}

    def begin(self, schema: pa.Schema) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._texts = text_columns(schema)

    def look(self, batch: pa.RecordBatch) -> None:
        for name in self._texts:
            self._look_at(name, batch[name])

    def _look_at(self, name: str, texts: pa.Array) -> None:
        for pattern in _possible(texts):
            if pattern == HTML and name in self._decoded:
                continue
            odd = texts.filter(pc.match_substring_regex(texts, pattern))
            if len(odd):
                seen = self._seen.setdefault((name, pattern), _Seen())
                first = pc.min(odd).as_py()
                seen.example = min(seen.example or first, first)
                seen.count += len(odd)

    def notes(self) -> list[str]:
        unseen = "signs that are not seen, or a no-break space at an end, such as"
        told = [
            f"{_have(name, seen)} {unseen} {_escaped(seen.example)}: they differ from those without"
            for name, seen in self._of(UNSEEN)
        ]
        for name, seen in self._of(HTML):
            sign = re.search(HTML, seen.example)
            fix = f"`columns: {in_line({name: {'entities': True}})}` makes text of them"
            html = f"signs as HTML writes them, which are kept: `{sign[0] if sign else ''}`; {fix}"
            told.append(f"{_have(name, seen)} {html}")
        json = "signs as JSON and programs write them, which are kept, such as"
        escaped = self._of(ESCAPED)
        return told + [
            f"{_have(name, seen)} {json} {_escaped(seen.example)}" for name, seen in escaped
        ]

    def alerts(self) -> list[str]:
        lost = "`?` within words, as where letters with accents were lost"
        told = [
            f"{_have(name, seen)} {lost}, such as `{seen.example[:LONGEST]}`: ask for whole texts"
            for name, seen in self._of(LOST)
            if seen.count >= MANY
        ]
        odd = "control characters, where Windows-1252 has letters and signs (U+0092 is `’`), such "
        return told + [
            f"{_have(name, seen)} {odd}as {_escaped(seen.example)}: ask for a correct file"
            for name, seen in self._of(CONTROLS)
        ]

    def _of(self, pattern: str) -> list[tuple[str, _Seen]]:
        found = sorted(self._seen.items())
        return [(name, seen) for (name, kind), seen in found if kind == pattern]


def _possible(texts: pa.Array) -> Iterator[str]:
    """Yield the kinds of signs that the bytes of all texts may have: found at memory's speed."""
    held = bytes_of(texts)
    if b"&" in held and b";" in held:
        yield HTML
    if b"\\" in held and b"\\u" in held:  # one byte is found sooner than two
        yield ESCAPED
    if b"?" in held:
        yield LOST
    if held.isascii():
        return
    if any(sign[:1] in held and sign in held for sign in HIDDEN):
        yield UNSEEN
    if CONTROL_BYTE in held and CONTROL.search(held):
        yield CONTROLS


def _have(name: str, seen: _Seen) -> str:
    if seen.count == 1:
        return f"1 value of `{name}` has"
    return f"{seen.count:,} values of `{name}` have"


def _escaped(text: str) -> str:
    """Return a text in which each sign is seen, letters and signs of languages as they are."""
    odd = re.compile(f"[\u00a0\u2007\u202f]|{UNSEEN}|{CONTROLS}")
    return f"`{odd.sub(lambda sign: f'U+{ord(sign[0]):04X}', text[:LONGEST])}`"

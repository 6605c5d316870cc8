"""Pages of XML: their records, each an element on one line, and what stands around them as JSON.

So that the paths of ``pages:`` lead through XML as through JSON: names of elements from the root
on, ``@total`` for an attribute. Names are without their prefixes; a record has the namespaces that
it is in, and reads as it did in its page. Where the elements around it have attributes, as those of
a series of SDMX, it is kept within them; but for the root, which is about the page.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape  # nosec: it writes, and parses nothing

from diffusion.base.json_path import parse_path
from diffusion.errors import AnswerError, PagesError
from diffusion.files.xml_elements import ABOUT_XML, WITHIN
from diffusion.files.xml_parser import as_windows

DEEPEST = 100  # levels
ERRORS = re.compile(r"errors?|exception(report)?|serviceexceptionreport|fault", re.IGNORECASE)
BREAKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}  # a record is one line


class _PageError(ValueError):
    pass


@dataclass
class _Node:
    """An element that is no record, nor within one."""

    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[str, list[Any]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def value(self) -> Any:
        """Return it as JSON: text, or an object; what comes several times is a list."""
        text = "".join(self.texts).strip()
        if not self.attributes and not self.children:
            return text or None
        found: dict[str, Any] = {f"@{name}": value for name, value in self.attributes.items()}
        for name, values in self.children.items():
            found[name] = values if len(values) > 1 else values[0]
        return found | ({"#text": text} if text else {})


@dataclass(frozen=True)
class XmlPage:
    """A page.

    Attributes:
        around: all but the records, as JSON; in their place is a list of as many objects.
        records: None where nothing shows that the page has a place for them.
        lines: the records as they are kept, each within the elements around it.
    """

    around: bytes
    records: list[bytes] | None
    lines: list[bytes]


def xml_page(content: bytes, path: str, where: str) -> XmlPage:
    """Return the records at a path of names of elements, and what stands around them.

    Raises:
        DiffusionError: it is no XML, declares entities, or is a report of an error.
    """
    reader = _Reader([str(step) for step in parse_path(path)])
    try:
        reader.parser.Parse(as_windows(content), True)
    except (_PageError, expat.ExpatError, ValueError, LookupError) as error:
        start = " ".join(content[:1000].decode("utf-8", "replace").split())[:200]
        fix = "leave out `format: xml`, or ask for XML by a parameter or the header `Accept`; the "
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            fix = "run `snakemake` again later; if it comes back the same, tell its publisher; the "
        found = f"the answer is no XML that can be read: {error}"
        raise PagesError(where, found, f"{fix}answer begins: {start}") from error
    root = reader.root
    name = next(iter(root.children))
    _refuse_error(root.value[name], name, reader.found, where)
    if name != reader.steps[0]:
        found = f"the root of the answer is `{name}`, and `{path}` begins with `{reader.steps[0]}`"
        start = " ".join(content[:1000].decode("utf-8", "replace").split())[:200]
        fix = f"correct pages.records; if pages before had it, see what this one says: {start}"
        raise PagesError(where, found, fix)
    return XmlPage(json.dumps(root.value).encode(), reader.found, reader.lines)


def _refuse_error(found: Any, name: str, records: list[bytes] | None, where: str) -> None:
    """Refuse a root that is an error; or what stands in it, where there are no records."""
    below = found if isinstance(found, dict) and not records else {}
    for key, value in {name: found, **below}.items():
        if ERRORS.fullmatch(key) and value:
            words = " ".join(json.dumps(value, ensure_ascii=False).split())[:500]
            said = f"the server answers with an error (`{key}`): {words}"
            raise AnswerError(where, said, "correct the request, or try later")


class _Reader:
    """Takes a page apart while it is parsed."""

    def __init__(self, steps: Sequence[str]):
        self.root, self.steps = _Node(), list(steps)
        self._here, self._open = list[str](), [self.root]
        self._spaces: list[dict[str, str]] = [{}]
        self._record: list[str] | None = None
        self._records: list[bytes] = []
        self.lines: list[bytes] = []
        self._around: list[str] = []  # tags of the elements around records, below the root
        self._holders = self._others = 0
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.parser.SkippedEntityHandler = self.refuse

    @property
    def found(self) -> list[bytes] | None:
        """The records: none where what may hold them is empty, None where it holds others."""
        is_place = self._records or (self._holders and not self._others)
        return self._records if is_place else None

    def refuse(self, name: str, *further: object) -> None:
        raise _PageError(f"it declares or uses the entity `{name}`, which can stand for anything")

    def start(self, tag: str, given: list[str]) -> None:
        attributes = dict(zip(given[::2], given[1::2], strict=True))
        name = tag.rpartition(":")[2]
        self._here.append(name)
        if len(self._here) > DEEPEST:
            raise _PageError(f"it is nested more than {DEEPEST} levels deep")
        own = {key: value for key, value in attributes.items() if key.split(":")[0] == "xmlns"}
        self._spaces.append(self._spaces[-1] | own)
        if self._record is not None:
            self._write(tag, attributes)
        elif self._here == self.steps:
            self._record = []
            self._write(tag, self._spaces[-1] | attributes)
        else:
            if self._is_around:
                self._around.append(self._enclosing(name, attributes))
            self._holders += self._here == self.steps[:-1]
            self._others += self._here[:-1] == self.steps[:-1]
            self._open.append(
                _Node({k.rpartition(":")[2]: v for k, v in attributes.items() if k not in own})
            )

    @property
    def _is_around(self) -> bool:
        depth = len(self._here)
        return 1 < depth < len(self.steps) and self._here == self.steps[:depth]

    def _enclosing(self, name: str, attributes: dict[str, str]) -> str:
        """Return the tag of an element around records: its name, and what is said with it."""
        spaces, kept = self._spaces[-1], dict[str, str]()
        for full, value in attributes.items():
            prefix, colon, _ = full.rpartition(":")
            space = f"xmlns:{prefix}"
            if full.split(":")[0] != "xmlns" and spaces.get(space) != ABOUT_XML:
                kept |= {space: spaces[space]} if colon and space in spaces else {}
                kept[full] = value
        return _tag(name, kept)

    def _write(self, tag: str, attributes: dict[str, str]) -> None:
        if self._record is not None:
            self._record.append(_tag(tag, attributes))

    def _kept(self, record: bytes) -> bytes:
        """Return a record as it is kept: as it is, unless something is said around it."""
        if not any("=" in tag for tag in self._around):
            return record
        after = "".join(f"</{name}>" for name in reversed(self.steps[1:-1]))
        return WITHIN + "".join(self._around).encode() + record + after.encode()

    def end(self, tag: str) -> None:
        name, is_record = self._here[-1], self._here == self.steps
        if self._record is None and self._is_around:
            self._around.pop()
        self._here.pop()
        self._spaces.pop()
        if self._record is None:
            node = self._open.pop()
            self._open[-1].children.setdefault(name, []).append(node.value)
            return
        self._record.append(f"</{tag}>")
        if is_record:
            self._records.append("".join(self._record).encode())
            self.lines.append(self._kept(self._records[-1]))
            self._record = None
            self._open[-1].children.setdefault(name, []).append({})

    def text(self, text: str) -> None:
        if self._record is not None:
            self._record.append(escape(text, BREAKS))
        else:
            self._open[-1].texts.append(text)


def _tag(name: str, attributes: dict[str, str]) -> str:
    """Return a tag that begins an element, on one line."""
    signs = {**BREAKS, '"': "&quot;"}
    written = [f' {each}="{escape(value, signs)}"' for each, value in attributes.items()]
    return f"<{name}{''.join(written)}>"

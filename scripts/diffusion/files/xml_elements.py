"""The elements of an XML document that are records, one after the other.

Read by expat as it streams: entities that a document declares, which can grow without end or fetch
files, are refused, and nothing outside of the document is read.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.base.json_path import name_step
from diffusion.files.beside import Beside
from diffusion.files.xml_parser import XmlError, chunks, feed, new_parser

DEEPEST = 100  # levels
LARGEST = 16 * 1024 * 1024  # signs of the text of a record
ABOUT_XML = "http://www.w3.org/2001/XMLSchema-instance"  # its attributes say how XML is read
NIL = f"{ABOUT_XML} nil"
WITHIN = b"<?within?>"  # begins a line of a raw copy that has a record in the elements around it
UP = "../"  # before the name of an attribute of an enclosing element, once a level
ONE_NAMESPACE = "ask its publisher for one namespace, or for another format"


@dataclass
class Element:
    """An element within a record; its name and those of its attributes without namespaces.

    Of a record, ``above`` has the attributes of the elements around it, as ``../@name``.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    parts: list["str | Element"] = field(default_factory=list)  # texts and elements, in order
    is_nil: bool = False
    above: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str | None:
        """Its own text, without white space around it; None where there is none."""
        return "".join(part for part in self.parts if isinstance(part, str)).strip() or None

    @property
    def whole_text(self) -> str:
        """The text of it and of all that is in it, in its order."""
        return "".join(self._texts()).strip()

    def _texts(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part._texts()


class _Reader:
    """Collects the records that end while a document is fed to it."""

    def __init__(self, steps: Sequence[str], wanted: Collection[str], beside: Beside):
        self.done: list[Element] = []
        self._beside = beside
        self._wanted, self._above = wanted, [dict[str, str]()]
        self._steps, self._here, self._open = list(steps), list[str](), list[Element]()
        self._spaces: dict[tuple[str, ...], str] = {}
        self._size = 0
        self.parser = new_parser(self.start, self.end)
        self.parser.CharacterDataHandler = self.text

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        self._here.append(name)
        if len(self._here) > DEEPEST:
            raise XmlError(f"is nested more than {DEEPEST} levels deep", "ask for flat records")
        if not self._open and self._here != self._steps[: len(self._here)]:
            if attributes:
                self._beside.add(self._place())
            return
        self._verify(tuple(self._here), space, name)
        if not self._open and len(self._here) < len(self._steps):
            self._above.append(self._above[-1] | self._around(attributes))
            return
        if not self._open:
            self._size = 0
        element = Element(name, above={} if self._open else self._above[-1])
        for full, value in attributes.items():
            if full == NIL:
                element.is_nil = value.strip() in ("true", "1")
                continue
            inner, _, own = full.rpartition(" ")
            self._verify((*self._here, f"@{own}"), inner, own)
            element.attributes[own] = value
            self._size += len(value)
        if self._open:
            self._open[-1].children.append(element)
            self._open[-1].parts.append(element)
        self._open.append(element)

    def _around(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes of an element that encloses records, by their names from there."""
        found, levels = {}, len(self._steps) - len(self._here)
        for full, value in attributes.items():
            space, _, own = full.rpartition(" ")
            name = f"{UP * levels}@{own}"
            if name in self._wanted:
                self._verify((*self._here, f"@{own}"), space, own)
            if space != ABOUT_XML:
                found[name] = value
        return found

    def end(self, tag: str) -> None:
        if self._open:
            element = self._open.pop()
            if not self._open:
                self.done.append(element)
        elif self._here == self._steps[: len(self._here)]:
            self._above.pop()
        self._here.pop()

    def text(self, text: str) -> None:
        if self._open:
            self._open[-1].parts.append(text)
            self._size += len(text)
            if self._size > LARGEST:
                fix = "name elements that are smaller: `records: …`"
                raise XmlError(f"a record has more than {LARGEST:,} signs", fix)
        elif not text.isspace():
            self._beside.add(self._place())

    def _place(self) -> str:
        return ".".join(map(name_step, self._here))

    def _verify(self, path: tuple[str, ...], space: str, name: str) -> None:
        """Refuse one name in two namespaces: these are two things."""
        if self._spaces.setdefault(path, space) != space:
            spaces = " and ".join(f"`{s or 'none'}`" for s in (self._spaces[path], space))
            raise XmlError(f"`{name}` stands in two namespaces: {spaces}", ONE_NAMESPACE)


def records_in(
    path: Path,
    steps: Sequence[str],
    label: str,
    wanted: Collection[str] = (),
    beside: Beside | None = None,
) -> Iterator[Element]:
    """Yield the elements at a path of names, the root's being the first.

    Args:
        wanted: of the attributes around them, those that are asked for.
        beside: learns which elements beside them have text or attributes.

    Raises:
        DiffusionError: it is no XML, declares entities, or has one name in two namespaces.
    """
    reader = _Reader(steps, wanted, beside or Beside())
    for chunk in chunks(path):
        feed(reader.parser, chunk, label)
        yield from reader.done
        reader.done.clear()


def within_elements(line: bytes, names: Sequence[str]) -> bytes:
    """Return a record of a raw copy within the elements around it; most lines leave these out."""
    if line.startswith(WITHIN):
        return line
    before = "".join(f"<{name}>" for name in names)
    after = "".join(f"</{name}>" for name in reversed(names))
    return before.encode() + line + after.encode()

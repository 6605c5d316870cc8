"""Objects of R as `saveRDS` and `save` write them, in binary form, with their attributes.

Source: R Internals, 1.8 "Serialization Formats", and 1.1 "SEXPs".

pyreadr was weighed: it gives no classes, so that integers of class Date come as 1970-01-01,
integer64 as 5e-324, and of two columns of one name one is lost, all without a word.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from diffusion.files.r_values import as_character, codec_of

NIL, SYMBOL, PAIRS, CHARS, TEXTS, LIST, EXPRESSIONS = 254, 1, 2, 9, 16, 19, 20
REFERENCE, ALTERNATIVE, S4 = 255, 238, 25
ENVIRONMENT, CALLS = 4, (3, 5, 6, 17)  # and closures, promises, dots
SINGLE = (241, 242, 247, 251, 252, 253)  # environments and marks that stand for themselves
NAMESPACES, PRIMITIVES, POINTER, WEAK = (248, 249, 250), (7, 8), 22, 23
NUMBERS = {10: "i4", 13: "i4", 14: "f8", 15: "c16", 24: "u1"}
KINDS = {10: "logical", 13: "integer", 14: "double", 15: "complex", 24: "raw"}
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
BYTES, LATIN1, UTF8, ASCII = 1 << 1, 1 << 2, 1 << 3, 1 << 6  # among the levels of a text
DEEPEST = 100  # objects within objects


class RError(ValueError):
    """An object cannot be read."""


@dataclass
class RObject:
    """``kind``: logical, integer, double, text, list …; ``values``: as numpy, or a list."""

    kind: str
    values: "np.ndarray | list" = field(default_factory=list)
    attributes: dict[str, "RObject"] = field(default_factory=dict)

    @property
    def classes(self) -> list[str]:
        return self.texts("class")

    @property
    def is_frame(self) -> bool:
        return self.kind == "list" and "data.frame" in self.classes

    def texts(self, attribute: str) -> list[str]:
        """Return an attribute that is texts; nothing where it is not there."""
        found = self.attributes.get(attribute)
        return [text or "" for text in found.values] if found and found.kind == "text" else []


NOTHING = RObject("nothing")


class _Reader:
    """Reads one item after the other."""

    def __init__(self, data: mmap.mmap | bytes, at: int):
        self._data, self._at = data, at
        self._known: list[object] = []  # what later items refer to
        self._depth = 0
        self._native = "utf-8"  # the encoding of texts that state none
        self._order = ">"  # of bytes: XDR's, or that of the machine (`xdr = FALSE`)

    def header(self) -> None:
        form = self._take(2)
        if form == b"A\n":
            raise RError("it is written as text (`ascii = TRUE`)")
        if form not in (b"X\n", b"B\n"):
            raise RError("it is not in R's binary form")
        if form == b"B\n" and self._data[self._at]:  # versions are small
            self._order = "<"
        version = self._int()
        self._at += 8  # versions of R
        if version == 3:
            self._native = codec_of(self._take(self._int()).decode("ascii", "replace"))
        elif version != 2:
            raise RError(f"version {version} of the format is not known")

    def item(self) -> RObject:
        self._depth += 1
        if self._depth > DEEPEST:
            raise RError("its objects are nested too deeply")
        try:
            return self._item(self._int())
        finally:
            self._depth -= 1

    def _item(self, flags: int) -> RObject:
        kind = flags & 0xFF
        if kind in (NIL, *SINGLE):
            return NOTHING
        if kind == REFERENCE:
            found = self._known[(flags >> 8 or self._int()) - 1]
            return found if isinstance(found, RObject) else NOTHING
        if kind in NUMBERS:
            return self._with_attributes(RObject(KINDS[kind], self._numbers(kind)), flags)
        if kind == TEXTS:
            texts = [self._text() for _ in range(self._length())]
            return self._with_attributes(RObject("text", texts), flags)
        if kind in (LIST, EXPRESSIONS):
            items = [self.item() for _ in range(self._length())]
            return self._with_attributes(RObject("list", items), flags)
        if kind in (PAIRS, *CALLS):
            return self._pairs(flags)
        return self._others(kind, flags)

    def _others(self, kind: int, flags: int) -> RObject:
        if kind == SYMBOL:
            self._known.append(RObject("symbol", [self._text()]))
            return self._known[-1]  # type: ignore[return-value]
        if kind == ALTERNATIVE:
            return self._alternative()
        if kind == ENVIRONMENT:
            self._known.append(RObject("environment"))
            self._int()
            for _ in range(4):
                self.item()
            return NOTHING
        if kind in NAMESPACES:
            self._int()
            texts = [self._text() for _ in range(self._int())]
            self._known.append(RObject("namespace", texts))
            return NOTHING
        if kind in PRIMITIVES:
            self._take(self._int())
            return NOTHING
        if kind in (POINTER, WEAK):  # of data.table and readr: of no use in another session
            self._known.append(RObject("pointer"))
            for _ in range(2 if kind == POINTER else 0):
                self.item()
            return self._with_attributes(RObject("pointer"), flags)
        if kind == S4:
            return self._with_attributes(RObject("S4"), flags)
        raise RError(f"it holds code or another object that is not read (type {kind})")

    def _pairs(self, flags: int) -> RObject:
        """Read a list of pairs: the attributes of an object, or all objects of a file."""
        found = RObject("pairs")
        names: list[str | None] = []
        while flags & 0xFF in (PAIRS, *CALLS):
            if flags & HAS_ATTRIBUTES:
                self.item()
            tag = self.item() if flags & HAS_TAG else NOTHING
            names.append(tag.values[0] if tag.kind == "symbol" else None)
            found.values.append(self.item())  # type: ignore[union-attr]
            flags = self._int()
        self._item(flags)
        found.attributes["names"] = RObject("text", names)
        return found

    def _with_attributes(self, made: RObject, flags: int) -> RObject:
        if flags & HAS_ATTRIBUTES:
            pairs = self.item()
            names = pairs.attributes["names"].values if pairs.kind == "pairs" else []
            made.attributes = {str(n): v for n, v in zip(names, pairs.values, strict=True)}
        return made

    def _alternative(self) -> RObject:
        """Read an object that R holds in a shorter form, as 1:n."""
        info, state, attributes = self.item(), self.item(), self.item()
        name = str(info.values[0].values[0])
        if name.startswith("wrap_") and state.values:
            made = state.values[0]
            made = RObject(made.kind, made.values, made.attributes)
        elif name in ("compact_intseq", "compact_realseq"):
            length, start, step = state.values
            numbers = start + step * np.arange(int(length))
            kind, form = ("integer", "i4") if name == "compact_intseq" else ("double", "f8")
            made = RObject(kind, numbers.astype(form))
        elif name == "deferred_string":
            made = RObject("text", as_character(state.values[0].kind, state.values[0].values))
        else:
            raise RError(f"it holds an object in a form that is not read ({name})")
        if attributes.kind == "pairs":
            names = attributes.attributes["names"].values
            made.attributes |= {str(n): v for n, v in zip(names, attributes.values, strict=True)}
        return made

    def _numbers(self, kind: int) -> np.ndarray:
        form = np.dtype(self._order + NUMBERS[kind])
        length = self._length()
        data = self._take(length * form.itemsize)
        return np.frombuffer(data, form).astype(form.newbyteorder("="))

    def _text(self) -> str | None:
        flags, length = struct.unpack_from(f"{self._order}ii", self._data, self._at)
        if flags & 0xFF != CHARS:
            raise RError("a text is none")
        self._at += 8
        if length < 0:
            return None
        raw, levels = self._take(length), flags >> 12
        if levels & BYTES:
            raise RError(f"a text is bytes without an encoding: {raw[:40]!r}")
        codec = "utf-8" if levels & (UTF8 | ASCII) else self._native
        try:
            return raw.decode("cp1252" if levels & LATIN1 else codec)
        except UnicodeDecodeError as error:
            words = f"a text is not in the encoding of its session, {codec}: {raw[:40]!r}"
            raise RError(f"{words} (`enc2utf8` in R makes it UTF-8)") from error

    def _length(self) -> int:
        length = self._int()
        if length == -1:
            high, low = self._int(), self._int()
            length = (high << 32) + (low & 0xFFFFFFFF)
        if length < 0 or length > len(self._data):  # none of its kinds takes less than a byte
            raise RError(f"a vector states {length:,} elements")
        return length

    def _int(self) -> int:
        (number,) = struct.unpack_from(f"{self._order}i", self._data, self._at)
        self._at += 4
        return int(number)

    def _take(self, size: int) -> bytes:
        data = self._data[self._at : self._at + size]
        if size < 0 or len(data) < size:
            raise RError("it ends too early")
        self._at += size
        return data


def read_objects(data: mmap.mmap | bytes, form: str) -> Mapping[str | None, RObject]:
    """Return the objects of a file by their names; that of an .rds has none.

    Args:
        form: rds or rdata.

    Raises:
        RError: it is cut off, or holds what is not read.
    """
    reader = _Reader(data, 0 if form == "rds" else 5)  # RDX3 and a line break
    try:
        reader.header()
        found = reader.item()
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise RError(f"it is damaged or cut off ({error})") from error
    if form == "rds":
        return {None: found}
    return dict(zip(found.texts("names"), found.values, strict=True))

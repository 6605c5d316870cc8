"""The text of layers, decoded from the bytes that the file has: nothing is replaced, ever.

GDAL gives ``?`` for what it cannot recode and passes on what is no UTF-8. Of a .dbf it is asked for
Latin-1, which is every byte as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from diffusion.errors import DiffusionError, EncodingError
from diffusion.files.encodings import FileEncodingError
from diffusion.files.other_encodings import CONTROLS, readings
from diffusion.tables.texts import texts_of

BYTES = "ISO-8859-1"  # GDAL's name of what has one character for each byte
# What CP1252 makes of letters in other code pages, in the middle of a word: `Rh“ne`
ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are no character
ODD = re.compile("(?<=[A-Za-z])[‚„†‡ˆ‰‹“”•™˜](?=[A-Za-z])|" + ESCAPED.pattern)


class _UnreadError(Exception):
    """A value that is not in the encoding, and why."""


@dataclass
class Texts:
    """The texts of one layer.

    Attributes:
        label: how errors name the layer.
        codec: of Python.
        bytewise: whether they come as Latin-1, a character for each byte.
        in_doubt: whether nothing states the codec: signs amid letters show that it is another.
        otherwise: the codec of values that are not in the first one, which nothing states then.
        may_declare: whether `encoding` states the codec.
        found: what is told of how the codec was found.
    """

    label: str
    codec: str = "utf-8"
    bytewise: bool = False
    in_doubt: bool = False
    otherwise: str | None = None
    may_declare: bool = False
    found: str = ""
    rows: int = 0  # that were read
    cut: dict[str, int] = field(default_factory=dict)  # values by column

    @property
    def gdal(self) -> str | None:
        """The encoding that GDAL is told."""
        return BYTES if self.bytewise else None

    def names(self, given: Sequence[str]) -> list[str]:
        """Return the names of columns.

        Raises:
            DiffusionError: one is not in the encoding.
        """
        if not self.bytewise:
            return list(given)
        raws = [name.encode("latin-1") for name in given]
        named = []
        for raw in raws:
            try:
                named.append(self._decoded(raw)[0])
            except _UnreadError as error:
                raise self._refused(raw, "a column's name", error) from error
        return named

    def column(self, values: pa.Array, name: str) -> pa.Array:
        """Return a column of a batch as it is meant; ``next`` counts the rows of the batch.

        Raises:
            DiffusionError: a value that is not in the encoding.
        """
        if isinstance(values, pa.ExtensionArray):
            values = values.storage
        if not _is_text(values.type) or self._is_plain(values):
            return values
        if (meant := self._as_utf8(values.cast(pa.string()))) is not None:
            return meant
        known = values.cast(pa.large_binary()).dictionary_encode()
        texts = []
        for at, raw in enumerate(known.dictionary.to_pylist()):
            raw = raw.decode("utf-8").encode("latin-1") if self.bytewise else raw
            try:
                text, is_cut = self._decoded(raw)
            except _UnreadError as error:
                row = self.rows + pc.index(known.indices, at).as_py() + 1
                raise self._refused(raw, f"`{name}` of record {row:,}", error) from error
            texts.append(text)
            if is_cut:
                times = pc.sum(pc.equal(known.indices, at)).as_py()
                self.cut[name] = self.cut.get(name, 0) + times
        return texts_of(texts).take(known.indices)

    def next(self, rows: int) -> None:
        """Go on to the next batch."""
        self.rows += rows

    def notes(self) -> tuple[str, ...]:
        """Return what is told: how the encoding was found, and characters that were cut."""
        cut = (
            f"`{name}`: {count:,} values end within a character, cut at the width of the field: "
            "they are without it"
            for name, count in self.cut.items()
        )
        return tuple(filter(None, [self.found, *cut]))

    def _is_plain(self, values: pa.Array) -> bool:
        """Return whether values are what they look like: ASCII, or valid where that is enough."""
        try:
            values.validate(full=True)
        except pa.ArrowInvalid:
            return False
        return not self.bytewise or pc.all(pc.string_is_ascii(values)).as_py() is not False

    def _as_utf8(self, values: pa.StringArray) -> pa.StringArray | None:
        """Return values whose bytes are UTF-8, all of them at once; None where one is not."""
        if not self.bytewise or self.codec != "utf-8" or self.otherwise or self.in_doubt:
            return None
        _, ends, data = values.buffers()
        places = np.frombuffer(ends, np.int32)[values.offset : values.offset + len(values) + 1]
        try:
            raw = data[places[0] : places[-1]].to_pybytes().decode("utf-8").encode("latin-1")
            has_controls = CONTROLS.search(raw.decode("utf-8"))
            sizes = pc.utf8_length(values)  # a character for each byte
            sizes = np.frombuffer(sizes.buffers()[1], np.int32)[sizes.offset :][: len(values)]
            places = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
            is_there = values.is_valid().buffers()[1] if values.null_count else None
            buffers = pa.py_buffer(places), pa.py_buffer(raw), is_there
            found = pa.StringArray.from_buffers(len(values), *buffers)
            found.validate(full=True)
        except (UnicodeError, pa.ArrowInvalid):
            return None
        # bytes behind a missing value are those of no other
        return None if has_controls or places[-1] != len(raw) else found

    def _decoded(self, raw: bytes) -> tuple[str, bool]:
        """Return a text, and whether it ends within a character, which is then left out."""
        end, in_doubt = len(raw), self.in_doubt
        try:
            text = raw.decode(self.codec)
        except UnicodeDecodeError as error:
            if self.otherwise:
                text, in_doubt = raw.decode(self.otherwise, "surrogateescape"), True
            elif error.end == end and re.search("unexpected end|incomplete", error.reason):
                end = error.start
                text = raw[:end].decode(self.codec)
            else:
                raise _UnreadError("cannot be read as it") from error
        if CONTROLS.search(text):
            raise _UnreadError("has control characters")
        if in_doubt and ODD.search(text):
            raise _UnreadError(f"would be {ESCAPED.sub('�', text)}")
        return text, end < len(raw)

    def _refused(self, raw: bytes, what: str, why: _UnreadError) -> DiffusionError:
        codec = self.otherwise or self.codec
        is_stated = not (self.in_doubt or self.otherwise)
        found = f"{what} is not {codec}: it {why}"
        fix = "ask its publisher for UTF-8, and once it is there set a new `vintage`"
        if self.may_declare:
            fix = readings(raw, codec if is_stated else "utf-8")
            return FileEncodingError(self.label, found, fix)
        return EncodingError(self.label, found, fix)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()

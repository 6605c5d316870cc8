"""Texts as an array of Arrow without pandas, which ``pa.array`` imports: a quarter of a second."""

from array import array
from collections.abc import Sequence
from functools import reduce
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LONGEST = 63  # bytes of a word by which it is told from texts: longer ones look alike


class Words:
    """Words to be found among many texts, few of which are one of them.

    Only texts are compared that begin with a byte as a word of their length does: others are passed
    by at a fifth of the cost.

    Args:
        words: which texts are.
        begins: with which they begin.
    """

    def __init__(self, words: Sequence[str], begins: Sequence[str] = ()):
        self._words, self._begins = texts_of(words), begins
        self._may_be = np.zeros((256, LONGEST + 1), bool)  # by first byte and length
        for word in map(str.encode, words):
            self._may_be[word[0], min(len(word), LONGEST)] = True
        for word in map(str.encode, begins):
            self._may_be[word[0], min(len(word), LONGEST) :] = True
        self._first = self._may_be.any(axis=1)

    def places(self, texts: pa.StringArray) -> pa.Int64Array:
        """Return where texts are that are one of the words, or begin with one."""
        near = self._near(texts)
        if not len(near):
            return near
        given = texts.take(near)
        begins = (pc.starts_with(given, pattern=word) for word in self._begins)
        return near.filter(reduce(pc.or_, begins, pc.is_in(given, value_set=self._words)))

    def _near(self, texts: pa.StringArray) -> pa.Int64Array:
        """Return where texts are that may be: what is missing is as long as it happens to be."""
        _, ends, data = texts.buffers()
        if not len(texts) or not data:
            return places_of(np.empty(0, np.int64))
        ends = np.frombuffer(ends, np.int32, len(texts) + 1, texts.offset * 4)
        first = np.frombuffer(data, np.uint8).take(ends[:-1], mode="clip")
        near = np.flatnonzero(self._first.take(first))
        if near.size:
            lengths = np.minimum(np.diff(ends)[near], LONGEST)
            kinds = first[near].astype(np.int64) * (LONGEST + 1) + lengths
            near = near[self._may_be.take(kinds)]
        return places_of(near)


def places_of(numbers: np.ndarray) -> pa.Int64Array:
    """Return numbers of rows as an array, which shares their memory."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def mask_of(rows: np.ndarray) -> pa.BooleanArray:
    """Return which rows are meant as Arrow has it."""
    bits = pa.py_buffer(np.packbits(rows, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(rows), [None, bits])


def texts_of(words: Sequence[str | None]) -> pa.StringArray:
    """Return texts, 2 GiB of them at most, as an array; None is a missing one."""
    encoded = [b"" if word is None else word.encode() for word in words]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    is_there = [word is not None for word in words]
    valid = None if all(is_there) else pa.py_buffer(np.packbits(is_there, bitorder="little"))
    return pa.StringArray.from_buffers(
        len(words), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)), valid
    )


def text_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns of text."""
    return [field.name for field in schema if pa.types.is_string(field.type)]


def bytes_of(texts: pa.StringArray) -> bytes:
    """Return the bytes of texts, and of those that they are a slice of, to be searched at once."""
    buffer = texts.buffers()[2]
    return buffer.to_pybytes() if buffer else b""

"""Texts as an array of Arrow without pandas, which ``pa.array`` imports: a quarter of a second."""

from array import array
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa


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

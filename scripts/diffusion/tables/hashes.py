"""Hashes of numbers of rows and of plain values, by which samples are drawn: by numpy, in no query.

Of a text they are of its length, and of its first bytes, those in the middle, and the last ones:
what differs elsewhere alone shares one. Which texts do is for those to see who draw a sample.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

WORD = 8  # bytes
MISSING = np.uint64(0xBF58476D1CE4E5B9)  # no small one: such rows leave a sample first
ODD = np.uint64(0x9E3779B97F4A7C15)
# of the bytes of a word that belong to a text, by how many these are
MASKS = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)


def hashes_of_places(first: int, count: int) -> np.ndarray:
    """Return a hash of each of some numbers of rows."""
    return _end(np.arange(first, first + count, dtype=np.uint64) * ODD)


def mixed(numbers: np.ndarray) -> np.ndarray:
    """Return a hash of each number: splitmix64, by which none that is common has a small one."""
    return _end((numbers + np.uint64(1)) * ODD)


def has_hashes(kind: pa.DataType) -> bool:
    """Whether values of a type have hashes here: texts, bytes, numbers, days and moments."""
    return _is_text(kind) or is_number(kind)


def hashes_of(column: pa.Array) -> np.ndarray:
    """Return the hash of each value; equal ones share it, and missing ones another one."""
    if not len(column):
        return np.empty(0, np.uint64)
    words = _words_of_texts(column) if _is_text(column.type) else _words_of_numbers(column)
    found = next(words)
    for word in words:
        found = found * ODD
        found ^= found >> np.uint64(32)
        found ^= word
    found = mixed(found)
    if column.null_count:
        found[~are_there(column)] = MISSING
    return found


def hashes_of_rows(batch: pa.RecordBatch, names: Sequence[str]) -> np.ndarray:
    """Return one hash of some columns, at least one, for each row."""
    *_, found = hashes_of_first(batch, names)
    return found


def hashes_of_first(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[np.ndarray]:
    """Yield for each row a hash of the first of some columns, of the first two, and so on."""
    found: np.ndarray | None = None
    for name in names:
        more = hashes_of(batch[name])
        found = more if found is None else mixed(found * ODD ^ more)
        yield found


def are_there(column: pa.Array) -> np.ndarray:
    """Return for each value whether it is there."""
    if not column.null_count:
        return np.ones(len(column), bool)
    bits = np.frombuffer(column.buffers()[0], np.uint8)
    end = column.offset + len(column)
    return np.unpackbits(bits, count=end, bitorder="little")[column.offset :].view(bool)


def different(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the different ones in order, where each comes first, and how many times it comes.

    As ``np.unique`` does, which imports all of ``numpy.ma``.
    """
    order = np.argsort(numbers, kind="stable")
    values = numbers[order]
    begins = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    return values[begins], order[begins], np.diff(begins, append=len(values))


def is_number(kind: pa.DataType) -> bool:
    """Whether values of a type are numbers, days or moments, all of whose bytes are hashed."""
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_date)
    return any(test(kind) for test in (*tests, pa.types.is_time, pa.types.is_timestamp))


def _end(found: np.ndarray) -> np.ndarray:
    """Return how splitmix64 ends; in place."""
    found ^= found >> np.uint64(30)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    return any(test(kind) for test in (*tests, pa.types.is_large_binary))


def _words_of_texts(column: pa.Array) -> Iterator[np.ndarray]:
    _, ends, data = column.buffers()
    width = 8 if column.type in (pa.large_string(), pa.large_binary()) else 4
    ends = np.frombuffer(ends, f"i{width}", len(column) + 1, column.offset * width)
    begins, lengths = ends[:-1], np.diff(ends)
    if not data or data.size < WORD:
        data = (data.to_pybytes() if data else b"") + bytes(WORD)
    words = np.ndarray(len(data) - WORD + 1, "<u8", data, strides=1)  # one begins at each byte
    masks = MASKS.take(lengths, mode="clip")
    rest = np.maximum(lengths - WORD, 0)
    yield lengths.astype(np.uint64)
    for at in (begins, begins + (rest >> 1), begins + rest):
        found = words[np.minimum(at, len(words) - 1)]
        short = np.flatnonzero(at >= len(words))  # the last text may end sooner than a word
        found[short] >>= (WORD * (at[short] - len(words) + 1)).astype(np.uint64)
        found &= masks
        yield found


def _words_of_numbers(column: pa.Array) -> Iterator[np.ndarray]:
    width, data = column.type.bit_width // 8, column.buffers()[1]
    if pa.types.is_floating(column.type):
        values = np.frombuffer(data, f"f{width}", len(column), column.offset * width)
        values = values + 0  # of two zeros one
        values[np.isnan(values)] = np.nan
        yield values.view(f"u{width}").astype(np.uint64)
        return
    size = min(width, WORD)
    of_each = width // size
    found = np.frombuffer(data, f"u{size}", len(column) * of_each, column.offset * width)
    for part in found.reshape(len(column), of_each).T:
        yield part.astype(np.uint64)

"""Equal values share a hash, others have another one, wherever their bytes are."""

import datetime
import decimal
import itertools
import random
import struct
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from diffusion.tables.hashes import has_hashes, hashes_of, hashes_of_places

DAY, NOON = datetime.date(2020, 2, 28), datetime.datetime(2020, 2, 28, 12)
TEXTS = [
    *("", "a", "b", "ab", "ba", "é", "12345678", "123456789", "023456789", "x" * 23, "x" * 24),
    *("abcdefgh_abcdefgh", "abcdefgh-abcdefgh", "\0", "\0\0", "a\0", "😀" * 9, "last"),
]
WHOLE = [0, 1, -1, 100, -128, 127]
VALUES = {
    **{kind: TEXTS for kind in (pa.string(), pa.large_string())},
    **{kind: list(map(str.encode, TEXTS)) for kind in (pa.binary(), pa.large_binary())},
    **{kind: WHOLE for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
    **{kind: [0, 1, 200, 255] for kind in (pa.uint8(), pa.uint64())},
    **{
        kind: [0.0, 1.5, -1.5, float("inf"), -float("inf")] for kind in (pa.float32(), pa.float64())
    },
    **{kind: [DAY, DAY.replace(year=1)] for kind in (pa.date32(), pa.date64())},
    **{
        kind: [NOON, NOON.replace(year=1)]
        for kind in (pa.timestamp("us"), pa.timestamp("s", "UTC"))
    },
    **{kind: [datetime.time(1), datetime.time(2)] for kind in (pa.time32("s"), pa.time64("us"))},
    **{
        kind: [Decimal(1), Decimal(-1), Decimal(9)]
        for kind in (pa.decimal128(38), pa.decimal256(60))
    },
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
@pytest.mark.parametrize("first", [0, 1, 7, 9])
def test_equal_values_share_a_hash_and_no_others(kind: pa.DataType, first: int) -> None:
    values = random.Random(first).choices([*VALUES[kind], None], k=80)
    array = pa.array(values, kind)
    for part in (array.slice(first), array.slice(first, 20), array.slice(first, 0)):
        hashes, given = hashes_of(part).tolist(), part.to_pylist()
        pairs = itertools.combinations(zip(given, hashes, strict=True), 2)
        assert all(
            (one == other) == (of_one == of_other) for (one, of_one), (other, of_other) in pairs
        )
        assert hashes == [hashes_of(part.slice(at, 1))[0] for at in range(len(part))]


def test_what_lies_below_a_missing_value_counts_for_nothing() -> None:
    valid = pa.py_buffer(bytes([0b0101]))
    numbers = pa.Array.from_buffers(
        pa.int64(), 4, [valid, pa.py_buffer(struct.pack("4q", *range(4)))]
    )
    texts = pa.Array.from_buffers(
        pa.string(), 4, [valid, pa.py_buffer(struct.pack("5i", *range(5))), pa.py_buffer(b"abcd")]
    )
    for array in (numbers, texts):
        assert array.to_pylist()[1::2] == [None, None]
        hashes = hashes_of(array)
        assert hashes[1] == hashes[3] and len(set(hashes.tolist())) == 3


def test_no_zero_and_no_nan_is_another() -> None:
    nans = [
        struct.unpack("d", struct.pack("Q", bits))[0] for bits in (0x7FF8 << 48, 0xFFF8 << 48 | 5)
    ]
    found = hashes_of(pa.array([0.0, -0.0, *nans, 1.0], pa.float64(), from_pandas=False))
    assert found[0] == found[1] and found[2] == found[3] and len(set(found.tolist())) == 3


@pytest.mark.parametrize("size", range(1, 30))
def test_a_text_that_ends_the_data(size: int) -> None:
    """Its words end where the data do, and hold nothing of what lies before or after it."""
    text = "abcdefghijklmnopqrstuvwxyz0123"[:size]
    alone, behind = pa.array([text]), pa.array(["before", text])
    assert hashes_of(alone)[0] == hashes_of(behind)[1]
    assert hashes_of(alone)[0] == hashes_of(pa.array([text, "after" * 9]))[0]


@pytest.mark.parametrize("kind", [pa.bool_(), pa.list_(pa.int64()), pa.null(), pa.duration("s")])
def test_others_have_none(kind: pa.DataType) -> None:
    assert not has_hashes(kind) and not has_hashes(pa.struct({"a": pa.string()}))


def test_hashes_are_spread() -> None:
    """Each half, quarter … of the numbers below a threshold is as large as it should be."""
    codes = pa.array([f"FR{n:09}" for n in range(100_000)])
    decimals = pa.array([decimal.Decimal(n) for n in range(100_000)], pa.decimal128(20))
    floats = pa.array([n / 4 for n in range(100_000)])
    for hashes in (*map(hashes_of, (codes, decimals, floats)), hashes_of_places(5, 100_000)):
        assert len(np.unique(hashes)) == 100_000
        for halved in range(1, 8):
            share = np.mean(hashes < np.uint64(1 << (64 - halved)))
            assert share == pytest.approx(2**-halved, rel=0.1)

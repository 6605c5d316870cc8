"""A text that ends within its last number: told where its size is that of whole blocks."""

import pytest

from conversions import Converter


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


@pytest.mark.parametrize(
    ("size", "end", "is_told"), [(8192, "", True), (8191, "", False), (8192, "\n", False)]
)
def test_a_size_of_whole_blocks_without_an_end_is_told(converter, size, end, is_told):
    rows = "code;value\n" + "".join(f"{n:04d};{n * 977 % 9973 + 10_000}\n" for n in range(900))
    data = rows[: size - len(end)] + end
    assert len(data) == size
    converter.convert(data)
    told = "8,192 bytes, a multiple of 4,096, as files that were cut off"
    assert (told in str(converter.notes().get("notes"))) is is_told

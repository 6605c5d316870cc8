"""Ends are those that Arrow finds, whatever is missing."""

import itertools
import math
import subprocess
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from diffusion.tables.ends import ends_of

FLOATS = [None, math.nan, math.inf, -math.inf, 0.0, 2.5, -7.0]


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()], ids=str)
def test_ends_are_as_arrow_finds_them(kind: pa.DataType) -> None:
    for size in range(4):
        for values in itertools.product(FLOATS, repeat=size):
            array = pa.array([5.0, *values, -5.0], kind, from_pandas=False)[1:-1]
            found = pc.min_max(array)
            wanted = [found[end].as_py() for end in ("min", "max") if found[end].is_valid]
            assert str(ends_of(array)) == str(wanted), values


def test_of_zeros_one_is_told() -> None:
    assert str(ends_of(pa.array([-0.0, 0.0]))) == "[0.0, 0.0]"


def test_other_types() -> None:
    assert ends_of(pa.array([3, None, -1])) == [-1, 3]
    assert ends_of(pa.array([Decimal("1.5"), Decimal("-2.5")])) == [Decimal("-2.5"), Decimal("1.5")]
    assert ends_of(pa.array([None, None], pa.int8())) == []


def test_pandas_stays_where_it_is() -> None:
    """Jobs do not import it."""
    code = """if True:
        import sys
        import pyarrow as pa
        from diffusion.tables.ends import ends_of
        buffers = [pa.py_buffer(bytes([1])), pa.py_buffer(bytes(16))]
        assert ends_of(pa.Array.from_buffers(pa.float64(), 2, buffers)) == [0.0, 0.0]
        assert "pandas" not in sys.modules"""
    subprocess.run([sys.executable, "-c", code], check=True)

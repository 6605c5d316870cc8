"""Rows sorted by the few columns that tell a sample apart give the bytes of the sort by all."""

import io
import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diffusion.convert import finishing
from diffusion.tables import ties

ROWS = 60_000
KEYS = {
    "columns": {"code": "string", "n": "int", "x": "float", "word": "string"},
    "sort_by": ["code"],
    "nulls": ["NA"],
}


def lines_of(tied: int) -> list[str]:
    """Rows in no order, of which the last have one code, and differ in numbers and words."""
    codes = [f"{n * 7919 % ROWS:06}" for n in range(ROWS - tied)] + ["none"] * tied
    return [f"{code},{n % 3 or 'NA'},-{n % 5}.0,w{n % 2}" for n, code in enumerate(codes)]


@pytest.mark.parametrize(("tied", "is_told"), [(0, False), (9_000, False), (30_000, True)])
def test_the_bytes_are_those_of_a_sort_by_all_columns(
    converter, caplog, monkeypatch, tied, is_told
):
    caplog.set_level("INFO")
    monkeypatch.setattr(ties, "MOST", 10_000)
    text = "\n".join(["code,n,x,word", *lines_of(tied), ""])
    by_all = converter.convert(text, **KEYS).read_bytes()
    assert "all columns are keys" not in caplog.text
    sorts: list = []
    monkeypatch.setattr(finishing, "LARGE", 1000)
    monkeypatch.setattr(finishing, "settled", lambda *a: sorts.append(a[2]) or ties.settled(*a))
    assert converter.convert(text, **KEYS).read_bytes() == by_all
    assert sorts == [["code"]]
    assert ("too many rows are equal in code" in caplog.text) == is_told
    assert converter.notes()["nulls"] == {"n": {"NA": ROWS // 3}}


def test_a_zero_has_no_sign_whether_rows_are_sorted_or_come_in_their_order(converter):
    rows = ["a,-0.0", "b,1.5", "c,-0.0"]
    for lines in (rows, rows[::-1]):
        text = "\n".join(["code,x", *lines, ""])
        found = converter.columns(text, columns={"x": "float"}, sort_by=["code"])
        assert list(map(str, found["x"])) == ["0.0", "1.5", "0.0"]


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()], ids=str)
def test_nan_has_one_pattern_of_bits(converter, kind):
    """No order tells two rows apart by its sign: the file would depend on threads."""
    size, quiet, sign = (
        ("I", 0x7FC0 << 16, 1 << 31) if kind.bit_width == 32 else ("Q", 0x7FF8 << 48, 1 << 63)
    )
    nans = [quiet, quiet | sign, quiet | sign | 5]
    given = pa.py_buffer(b"".join(struct.pack(size, nan) for nan in nans))
    values = pa.Array.from_buffers(kind, len(nans), [None, given])
    sink = io.BytesIO()
    pq.write_table(pa.table({"n": [1] * len(nans), "x": values}), sink)
    written = converter.table(sink.getvalue(), sort_by=["n"])["x"].combine_chunks()
    assert written.type == kind and written.null_count == 0
    assert written.buffers()[1].to_pybytes() == struct.pack(size, nans[0]) * len(nans)

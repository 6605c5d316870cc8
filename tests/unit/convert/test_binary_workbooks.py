"""Binary Excel workbooks: cells as in an .xlsx, and each file read by calamine, too."""

import datetime

import pytest

from binary_workbook import Error, xlsb
from conversions import refusal
from diffusion.files import xlsb as reader

HEAD = ["code", "nom", "jour", "moment", "duree", "part", "vrai", "err"]
FORMATS = ["00000", "General", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "[h]:mm:ss", "0.0%"]
FORMATS += ["General", "General"]
ROW = [1001, "Aé€", 45351.0, 45351.25, 1.25, 0.125, True, Error(0x2A)]


def test_cells_are_what_they_show(converter):
    read = converter.columns(
        xlsb([HEAD, ROW, [2, "b", 45352, 45352.0, 0.5, 1.5, False, "x"]], FORMATS)
    )
    assert read == {
        "code": ["01001", "00002"],
        "nom": ["Aé€", "b"],
        "jour": [datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)],
        "moment": [datetime.datetime(2024, 2, 29, 6), datetime.datetime(2024, 3, 1)],
        "duree": ["30:00:00", "12:00:00"],
        "part": [0.125, 1.5],
        "vrai": [True, False],
        "err": ["#N/A", "x"],
    }


def test_days_from_1904_and_merged_cells(converter):
    data = xlsb(
        [["a", "b"], [43889.0, 1], [None, 2]],
        ["dd/mm/yyyy", "0"],
        is_1904=True,
        merged=[(1, 2, 0, 0)],
    )
    assert converter.columns(data) == {"a": [datetime.date(2024, 2, 29), None], "b": [1, 2]}
    assert "1 merged cell of several rows" in converter.notes()["notes"][0]


def test_a_row_that_is_not_seen_is_missed(converter, monkeypatch):
    real = reader.text_of
    data = xlsb([["a", "b"], ["x", "y"], [None, "z"]])
    assert converter.table(data).num_rows == 2
    monkeypatch.setattr(reader, "text_of", lambda *cell: real(*cell).replace("z", ""))
    assert "3 rows with values, 2 were read" in refusal(converter, data)


@pytest.mark.parametrize("raw", [(1001 << 2) | 2, -7 << 2 | 2, (12345 << 2) | 3])
def test_short_numbers(raw):
    """An integer of 30 bits, below zero too, and one that is divided by 100."""
    data = bytes(8) + raw.to_bytes(4, "little", signed=True)
    expected = (raw >> 2) / (100 if raw & 1 else 1)
    assert reader.number_of(reader.RK, data) == expected

"""Numbers, days and truth of shapefiles: as the .dbf has them, or refused; GDAL takes any text."""

import datetime
import struct

import geopandas
import pytest
from shapely import Point

from conversions import refusal
from diffusion.convert.layers import dbf


def shapefile(converter, letter: str, width: int, decimals: int, *values: str):
    """Write a shapefile whose field `n` has values as they are given."""
    file = converter.folder / "a.shp"
    points = [Point(2, 48)] * len(values)
    geopandas.GeoDataFrame({"n": [0] * len(values)}, geometry=points, crs=4326).to_file(file)
    head = struct.pack("<BBBBIHH20x", 3, 124, 1, 1, len(values), 65, 1 + width)
    field = struct.pack("<11sc4xBB14x", b"n", letter.encode(), width, decimals)
    rows = "".join(" " + value.rjust(width) for value in values)
    file.with_suffix(".dbf").write_bytes(head + field + b"\r" + rows.encode() + b"\x1a")
    return file


DAY = datetime.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("kind", "values", "read"),
    [
        (("N", 5, 0), ["12", "1.5", "", "*****"], [12.0, 1.5, None, None]),
        (("N", 6, 0), ["12", "+3.", "-007"], [12, 3, -7]),
        (("N", 20, 0), ["12345678901234567890", "2"], ["12345678901234567890", "2"]),
        (("N", 20, 0), ["12", "2"], [12.0, 2.0]),
        (("N", 5, 0), ["01001", "75056"], ["01001", "75056"]),
        (("N", 5, 0), ["01001", "1.0"], ["01001", "1.0"]),
        (("N", 5, 2), ["01.50", "2"], [1.5, 2.0]),
        (("F", 12, 3), ["1.5e+03", ".5", "+2"], [1500.0, 0.5, 2.0]),
        (("L", 1, 0), ["1", "0", "T", "?", "n"], [True, False, True, None, False]),
        (("D", 8, 0), ["20240131", "00000000", "", "0"], [DAY, None, None, None]),
    ],
)
def test_values_are_what_the_file_has(converter, kind, values, read, monkeypatch):
    monkeypatch.setattr(dbf, "STEP", 2)
    file = shapefile(converter, *kind, *values)
    before = file.with_suffix(".dbf").read_bytes()
    table = converter.table(file)
    assert sorted(table["n"].to_pylist(), key=str) == sorted(read, key=str)
    assert file.with_suffix(".dbf").read_bytes() == before
    assert ("asterisks" in str(converter.notes().get("notes"))) == ("*****" in values)


@pytest.mark.parametrize(
    ("kind", "odd", "words"),
    [
        (("N", 12, 2), "1,50", "decimal comma"),
        (("F", 12, 2), "NULL", "no number"),
        (("N", 5, 0), "-", "no number"),
        (("N", 5, 0), ".", "no number"),
        (("N", 5, 0), "2A004", "no number"),
        (("N", 5, 0), "1 500", "no number"),
        (("N", 5, 0), "0x1F", "no number"),
        (("L", 1, 0), "O", "no truth value"),
    ],
)
def test_values_that_are_none(converter, kind, odd, words):
    """The record is shown, and the remedy gives the text."""
    file = shapefile(converter, *kind, "1", odd)
    said = refusal(converter, file)
    assert f"`n` of record 2 of a.dbf is {odd!r}" in said and words in said
    assert "`columns: {n: string}`" in said and "`drop: [n]`" in said
    read = converter.columns(file, columns={"n": "string"})
    assert sorted(read["n"]) == sorted(["1", odd])
    assert "n" not in converter.columns(file, drop=["n"])


def test_a_day_that_does_not_exist(converter):
    file = shapefile(converter, "D", 8, 0, "20240131", "20240230")
    assert "`n` of record 2 of a.dbf is '20240230': no day" in refusal(converter, file)
    read = converter.columns(file, columns={"n": "string"})
    assert read["n"] == ["2024-01-31", "2024-02-30"]
    converter.convert(file, columns={"n": "date"})
    assert converter.notes()["cast_failures"]["n"]["examples"]


def test_a_memo_is_another_file(converter):
    file = shapefile(converter, "M", 10, 0, "", "7")
    assert "`n` of record 2 of a.dbf is 7, the number of a block" in refusal(converter, file)
    assert "n" not in converter.columns(file, drop=["n"])


def test_zeros_in_front_are_told_and_may_be_declared_away(converter):
    file = shapefile(converter, "N", 5, 0, "01001", "75056")
    converter.convert(file)
    assert "`columns: {n: int}` makes numbers of them" in str(converter.notes()["notes"])
    assert sorted(converter.columns(file, columns={"n": "int"})["n"]) == [1001, 75056]


@pytest.mark.parametrize("letter", ["I", "O", "Y", "T", "@", "+"])
def test_binary_fields_of_later_versions(converter, letter):
    """GDAL takes their bytes for text."""
    file = shapefile(converter, letter, 8, 0, "abcdefgh")
    said = refusal(converter, file)
    assert f"the field `n` of a.dbf is of type {letter!r}, whose values are binary" in said
    assert "n" not in converter.columns(file, drop=["n"])

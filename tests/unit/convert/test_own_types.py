"""Columns that are not text by the types of their file: Parquet's and those of layers."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import raw, refusal
from diffusion.errors import DiffusionError


@pytest.fixture
def parquet(converter):
    """Write columns as Parquet."""

    def write(name: str = "raw.bin", **columns) -> object:
        path = converter.folder / name
        pq.write_table(pa.table(columns), path)
        return path

    return write


@pytest.mark.parametrize("columns", [{}, {"v": "int", "f": "float", "d": "date", "t": "timestamp"}])
def test_null_tokens_of_numbers_and_dates(converter, parquet, columns):
    file = parquet(
        v=[-999, 5],
        f=[-999.0, 5.5],
        c=pa.array([Decimal("-999"), Decimal("5.4")], pa.decimal128(9, 2)),
        d=[date(9999, 12, 31), date(2024, 1, 1)],
        t=pa.array([datetime(9999, 12, 31), datetime(2024, 1, 1, 1)], pa.timestamp("us")),
        b=[True, False],
        z=[b"-999", b"5"],
        n=[[-999], [5]],
    )
    table = converter.columns(file, nulls=["-999", "9999-12-31", "1", "5", "NA"], columns=columns)
    assert {name: table[name] for name in "vfcdtbzn"} == {
        "v": [None, None],
        "f": [None, 5.5],
        "c": [None, Decimal("5.4")],
        "d": [None, date(2024, 1, 1)],
        "t": [None, datetime(2024, 1, 1, 1)],
        "b": [True, False],
        "z": [b"-999", b"5"],
        "n": [[-999], [5]],
    }
    few, day = {"-999": 1}, {"9999-12-31": 1}
    nulls = {"v": {"-999": 1, "5": 1}, "f": few, "c": few, "d": day, "t": day}
    assert converter.notes()["nulls"] == nulls
    assert converter.notes()["cast_failures"] == {}


def test_null_tokens_of_one_column_of_a_layer(converter):
    point = {"type": "Point", "coordinates": [2.0, 48.0]}
    features = [
        {"type": "Feature", "properties": {"v": v, "w": v}, "geometry": point} for v in (-999, 5)
    ]
    layer = json.dumps({"type": "FeatureCollection", "features": features})
    columns = {"v": {"type": "int", "nulls": ["-999"]}}
    table = converter.columns(layer, columns=columns)
    assert set(zip(table["v"], table["w"], strict=True)) == {(None, -999), (5, 5)}


@pytest.mark.parametrize("kind", ["string", "category"])
def test_bytes_declared_text_are_utf_8_or_fail(converter, parquet, kind):
    file = parquet(b=["é".encode(), b"\xc3", b"-", b"", None])
    columns = {"b": {"type": kind, "nulls": ["-"]}}
    assert converter.columns(file, columns=columns) == {"b": ["é", None, None, None, None]}
    failure = converter.notes()["cast_failures"]["b"]
    assert (failure["failed"], failure["values"]) == (1, 2)
    assert failure["examples"] == [{"file": "raw.bin", "row": 2, "value": "\\xC3"}]
    assert converter.notes()["nulls"] == {"b": {"-": 1}}


def test_bytes_in_one_file_and_text_in_another(converter, parquet):
    files = parquet("0.bin", b=[b"\xc3", "é".encode()]), parquet("1.bin", b=["è", "-"])
    table = converter.columns(*files, columns={"b": {"nulls": ["-"]}})
    assert table == {"b": [None, "é", "è", None]}
    assert converter.notes()["cast_failures"]["b"]["failed"] == 1


@pytest.mark.parametrize("kind", ["string", "category", "float"])
@pytest.mark.parametrize("is_mixed", [False, True])
def test_nan_of_a_declared_column_is_no_value(converter, parquet, kind, is_mixed):
    files = [parquet("0.bin", f=[1.0, float("nan")])]
    files += [parquet("1.bin", f=[2])] if is_mixed else []
    table = converter.columns(*files, columns={"f": kind})
    values = [1.0, None, 2.0] if kind == "float" else ["1", None, "2"]
    assert table == {"f": values if is_mixed else values[:2]}
    assert converter.notes()["cast_failures"] == {}


def test_whole_numbers_in_one_file_and_floats_in_another(converter, parquet):
    files = parquet("0.bin", n=[1]), parquet("1.bin", n=[1.5])
    words = refusal(converter, *files)
    assert "int (BIGINT) in 0.bin and float (DOUBLE) in 1.bin" in words
    assert "`columns: {n: float}`, or `string` if they are codes" in words
    assert converter.columns(*files, columns={"n": "float"}) == {"n": [1.0, 1.5]}
    words = refusal(converter, *files, parquet("2.bin", n=["1"]))
    assert "`columns: {n: string}`" in words

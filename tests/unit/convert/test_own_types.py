"""Columns that are not text by the types of their file: Parquet's and those of layers."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pandas as pd
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


@pytest.mark.parametrize("columns", [{}, {"n": "int", "f": "float", "s": "string"}])
@pytest.mark.parametrize("decimal", [".", ","])
def test_null_tokens_of_numbers_that_are_text(converter, columns, decimal):
    """They are compared as numbers where the column is one."""
    keys = {"columns": columns, "nulls": ["-999", "NA"], "csv": {"decimal": decimal}}
    text = "n;f;s\n-999;-999.0;-999.0\n5;5.5;a\nNA;-999;b\n7;-99.0;c\n8;-999.00;-999\n"
    table = converter.columns(text.replace(".", decimal), **keys)
    assert table["n"] == [None, 5, None, 7, 8]
    assert table["f"] == [None, 5.5, None, -99.0, None]
    assert table["s"] == [f"-999{decimal}0", "a", "b", "c", None]
    known = {"n": {"-999": 1, "NA": 1}, "f": {"-999": 3}, "s": {"-999": 1}}
    assert converter.notes()["nulls"] == known
    assert converter.notes()["cast_failures"] == {}


def test_null_tokens_of_numbers_of_json(converter):
    records = '[{"f": -999.0, "s": "-999.0"}, {"f": 5.5, "s": "a"}, {"f": -999, "s": "-999"}]'
    table = converter.columns(records, nulls=["-999"])
    assert table == {"f": [None, 5.5, None], "s": ["-999.0", "a", None]}
    assert converter.notes()["nulls"] == {"f": {"-999": 2}, "s": {"-999": 1}}


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
    """As pandas: floats, where they hold each of the whole numbers; it is noted."""
    files = [parquet("0.bin", n=[1, 2**53]), parquet("1.bin", n=[1.5, None])]
    assert converter.columns(*files)["n"] == [1.0, 2.0**53, 1.5, None]
    assert "`n` is whole in some files, and float in others" in converter.notes()["notes"][0]
    batches = [[raw(file, file.stem)] for file in files]
    assert pq.read_table(converter.combined(batches))["n"].to_pylist() == [1.0, 2.0**53, 1.5, None]
    assert "`n` is whole in some files, and float in others" in converter.notes()["notes"][0]
    beyond = [parquet("2.bin", n=[2**53 + 1]), parquet("3.bin", n=[1.5])]
    assert "no float holds 9007199254740993 in 2.bin" in refusal(converter, *beyond)
    with pytest.raises(DiffusionError, match="no float holds 9007199254740993 in batch part-0"):
        converter.combined([[raw(file, file.stem)] for file in beyond])
    found = converter.columns(*beyond, columns={"n": "string"})
    assert found["n"] == ["9007199254740993", "1.5"]
    whole, half = pa.array([16777217], pa.int32()), pa.array([0.5], pa.float32())
    small = [parquet("4.bin", n=whole), parquet("5.bin", n=half)]
    assert converter.columns(*small)["n"] == [16777217.0, 0.5]


@pytest.mark.parametrize(
    ("one", "other", "kind", "values"),
    [
        ([1], ["x"], "string", ["1", "x"]),
        ([date(2024, 1, 2)], [datetime(2024, 1, 2, 3)], "timestamp", None),
        ([date(2024, 1, 2)], [datetime(2024, 1, 2)], "date", [date(2024, 1, 2)] * 2),
        ([1], [Decimal("1.50")], "string", ["1", "1.50"]),
        ([1], [True], "string", ["1", "true"]),
    ],
)
def test_what_an_error_names_can_be_declared(converter, parquet, one, other, kind, values):
    files = [parquet("0.bin", v=one), parquet("1.bin", v=other)]
    words = refusal(converter, *files)
    assert f"{{v: {kind}}}" in words or f"or `{kind}`" in words
    values = values or [datetime(2024, 1, 2), datetime(2024, 1, 2, 3)]
    assert converter.columns(*files, columns={"v": kind})["v"] == values


PARIS = pa.timestamp("us", "Europe/Paris")


@pytest.mark.parametrize("is_mixed", [False, True])
def test_the_day_of_a_moment_with_a_zone_is_refused(converter, parquet, is_mixed):
    """Midnight in Paris is the day before in UTC."""
    moments = pa.array([datetime(2024, 1, 5, 23)], pa.timestamp("us", "UTC")).cast(PARIS)
    files = [parquet("0.bin", d=moments)]
    files += [parquet("1.bin", d=["2024-01-06"])] if is_mixed else []
    words = refusal(converter, *files, columns={"d": "date"})
    assert "sources.t.columns.d: `d` of 0.bin holds moments with a time zone" in words
    assert "days differ by zone" in words
    assert "`columns: {d: timestamp}`" in words
    table = converter.columns(files[0], columns={"d": "timestamp"})
    assert table == {"d": [datetime(2024, 1, 5, 23)]}
    sql = words.split("`")[-2].replace(" d)", " TIMESTAMP '2024-01-05 23:00:00')")
    assert duckdb.sql(f"SELECT {sql}").fetchall() == [(date(2024, 1, 6),)]


def test_the_day_of_a_moment_with_a_zone_in_a_layer(converter):
    point = {"type": "Point", "coordinates": [2.0, 48.0]}
    moment = {"d": "2024-01-06T00:00:00+01:00"}
    feature = {"type": "Feature", "properties": moment, "geometry": point}
    layer = json.dumps({"type": "FeatureCollection", "features": [feature]})
    assert "days differ by zone" in refusal(converter, layer, columns={"d": "date"})


def test_durations_and_periods_are_no_bare_numbers(converter, parquet):
    field = {
        b"ARROW:extension:name": b"pandas.period",
        b"ARROW:extension:metadata": b'{"freq": "M"}',
    }
    period = pa.schema([pa.field("x", pa.int64(), metadata=field), ("k", pa.string())])
    pq.write_table(pa.table({"x": [648], "k": ["a"]}, schema=period), converter.folder / "p.bin")
    pandas = pd.DataFrame({"x": pd.period_range("2024-01", periods=1, freq="M"), "k": "a"})
    pandas.to_parquet(converter.folder / "pandas.bin")
    nested = pa.array([{"a": 1}], pa.struct([("a", pa.duration("s"))]))
    files = {
        "durations of milliseconds": parquet("d.bin", k=["a"], x=pa.array([7], pa.duration("ms"))),
        "durations of seconds": parquet("n.bin", k=["a"], x=nested),
        "periods of pandas' frequency `M` since 1970": converter.folder / "p.bin",
        "periods of pandas' frequency `M` since 1970:": converter.folder / "pandas.bin",
    }
    for words, file in files.items():
        refused = refusal(converter, file)
        assert f"`x` holds {words}" in refused
        assert "`drop: [x]`" in refused
        assert ("columns: {x: int}" in refused) == (file.name != "n.bin")
        assert converter.columns(file, drop=["x"]) == {"k": ["a"]}
    numbers = {"x": "int"}
    for name, value in {"d.bin": 7, "p.bin": 648, "pandas.bin": 648}.items():
        assert converter.columns(converter.folder / name, columns=numbers)["x"] == [value]


def test_null_tokens_in_several_batches(converter, parquet):
    files = parquet("0.bin", v=[-999, 5], b=[b"a", b"\xff"]), parquet("1.bin", v=[-999], b=[b"-"])
    batches = [[raw(file, file.stem)] for file in files]
    columns = {"b": {"nulls": ["-"]}}
    table = pq.read_table(converter.combined(batches, nulls=["-999"], columns=columns))
    assert table.to_pydict() == {"b": ["a", None, None], "v": [None, 5, None]}
    assert converter.notes()["nulls"] == {"v": {"-999": 2}, "b": {"-": 1}}
    assert converter.notes()["cast_failures"]["b"]["failed"] == 1


def test_negative_zero_is_zero(converter):
    """They are equal: no order tells two rows apart by them, and no reader should see two."""
    floats = pa.array([-0.0, 0.0, None], pa.float32())
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [0.0, -0.0, 1.0], "b": floats, "n": [1, 1, 2]}), sink)
    for data in (sink.getvalue(), "a;b;n\n0.0;-0.0;1\n-0.0;0.0;1\n1.0;;2\n"):
        table = converter.table(data, sort_by=["a"])
        assert str(table["a"].to_pylist()) == "[0.0, 0.0, 1.0]"
        assert str(table["b"].to_pylist()) == "[0.0, 0.0, None]"


def test_whole_floats_as_text(converter, parquet):
    """Neither `.0` nor an exponent: an identifier that a tool has made a float is one of digits."""
    data = (
        '[{"n": 1, "x": 1001.0}, {"n": 2, "x": "2A004"}, {"n": 3, "x": "7.0"}, {"n": 4, "x": 1.5}]'
    )
    found = converter.columns(data, columns={"x": "string"}, sort_by=["n"])
    assert found["x"] == ["1001", "2A004", "7.0", "1.5"]
    wide = parquet("0.bin", x=pa.array([2.0**60, -1e22, 1001.0, float("nan"), 0.5]))
    found = converter.columns(wide, columns={"x": "string"})["x"]
    expected = ["1152921504606846976", "-10000000000000000000000", "1001", None, "0.5"]
    assert set(found) == set(expected)

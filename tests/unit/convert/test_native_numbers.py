"""What columns say of texts (`decimal`, `thousands`, `unit`) does not change what is a number."""

import pyarrow as pa
import pyarrow.parquet as pq

from conversions import given

GROUPED = {"v": {"type": "float", "decimal": ",", "thousands": "."}}
SHARE = {"v": {"type": "float", "decimal": ",", "unit": "%"}}


def test_numbers_of_workbooks_json_and_parquet_are_read_as_they_are(converter):
    cells = given("xlsx", [["v"], [1.234], ["1.234,5"], [1234567]])
    assert converter.columns(cells, columns=GROUPED)["v"] == [1.234, 1234.5, 1234567.0]
    records = '[{"v": 1.234}, {"v": 1234.5}]'
    assert converter.columns(records, columns=GROUPED)["v"] == [1.234, 1234.5]
    pq.write_table(pa.table({"v": [0.1, 1.234]}), converter.folder / "a.parquet")
    assert converter.columns(converter.folder / "a.parquet", columns=GROUPED)["v"] == [0.1, 1.234]


def test_numbers_beside_texts_with_a_unit(converter):
    cells = given("xlsx", [["v"], [12.5], ["1,5 %"]])
    assert sorted(converter.columns(cells, columns=SHARE)["v"]) == [1.5, 12.5]
    assert converter.columns('[{"v": 12.5}]', columns=SHARE)["v"] == [12.5]


def test_null_tokens_are_compared_with_what_is_written(converter):
    spec = {"v": {"type": "int", "thousands": " "}}
    read = converter.columns("a;v\n1;1 234\n2;-9 999\n", columns=spec, nulls=["-9999"])
    assert read["v"] == [1234, None]
    text, nulls = "a;v\n1;12 %\n2;-999 %\n", {"-999": "nd"}
    read = converter.columns(text, columns=SHARE, nulls=nulls, status=["v"])
    assert (read["v"], read["v_status"]) == ([12.0, None], [None, "nd"])


def test_a_sum_of_more_digits_than_decimals_have_is_compared(converter):
    rows = ['{"k": "a", "n": null}'] * 2 + ['{"k": null, "n": 1e28}']
    table = converter.table("\n".join(rows), format="ndjson", columns={"n": "float"})
    assert table["n"].to_pylist() == [None, None, 1e28]

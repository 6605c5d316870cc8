"""A code that is a number in one Parquet file and text in another has one form, or none."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import refusal


@pytest.mark.parametrize("columns", [{}, {"code_insee": "string"}])
def test_a_code_that_lost_its_zeros(converter, tmp_path, columns):
    for name, values in (("a", [1001, 75056]), ("b", ["01001", "75056"])):
        pq.write_table(pa.table({"code_insee": values}), tmp_path / f"{name}.parquet")
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    words = refusal(converter, *files, columns=columns)
    assert "one code would have two forms" in words
    remedy = {"code_insee": {"type": "string", "pad": 5}}
    assert "`columns: {code_insee: {type: string, pad: 5}}`" in words
    found = converter.columns(*files, columns=remedy)
    assert sorted(found["code_insee"]) == ["01001", "01001", "75056", "75056"]
    pq.write_table(pa.table({"code_insee": ["69123", "75056"]}), files[1])
    found = converter.columns(*files, columns={"code_insee": "string"})
    assert found["code_insee"][2:] == ["69123", "75056"]

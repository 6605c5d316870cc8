"""Files of R: each column by its class, or refused by its name.

Those in `statistics` were written by R 4.
"""

import datetime
import gzip
from pathlib import Path

import pandas as pd
import pyreadr
import pytest

from conversions import refusal
from diffusion.convert import r_files
from diffusion.files.r_objects import read_objects

FILES = Path(__file__).parent / "statistics"
PLAIN = {
    "id": [1, None, 3],
    "x": [1.5, None, -1.0],
    "nom": ["Été", "NA", None],
    "ok": [True, None, False],
    "f": ["b", "a", None],
    "code": ["01001", "2A004", "75056"],
    "rond": [1, 2, None],
}


def test_a_data_frame(converter):
    """Factors are their levels, and no value is not the text NA."""
    assert converter.columns(FILES / "plain.rds") == PLAIN
    assert converter.columns(FILES / "odd.RData", table="plain") == PLAIN
    plain = gzip.decompress((FILES / "plain.rds").read_bytes())
    assert converter.columns(plain) == PLAIN  # as `compress = FALSE` writes it
    assert "has no effect" in refusal(converter, FILES / "plain.rds", table="plain")


def test_dates_stored_as_integers(converter):
    """As `as.Date(19782L)`: pyreadr, for one, reads them as 1970-01-01."""
    day, moment = datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 10, 0, 5)
    read = converter.columns(FILES / "odd.RData", table="days")
    assert read["jour"] == read["entier"] == [day, None]
    assert [m and m.replace(tzinfo=None) for m in read["moment"]] == [moment, None]
    assert read["duree"] == [1.5, None]
    notes = str(converter.notes()["notes"])
    assert "`moment`: moments in UTC, which R shows in Europe/Paris" in notes
    assert "`duree`: a duration, its number of hours" in notes


def test_integers_of_64_bits(converter):
    assert converter.columns(FILES / "odd.RData", table="long") == {"n": [1, 2]}


def test_forms_that_are_shorter(converter):
    """R holds 1:n and the text of numbers in a shorter form (ALTREP)."""
    assert converter.columns(FILES / "altrep.rds") == {"a": [1, 2, 3], "b": ["1", "2", "3"]}


def test_names_of_rows_are_a_column(converter):
    read = converter.columns(FILES / "odd.RData", table="named")
    assert read["rowname"] == ["Mazda RX4", "Mazda RX4 Wag"]
    assert "`rowname`: the names of the rows in R" in str(converter.notes()["notes"])


def test_one_of_several_objects_is_named(converter):
    said = refusal(converter, FILES / "odd.RData")
    assert "data frames: days, long, twice, nested, named, plain; other objects: lists" in said
    assert "`lists` is no data frame but: a list" in refusal(
        converter, FILES / "odd.RData", table="lists"
    )


def test_columns_that_no_table_has(converter):
    said = refusal(converter, FILES / "odd.RData", table="nested")
    assert "`l` is a list, which is no column of a table" in said
    assert "or leave it out: `drop: [l]`" in said
    assert converter.columns(FILES / "odd.RData", table="nested", drop=["l"]) == {"a": [1, 2]}
    assert "columns of one name: a" in refusal(converter, FILES / "odd.RData", table="twice")


def test_a_column_of_another_length_is_missed(converter, monkeypatch):
    real = r_files._plain
    monkeypatch.setattr(r_files, "_plain", lambda column: real(column)[:-1])
    said = refusal(converter, FILES / "plain.rds")
    assert "`id` has 2 values, the data frame 3 rows" in said


def test_pyreadr_sees_the_same(converter):
    """Files that another program writes, and that another one reads."""
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "é"], "c": [0.5, None, 2.0]})
    path = converter.folder / "a.rds"
    pyreadr.write_rds(path, frame)
    assert converter.columns(path) == {"a": [1, 2, 3], "b": ["x", None, "é"], "c": [0.5, None, 2.0]}
    theirs = pyreadr.read_r(FILES / "plain.rds")[None]
    ours = read_objects(gzip.decompress((FILES / "odd.RData").read_bytes()), "rdata")["plain"]
    assert list(theirs.columns) == ours.texts("names")
    assert list(theirs["code"]) == ours.values[5].values


def test_what_is_too_large_or_damaged(converter, monkeypatch):
    data = gzip.decompress((FILES / "plain.rds").read_bytes())
    assert "cannot be read: it " in refusal(converter, data[:-30])
    assert "a vector states" in refusal(converter, data.replace(b"\0\0\0\x07", b"\0\x10\0\x07", 1))
    monkeypatch.setattr(r_files, "MOST_BYTES", 100)
    said = refusal(converter, data)
    assert "an R file is read whole, and up to 100" in said
    assert "arrow::write_parquet(x" in said


@pytest.mark.parametrize("size", range(8, 60, 3))
def test_no_cut_is_a_traceback(converter, size):
    data = gzip.decompress((FILES / "plain.rds").read_bytes())
    assert refusal(converter, data[: len(data) * size // 60])

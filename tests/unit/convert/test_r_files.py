"""Files of R: each column by its class, or refused by its name.

Those in `statistics` were written by R 4.
"""

import datetime
import gzip
import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadr
import pytest

from conversions import refusal
from diffusion.convert.statistics import r_columns, r_files
from diffusion.files.r_objects import RError, read_objects
from diffusion.files.r_values import as_character

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
    real = r_columns._plain
    monkeypatch.setattr(r_columns, "_plain", lambda column: real(column)[:-1])
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


MORE = FILES / "more.RData"


def test_pointers_of_data_table_and_readr_are_passed_by(converter):
    assert converter.columns(MORE, table="ptr") == {"a": [1, 2]}


def test_values_that_spss_declares_missing_are_none(converter):
    read = converter.columns(MORE, table="spss")
    assert read == {"q": [1, 2, None, None, None]}  # 9, and 98 of 97 to 99
    assert "2 values that are declared missing are none" in str(converter.notes()["notes"])


def test_numbers_and_names_of_rows(converter):
    assert converter.columns(MORE, table="filtered") == {"n": [2, 5]}
    assert "rows are numbered 2, 5, … in R" in str(converter.notes()["notes"])
    assert converter.columns(MORE, table="taken") == {
        "rowname": ["x", "y"], "n": [1, 2], "rowname_": ["r1", "r2"],
    }  # fmt: skip
    converter.convert(MORE, table="ptr")
    assert "numbered" not in str(converter.notes().get("notes"))


def test_a_factor_beyond_its_levels_and_a_series(converter):
    assert "`f` is a factor with codes that none of its levels has" in refusal(
        converter, MORE, table="bad"
    )
    said = refusal(converter, MORE, table="serie")  # its times would be lost
    assert "`saveRDS(data.frame(time = as.numeric(time(serie)), as.data.frame(serie)), " in said


NA = np.frombuffer(np.array([0x7FF00000000007A2], "u8").tobytes(), "f8")[0]
NUMBERS = {
    "Inf": np.inf, "-Inf": -np.inf, "0": -0.0, "1e+05": 1e5, "123456": 123456.0, "NaN": np.nan,
    "1e-05": 1e-5, "0.1": 0.1, "1234567.5": 1234567.5, "1e+15": 1e15, "100": 100.0,
}  # fmt: skip


def test_texts_that_r_has_not_made_yet():
    """As `as.character` of R 4 prints them; it keeps the numbers until they are asked for."""
    given = np.array([*NUMBERS.values(), NA])
    assert as_character("double", given) == [*NUMBERS, None]


@pytest.mark.parametrize(("codec", "text"), [("CP1252", "café"), ("UTF-8", None)])
def test_texts_in_the_encoding_of_the_session(codec, text):
    """Of a text that states none, the third version of the format states that of R's session."""
    name = codec.encode()
    head = b"X\n" + struct.pack(">iii", 3, 0, 0) + struct.pack(">i", len(name)) + name
    data = head + struct.pack(">iiii", 16, 1, 9, 4) + "café".encode("cp1252")
    if text is None:
        with pytest.raises(RError, match=r"encoding of its session, utf-8.*enc2utf8"):
            read_objects(data, "rds")
    else:
        assert read_objects(data, "rds")[None].values == [text]


def written(order: str, head: bytes, name: str = "") -> bytes:
    """Return a data frame as R serialises it: `n` with a missing value, `t` of texts.

    Args:
        order: of bytes, as ``struct`` has it.
        name: of the object, in an .RData.
    """

    def ints(*numbers: int) -> bytes:
        return struct.pack(f"{order}{len(numbers)}i", *numbers)

    def text(value: str) -> bytes:
        return ints(0x40009, len(value)) + value.encode()

    def tagged(name: str, value: bytes) -> bytes:
        return ints(0x402, 1) + text(name) + value

    def texts(*values: str) -> bytes:
        return ints(16, len(values)) + b"".join(map(text, values))

    numbers = ints(14, 2) + struct.pack(f"{order}dQ", 1.5, 0x7FF00000000007A2)
    frame = ints(0x313, 2) + numbers + texts("", "x")
    frame += tagged("names", texts("n", "t")) + tagged("class", texts("data.frame"))
    frame += tagged("row.names", ints(13, 2, -(2**31), -2)) + ints(254)
    head = b"RDB3\n" * bool(name) + head + ints(3, 0x40300, 0x30500, 5) + b"UTF-8"
    return head + (tagged(name, frame) + ints(254) if name else frame)


@pytest.mark.parametrize(("order", "head"), [(">", b"X\n"), ("<", b"B\n"), (">", b"B\n")])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["", "df"])
def test_bytes_in_the_order_of_the_machine(converter, order, head, pack, name):
    found = converter.columns(pack(written(order, head, name)))
    assert found == {"n": [1.5, None], "t": [None, "x"]}


@pytest.mark.parametrize("data", [b"A\n3\n262657\n", b"RDA3\nA\n3\n262657\n"])
def test_text_of_r_is_named(converter, data):
    words = refusal(converter, data)
    assert "ascii = TRUE" in words and 'saveRDS(x, "x.rds")' in words

"""Files without a record, without a byte, without a column: each is told, none is silently gone."""

import pytest

from conversions import raw, refusal
from diffusion.errors import DiffusionError


@pytest.mark.parametrize(
    ("one", "empty", "options"),
    [
        ('[{"a": 1}]', "[]", {}),
        ("a,b\n1,2\n", "a,b\n", {}),
        ('{"a": 1}\n', "", {"format": "ndjson"}),
        ('{"r": [{"a": 1}]}', '{"r": []}', {"records": "r"}),
    ],
)
def test_a_file_without_records_among_others(converter, one, empty, options):
    assert converter.columns(one, empty, **options)["a"] == [1]
    assert converter.notes()["notes"] == ["1.bin: holds no record"]
    files = [converter.file(data, f"{n}.bin") for n, data in enumerate((one, empty))]
    converter.combined([[raw(file, file.stem)] for file in files], **options)
    assert converter.notes()["notes"] == ["1.bin: holds no record"]


def test_no_record_at_all(converter):
    for data, options in (("[]", {}), ('{"r": []}', {"records": "r"})):
        assert "the data hold no record at all" in refusal(converter, data, **options)
    assert converter.table("a,b\n").num_rows == 0
    assert "no records at `s`" in refusal(converter, '{"r": []}', records="s")


def test_no_byte(converter):
    for files in (["a,b\n1,2\n", ""], [""]):
        assert "the file is empty: it has 0 bytes" in refusal(converter, *files)


@pytest.mark.parametrize("options", [{"drop": ["a"]}, {"keep": "declared"}])
def test_no_column(converter, options):
    for data in ("a\n1\n", '[{"a": 1}]'):
        words = refusal(converter, data, **options)
        assert "no column is left" in words and "the data have: a" in words
        file = converter.file(data, "0.bin")
        with pytest.raises(DiffusionError, match="no column is left"):
            converter.combined([[raw(file, "0")]], **options)


def test_a_line_that_nobody_reads(converter):
    words = refusal(converter, f"a,b\n1,2\n3,{'x' * (9 << 20)}\n")
    assert "line 3 has more than 8,388,608 characters" in words

"""A header that is stated: right for one file of a source, and not silently wrong for another."""

import re

import openpyxl
import pyarrow.parquet as pq
import pytest
import yaml

from conversions import raw, refusal
from diffusion.errors import DiffusionError

BELOW_A_TITLE = "Population;;\n;;\ncode;n;lib\n01;1;a\n02;2;b\n"
AT_ONCE = "code;n;lib\n04;4;d\n05;5;e\n06;6;f\n07;7;g\n"
BARE = "01;1;a\n02;2;b\n03;3;c\n"


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        ([BELOW_A_TITLE, AT_ONCE], {"header": 3}, "row 3 of 1.bin (05, 5, e) is no header"),
        ([BELOW_A_TITLE, AT_ONCE], {"header": 3}, "the names of 0.bin stand in row 1 of it"),
        # a name in common, by chance
        (
            ["x;y;z\ncode;n;oui\n01;1;a\n", "code;nb;lib\n04;4;oui\n05;5;e\n06;6;e\n"],
            {"header": 2},
            "row 2 of 1.bin (04, 4, oui) is not the header of 0.bin, and",
        ),
        (
            [BARE, AT_ONCE],
            {"header": 0, "names": ["a", "b", "c"]},
            "row 1 of 1.bin looks like names",
        ),
    ],
)
def test_a_file_that_is_otherwise(converter, files, options, words):
    assert words in refusal(converter, *files, csv=options)
    batches = [[raw(converter.file(data, f"{n}.csv"), str(n))] for n, data in enumerate(files)]
    with pytest.raises(DiffusionError, match=r"csv\.header.*of batch part-1"):
        converter.combined(batches, csv=options)
    for data in files:
        converter.convert(data, csv=options)  # what is stated of one file is so


@pytest.mark.parametrize("axes", [True, False], ids=["partitions", "members"])
def test_a_header_by_file(converter, axes):
    """The error names the key, which then reads both: of files, and of partitions."""
    data = {"2020": BELOW_A_TITLE, "2021": AT_ONCE}
    names = {year: f"year={year}" if axes else f"{year}.csv" for year in data}
    files = [
        raw(converter.file(text, f"{year}.csv"), names[year], **({"year": year} if axes else {}))
        for year, text in data.items()
    ]
    with pytest.raises(DiffusionError) as refused:
        converter.combined([files], csv={"header": 3})
    stated = {names["2021"]: 1, "*": 3}
    said = re.search("`(csv: .*?)` \\(0", str(refused.value))[1]
    assert yaml.safe_load(said) == {"csv": {"header": stated}}
    converter.combined([files], csv={"header": stated})
    table = pq.read_table(converter.target)
    assert table["code"].to_pylist() == ["01", "02", "04", "05", "06", "07"]


def test_a_title_above_one_of_several_files(converter):
    """The doubt about it says how it is stated of that file alone; so does what comes of all."""
    files = {"a.csv": AT_ONCE, "b.csv": BELOW_A_TITLE}
    paths = [converter.file(text, name) for name, text in files.items()]
    assert 'state it of this one: `header: {"b.csv": …}`' in refusal(converter, *paths)
    words = refusal(converter, *paths, csv={"header": 3, "delimiter": ";"})
    assert "`csv: {header: {" in words
    found = converter.columns(*paths, csv={"header": {"b.csv": 3}})
    assert found["code"] == ["04", "05", "06", "07", "01", "02"]


def test_sheets_have_headers_of_their_own(converter):
    book = openpyxl.Workbook()
    book.active.title = "2020"
    for row in (["Population"], ["code", "n"], ["01", 1]):
        book.active.append(row)
    other = book.create_sheet("2021")
    for row in (["code", "n"], ["02", 2]):
        other.append(row)
    book.save(path := converter.folder / "book.xlsx")
    keys = {"sheets": ["2020", "2021"], "header": {"*2020": 2, "*2021": 1}}
    assert converter.columns(path, xlsx=keys)["code"] == ["01", "02"]


def test_files_that_differ_in_columns_only(converter):
    """As without a statement: they are put together by the names of their columns."""
    wider = "Population 2021;;;\n;;;\ncode;n;lib;plus\n01;1;a;1\n02;2;b;2\n"
    found = converter.columns(BELOW_A_TITLE, wider, csv={"header": 3})
    assert found["plus"] == [None, None, 1, 2]
    years = "t;;\ncode;2020;2021\n01;1;2\n", "t;;\ncode;2021;2022\n01;1;2\n"
    assert converter.columns(*years, csv={"header": 2})["2022"] == [None, 2]


def test_workbooks(converter):
    paths = []
    for name, above in (("a", [["Population"], []]), ("b", [])):
        book = openpyxl.Workbook()
        rows = [["code", "n"], ["04", 4], ["05", 5], ["06", 6]]
        for row in above + rows:
            book.active.append(row)
        paths.append(converter.folder / f"{name}.xlsx")
        book.save(paths[-1])
    words = refusal(converter, *paths, xlsx={"header": 3})
    assert "row 3 of b.xlsx (05, 5) is no header: the names of a.xlsx stand in row 1" in words
    assert converter.columns(paths[0], xlsx={"header": 3})["code"] == ["04", "05", "06"]

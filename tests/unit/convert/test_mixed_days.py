"""Days that some files write in one way and others in another are told, with a value of each."""

import datetime
import zipfile
from collections.abc import Mapping

import openpyxl
import pytest

from conversions import Converter

ISO = "j;v\n2024-03-01;1\n2024-03-02;2\n"
DAYS = "j;v\n01/03/2024;1\n25/03/2024;2\n"
MONTHS = "j;v\n03/01/2024;1\n03/25/2024;2\n"
BOTH = "j;v\n01/03/2024;1\n"  # nothing shows what stands first


def alerts(converter: Converter, texts: Mapping[str, str], **keys: object) -> list[str]:
    with zipfile.ZipFile(converter.folder / "a.zip", "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    source = {"from": "archive", "member": "*", "members": "many"} | keys
    converter.convert(converter.folder / "a.zip", **source)
    return converter.notes().get("alerts", [])


@pytest.mark.parametrize(
    ("other", "shown", "form", "end"),
    [
        (DAYS, "01/03/2024", "%d/%m/%Y", "`"),
        (DAYS.replace("/", "."), "01.03.2024", "%d.%m.%Y", "`"),
        (MONTHS, "03/01/2024", "%m/%d/%Y", "`"),
        (BOTH, "01/03/2024", "%d/%m/%Y", "with `%m` before `%d`"),
        ("j;v\nhier;0\n" + DAYS[4:], "01/03/2024", "%d/%m/%Y", "`"),  # a word stands for none
    ],
)
def test_two_ways_are_told_with_their_files(converter, other, shown, form, end):
    texts = {"a.csv": ISO, "b.csv": other}
    (words,) = alerts(converter, texts)
    assert "`2024-03-01` (where `member` is `a.csv`)" in words
    assert f"`{shown}` (where `member` is `b.csv`)" in words
    remedy = f'{{type: date, formats: ["%Y-%m-%d", "{form}"]}}'
    assert f"`columns: {{j: {remedy}}}`" in words and words.endswith(end)
    column = {"type": "date", "formats": ["%Y-%m-%d", form], "nulls": ["hier"]}
    assert alerts(converter, texts, columns={"j": column}) == []
    read = converter.columns(
        converter.folder / "a.zip",
        **{"from": "archive", "member": "*", "members": "many", "columns": {"j": column}},
    )
    assert read["j"].count(datetime.date(2024, 3, 1)) == 2  # once in each file


def test_two_orders_are_told(converter):
    (words,) = alerts(converter, {"a.csv": DAYS, "b.csv": MONTHS})
    assert "before the month in `25/03/2024` (where `member` is `a.csv`)" in words
    assert "behind it in `03/25/2024` (where `member` is `b.csv`)" in words


def test_moments_beside_days(converter):
    hours = "j;v\n01/03/2024 10:00;1\n25/03/2024 11:30;2\n"
    (words,) = alerts(converter, {"a.csv": ISO, "b.csv": hours})
    assert 'type: timestamp, formats: ["%Y-%m-%d", "%d/%m/%Y %H:%M"]' in words


@pytest.mark.parametrize(
    "texts",
    [
        {"a.csv": ISO, "b.csv": "j;v\n12 rue;1\n25/03/2024;1\n"},  # no days
        {"a.csv": DAYS, "b.csv": BOTH},
        {"a.csv": "j;v\n13-05-44;1\n", "b.csv": "j;v\n05-13-44;1\n"},  # codes
        {"a.csv": "j;v\n01 02;1\n", "b.csv": "j;v\n3;1\n"},
        {"a.csv": ISO, "b.csv": "j;v\n45-99-2021;1\n"},  # numbers of orders
        {"a.csv": DAYS, "b.csv": "j;v\n99887766;1\n"},
    ],
)
def test_nothing_is_told_of_others(converter, texts):
    assert alerts(converter, texts) == []


def test_the_day_stands_first_without_signs(converter):
    texts = {"a.csv": "j;v\n13022020;1\n", "b.csv": DAYS}
    (words,) = alerts(converter, texts)
    assert 'formats: ["%d%m%Y", "%d/%m/%Y"]' in words


def test_what_is_declared_is_as_it_was_meant(converter):
    assert alerts(converter, {"a.csv": ISO, "b.csv": DAYS}, columns={"j": "string"}) == []


@pytest.mark.parametrize("odd", ["0000-00-00", "2023-02-30"])
def test_a_day_that_is_none(converter, odd):
    text = f"j;v\n2024-03-01;1\n{odd};2\nnd;3\n"
    converter.convert(text, nulls=["nd"])
    (words,) = converter.notes()["alerts"]
    assert f"`j` is text, as `{odd}` is no day; if it stands for none" in words
    columns = {"j": {"type": "date", "nulls": [odd]}}
    assert f'`columns: {{j: {{type: date, nulls: ["{odd}"]}}}}`' in words
    read = converter.columns(text, nulls=["nd"], columns=columns)["j"]
    assert read == [datetime.date(2024, 3, 1), None, None]


def test_zones_that_some_state(converter):
    text = "j;v\n2024-03-01T10:00:00Z;1\n2024-03-02T10:00:00+01:00;2\n2024-03-03T10:00:00;3\n"
    converter.convert(text)
    (words,) = converter.notes()["alerts"]
    assert "and others do not, as `2024-03-03T10:00:00`; those may be UTC or local time" in words
    converter.convert(text.replace("00;3", "00Z;3"))
    assert "alerts" not in converter.notes()


def test_hours_of_two_times_twelve(converter):
    text = "j;v\n01/02/2024 01:30:00 PM;1\n01/13/2024 11:00:00 AM;2\n"
    converter.convert(text)
    remedy = '`columns: {j: {type: timestamp, format: "%m/%d/%Y %I:%M:%S %p"}}`'
    assert remedy in str(converter.notes()["notes"])
    columns = {"j": {"type": "timestamp", "format": "%m/%d/%Y %I:%M:%S %p"}}
    assert converter.columns(text, columns=columns)["j"][0] == datetime.datetime(2024, 1, 2, 13, 30)


def test_days_and_moments_of_a_workbook(converter):
    """Cells of one column whose number formats show a time, or none."""
    book = openpyxl.Workbook()
    for row in (["j"], [datetime.datetime(2024, 1, 1)], [datetime.datetime(2024, 2, 1)]):
        book.active.append(row)
    book.active["A2"].number_format = "mmm-yy"
    book.save(converter.folder / "a.xlsx")
    converter.convert(converter.folder / "a.xlsx")
    (words,) = converter.notes()["alerts"]
    assert "declare `columns: {j: timestamp}`" in words
    read = converter.columns(converter.folder / "a.xlsx", columns={"j": "timestamp"})["j"]
    assert read == [datetime.datetime(2024, 1, 1), datetime.datetime(2024, 2, 1)]

"""Formats of dates: for text only, with the zone in any form, and wrong ones known at once."""

import datetime
import re
from datetime import date, time

import pytest
import yaml

from conversions import refusal, source_of, workbook
from diffusion.config.resolve import ConfigError


def declared(form: str, kind: str = "date") -> dict:
    return {"columns": {"d": {"type": kind, "format": form}}}


def test_cells_that_are_dates_need_no_format(converter):
    """Neither is the first of March taken for the third of January."""
    real = date(2024, 3, 1)
    data = workbook(real, "01/03/2024", datetime.datetime(2024, 3, 1, 7, 30), None)
    for form, text in (("%d/%m/%Y", date(2024, 3, 1)), ("%m/%d/%Y", date(2024, 1, 3))):
        assert converter.columns(data, **declared(form))["d"] == [real, text, real, None]
        assert "its `format` is for the others" in converter.notes()["notes"][0]
    assert converter.columns(workbook("01/03/2024"), **declared("%d/%m/%Y"))["d"] == [real]
    assert "notes" not in converter.notes()
    moment = datetime.datetime(2024, 3, 1, 7, 30)
    words = refusal(converter, workbook(moment), **declared("%d/%m/%Y", "timestamp"))
    assert "2024-03-01 07:30:00, which `%d/%m/%Y` does not hold" in words
    assert converter.columns(workbook(moment), columns={"d": "timestamp"})["d"] == [moment]


def test_years_of_two_digits(converter):
    """Of a birth in 1945 no reader can see the century: it is never guessed."""
    spec = {"type": "date", "format": "%d/%m/%y"}
    past = "d\n29/02/96\n01/02/25\n"
    assert converter.columns(past, columns={"d": spec})["d"] == [
        date(1996, 2, 29),
        date(2025, 2, 1),
    ]
    data = f"{past}01/02/45\n"
    words = refusal(converter, data, columns={"d": spec})
    assert "its latest day, 2045-02-01, is after the vintage (2025-03-19)" in words
    assert "`first_year: 1926` reads that day as one of 1945, `first_year: 1969` as one" in words
    for first, year in ((1926, 1945), (1969, 2045)):
        found = converter.columns(data, columns={"d": {**spec, "first_year": first}})["d"]
        assert found == [date(1996, 2, 29), date(2025, 2, 1), date(year, 2, 1)]
    leap = {**spec, "type": "timestamp", "first_year": 1900}
    converter.convert("d\n29/02/00\n28/02/00\n", columns={"d": leap})
    assert converter.notes()["cast_failures"]["d"]["failed"] == 1, "1900 has no such day"
    with pytest.raises(ConfigError, match="no format has years of two digits"):
        source_of(columns={"d": {**spec, "format": "%d/%m/%Y", "first_year": 1926}})


def test_zones(converter):
    values = ["02/01/2024 03:04 Z", "02/01/2024 03:04 UTC", "02/01/2024 05:04 +02:00"]
    data = "d;n\n" + "".join(f"{value};1\n" for value in values)
    found = converter.columns(data, **declared("%d/%m/%Y %H:%M %z", "timestamp"))
    assert found["d"] == [datetime.datetime(2024, 1, 2, 3, 4)] * 3


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("%q", "`%q` is no sign of a format"),
        ("%d/%m/%", "`%` is no sign of a format"),
        ("dd/mm/yyyy", "write `%d/%m/%Y`, if that is meant"),
        ("JJ/MM/AAAA", "write `%d/%m/%Y`, if that is meant"),
        ("%d/%m", "states no year"),
        ("%d/%m %g", "states no year"),
        ("%d/%M/%Y", "(`%M`) and no hours [option]\n  → write `%d/%m/%Y`, if the month is meant"),
        ("%Y%M%d", "write `%Y%m%d`, if the month is meant"),
        ("%d/%m/%Y %h:%M", "states minutes (`%M`) and no hours [option]\n  → add the hours, `%H`"),
        ("%d/%Y", "states a day (`%d`) and no month"),
        ("%Y-%m %H:%M", "states hours (`%H`) and no day"),
        ("%-d%m%Y", "`%-d` has one digit or two, and `%m` follows at once"),
        ("%Y%-m%-d", "write `%Y%m%d`: what lacks a zero is not read"),
    ],
)
def test_a_wrong_format_is_a_mistake_of_the_configuration(form, words):
    with pytest.raises(ConfigError) as raised:
        source_of(**declared(form))
    assert words in str(raised.value)
    assert "sources.t.columns.d.format" in str(raised.value)


@pytest.mark.parametrize(
    "form", ["%Y", "%Y-%m", "%-d/%-m/%y", "%c", "%G-W%V-%u", "100%% %Y%j", "%Y%m%-d"]
)
def test_what_duckdb_knows(converter, form):
    converter.convert("d;n\nx;1\n", **declared(form))


def test_the_last_day_of_a_leap_year_only(converter):
    data = "d;n\n2024-366;1\n2023-366;2\n2023-365;3\n"
    found = converter.columns(data, **declared("%Y-%j"), sort_by=["n"])
    assert found["d"] == [date(2024, 12, 31), None, date(2023, 12, 31)]
    assert converter.columns("d;n\n24060;1\n", **declared("%y%j"))["d"] == [date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("%Y%m%d", {"20241102": date(2024, 11, 2)}, ["2024112", "241102", "202411021"]),
        ("%d%m%Y", {"02112024": date(2024, 11, 2)}, ["2112024"]),
        ("%Y%m", {"202401": date(2024, 1, 1)}, ["20241"]),
        ("%Y%m%-d", {"2024112": date(2024, 11, 2), "20241112": date(2024, 11, 12)}, ["202412x"]),
        ("%d%b%Y", {"2Jan2024": date(2024, 1, 2)}, []),
        ("%G-W%V-%u", {"2024-W01-1": date(2024, 1, 1), "2020-W53-7": date(2021, 1, 3)},
         ["2024-W53-7", "2024-W00-1"]),
        ("%Y-%W-%u", {"2024-12-1": date(2024, 3, 18)}, ["2025-53-1", "2024-00-1"]),
    ],
)  # fmt: skip
def test_numbers_of_a_format_have_all_their_digits_and_exist(converter, form, good, bad):
    data = "d;n\n" + "".join(f"{text};{n}\n" for n, text in enumerate([*good, *bad]))
    found = converter.columns(data, **declared(form), sort_by=["n"])
    assert found["d"] == [*good.values(), *[None] * len(bad)]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("%H%M", {"0130": time(1, 30)}, ["130", "13000"]),
        ("%H%M%S", {"143000": time(14, 30)}, ["13000"]),
        ("%Hh%M", {"9h05": time(9, 5)}, []),
        ("%H:%M:%S.%f", {"9:05:01.5": time(9, 5, 1, 500000)}, []),
        ("%H%M%S%f", {"0905015": time(9, 5, 1, 500000)}, ["905015"]),
    ],
)
def test_numbers_of_a_time_have_all_their_digits(converter, form, good, bad):
    data = "d;n\n" + "".join(f"{text};{n}\n" for n, text in enumerate([*good, *bad]))
    keys = {**declared(form), "columns": {"d": {"type": "time", "format": form}}}
    found = converter.columns(data, **keys, sort_by=["n"])
    assert found["d"] == [*good.values(), *[None] * len(bad)]


def test_days_and_months_that_a_spreadsheet_exchanged(converter):
    """A French file that was opened with American settings: 02/03/2024 is the third of February."""
    data = workbook(date(2024, 3, 2), "13/02/2024", date(2024, 11, 2), "25/02/2024", None)
    said = refusal(converter, data, **declared("%d/%m/%Y"))
    assert "all of a day up to 12 (row 2: 2024-03-02), and texts that are all of a later" in said
    exchanged, as_they_are = re.findall(r"`formats: (\[.*?\])`", said)
    texts = [date(2024, 2, 13), date(2024, 2, 25)]
    for formats, dates in (
        (exchanged, [date(2024, 2, 3), date(2024, 2, 11)]),
        (as_they_are, [date(2024, 3, 2), date(2024, 11, 2)]),
    ):
        columns = {"d": {"type": "date", "formats": yaml.safe_load(formats)}}
        read = converter.columns(data, columns=columns, sort_by=["n"])["d"]
        assert read == [dates[0], texts[0], dates[1], texts[1], None]
        assert "notes" not in converter.notes()


@pytest.mark.parametrize(
    "values",
    [
        (date(2024, 3, 2), "13/02/2024", "01/02/2024"),  # a text that both orders read
        (date(2024, 3, 2), "13/02/2024", date(2024, 2, 13)),  # a day that is no month
        (date(2024, 2, 2), "13/02/2024"),  # the same in both orders
    ],
)
def test_days_and_months_that_nothing_exchanged(converter, values):
    read = converter.columns(workbook(*values), **declared("%d/%m/%Y"))["d"]
    assert read[:2] == [values[0], date(2024, 2, 13)]


def test_dates_among_texts_are_told(converter):
    """A spreadsheet makes the second of May of the class 2-5."""
    read = converter.columns(workbook("0-1", date(2024, 5, 2), "10-19"))["d"]
    assert read == ["0-1", "2024-05-02", "10-19"]
    [note] = converter.notes()["notes"]
    assert "`d` has cells that are dates (1, such as 2024-05-02) among others (`0-1`)" in note
    converter.convert(workbook(date(2024, 5, 2), "n.d."))
    assert "notes" not in converter.notes()

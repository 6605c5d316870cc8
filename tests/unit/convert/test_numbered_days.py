"""Days and moments that are numbers are told, and what is told makes days of them."""

import datetime
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from conversions import Converter

WRITTEN = [20240131, 20231201, 20240229]
MOMENTS = [datetime.datetime(2024, 1, 31, 12), datetime.datetime(2023, 12, 1)]
EPOCH = [1706702400, 1701388800]


def csv(name: str, numbers: list) -> str:
    return f"{name};n\n" + "".join(f"{number};{n}\n" for n, number in enumerate(numbers))


def as_json(name: str, numbers: list) -> str:
    return json.dumps([{name: number, "n": n} for n, number in enumerate(numbers)])


def parquet(converter: Converter, name: str, numbers: list) -> object:
    path = converter.folder / "given.parquet"
    pq.write_table(pa.table({name: numbers, "n": list(range(len(numbers)))}), path)
    return path


def notes(converter: Converter, data: object, **keys: object) -> list[str]:
    converter.convert(data, **keys)
    return [note for note in converter.notes().get("notes", []) if "it seems (`columns:" in note]


def written(form: str, converter: Converter, name: str, numbers: list) -> object:
    if form == "parquet":
        return parquet(converter, name, numbers)
    return csv(name, numbers) if form == "csv" else as_json(name, numbers)


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
@pytest.mark.parametrize(
    ("name", "numbers", "days"),
    [
        ("date_mutation", WRITTEN, ["2024-01-31", "2023-12-01", "2024-02-29"]),
        ("jour", WRITTEN, ["2024-01-31", "2023-12-01", "2024-02-29"]),
        ("DATE", [45322, 45261], ["2024-01-31", "2023-12-01"]),
        ("obs_date", [45322.5, 45261.0], MOMENTS),
        ("timestamp", EPOCH, MOMENTS),
        ("dateHeure", [1000 * n for n in EPOCH], MOMENTS),
    ],
)
def test_told_with_what_makes_them_days(converter, form, name, numbers, days):
    data = written(form, converter, name, numbers)
    (note,) = notes(converter, data)
    assert note.startswith(f"`{name}` has numbers, such as {numbers[0]}: ")
    [remedy] = re.findall(r"`(columns: .*?)` makes them days", note)
    keys = yaml.safe_load(remedy)
    found = converter.columns(data, **keys)[name]
    expected = [datetime.date.fromisoformat(d) if isinstance(d, str) else d for d in days]
    assert found == expected
    assert not converter.notes().get("cast_failures")
    assert notes(converter, data, **keys) == []


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("montant", WRITTEN),  # not named so
        ("date", [20240131, 20240230]),  # of a day that is none
        ("date", [20240131, 20241301]),
        ("date", [2023, 2024]),
        ("date", [45322, 7]),
        ("jours", [45322, 45261]),  # so many days
        ("date", [19723, 20454]),  # R counts from 1970, SAS from 1960
        ("data_bytes", EPOCH),
        ("tag_id", EPOCH),
        ("date", [10**18, 2 * 10**18]),
    ],
)
def test_what_may_be_something_else(converter, name, numbers):
    assert notes(converter, csv(name, numbers)) == []


def test_not_a_number_is_no_part_of_a_day(converter):
    (note,) = notes(converter, parquet(converter, "date", [45322.0, float("nan")]))
    assert "{date: {type: date, format: excel}}" in note


def test_declared_ones_are_what_is_declared(converter):
    assert notes(converter, csv("date", WRITTEN), columns={"date": "int"}) == []


def test_missing_values_and_several_batches(converter):
    many = [*WRITTEN * 30_000, None]
    (note,) = notes(converter, parquet(converter, "date", many))
    assert "days written as year, month, day, it seems" in note
    assert notes(converter, parquet(converter, "date", [*many, 20240230])) == []
    assert notes(converter, parquet(converter, "date", [None, None])) == []
    assert notes(converter, parquet(converter, "date", [float("nan"), None])) == []
    assert notes(converter, parquet(converter, "date", pa.array([2**64 - 1], pa.uint64()))) == []

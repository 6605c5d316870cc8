"""Numbers and days that stand for no value are told, and what is told takes them out."""

import json

import pytest
import yaml

from conversions import Converter

DAYS = ["2019-01-01", "2020-05-05", "2021-07-01"]
ODD = {
    "below 0": (["12", "-999", "13", "0"], "-999", "int"),
    "floats": (["12.5", "-999.0", "13", "0"], "-999", "float"),
    "far above": (["12", "9999", "13", "0"], "9999", "int"),
    "a year": (["2019", "9999", "2020", "2021"], "9999", "int"),
    "no end": ([*DAYS, "9999-12-31"], "9999-12-31", "date"),
    "no beginning": ([*DAYS, "1900-01-01"], "1900-01-01", "date"),
}


def text(values: list[str]) -> str:
    return "k;v\n" + "".join(f"x{n};{value}\n" for n, value in enumerate(values * 4))


@pytest.mark.parametrize("name", ODD)
def test_what_may_be_no_value(converter: Converter, name: str) -> None:
    values, odd, kind = ODD[name]
    converter.convert(text(values))
    [alert] = converter.notes()["alerts"]
    assert alert.startswith(f"`v` is {odd} 4 times, far from all other values (")
    columns = yaml.safe_load(alert[alert.index("`columns: ") + 1 : -1])["columns"]
    assert columns == {"v": {"type": kind, "nulls": [odd]}}
    table = converter.table(text(values), columns=columns)
    assert table["v"].null_count == 4 and "alerts" not in converter.notes()
    assert not converter.notes()["cast_failures"]


@pytest.mark.parametrize(
    "values",
    [
        ["12", "-9", "-4", "0"],  # others are below 0, too
        ["12", "9999", "5000", "0"],
        ["99", "98", "12", "0"],
        ["1900-01-01", "1905-01-01", "1910-01-01"],
        ["1", "2", "3"],
    ],
)
def test_values_like_others(converter: Converter, values: list[str]) -> None:
    converter.convert(text(values))
    assert "alerts" not in converter.notes()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("caf\\u00e9", "have signs as JSON and programs write them"),
        ("D?partement", "have `?` within words"),
        ("\tAin", "have blanks around them"),
        ("http://a.example/x?y=1", ""),
        ("qui ? moi", ""),
        (json.dumps(json.dumps(["é"]))[1:-1].replace("\\", "\\"), ""),
    ],
)
def test_signs_in_texts(converter: Converter, value: str, told: str) -> None:
    converter.convert(text([f"{value} {n}" for n in range(3)]))
    notes = [*converter.notes().get("notes", []), *converter.notes().get("alerts", [])]
    assert any(told in note for note in notes) if told else notes == []


def test_departments_beside_those_overseas(converter: Converter) -> None:
    converter.convert("dep;n\n" + "".join(f"{n};{n}\n" for n in [*range(1, 20), 971, 974]))
    assert "codes of 1 digits, where such codes have 2: 9" in converter.notes()["alerts"][0]
    converter.convert("dep;n\n" + "".join(f"{n};{n}\n" for n in range(1, 20)))
    assert "alerts" not in converter.notes()

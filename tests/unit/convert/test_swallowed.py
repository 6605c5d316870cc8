"""Stray quotes that make one value of several rows are told; texts of several lines are read."""

import pytest

from conversions import refusal

ROWS = "".join(f"{n:05d};{n};nom{n}\n" for n in range(10))


@pytest.mark.parametrize("between", [ROWS, ""])
def test_rows_between_stray_quotes(converter, between):
    data = f'code;n;nom\n{ROWS}99999;5;"abc\n{between}99998;5;abc"\n{ROWS}'
    words = refusal(converter, data)
    assert "a value of several lines holds lines that are cut like rows" in words
    found = converter.columns(data, csv={"quote": ""})
    assert found["nom"].count("nom3") == 2 + bool(between) and 'abc"' in found["nom"]


@pytest.mark.parametrize("text", ["Bonjour; à vous\nmerci; bien", "a;b;c\nd;e;f", "1;2\n3;4"])
def test_texts_of_several_lines(converter, text):
    data = f'code;n;nom\n{ROWS}99999;5;"{text}"\n{ROWS}'
    assert text in converter.columns(data)["nom"]

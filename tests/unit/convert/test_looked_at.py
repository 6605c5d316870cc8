"""Why a column is text is told also where one value far below makes it so."""

import pytest

from diffusion.run.notes import notes

NUMBERS = "k;v\n" + "".join(f"{n};{n}.5\n" for n in range(1500))
COMMAS = NUMBERS.replace(".", ",")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NUMBERS + "1;1,5\n", "`1,5` has a comma, and `0.5` a point"),
        (COMMAS + "1;1.5\n", "`0,5` has a comma, and `1.5` a point"),
        (NUMBERS + "1;5*\n", "`v` is text: `5*` is no number, and most of its values are"),
        (NUMBERS + "1;5 %\n", "`v` is text: `5 %` is no number, and most of its values are"),
        (NUMBERS + "1;confidentiel\n", "`v` is text: `confidentiel` is no number, and most"),
        (NUMBERS + "1;1 234.5\n", 'columns: {v: {type: float, thousands: " "}}'),
        (NUMBERS + "1;nd\n", "its first values are numbers, and `nd` further on; if that means"),
        (COMMAS + "1;nd\n2;s\n", "and `nd`, `s` further on"),
        (NUMBERS + "1;+5\n", "`+5` is no plain number; if it is to be one, declare"),
    ],
)
def test_what_stands_far_below(converter, text, told):
    converter.convert(text, csv={"delimiter": ";"})
    assert told in str(list(notes("t", converter.notes())))


@pytest.mark.parametrize("odd", ["012", "12 rue", "Paris"])
@pytest.mark.parametrize("name", ["code_insee", "siren"])
def test_codes_are_text_whatever_they_are(converter, name, odd):
    converter.convert(NUMBERS.replace("v", name).replace(".5", "") + f"1;{odd}\n")
    assert f"`{name}` is text" not in str(list(notes("t", converter.notes())))


def test_words_among_numbers(converter):
    """One of many is odd; of few, numbers may be labels as words are."""
    few = "k;v\n" + "".join(f"{n};{n}\n" for n in range(10)) + "1;RDC\n"
    converter.convert(few)
    assert "`v` is text" not in str(list(notes("t", converter.notes())))
    converter.convert("k;v\n" + "".join(f"{n};{n}\n" for n in range(40)) + "1;RDC\n")
    assert "`v` is text: `RDC` is no number" in str(list(notes("t", converter.notes())))

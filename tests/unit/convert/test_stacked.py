"""Tables one below the other, without a title or a blank row between them."""

import pytest

from conversions import Converter, given, refusal

CODES = [["code", "nom"], ["01001", "A"], ["01002", "B"], ["2A004", "C"]]
NUMBERS = [["nom", "a", "b"], ["A", 1, 2], ["B", 3, 4], ["C", 5, 6]]
WORDS = [["nom", "lib"], ["A", "a"], ["B", "b"], ["C", "c"]]
STACKED = {
    "codes": [*CODES, ["dep", "lib"], ["01", "Ain"], ["02", "Aisne"]],
    "numbers": [*NUMBERS, ["lib", "x", "y"], ["D", 7, 8]],
    "codes and numbers": [["c", "v"], ["01", 1], ["02", 2], ["03", 3], ["reg", "w"], ["84", 4]],
    "the first name again": [*WORDS, ["Nom", "chef-lieu"], ["D", "d"]],
    "behind a gap": [*WORDS, [], ["nom", "chef-lieu"], ["D", "d"]],
}
ORDINARY = {
    "a total": [*CODES, ["Total", "tous"]],
    "a total amid": [*CODES, ["France", "tous"], ["97101", "D"]],
    "secrecy": [["c", "v"], ["01", 1], ["02", 2], ["03", 3], ["ZZ", "nd"], ["04", 4]],
    "words for numbers": [*NUMBERS, ["D", "secret", "secret"], ["E", 7, 8]],
    "words": [*WORDS, ["D", "d"]],
}


@pytest.fixture
def converter(tmp_path):
    return Converter(tmp_path)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("rows", STACKED.values(), ids=STACKED)
def test_names_amid_the_rows(converter, kind, rows):
    names = next(row for row in rows[2:] if row and row[-1] in ("lib", "y", "w", "chef-lieu"))
    below = sum(map(bool, rows[rows.index(names) :]))
    words = refusal(converter, given(kind, rows))
    assert "there seems to be another table" in words and " · ".join(names) in words
    assert f"footer: {below}}}" in words
    first = converter.table(given(kind, rows), **{kind: {"footer": below}})
    assert first.num_rows == rows.index(names) - 1 - rows.count([])
    every = converter.table(given(kind, rows), **{kind: {"footer": 0}})
    assert every.num_rows == first.num_rows + below


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("rows", ORDINARY.values(), ids=ORDINARY)
def test_words_amid_ordinary_rows(converter, kind, rows):
    assert converter.table(given(kind, rows)).num_rows == len(rows) - 1

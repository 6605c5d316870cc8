"""What checks found, in French: whole sentences, and no value of the data is changed."""

import pytest

from checks_tables import NONE, checked, write
from diffusion.catalogue.page.check_words import french_words
from diffusion.catalogue.page.local import outcome_checks
from diffusion.check.checks import summary


def result(found: str, column: str = "", *examples: dict) -> dict:
    return {"check": "unique", "column": column, "found": found, "examples": list(examples)}


def plain(text: str) -> str:
    return text.replace("\u202f", "_").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("1,234 of 56,789 rows are duplicated", "lignes en double : 1_234 sur 56_789"),
        (
            "3 of 9 rows are duplicated (1 repeated key)",
            "lignes en double : 3 sur 9 (clés répétées : 1)",
        ),
        (
            "2 of 9 values do not exist in communes.code (1 distinct)",
            "valeurs absentes de communes.code : 2 sur 9 (distinctes : 1)",
        ),
        ("1 of 9 values is outside [0, …]", "valeurs hors de [0, …] : 1 sur 9"),
        ("1 of 2 values does not match `\\d{5}`", "valeurs qui ne suivent pas `\\d{5}` : 1 sur 2"),
        ("the table has 1 row", "lignes du tableau : 1"),
        (
            "the table has 250 rows; at most 2 wanted",
            "lignes du tableau : 250_; au plus 2 attendues",
        ),
        (
            "1 of 2 values does not match `a : b ; {c}`",
            "valeurs qui ne suivent pas `a : b ; {c}` : 1 sur 2",
        ),
        (
            "12 records stand on two pages next to each other, to the last byte: where …",
            "enregistrements présents sur deux pages qui se suivent : 12",
        ),
        (
            "0 of 9 geometries are not valid; 1 of 2 that were repaired changed their area by more",
            "géométries non valides : 0 sur 9_; réparées : 2, dont 1 d’une surface qui a changé de "
            "plus de 1_%",
        ),
        ("cannot be checked: the column is DATE", ""),
    ],
)
def test_a_sentence(found, said):
    assert plain(french_words(result(found))) == said


def test_examples_keep_their_values():
    found = result(
        "2 of 9 values are missing",
        "code",
        {"value": "row 3 of (2 times)", "row": 1234, "count": 2},
        {"value": "b", "row": 7, "file": "a.csv"},
    )
    said = plain(french_words(found))
    assert said == (
        "code : valeurs manquantes : 2 sur 9 : code row 3 of (2 times) "
        "(2 fois, d’abord ligne 1_234); code b (enregistrement 7 de a.csv)"
    )


def test_sentences_are_those_of_the_checks(tmp_path):
    """A sentence that is written otherwise one day has its French here, or this fails."""
    table = write(tmp_path / "t.parquet", {"a": ["x", "x", None, "y"], "n": [1, 2, 3, 9]})
    other = write(tmp_path / "o.parquet", {"a": ["x"]})
    wrong = {
        "unique": ["a"],
        "not_null": ["a"],
        "allowed": {"a": ["x"]},
        "range": {"n": [0, 2]},
        "regex": {"a": "x"},
        "rows": [9, None],
        "foreign_keys": {"a": "o.a"},
        "sql": {"mine": {"rows": "n < 3"}, "query": {"query": "FROM this WHERE n > 2"}},
    }
    right = {"required": ["a"], "unique": ["n"], "not_null": ["n"], "rows": [1, None]}
    for rules in (wrong, right):
        found = checked(table, NONE | rules, {"o": other})
        for check in outcome_checks(summary(found)):
            assert check.french, check.words

"""Rows that are headings of others, and numbers that may be thousands, are told."""

import re

import pytest
import yaml

from conversions import given, refusal, zipped

AGES = "".join(f"{n} ans;{n};{n + 1}\n" for n in range(9))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"age;n;m\nHommes;;\n{AGES}Femmes;;\n{AGES}", "2 rows have `age` .*`Femmes`, `Hommes`"),
        (f"age;n;m\n{AGES}Page 1;;\n{AGES}Page 2;;\n{AGES}", "2 rows have `age` .*`Page 1`"),
        (f"age;n;m\ndix;;\n{AGES}", ""),  # one row may lack its values
        ("age;n\nHommes;\nx;1\ny;2\nFemmes;\nx;1\ny;2\n", "2 rows have `age` .*`Femmes`"),
        ("age;n\na;\nx;1\ny;2\nb;\nc;1\nd;2\n", ""),  # rows of two columns may lack a value
        ("age;n\na;\nx;1\nx;2\nb;\na;1\nx;2\n", ""),
        ("age;n\nx;1\na;\nx;2\nb;\nx;3\ny;5\ny;6\n", ""),  # prices of places, some unknown
        ("age;n;m\na;;\nb;;\nc;;1\nd;2;\n", ""),  # a table with gaps
    ],
)
def test_rows_with_a_label_alone(converter, text, told):
    converter.convert(text)
    found = [note for note in converter.notes().get("notes", []) if "no other value" in note]
    assert len(found) == bool(told) and all(re.match(told, note) for note in found)


def test_rows_with_a_label_alone_in_members(converter):
    """The name of the member is no value of the row."""
    text = f"age;n;m\nHommes;;\n{AGES}".encode()
    converter.convert(zipped({"a.csv": text, "b.csv": text + b"x;1;1\n"}), members="many")
    assert "2 rows have `age` and no other value (`Hommes`)" in str(converter.notes()["notes"])


@pytest.mark.parametrize(
    ("value", "is_told"),
    [("nan", True), ("NaT", True), ("<NA>", True), ("#N/A", True), ("NA", False), ("Nan", False)],
)
def test_words_for_no_value_among_texts(converter, value, is_told):
    """Among numbers they make a text of a column, and are told there; among texts they hid."""
    text = f"code;nom;v\n01;finance;1\n{value};x;2\n03;#1;{value}\n"
    converter.convert(text)
    noted = converter.notes()
    found = [note for note in noted.get("notes", []) if "`code` has 1 ×" in note]
    assert len(found) == is_told
    if is_told:
        assert found[0].startswith(f"`code` has 1 × `{value}` as texts")
        assert "`nom`" not in str(noted["notes"])
        fix = yaml.safe_load(re.search("`(nulls: .*)`", found[0])[1])
        assert converter.columns(text, **fix) == {
            "code": ["01", None, "03"],
            "nom": ["finance", "x", "#1"],
            "v": [1, 2, None],
        }


THOUSANDS = "code;Pop (mun.)\nA;1.234\nB;12.345\nC;-123.456\n"


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        (THOUSANDS, True),
        (THOUSANDS + "D;0.123\n", False),
        (THOUSANDS + "D;1234.567\n", False),
        (THOUSANDS.replace("Pop (mun.)", "taux"), False),
        (THOUSANDS.replace(";", ","), False),  # whose decimals have points
    ],
)
def test_decimals_that_may_be_thousands(converter, text, is_told):
    """What is told reads them so; the name needs quotes in YAML."""
    converter.convert(text)
    found = [note for note in converter.notes().get("notes", []) if "three digits" in note]
    assert len(found) == is_told
    if is_told:
        fix = yaml.safe_load(re.search("`(columns: .*)`", found[0])[1])
        assert converter.columns(text, **fix)["Pop (mun.)"] == [1234, 12345, -123456]


@pytest.mark.parametrize("blank", ["", ";\n"])
def test_facts_above_a_table_look_like_one(converter, blank):
    """Of the two the second one was meant, and nothing named how to take it."""
    text = f"Titre;Population\nDate;2024-01-01\n{blank}\ncode;pop\n01;2\n02;3\n03;4\n"
    words = refusal(converter, text)
    fix = yaml.safe_load(re.search("or the second, `csv: (.*?)`", words)[1])
    assert converter.columns(text, csv=fix) == {"code": ["01", "02", "03"], "pop": [2, 3, 4]}


@pytest.mark.parametrize("row", ["inconnu;false", "inconnu;mot"])
@pytest.mark.parametrize("blank", ["", ";\n"])
def test_a_row_of_words_whose_values_stand_above_is_no_header(converter, row, blank):
    codes = "".join(f"{n * 7919};{('true', 'false', 'mot')[n % 3]}\n" for n in range(9))
    made = converter.table(f"id;actif\n{codes}{blank}{row}\n{codes}")
    assert made.num_rows == 19 + bool(blank)


def test_ten_thousand_groups_that_are_named_once_are_none(converter):
    """Codes of which half are missing; how many are told does not depend on the batches."""
    lines = [f"c{n}," for n in range(15_000)] + [",x"] * 20_000
    converter.convert("\n".join(["code,n", *lines, ""]))
    assert "names groups" not in str(converter.notes())


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("dep;sexe;n\n01;H;1\n;F;2\n02;H;3\n;F;4\n", True),
        ("dep;sexe;n\n01;H;1\n01;F;2\n02;H;3\n;F;4\n", False),  # a value that comes again
        ("dep;sexe;n\n;H;1\n01;F;2\n02;H;3\n;F;4\n", False),  # no group above the first row
        ("dep;sexe;n\n01;H;1\n02;F;2\n03;H;3\n;F;4\n", False),  # one is missing
        ("siret;sexe;n\n12345678900011;H;1\n;F;2\n98765432100011;H;3\n;F;4\n", False),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_groups_that_are_named_once(converter, text, is_told, kind):
    """As a pivot table is copied: which group a row is of stood in no column of it, unsaid."""
    data = text if kind == "csv" else given("xlsx", [r.split(";") for r in text.split()])
    converter.convert(data)
    found = [note for note in converter.notes().get("notes", []) if "names groups" in note]
    assert len(found) == is_told
    if is_told:
        fix = yaml.safe_load(re.search("`(columns: .*)`", found[0])[1])
        assert converter.columns(data, **fix)["dep"] == ["01", "01", "02", "02"]
        assert "names groups" not in str(converter.notes()["notes"])

"""A server that ignores what it is asked sends the same bytes for each partition."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from conversions import Converter, raw, source_of, zipped
from diffusion.check.checks import run_checks
from diffusion.config.checking import Checks
from diffusion.convert.stages import convert_table

TWO, OTHER, NONE = '[{"n": 1}, {"n": 2}]', '[{"n": 3}]', "[]"


def made(converter: Converter, in_parts: bool, *texts: str, years: tuple[str, ...] = ()) -> Path:
    """Convert a file for each department, or for each department and year."""
    departments = [f"{n:02}" for n in range(1, len(texts) // max(1, len(years)) + 1)]
    places = [
        dict(zip(("departement", "year"), place, strict=False))
        for place in itertools.product(departments, *([years] if years else []))
    ]
    inputs = []
    for text, axes in zip(texts, places, strict=True):
        name = ",".join(f"{axis}={value}" for axis, value in axes.items())
        inputs.append(raw(converter.file(text, name), name, **axes))
    if in_parts:
        return converter.combined([[one] for one in inputs])
    convert_table("t", source_of(), inputs, converter.target, converter.limits())
    return converter.target


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(
    ("texts", "years", "axis"),
    [
        ((TWO, TWO, TWO), (), "departement"),
        ((OTHER, OTHER, OTHER), (), "departement"),
        ((TWO, TWO, OTHER, OTHER), ("2023", "2024"), "year"),
    ],
)
def test_an_axis_that_the_server_seems_to_ignore_fails_a_check(
    converter: Converter, in_parts: bool, texts: tuple, years: tuple, axis: str
) -> None:
    table = made(converter, in_parts, *texts, years=years)
    assert "notes" not in converter.notes(), "the check says so"
    for checks, levels in (
        (Checks(), ["error"]),
        (Checks(warn=["partitions"]), ["warn"]),
        (Checks(partitions=False), []),
    ):
        results = run_checks(table, checks, {}, converter.limits())
        found = [result for result in results if result.check == "partitions"]
        assert [(r.column, r.passed, r.level) for r in found] == [(axis, False, v) for v in levels]
        assert all("rows are multiplied; correct how" in result.found for result in found)


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(
    ("texts", "years", "noted"),
    [
        ((TWO, OTHER, NONE, NONE), (), []),
        ((TWO, TWO), (), ["departement=01, departement=02"]),
        ((TWO, OTHER, TWO), (), ["departement=01, departement=03"]),
        ((TWO, TWO, OTHER, NONE), ("2023", "2024"), ["year=2023, departement=01,year=2024"]),
    ],
)
def test_some_that_are_the_same_are_noted(
    converter: Converter, in_parts: bool, texts: tuple, years: tuple, noted: list
) -> None:
    made(converter, in_parts, *texts, years=years)
    notes = [note for note in converter.notes().get("notes", []) if "same bytes" in note]
    assert len(notes) == len(noted)
    assert all(words in note for words, note in zip(noted, notes, strict=True))


def test_members_of_the_same_bytes_are_noted(converter: Converter) -> None:
    files = {"a.csv": "k;n\n1;2\n", "b.csv": "k;n\n3;4\n", "a - Copie.csv": "k;n\n1;2\n"}
    data = zipped({name: text.encode() for name, text in files.items()})
    assert converter.table(data, members="many").num_rows == 3
    [note] = [note for note in converter.notes()["notes"] if "same bytes" in note]
    assert note == "a.csv: holds the same bytes as a - Copie.csv: its rows come twice"


def test_a_file_that_holds_the_records_of_all_others_is_told(converter: Converter) -> None:
    """A file for each département, and one of France, which is not the same bytes."""
    rows = [[f"{dep:02d}{n:03d};{n}\n" for n in range(15 * dep)] for dep in (1, 2)]
    files = {f"dep_0{n}.csv": of for n, of in enumerate(rows, 1)}
    files["france.csv"] = [*rows[1], *rows[0]]
    data = zipped({n: "".join(["code;n\n", *of]).encode() for n, of in files.items()})
    converter.convert(data, members="many", member="*.csv")
    [note] = [n for n in converter.notes()["notes"] if "as many records" in n]
    assert note.startswith("france.csv: has as many records as all other files together, 45")
    table = converter.table(data, members="many", member="dep_*.csv")
    assert table.num_rows == 45 and "as many" not in str(converter.notes().get("notes"))


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("twice", [0, 1])
def test_records_on_two_pages_fail_a_check(converter: Converter, in_parts: bool, twice: int):
    """Where single pages hold records twice as well, the data are like that: it is noted."""
    inputs = [
        replace(raw(converter.file(text, name), name), on_both=2, twice=twice)
        for text, name in ((TWO, "a"), (OTHER, "b"))
    ]
    if in_parts:
        converter.combined([[item] for item in inputs])
    else:
        convert_table("t", source_of(), inputs, converter.target, converter.limits())
    results = run_checks(converter.target, Checks(), {}, converter.limits())
    found = [result.found for result in results if not result.passed]
    told = [note for note in converter.notes().get("notes", []) if "on two pages" in note]
    assert (len(found), len(told)) == ((0, 1) if twice else (1, 0))
    assert all(words.startswith("4 records stand on two pages") for words in found)
    warned = run_checks(converter.target, Checks(warn=["overlap"]), {}, converter.limits())
    assert [result.level for result in warned if not result.passed] == ["warn"] * len(found)

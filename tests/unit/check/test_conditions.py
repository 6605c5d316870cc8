"""Checks of single values: missing, allowed, range, regular expression."""

import datetime
import math

import pyarrow as pa
import pytest

from checks_tables import NONE, checked, checker, one, write


@pytest.fixture
def check(tmp_path):
    return checker(tmp_path)


NAN = math.nan
D, T = datetime.date, datetime.datetime
DAYS = [D(2019, 12, 31), D(2020, 1, 1), None, D(2020, 12, 31), D(2021, 1, 1)]
TIMES = [T(2019, 12, 31, 23, 59), T(2020, 1, 1), None, T(2020, 12, 31, 18), T(2021, 1, 1)]
ZONED = pa.array(TIMES, pa.timestamp("us", tz="Europe/Paris"))
YEAR = ["2020-01-01", "2020-12-31"]


def verify(result, found: str, rows: dict) -> None:
    """Compare words, counts and examples; `rows` are the values expected to fail, by row."""
    assert result.found == found
    assert (result.column, result.level, result.passed) == ("v", "error", not rows)
    assert found.startswith(f"{result.failed} of {result.total} values ")
    assert result.failed == len(rows)
    assert result.examples == [{"row": row, "value": value} for row, value in rows.items()]


@pytest.mark.parametrize(
    ("values", "found", "rows"),
    [
        (["a", ""], "0 of 2 values are missing", {}),
        (["a", None, "b", "c", None], "2 of 5 values are missing", {2: None, 5: None}),
        ([1.0, NAN, None], "2 of 3 values are missing", {2: "NaN", 3: None}),
        ([None, "a"], "1 of 2 values is missing", {1: None}),
    ],
)
def test_not_null(check, values, found, rows):
    verify(one(check({"v": values}, "not_null", ["v"])), found, rows)


@pytest.mark.parametrize(
    ("values", "allowed", "found", "rows"),
    [
        (["A", None, "B"], ["A", "B"], "0 of 2 values are not among: A, B", {}),
        (["A", None, "C"], ["A", None], "1 of 2 values is not among: A", {3: "C"}),
        (["01", "1"], [1], "1 of 2 values is not among: 1", {1: "01"}),
        ([1, 2, 3], [1, "2"], "1 of 3 values is not among: 1, 2", {3: 3}),
        ([0.5, NAN], [0.5], "1 of 2 values is not among: 0.5", {2: "NaN"}),
        ([True, False, None], [True], "1 of 2 values is not among: true", {2: False}),
        (DAYS[:2], YEAR[:1], "1 of 2 values is not among: 2020-01-01", {1: "2019-12-31"}),
        (["z"], "abcdefg", "1 of 1 values is not among: a, b, c, d, e, … (7 in all)", {1: "z"}),
        (["a", None], [], "1 of 1 values is not among: nothing", {1: "a"}),
    ],
)
def test_allowed(check, values, allowed, found, rows):
    verify(one(check({"v": values}, "allowed", {"v": list(allowed)})), found, rows)


@pytest.mark.parametrize(
    ("values", "low", "high", "found", "rows"),
    [
        ([0, 1500, None], 0, 1500, "0 of 2 values are outside [0, 1500]", {}),
        ([-1, 0, 9, 10, None], 0, 9, "2 of 4 values are outside [0, 9]", {1: -1, 4: 10}),
        ([-1, 10**12], 0, None, "1 of 2 values is outside [0, …]", {1: -1}),
        ([-1, 10**12], None, 0, "1 of 2 values is outside […, 0]", {2: 10**12}),
        ([1, 2], 1.5, None, "1 of 2 values is outside [1.5, …]", {1: 1}),
        ([1.0, NAN, None], 0, None, "1 of 2 values is outside [0, …]", {2: "NaN"}),
        ([1.0, NAN], None, None, "1 of 2 values is outside […, …]", {2: "NaN"}),
        ([math.inf, 1.0], None, 5, "1 of 2 values is outside […, 5]", {1: "inf"}),
        ([math.inf, 1.0], 0, None, "1 of 2 values is outside [0, …]", {1: "inf"}),  # as 1/0 gives
        ([-math.inf, 1.0], None, 5, "1 of 2 values is outside […, 5]", {1: "-inf"}),
    ],
)
def test_range(check, values, low, high, found, rows):
    verify(one(check({"v": values}, "range", {"v": [low, high]})), found, rows)


@pytest.mark.parametrize(
    ("values", "low", "high", "rows"),
    [
        (DAYS, *YEAR, {1: "2019-12-31", 5: "2021-01-01"}),
        (DAYS, None, "2020-12-31T12:00:00", {5: "2021-01-01"}),
        (TIMES, *YEAR, {1: "2019-12-31T23:59:00", 5: "2021-01-01T00:00:00"}),
        (TIMES, None, "2020-12-31T18:00:00", {5: "2021-01-01T00:00:00"}),
        (TIMES, "2020-01-01T00:00:00", None, {1: "2019-12-31T23:59:00"}),
        (ZONED, None, "2020-12-31T18:00:00+00:00", {5: "2021-01-01T00:00:00+00:00"}),
    ],
)
def test_range_of_dates(check, values, low, high, rows):
    found = f"{len(rows)} of 4 values {'is' if len(rows) == 1 else 'are'} outside "
    found += f"[{low or '…'}, {high or '…'}]"
    verify(one(check({"v": values}, "range", {"v": [low, high]})), found, rows)


@pytest.mark.parametrize(
    ("values", "pattern", "found", "rows"),
    [
        (["01001", None, "2A004"], r"\w{5}", r"0 of 2 values do not match `\w{5}`", {}),
        (["012", "12", "1", "x12", ""], r"\d{2}", r"4 of 5 values do not match `\d{2}`",
         {1: "012", 3: "1", 4: "x12", 5: ""}),
        ([12, 123], r"\d\d", r"1 of 2 values does not match `\d\d`", {2: 123}),
        (["Évry", "Évry-"], "É.+y.", "1 of 2 values does not match `É.+y.`", {1: "Évry"}),
    ],
)  # fmt: skip
def test_regex(check, values, pattern, found, rows):
    verify(one(check({"v": values}, "regex", {"v": pattern})), found, rows)


@pytest.mark.parametrize(
    ("kind", "values", "rule", "words"),
    [
        ("range", ["1", "2"], [0, 5], "the column is VARCHAR, not comparable with the bound 0"),
        (
            "range",
            [1, 2],
            ["2020-01-01", None],
            "BIGINT, not comparable with the bound '2020-01-01'",
        ),
        ("range", [1, 2], [True, None], "not comparable with the bound True"),
        ("range", DAYS, ["soon", None], "the column is DATE, not comparable with the bound 'soon'"),
        ("range", DAYS, [2020, None], "the column is DATE, not comparable with the bound 2020"),
        ("range", [[1], [2]], [0, 1], "the column is BIGINT[], not comparable"),
        ("regex", ["a"], "(a", "missing ): (a"),
        ("regex", ["a"], "(?=a)", "invalid perl operator"),
        ("allowed", [1, 2], ["a"], "Could not convert string 'a' to INT64"),
    ],
)
def test_a_rule_that_does_not_fit_fails_alone(check, kind, values, rule, words):
    results = check({"v": values, "w": [*values]}, kind, {"v": rule}, not_null=["w"])
    result = one(results)
    assert not result.passed
    assert result.found.startswith("cannot be checked: ")
    assert words in result.found
    assert (result.failed, result.total, result.examples) == (0, 0, [])


def test_one_bad_rule_does_not_hide_the_others(tmp_path):
    path = write(tmp_path / "t.parquet", {"a": ["x", None], "b": ["1", "2"], "n": [1, 9]})
    rules = NONE | {"not_null": ["a"], "regex": {"a": "(", "b": "1"}, "range": {"n": [0, 5]}}
    results = checked(path, rules)
    found = {(r.check, r.column): (r.failed, r.passed) for r in results}
    assert found["not_null", "a"] == (1, False)
    assert found["regex", "a"] == (0, False)
    assert found["regex", "b"] == (1, False)
    assert found["range", "n"] == (1, False)

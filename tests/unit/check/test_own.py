"""Checks that a project writes itself: conditions of rows, queries, the version before."""

from pathlib import Path

import msgspec
import pytest

from checks_tables import NONE, one, write
from diffusion.check.checks import run_checks, summary
from diffusion.check.outcome import failures_of, refuse_failed_checks
from diffusion.check.own import NO_VERSION, Version
from diffusion.check.result import Result
from diffusion.config.checking import Checks
from diffusion.errors import DiffusionError
from diffusion.storage.store import Store
from diffusion.tables.limits import Limits

ROWS = {"code": ["01", "2A", "75"], "women": [3, 4, None], "men": [2, 5, 1], "all": [5, 8, 1]}


@pytest.fixture
def check(tmp_path: Path):
    """Check columns by one check of one's own; `before` are the columns that are published."""

    def run(columns: dict, sql, others: dict | None = None, before: dict | None = None) -> Result:
        rule = {"rows": sql} if isinstance(sql, str) else sql
        checks = msgspec.convert(NONE | {"sql": {"mine": rule}}, Checks)
        table = write(tmp_path / "it's [1] table.parquet", columns)
        paths = {n: write(tmp_path / f"{n}.parquet", c) for n, c in (others or {}).items()}
        version = None
        if before:
            place = tmp_path / "published"
            place.mkdir(exist_ok=True)
            path = write(place / "t.parquet", before)
            item = {"key": "t.parquet", "size": path.stat().st_size}
            version = Version(Store(str(place), None), "t", {"objects": [item]})
        limits = Limits(2000, 2, tmp_path / "scratch")
        results = run_checks(table, checks, paths, limits, version)
        return one([result for result in results if result.check == "sql"])

    return run


def test_a_condition_of_rows(check):
    found = check(ROWS, 'women + men = "all"')
    assert (found.failed, found.total, found.passed) == (1, 3, False)  # what is unknown passes
    assert found.found == '1 of 3 rows does not fulfil `women + men = "all"`'
    assert found.examples == [{"row": 2, "values": {"code": "2A", "women": 4, "men": 5, "all": 8}}]
    assert check(ROWS, "men > 0 -- all of them").passed
    words = failures_of(summary([found]))["sql"]
    assert words == (
        'mine: 1 of 3 rows does not fulfil `women + men = "all"`: '
        "code 2A, women 4, men 5, all 8 (row 2)"
    )


def test_a_query_over_another_table(check):
    query = "SELECT code, n FROM this JOIN regions USING (code) WHERE men > n;"
    regions = {"code": ["01", "2A"], "n": [9, 1]}
    found = check(ROWS, {"query": query, "tables": ["regions"]}, {"regions": regions})
    assert (found.failed, found.found) == (1, "its query gives 1 row")
    assert found.examples == [{"result": 1, "values": {"code": "2A", "n": 1}}]
    assert "(row 1 of its result)" in failures_of(summary([found]))["sql"]


def test_the_version_before(check):
    jump = {
        "query": "SELECT code FROM this JOIN before b USING (code) WHERE this.men > 1.2 * b.men"
    }
    first = check(ROWS, jump)
    assert (first.passed, first.found) == (True, NO_VERSION)
    found = check(ROWS, jump, before={"code": ["01", "2A"], "men": [2, 3]})
    assert [example["values"] for example in found.examples] == [{"code": "2A"}]
    assert check(ROWS, jump, before=ROWS).passed


def test_one_that_warns(check):
    assert check(ROWS, {"rows": "men > 1", "warn": True}).level == "warn"
    assert check(ROWS, {"rows": "wemen > 1", "warn": True}).level == "error"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("wemen > 0", 'Referenced column "wemen" not found'),
        ("men +", "syntax error"),
        ({"query": "SELECT * FROM regions"}, "regions does not exist"),
        ({"query": "SELECT * FROM read_csv('/etc/passwd')"}, "disabled by configuration"),
        ({"query": "SELECT * FROM this; DROP VIEW this"}, "syntax error"),
        ("men > CAST(code AS INTEGER)", "Could not convert string '2A'"),
    ],
)
def test_what_cannot_be_checked(check, sql, words):
    found = check(ROWS, sql)
    assert not found.passed and found.failed == 0
    assert found.found.startswith("cannot be checked: ") and words in found.found


def test_an_example_shows_the_key_of_its_row(tmp_path):
    path = write(tmp_path / "t.parquet", {"name": ["x", "y"], "n": [1, 2], "year": [2020, 2021]})
    given = {"unique": ["year", "n"], "sql": {"mine": {"rows": "n < 2"}}}
    checks = msgspec.convert(NONE | given, Checks)
    results = run_checks(path, checks, {}, Limits(2000, 2, tmp_path / "scratch"))
    assert one([r for r in results if r.check == "sql"]).examples == [
        {"row": 2, "values": {"year": 2021, "n": 2}}
    ]


def test_failed_checks_name_the_way_to_publish_knowingly(check):
    results = {"t": summary([check(ROWS, 'women + men = "all"')])}
    with pytest.raises(DiffusionError, match=r"knowingly: add `warn: \[sql\]` to"):
        refuse_failed_checks(results, {"t": Path("t.json")})


def test_failed_checks_of_a_derived_table_are_no_publishers_affair(check):
    results = {"t": summary([check(ROWS, 'women + men = "all"')])}
    with pytest.raises(DiffusionError, match="correct the query or the script") as caught:
        refuse_failed_checks(results, {"t": Path("t.json")}, are_derived=True)
    assert "vintage" not in str(caught.value)
    assert "add `warn: [sql]` to those `checks:`" in str(caught.value)

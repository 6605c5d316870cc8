"""What is said of the checks, warnings, and memory that does not grow."""

import datetime
import json
import math
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from checks_tables import NONE, checked, checker, one, write
from diffusion.check.checks import explain, summary
from diffusion.check.subject import Table
from projects import PRINT_PEAK

ROOT = Path(__file__).parents[3]


@pytest.fixture
def check(tmp_path):
    return checker(tmp_path)


def test_examples_are_the_first_ten(check):
    result = one(check({"v": [0, *range(100, 150)]}, "range", {"v": [None, 9]}))
    assert result.failed == 50
    assert [example["row"] for example in result.examples] == list(range(2, 12))


def test_summary_is_json_and_deterministic(tmp_path):
    days = [datetime.date(2019, 12, 31), datetime.date(2020, 1, 1)]
    columns = {"v": [1.5, math.nan], "d": days, "long": ["x" * 5_000, "y"], "b": [b"ab", b""]}
    columns["dec"] = pa.array([1, 2], pa.decimal128(5, 2))
    path = write(tmp_path / "t.parquet", columns)
    rules = NONE | {"allowed": {"v": [], "d": [], "long": [], "b": [], "dec": []}}
    first, second = (json.dumps(summary(checked(path, rules))) for _ in range(2))
    assert first == second
    read = json.loads(first, parse_constant=pytest.fail)
    values = {r["column"]: [e["value"] for e in r["examples"]] for r in read["results"]}
    assert values["v"] == [1.5, "NaN"]
    assert values["d"] == ["2019-12-31", "2020-01-01"]
    assert values["b"] == ["2 bytes", "0 bytes"]
    assert values["dec"] == ["1.00", "2.00"]
    assert len(values["long"][0]) == 200


@pytest.mark.parametrize(
    ("warn", "status", "counts"),
    [
        ([], "failed", {"passed": 2, "warned": 0, "failed": 2}),
        (["range"], "failed", {"passed": 2, "warned": 1, "failed": 1}),
        (["range", "unique", "rows"], "warned", {"passed": 2, "warned": 2, "failed": 0}),
    ],
)
def test_warn(tmp_path, warn, status, counts):
    path = write(tmp_path / "t.parquet", {"v": [1, 1]})
    results = checked(path, NONE | {"range": {"v": [2, 3]}, "unique": ["v"], "warn": warn})
    assert (summary(results)["status"], summary(results)["counts"]) == (status, counts)
    assert {r.check for r in results if r.level == "warn"} <= set(warn)


def test_a_check_that_cannot_be_made_is_no_warning(tmp_path):
    """A misspelt column would publish what nobody looked at."""
    path = write(tmp_path / "t.parquet", {"v": [1, 1]})
    results = checked(path, NONE | {"range": {"w": [2, 3], "v": [2, 3]}, "warn": ["range"]})
    levels = {result.column: result.level for result in results if result.check == "range"}
    assert levels == {"w": "error", "v": "warn"}
    assert summary(results)["status"] == "failed"


def test_all_passed(tmp_path):
    results = checked(write(tmp_path / "t.parquet", {"v": [1]}), NONE)
    assert summary(results)["status"] == "passed"
    assert explain(results) == ""


def test_explain(tmp_path):
    columns = {"dpe": [5, -1, -2, -3, -4], "code": ["é", "é", "b", "c", "d"]}
    path = write(tmp_path / "t.parquet", columns)
    rules = {"unique": ["code"], "range": {"dpe": [0, None]}, "rows": [6, None], "warn": ["unique"]}
    assert explain(checked(path, NONE | rules)).splitlines() == [
        "error: range `dpe`: 4 of 5 values are outside [0, …]",
        "    row 2: -1",
        "    row 3: -2",
        "    row 4: -3",
        "error: rows: the table has 5 rows; at least 6 wanted",
        "warn: unique `code`: 2 of 5 rows are duplicated (1 repeated key)",
        '    row 1: code = "é" (2 times)',
    ]


def test_scalar_checks_are_one_scan(tmp_path, monkeypatch):
    asked = []
    query = Table._query

    def recorded(table, sql, parameters=()):
        asked.append(sql)
        return query(table, sql, parameters)

    monkeypatch.setattr(Table, "_query", recorded)
    path = write(tmp_path / "t.parquet", {"v": [1, 2], "w": ["a", None]})
    rules = {
        "not_null": ["v"],
        "allowed": {"w": ["a"]},
        "range": {"v": [0, 5]},
        "regex": {"w": "."},
    }
    checked(path, NONE | rules)
    assert len(asked) == 1


BIG = """
import sys
from pathlib import Path
from diffusion.check.checks import run_checks
from diffusion.tables.limits import Limits
import json
import msgspec
from diffusion.config.checking import Checks
limits = Limits(650, 2, Path(sys.argv[1]).parent)
checks = msgspec.json.decode(sys.argv[2], type=Checks)
results = run_checks(Path(sys.argv[1]), checks, {"o": Path(sys.argv[1])}, limits)
print(json.dumps([[r.check, r.failed, [e["row"] for e in r.examples]] for r in results]))
"""


def peak_of(folder, millions: int) -> float:
    """Check a table of so many million rows in a process of its own; returns its peak in MB."""
    path, rows = folder / "big.parquet", millions * 1_000_000
    duckdb.sql(
        "SELECT md5(range::VARCHAR) AS id, "
        f"CASE WHEN range = {rows - 2} THEN 'x' ELSE 'k' END AS k, "
        f"range % 1_000_000 AS n FROM range({rows})"
    ).write_parquet(str(path), row_group_size=100_000)
    rules = {"unique": ["id"], "regex": {"k": "k"}, "range": {"n": [1, None]}}
    rules |= {"foreign_keys": {"id": "o.id"}}
    command = [sys.executable, "-c", BIG + PRINT_PEAK, path, json.dumps(NONE | rules)]
    environment = {"PYTHONPATH": str(ROOT / "scripts")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found, peak = map(json.loads, done.stdout.splitlines())
    assert ["unique", 0, []] in found
    assert ["regex", 1, [rows - 1]] in found
    assert ["range", millions, [1 + 1_000_000 * n for n in range(millions)]] in found
    assert ["foreign_keys", 0, []] in found
    assert list(folder.iterdir()) == [path], "spilled files stay behind"
    return peak


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(tmp_path):
    peaks = [peak_of(tmp_path, millions) for millions in (2, 5)]
    assert peaks[1] < 1.3 * peaks[0], f"{peaks} MB"

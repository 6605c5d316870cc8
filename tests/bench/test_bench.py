"""Every row of the benchmarks runs, at a tiny size, and gives figures; no figure is judged here.

Other tools than those of the project's own environment run in `make bench` only.
"""

import shutil
import sys
from pathlib import Path

import pytest

from bench import huge, report, scale
from bench.__main__ import ROWS
from bench.base import Bench, started
from bench.measure import Goal, alternate, function
from database_servers import find


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with started(tmp_path_factory.mktemp("bench"), scale=0.001, rounds=1, complete=False) as given:
        yield given


@pytest.fixture(scope="module")
def rows(bench: Bench) -> dict:
    """All rows, measured once; that of databases needs a PostgreSQL, as in CI."""
    left_out = set() if find("postgres") else {"database"}
    return {name: measure(bench) for name, measure in ROWS.items() if name not in left_out}


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_a_row_gives_figures(rows, name):
    if name not in rows:
        pytest.skip("NOT RUN: there is no PostgreSQL; apt-get install postgresql")
    row = rows[name]
    assert len(row.runs) >= 2, "this project and something else"
    for contender, runs in row.runs.items():
        assert runs.time > 0, contender
        assert 5 < runs.peak < 4000, contender
    assert row.goals


@pytest.mark.slow
def test_the_table_and_the_plot(rows, tmp_path):
    report.write(tmp_path, rows, 0.001, 1, 60)
    text = (tmp_path / "benchmarks.md").read_text("utf-8")
    for row in rows.values():
        assert f"## {row.work}" in text
    for goal in (goal for row in rows.values() for goal in row.goals):
        assert f"- {report.verdict(goal)}" in text
    assert (tmp_path / "benchmarks.svg").read_text("utf-8").count("MiB") == sum(
        len(row.runs) for row in rows.values()
    )


def test_a_verdict():
    slow, fast = Goal("time", 1.25, 1.2), Goal("times as fast", 12, 10, "×", least=True)
    assert report.verdict(slow) == "time: 1.25 × (goal ≤ 1.2 ×): **missed**"
    assert report.verdict(fast) == "times as fast: 12 × (goal ≥ 10 ×): reached"


def test_the_curve_goes_into_its_page(tmp_path):
    page = Path(shutil.copy(Path(__file__).parents[2] / "docs" / "scale.md", tmp_path))
    before, time = page.read_text("utf-8"), (1.25, 0.5)
    row = dict.fromkeys(scale.COLUMNS, 10_000) | dict.fromkeys(scale.TIMES, time)
    for _ in range(2):  # once, whatever stood there
        scale.write_block(page, "curve", scale.table([row]))
    text = page.read_text("utf-8")
    assert text.count("| 10,000 | 10000 | 1.2 s (0.5) | 1.2 s (0.5) |") == 1
    assert text.partition("<!-- end -->")[2] == before.partition("<!-- end -->")[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", huge.WORKS)
def test_a_huge_input_gives_its_line(bench, name):
    line = huge.measure(bench, name)
    assert line.startswith(f"| {huge.WORKS[name].says} | 0.0 GB")
    assert line.count("|") == huge.HEADER.splitlines()[0].count("|")


def test_contenders_take_turns_and_memory_is_their_own(tmp_path):
    """200 MB that one contender holds show in its own figure only."""
    order = tmp_path / "order"
    contenders = [
        function(name, sys.executable, "test_bench.hold", order, name, size)
        for name, size in (("large", 200), ("small", 1))
    ]
    runs = alternate(contenders, 2, tmp_path)
    assert order.read_text().split() == ["large", "small"] * 2
    assert runs["large"].peak - runs["small"].peak > 150
    assert runs["small"].facts["held"] == 1


def hold(order: str, name: str, size: str) -> dict:
    """Hold some MB for a moment; note whose turn it is."""
    content = bytearray(int(size) * 1_000_000)
    with Path(order).open("a") as file:
        file.write(f"{name}\n")
    return {"held": len(content) // 1_000_000}

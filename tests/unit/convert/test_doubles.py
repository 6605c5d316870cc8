"""Rows that are the same: counted exactly, or from a sample, and told apart from doubled tables."""

import math
import random
import time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from conversions import Converter, raw, zipped
from derivations import entry_of
from diffusion.check.checks import run_checks
from diffusion.config.checking import Checks
from diffusion.derive.table import derive_script
from diffusion.tables import doubles
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits
from diffusion.tables.parquet import read_metadata


def csv(rows: list, header: str = "code;v") -> str:
    return header + "\n" + "".join(f"{row}\n" for row in rows)


ROWS = [f"k{n};{n % 7}" for n in range(500)]


def told(converter: Converter) -> list[str]:
    return [n for n in converter.notes().get("notes", []) if "the same as another one" in n]


def failed(converter: Converter) -> list[str]:
    results = run_checks(converter.target, Checks(), {}, converter.limits())
    return [result.found for result in results if not result.passed]


def test_rows_that_are_the_same_are_told(converter: Converter) -> None:
    converter.convert(csv([*ROWS, *ROWS[:3], ROWS[2]]))
    example = "such as rows 1 and 501 (code k0, v 0)"
    assert told(converter) == [f"4 rows are the same as another one in all columns, {example}"]
    assert not failed(converter)
    converter.convert(csv([*ROWS, ROWS[41]]), sort_by=["code"])
    assert told(converter)[0].startswith("1 row is the same") and "k41" in told(converter)[0]
    converter.convert(csv(ROWS))
    assert told(converter) == []


@pytest.mark.parametrize("limit", [doubles.EXACT, 100])
@pytest.mark.parametrize("times", [2, 3])
def test_each_row_twice(
    converter: Converter, times: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles, "EXACT", limit)
    converter.convert(csv(ROWS * times))
    [found] = failed(converter)
    assert found.startswith(f"each row of the table is there {times} times")
    assert "SELECT DISTINCT" in found and "`checks: {warn: [doubled]}`" in found
    warned = run_checks(converter.target, Checks(warn=["doubled"]), {}, converter.limits())
    assert [result.level for result in warned if not result.passed] == ["warn"]


def test_a_table_without_a_key_has_such_rows(converter: Converter) -> None:
    draw = random.Random(1)
    rows = [f"{draw.choice('HF')};{draw.randrange(20, 60)}" for _ in range(3000)]
    converter.convert(csv(rows, "sexe;age"))
    different = len(set(rows))
    assert told(converter)[0].startswith(f"{3000 - different:,} rows are the same")
    assert not failed(converter)
    converter.convert("a;b\n1;2\n1;2\n")
    assert not failed(converter)


def test_a_partition_whose_rows_are_there_twice(converter: Converter) -> None:
    inputs = [
        raw(converter.file(csv(rows), f"{year}.csv"), f"year={year}", year=year)
        for year, rows in (("2022", ROWS), ("2023", ROWS[:300] * 2), ("2024", ROWS[:9] * 2))
    ]
    axes = {"year": ["2022", "2023", "2024"]}
    converter.combined([[x] for x in inputs], partitions=axes, url="https://s.example/{year}")
    [found] = failed(converter)
    assert found.startswith("each row of year=2023 and of 1 more is there 2 times")
    assert told(converter)[0].startswith("309 rows are the same")


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_of_more_rows_than_are_compared_a_sample_tells(
    converter: Converter, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles, "EXACT", 4_000)
    rows = [f"k{n};{n % 7}" for n in range(60_000)]
    again = random.Random(2).sample(rows, int(share * len(rows)))
    converter.convert(csv(rows + again))
    [note] = told(converter)
    assert note.startswith("about ")
    number = int(note.split()[1].replace(",", ""))
    assert number == pytest.approx(len(again), rel=0.4)


def test_a_join_that_doubles_is_seen(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "it.py").write_text(
        "import pandas as pd\n"
        "def derive(inputs, params):\n"
        "    return pd.DataFrame({'a': [f'x{n // 2}' for n in range(80)], 'b': 1})\n"
    )
    target, limits = tmp_path / "out.parquet", Limits(1000, 1, tmp_path / "scratch")
    with engine(limits) as con:
        derive_script(con, "mine", entry_of(script="mine/it.py"), {}, tmp_path, target)
    assert read_metadata(target)["doubled"] == {"times": 2, "of": ""}
    assert any("40 rows are the same" in note for note in read_metadata(target)["notes"])


MEMBERS = {
    "one holds the other": ({"a.csv": ROWS[:50], "all.csv": ROWS}, "50 rows of member=a.csv"),
    "the same rows in another order": (
        {"a.csv": ROWS[:50], "b.csv": ROWS[:50][::-1]},
        "member=a.csv is in others, such as member=b.csv, too (and so it is with 1 more)",
    ),
    "some rows": ({"a.csv": ROWS[:50], "b.csv": ROWS[30:]}, ""),
    "few rows": ({"a.csv": ROWS[:3], "b.csv": ROWS}, ""),
}


@pytest.mark.parametrize("limit", [doubles.EXACT, 200])
@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_another_one_holds(
    converter: Converter, name: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles, "EXACT", limit)
    files, words = MEMBERS[name]
    data = zipped({name: csv(rows).encode() for name, rows in files.items()})
    converter.convert(data, members="many")
    alerts = converter.notes().get("alerts", [])
    assert len(alerts) == bool(words)
    if words and limit > 200:
        assert words in alerts[0]
    assert not failed(converter)


def test_parts_without_number(converter: Converter) -> None:
    """A hundred thousand partitions of one row each take no time of their own."""
    watcher = doubles.Doubles(["p"])
    table = pa.table({"p": [f"{n}" for n in range(100_000)], "v": [n % 3 for n in range(100_000)]})
    watcher.begin(table.schema)
    watcher.look(table.to_batches()[0])
    begun = time.process_time()
    assert watcher.notes() == watcher.alerts() == [] and not watcher.facts()
    assert time.process_time() - begun < 2


KEYS = {
    "texts alike at both ends": lambda n: f"https://example.org/{n:06}/details.html",
    "floats, of which some are zeros and NaN": lambda n: (n / 4, -0.0, 0.0, math.nan)[n % 4],
    "texts, most of them missing": lambda n: None if n % 9 else f"{n}",
    "amounts, most of which are 0": lambda n: 0 if n % 3 else n,
    "decimals": lambda n: Decimal(n) / 4,
}


@pytest.mark.parametrize("key", KEYS)
def test_of_any_key_a_sample_tells(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubles, "EXACT", 4_000)
    draw, numbers = random.Random(3), range(40_000)
    rows = [*numbers, *draw.sample(numbers, 8_000)]
    table = pa.table({"key": list(map(KEYS[key], rows)), "n": [n % 150 for n in rows]})
    watcher = doubles.Doubles()
    watcher.begin(table.schema)
    for batch in table.take(draw.sample(range(len(rows)), len(rows))).to_batches(5_000):
        watcher.look(batch)
    different = len({(str(KEYS[key](n)).replace("-0.0", "0.0"), n % 150) for n in numbers})
    told = [int(note.split()[1].replace(",", "")) for note in watcher.notes()]
    missing = sum(KEYS[key](n) is None for n in rows)
    if not missing and different == len(numbers):
        assert told == [pytest.approx(8_000, rel=0.1)]
    assert sum(part.shape[1] for part in watcher._kept) <= 4_000


@pytest.mark.parametrize(
    "row",
    [
        lambda draw: {"amount": draw.choice([0, draw.randrange(3000)]), "sex": draw.choice("MF")},
        lambda draw: {"amount": draw.choice([0, draw.randrange(3000)]), "n": draw.random()},
        lambda draw: {"code": draw.randrange(99), "sex": draw.choice("MF")},
        lambda draw: {"constant": 1},
    ],
    ids=["a common amount", "other values beside it", "few values", "one value"],
)
def test_rows_that_come_very_often_are_counted(row, monkeypatch) -> None:
    monkeypatch.setattr(doubles, "EXACT", 2_000)
    draw = random.Random(1)
    rows = [row(draw) for _ in range(100_000)]
    different = len({tuple(each.values()) for each in rows})
    watcher, table = doubles.Doubles(), pa.Table.from_pylist(rows)
    watcher.begin(table.schema)
    for batch in table.to_batches(5_000):
        watcher.look(batch)
    told = [int(note.split()[1].replace(",", "")) for note in watcher.notes()]
    assert sum(told) == pytest.approx(len(rows) - different, rel=0.02)

"""Records that stand on two pages, next to each other or far apart: counted, in bounded memory."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conversions import Converter
from diffusion.check.checks import run_checks
from diffusion.config.checking import Checks
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError
from diffusion.fetch import doubts
from diffusion.fetch.doubts import Overlap
from diffusion.fetch.pages import Count
from diffusion.raw.inputs import RawInput
from fetches import Answer, Asked, Scripted, fetch, source_of

PAGE = {"style": "page", "start": 1}
SIZE = 10


def paged(records: list[dict], broken: list[int] | None = None) -> Callable[[Asked], Answer]:
    """Serve pages of ten; the page of a number in ``broken`` is refused once."""

    def answer(asked: Asked) -> Answer:
        page = int(asked.path.rpartition("=")[2])
        if broken and page in broken:
            broken.remove(page)
            return Answer(418)
        return Answer(body=json.dumps(records[SIZE * (page - 1) : SIZE * page], indent=1).encode())

    return answer


def numbered(count: int) -> list[dict]:
    return [{"id": f"k{n}", "dep": str(n % 7), "value": n % 3} for n in range(count)]


@pytest.mark.parametrize("few", [doubts.FEW, 25])
def test_pages_far_apart_share_records(few: int, tmp_path: Path, monkeypatch) -> None:
    """Page 7 begins with three records of page 1: an order that is not fixed."""
    monkeypatch.setattr(doubts, "FEW", few)  # hashes in memory: of two pages, the others in a file
    found = numbered(80)
    found[60:63] = found[:3]
    with Scripted(paged(found)) as server:
        facts = fetch(tmp_path, server.url, pages=PAGE)
    assert (facts["records"], facts["on_both"], facts["apart"], facts["twice"]) == (80, 0, 3, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


@pytest.mark.parametrize("broken", [[6], [7], [8]])
def test_pages_of_an_earlier_run_count(broken: list[int], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(doubts, "FEW", 25)
    found = numbered(80)
    found[60:63], found[63] = found[:3], found[59]
    with Scripted(paged(found, broken)) as server:
        with pytest.raises(DiffusionError, match="418"):
            fetch(tmp_path, server.url, pages=PAGE)
        facts = fetch(tmp_path, server.url, pages=PAGE)
    assert (facts["on_both"], facts["apart"]) == (1, 3)


def test_records_of_csv_over_several_lines(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        page = int(asked.path.rpartition("=")[2])
        if page == 3 and not again:
            again.append(page)
            return Answer(418)
        rows = [
            b'%d,"a\r\nb"\r\n' % (n if page < 4 else n - 8) for n in range(page * 3, page * 3 + 3)
        ]
        return Answer(body=b"id,text\r\n" + b"".join(rows) if page < 5 else b"id,text\r\n")

    again: list[int] = []
    with Scripted(answer) as server:
        with pytest.raises(DiffusionError, match="418"):
            fetch(tmp_path, server.url, format="csv", pages=PAGE)
        facts = fetch(tmp_path, server.url, format="csv", pages=PAGE)
    assert (facts["records"], facts["apart"]) == (12, 3)


@pytest.fixture
def converter(tmp_path: Path) -> Converter:
    return Converter(tmp_path)


def checked(folder: Path, found: list[dict], checks: Checks, limits: object) -> Iterator[tuple]:
    with Scripted(paged(found)) as server:
        source = source_of(server.url, pages=PAGE)
        facts = fetch(folder, server.url, pages=PAGE) | {"request": {}}
    raw = RawInput.of("all", ["records.ndjson.zst"], [folder / "records"], "0" * 64, facts)
    convert_table("t", source, [raw], folder / "t.parquet", limits)
    for result in run_checks(folder / "t.parquet", checks, {}, limits):
        if result.check == "overlap":
            yield result.level, result.found


DAYS = [{"dep": str(n % 20), "day": f"2025-01-{n // 20 + 1:02}", "n": n % 3} for n in range(400)]


COUNTS = [{"a": n % 11, "b": n % 13, "c": n % 17} for n in range(400)]


@pytest.mark.parametrize(
    ("rows", "level", "words"),
    [
        (numbered(200), "error", "no other rows have the same `id`"),
        (DAYS, "error", "same `dep` and `day`"),
        (COUNTS, "warn", "which may be chance"),
    ],
)
def test_what_tells_rows_apart_tells_chance_from_overlap(
    rows: list[dict], level: str, words: str, tmp_path: Path, converter
) -> None:
    doubled = [*rows[:150], *rows[20:22], *rows[150:]]
    [found] = checked(tmp_path, doubled, Checks(), converter.limits())
    assert found[0] == level and words in found[1]
    assert found[1].startswith("2 records stand on two pages that are not next to each other")
    [found] = checked(tmp_path, doubled, Checks(warn=["overlap"]), converter.limits())
    assert found[0] == "warn"
    assert not [*checked(tmp_path, doubled, Checks(overlap=False), converter.limits())]
    assert not [*checked(tmp_path, rows, Checks(), converter.limits())]


def test_more_than_chance_explains(tmp_path: Path, converter: Converter) -> None:
    """Of 120 pairs on 20 pages, six would stand on one page if they were chance."""
    rows = [{"n": n} for n in range(70)]
    again = [*rows[60:65], *rows[:60], *rows[65:68], *rows[:60]]
    [found] = checked(tmp_path, [*rows[:60], *again], Checks(), converter.limits())
    assert found[0] == "error" and ", and none twice on one page" in found[1]


def test_memory_does_not_grow_with_the_pages(tmp_path: Path, monkeypatch) -> None:
    """Hashes leave the memory: SQLite's own is bounded by its cache, which is small here."""
    monkeypatch.setattr(doubts, "CACHE", 100)
    overlap, count = Overlap(tmp_path / "seen"), Count()
    tracemalloc.start()
    for page in range(300):
        overlap.add([b"%d" % n for n in range(page * 1000, page * 1000 + 1000)], count)
        if page == 30:
            early = tracemalloc.get_traced_memory()[0]
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert (tmp_path / "seen").stat().st_size > 2_000_000
    assert late < early + 300_000 and (count.on_both, count.apart) == (0, 0)
    overlap.add([b"%d" % n for n in range(1000)], count)
    assert count.apart == 1000
    overlap.close()
    assert not [*tmp_path.iterdir()]

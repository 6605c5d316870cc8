"""Pages by a counter without a total: rows that moved, gaps amid the pages, short ones."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from diffusion.errors import DiffusionError
from diffusion.fetch import end, looked_again
from fetches import Answer, Asked, Scripted, fetch, record_waits, rows

ROWS = [{"id": n, "v": f"x{n}"} for n in range(57)]
SIZE = 10
STYLES = {"page": {"style": "page", "param": "at"}, "offset": {"style": "offset", "param": "at"}}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    monkeypatch.setattr(looked_again, "FREE", 20)
    monkeypatch.setattr(looked_again, "SHARE", 0.1)
    monkeypatch.setattr(looked_again, "READ", Counter())
    monkeypatch.setattr(looked_again, "AGAIN", Counter())
    return record_waits(monkeypatch)


def given(records: list, **around: object) -> Answer:
    return Answer(body=json.dumps({"items": records} | around).encode())


def start_of(asked: Asked, style: str) -> int:
    at = int(dict(parse_qsl(urlsplit(asked.path).query)).get("at", 1 if style == "page" else 0))
    return (at - 1) * SIZE if style == "page" else at


def moving(
    style: str, after: int, changed: Callable[[list], None], records: list = ROWS
) -> Callable[[Asked], Answer]:
    """Change what there is once the page of a number was given."""
    there, given_ = list(records), []

    def answer(asked: Asked) -> Answer:
        start = start_of(asked, style)
        page = there[start : start + SIZE]
        given_.append(start)
        if len(given_) == after:
            changed(there)
        return given(page)

    return answer


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("after", "at"), [(1, 3), (2, 0), (4, 9), (5, 25)])
def test_a_row_deleted_while_pages_are_read(
    style: str, after: int, at: int, tmp_path: Path
) -> None:
    answer = moving(style, after, lambda there: there.pop(at))
    with Scripted(answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=STYLES[style] | {"records": "items"})
    assert "were deleted meanwhile, and as many came on no page" in caught.value.found
    assert "run `snakemake` again" in caught.value.fix


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("after", [1, 2, 3])
def test_of_few_pages_each_is_looked_at(style: str, after: int, tmp_path: Path) -> None:
    """A row deleted on the page that was read last shows on that page alone."""
    answer = moving(style, after, lambda there: there.pop(after * SIZE - 5), ROWS[:37])
    with Scripted(answer) as server, pytest.raises(DiffusionError, match="deleted meanwhile"):
        fetch(tmp_path, server.url, pages=STYLES[style] | {"records": "items"})


HARMLESS = {
    "none": lambda _: None,
    "a change of a row": lambda there: there.__setitem__(3, {"id": 3, "v": "new"}),
    "a row behind those read": lambda there: there.append({"id": 57, "v": "new"}),
    "a deletion behind those read": lambda there: there.pop(50),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("change", HARMLESS)
def test_changes_that_lose_no_row(style: str, change: str, tmp_path: Path) -> None:
    with Scripted(moving(style, 2, HARMLESS[change])) as server:
        facts = fetch(tmp_path, server.url, pages=STYLES[style] | {"records": "items"})
    assert facts["records"] in (56, 57, 58)
    assert len(server.asked) == 7 + 2 + 1  # the pages; two of five again; one behind


@pytest.mark.parametrize("after", range(2, 11))
def test_of_more_each_second_one_is_looked_at(after: int, tmp_path: Path) -> None:
    """A row deleted on the page before the last that was read shows on one of two."""
    many = [{"id": n, "v": f"x{n}"} for n in range(117)]
    answer = moving("page", after, lambda there: there.pop((after - 1) * SIZE - 5), many)
    with Scripted(answer) as server, pytest.raises(DiffusionError, match="deleted meanwhile"):
        fetch(tmp_path, server.url, pages=STYLES["page"] | {"records": "items"})


def test_of_many_pages_some_are_looked_at(tmp_path: Path) -> None:
    many = [{"id": n, "v": f"x{n}"} for n in range(400)]
    with Scripted(moving("page", 0, HARMLESS["none"], many)) as server:
        fetch(tmp_path, server.url, pages=STYLES["page"] | {"records": "items"})
    again = [start_of(asked, "page") // SIZE for asked in server.asked[42:]]
    assert again == [0, 3, 7, 11, 15, 19, 23, 27, 31, 35]


def test_the_requests_of_many_partitions_are_bounded(tmp_path: Path) -> None:
    keys = STYLES["page"] | {"records": "items"}
    with Scripted(moving("page", 0, HARMLESS["none"])) as server:
        for number in range(40):
            fetch(tmp_path / str(number), server.url, pages=keys)
    assert looked_again.AGAIN["sources.t"] <= 20 + 0.1 * 40 * 7


def gap(number: int, answer: Answer, behind: int = 6) -> Callable[[Asked], Answer]:
    """Give something else for the page of a number."""

    def given_(asked: Asked) -> Answer:
        start = start_of(asked, "page")
        if start == (number - 1) * SIZE:
            return answer
        return given(ROWS[start : start + SIZE] if start < behind * SIZE else [])

    return given_


NO = Answer(404, body=b"no such page")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (gap(3, NO), "page 3 does not exist (HTTP 404), and the one behind it has 10 records"),
        (gap(2, NO), "page 2 does not exist (HTTP 404)"),
        (gap(3, given([])), "page 3 is empty (HTTP 200)"),
        (gap(4, Answer(204)), "page 4 is empty (HTTP 204)"),
    ],
)
def test_a_page_that_is_missing_amid_others(
    answer: Callable[[Asked], Answer], words: str, tmp_path: Path
) -> None:
    pages = STYLES["page"] | {"records": "items"}
    with Scripted(answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=pages, empty_on=[404])
    assert words in caught.value.found and "`empty_on`" in caught.value.fix


@pytest.mark.parametrize("last", [1, 2, 5])
def test_a_status_that_is_the_end(last: int, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        start = start_of(asked, "page")
        return given(ROWS[start : start + SIZE]) if start < last * SIZE else NO

    pages = STYLES["page"] | {"records": "items"}
    with Scripted(answer) as server:
        fetch(tmp_path, server.url, pages=pages, empty_on=[404])
    assert rows(tmp_path) == ROWS[: last * SIZE]


def test_a_short_page_amid_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cuts = [ROWS[:10], ROWS[10:13], ROWS[13:23], ROWS[23:]]

    def answer(asked: Asked) -> Answer:
        page = start_of(asked, "page") // SIZE
        return given(cuts[page] if page < 4 else [], total=57)

    told = "page 2 has fewer records than others, and further pages follow it"
    pages = STYLES["page"] | {"records": "items"}
    with Scripted(answer) as server:
        with pytest.raises(DiffusionError, match=told) as caught:
            fetch(tmp_path, server.url, pages=pages)
        assert 'write `total: ""` under pages' in caught.value.fix
        fetch(tmp_path, server.url, pages=pages | {"total": "total"})
        assert told not in caplog.text
        fetch(tmp_path, server.url, pages=pages | {"total": ""})
    assert rows(tmp_path) == ROWS and told in caplog.text


@pytest.mark.parametrize("empty", [1, 2, 9])
def test_a_number_that_leads_over_empty_pages(
    empty: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end, "COUNTS_ON", set())
    parts = [ROWS[:10], *[[]] * empty, ROWS[10:]]

    def answer(asked: Asked) -> Answer:
        at = start_of(asked, "offset")
        return given(parts[at], next=at + 1 if at + 1 < len(parts) else None)

    with Scripted(answer) as server:
        fetch(tmp_path, server.url, pages={"style": "cursor", "records": "items", "param": "at"})
    assert rows(tmp_path) == ROWS


def test_a_number_that_counts_on_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end, "COUNTS_ON", set())

    def answer(asked: Asked) -> Answer:
        at = start_of(asked, "offset")
        return given(ROWS[at : at + SIZE], next=at + SIZE)

    keys = {"style": "cursor", "records": "items", "param": "at"}
    with Scripted(answer) as server:
        fetch(tmp_path / "1", server.url, pages=keys)
        assert (rows(tmp_path / "1"), len(server.asked)) == (ROWS, 6 + 11)
        fetch(tmp_path / "2", server.url, pages=keys)
        assert (rows(tmp_path / "2"), len(server.asked)) == (ROWS, 6 + 11 + 6 + 2)

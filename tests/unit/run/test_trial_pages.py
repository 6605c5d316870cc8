"""What a try says of pages that do not lead on, overlap, or have another size than was asked."""

import json
from collections.abc import Callable

import pytest

from fetches import Answer, Asked, Scripted, fetch, rows
from trials import PAGES, Tried


def pages(asks: str, first: int = 1, most: int = 3, in_all: int = 12) -> Callable[[Asked], Answer]:
    """Answer with the page that a parameter asks for; the first one is also the one before it."""

    def answer(asked: Asked) -> Answer:
        given = asked.path.partition(f"{asks}=")[2].partition("&")[0]
        start = max(int(given or first) - first, 0) * most
        items = [{"n": n} for n in range(start, min(start + most, in_all))]
        return Answer(body=json.dumps({"items": items, "total": in_all}).encode())

    return answer


def test_a_page_parameter_that_the_server_ignores_is_an_error(tried: Tried) -> None:
    """With a total, one page that comes again is left out: the next one shows what it was."""
    with Scripted(pages("seite")) as server:
        tried.configure(server.url, "api", pages=PAGES | {"style": "page"})
        code, words = tried()
        assert len(server.asked) == 3
    assert (
        code == 1 and "page 3 was received before [pages]\n  → the server repeats itself" in words
    )


def test_a_start_before_the_first_page_is_told(tried: Tried) -> None:
    with Scripted(pages("page")) as server:
        tried.configure(server.url, "api", pages=PAGES | {"style": "page", "start": 0})
        code, words = tried()
    assert (code, "6 records in 3 pages" in words) == (0, True)
    assert "! sources.t: page 2 held the records of a page before, and is left out" in words


def test_pages_that_overlap_are_told(tried: Tried) -> None:
    """A number of pages where the server counts records."""

    def answer(asked: Asked) -> Answer:
        start = int(asked.path.partition("offset=")[2].partition("&")[0])
        return Answer(body=json.dumps([{"n": n} for n in range(start, start + 3)]).encode())

    keys = {"style": "page", "param": "offset"}
    with Scripted(answer) as server:
        tried.configure(server.url, "api", pages=keys)
        code, words = tried()
    told = "✗ sources.t.checks.overlap: 2 records stand on two pages next to each other"
    assert code == 1 and told in words


def test_records_that_a_page_holds_twice_prove_nothing(tried: Tried) -> None:
    with Scripted(
        lambda a: Answer(body=b'[{"v": 1}, {"v": 1}, {"p": "%s"}]' % a.path[-1:].encode())
    ) as server:
        tried.configure(server.url, "api", pages={"style": "page"})
        assert "!" not in tried()[1]


@pytest.mark.parametrize(("asked", "came"), [(1000, 3), (2, 3), (3, None)])
def test_a_size_that_the_server_ignores(
    asked: int, came: int | None, tried: Tried, tmp_path, caplog
) -> None:
    keys = PAGES | {"style": "page", "size": asked}
    with Scripted(pages("page")) as server:
        tried.configure(server.url, "api", pages=keys)
        code, words = tried()
        told = f"sources.t: pages.size_param (`size`) asks for {asked:,} records a page, and 3 came"
        assert (code, f"! {told}" in words) == (0, bool(came))
        fetch(tmp_path, server.url, pages=keys)
    assert len(rows(tmp_path)) == 12
    assert [told in m for m in caplog.messages].count(True) == 2 * bool(came)  # in a run, once

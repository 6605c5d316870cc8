"""Pages of every style: each record once, no request too many, resumed after a crash, verified."""

import json
import resource
from collections.abc import Mapping
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.fetch import page_checks
from fetches import Answer, Asked, Scripted, fetch, lines, record_waits, rows
from standins.faults import Fault
from standins.records import records
from standins.server import Standins

LINES = "/data-fair/api/v1/datasets/dpe-france/lines"
DPE = {"style": "next_url", "records": "results", "total": "total"}
PAGE = {"style": "page", "records": "items", "size_param": "per_page", "size": 100}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


STYLES = {
    "next_url": ({"style": "next_url", "records": "data.items", "size_param": "size"}, 3),
    "link_header": ({"style": "link_header", "size_param": "per_page"}, 3),
    "page": ({**PAGE, "total": "total"}, 3),
    "page without total": (PAGE | {"start": 1}, 4),  # only an empty page is an end
    "offset": ({"style": "offset", "records": "results", "size_param": "limit", "start": 0}, 4),
    "cursor": (
        {"style": "cursor", "next": "next_cursor", "records": "rows", "size_param": "limit"},
        3,
    ),
    "none": ({}, 1),
    "post": ({**PAGE, "size_param": "size", "total": "total"}, 3),
}


def sized(pages: dict, size: int) -> dict:
    """Ask for so many records a page, where the style asks for any number."""
    return pages | {"size": size} if "size_param" in pages else pages


@pytest.mark.parametrize("style", STYLES)
def test_every_record_once_and_no_request_too_many(
    style: str, standins: Standins, tmp_path: Path
) -> None:
    pages, requests_sent = STYLES[style]
    method = "POST" if style == "post" else "GET"
    url = f"{standins.url}/examples/{style.split()[0]}"
    body = {"q": "all"} if style == "post" else {}
    facts = fetch(
        tmp_path,
        url,
        method=method,
        body=body,
        pages=sized(pages, 100),
    )
    assert rows(tmp_path) == records()
    assert len(standins.requests) == requests_sent
    assert (facts["pages"], facts["records"]) == (requests_sent, 250)
    assert facts["total"] == (250 if "total" in pages else None)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_a_server_that_caps_the_size(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        start = int(asked.path.partition("offset=")[2].partition("&")[0])
        found = [{"n": n} for n in range(start, min(start + 40, 100))]
        return Answer(body=json.dumps(found).encode())

    with Scripted(answer) as server:
        fetch(tmp_path, server.url, pages={"style": "offset", "size_param": "limit", "size": 1000})
    assert [row["n"] for row in rows(tmp_path)] == list(range(100))


def test_an_exact_multiple_ends_with_an_empty_page(standins: Standins, tmp_path: Path) -> None:
    params = {"qs": 'code_insee_commune_actualise:"01450"', "size": 50}
    facts = fetch(tmp_path, standins.url + LINES, params=params, pages=DPE)
    assert len(standins.requests) == 3, "the last one sees that nothing follows"
    assert (facts["pages"], facts["records"], facts["total"]) == (2, 100, 100)


def test_a_query_of_nothing(standins: Standins, tmp_path: Path) -> None:
    url = standins.url + "/examples/page"
    assert fetch(tmp_path, url, params={"departement": "99"}, pages=PAGE)["records"] == 0
    assert rows(tmp_path) == []


@pytest.mark.parametrize("style", ["page", "none"])
def test_a_page_that_cannot_be_written_is_not_left_out(
    style: str, standins: Standins, tmp_path: Path
) -> None:
    """Pages are written while the next one is asked; the last one's failure counts, too."""
    pages, _ = STYLES[style]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))  # bytes: a page has more
    try:
        with pytest.raises(OSError, match="File too large"):
            fetch(tmp_path, f"{standins.url}/examples/{style}", pages=sized(pages, 250))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "records").exists()
    fetch(tmp_path, f"{standins.url}/examples/{style}", pages=sized(pages, 250))
    assert rows(tmp_path) == records()


@pytest.mark.parametrize("torn", [b"", b'{"hash": "torn'])
def test_a_crash_among_pages_asks_no_page_twice(
    torn: bytes, standins: Standins, tmp_path: Path
) -> None:
    url, pages = standins.url + "/examples/page", {**PAGE, "total": "total"}
    standins.faults["/examples/page"] = [None, None, Fault(403)]
    with pytest.raises(DiffusionError, match="HTTP 403"):
        fetch(tmp_path, url, pages=pages)
    for name, rest in (("records.part", b"\x28\xb5\x2f\xfd" * 9999), ("records.pages", torn)):
        with (tmp_path / name).open("ab") as file:  # what a killed process leaves
            file.write(rest if torn else b"")
    standins.requests.clear()
    facts = fetch(tmp_path, url, pages=pages)
    assert standins.requests == [("GET", "/examples/page?per_page=100&page=3")]
    assert rows(tmp_path) == records()
    assert (facts["pages"], facts["records"], facts["total"]) == (3, 250, 250)


def test_a_page_that_a_power_cut_damaged_is_asked_again(standins: Standins, tmp_path: Path) -> None:
    url, frames = standins.url + "/examples/page", tmp_path / "records.part"
    standins.faults["/examples/page"] = [None, None, Fault(403)]
    with pytest.raises(DiffusionError, match="HTTP 403"):
        fetch(tmp_path, url, pages=PAGE)
    data = bytearray(frames.read_bytes())
    data[-100:-50] = bytes(50)
    frames.write_bytes(data)
    standins.requests.clear()
    fetch(tmp_path, url, pages=PAGE)
    asked = [path.rpartition("=")[2] for _, path in standins.requests]
    assert asked[:2] == ["2", "3"] and rows(tmp_path) == records()


@pytest.mark.parametrize("change", ["params", "lost"])
def test_pages_of_another_query_are_not_gone_on_with(
    change: str, standins: Standins, tmp_path: Path
) -> None:
    url = standins.url + "/examples/page"
    standins.faults["/examples/page"] = [None, Fault(404)]
    with pytest.raises(DiffusionError):
        fetch(tmp_path, url, pages=PAGE)
    if change == "lost":  # the machine went down: the journal is on disk, the pages are not
        (tmp_path / "records.part").write_bytes(b"")
    params = {"departement": "2A"} if change == "params" else {}
    fetch(tmp_path, url, params=params, pages=PAGE)
    wanted = [row for row in records() if not params or row["departement"] == "2A"]
    assert rows(tmp_path) == wanted


def test_faults_between_pages_change_nothing(standins: Standins, tmp_path: Path) -> None:
    faults = [Fault(503), None, Fault(429), Fault(cut_after=50), None, Fault(500)]
    standins.faults["/examples/cursor"] = faults
    pages, _ = STYLES["cursor"]
    fetch(
        tmp_path,
        standins.url + "/examples/cursor",
        pages=sized(pages, 100),
    )
    assert rows(tmp_path) == records()


def body(items: list, **around: object) -> Answer:
    return Answer(body=json.dumps({"items": items, **around}).encode())


A, B, C = [{"n": 1}, {"n": 2}], [{"n": 3}, {"n": 4}], [{"n": 5}]
GEOJSON = Answer(body=b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}')
NEXT = {"style": "next_url", "records": "items"}
MARKED = NEXT | {"marker": "meta.version"}
TOTAL = NEXT | {"total": "total"}
CURSOR = {"style": "cursor", "records": "items", "next": "next"}
COUNTED = {"style": "page", "records": "items", "total": "total"}
LISTS = """write `pages: {records: 'rows."a.b"'}` (3 objects) or `pages: {records: items}` (2 """
HTML = Answer(200, {"Content-Type": "application/json"}, b"<!DOCTYPE html>\n <title>Log in</title>")


@pytest.mark.parametrize(
    ("answers", "pages", "words", "fix"),
    [
        (
            [body(A, total=5, next=None)],
            TOTAL,
            "2 records came, the server announced 5",
            "nothing was kept",
        ),
        (
            [body(A, total=5), body([], total=5)],
            COUNTED,
            "announced 5",
            "from 0 needs `pages: {",
        ),
        ([body(A, total=1, next=None)], TOTAL, "the server announced 1", "only a bound"),
        ([body(A, total=5, next="/2"), body(B, total=6)], TOTAL, "from 5 to 6", "fetch it again"),
        (
            [body(A, next="/2", meta={"version": "a"}), body(B, meta={"version": "b"})],
            MARKED,
            "`meta.version` went from a to b",
            "fetch it again",
        ),
        (
            [body(A, total=9), body(A, total=9), body(A, total=9)],
            COUNTED,
            "page 3 was received before",
            "pages.param",
        ),
        (
            [body(A, next="/2"), body(B, next="/1"), body(A)],
            NEXT,
            "page 3 was received before",
            "repeats",
        ),
        (
            [body([{"n": n}], next=f"c{n}") for n in range(9)],
            CURSOR | {"max_pages": 4},
            "4 pages and no end",
            "raise pages.max_pages",
        ),
        (
            [body(A, meta={"hints": ["x is not a recognized query parameter"]})],
            NEXT,
            'the server warns: ["x is not a recognized',
            "correct `params:`",
        ),
        ([body(A)], TOTAL, "the first page has nothing at `total`", "or leave it out"),
        ([body(A, version=1)], MARKED, "nothing at pages.marker: `meta.version`", "has `version`"),
        (
            [body(A, total={"value": 2})],
            TOTAL,
            "`total` is not a number: {'value': 2}",
            "pages.total",
        ),
        ([body(A, next={"href": "/2"})], NEXT, "`next` is not a URL: {'href'", "next: next.href"),
        ([body(A)], NEXT | {"records": "rows"}, "nothing at `rows`", "`pages: {records: items}`"),
        ([body([])], NEXT | {"records": "rows"}, "nothing at `rows`", "keys of the body: items"),
        ([body(A, rows={"x": [1], "a.b": [{}, {}, {}]})], {}, "`the top`", LISTS),
        ([body({"a": 1})], NEXT, "no list of records at `items`", 'begins: {"items": {"a": 1}}'),
        ([GEOJSON], {}, "no list of records at `the top`", "write `format: geojson`, with `pages:"),
        ([HTML], NEXT, "not JSON", "begins: <!DOCTYPE html> <title>Log in</title>"),
        ([HTML], {}, "not JSON", "that is a web page (HTML): look for the address of the API in"),
        ([Answer(body=b"a;b\n1;2\n")], {}, "not JSON", "`format: csv`. The answer begins: a"),
        (
            [Answer(body=b"PK\3\4\0")],
            {},
            "not JSON",
            "write `from: archive`. The answer",
        ),
        ([Answer(body=b"Come back, later")], {}, "not JSON", "the answer begins: Come back"),
        ([Answer(body=b'{"items": [{"n": 1}, {"n"')], NEXT, "truncated", 'begins: {"items"'),
        ([Answer()], NEXT, "the answer is empty", "run `snakemake` again"),
        ([Answer(416, body=b"page too far")], NEXT, "HTTP 416", ""),
    ],
)
def test_what_is_refused(
    answers: list[Answer], pages: Mapping, words: str, fix: str, tmp_path: Path
) -> None:
    coming = iter(answers)
    with Scripted(lambda _: next(coming, Answer(404))) as server:
        with pytest.raises(DiffusionError) as caught:
            fetch(tmp_path, server.url, pages=pages)
        assert words in caught.value.found
        assert fix in caught.value.fix
        assert len(server.asked) <= len(answers)
    assert not (tmp_path / "records").exists()
    if "fetch it again" in fix or "kept" in fix or "before" in words:
        assert list(tmp_path.iterdir()) == []


FIRST = body(A, next="/2", total=5, meta={"version": "a"})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        # the first and the last page of those that had come; with and without a page in between
        ([FIRST, body(B, next="/3")], body(A), "page 3 was received before"),
        ([FIRST, body(B, next="/3")], body(B), "page 3 was received before"),
        ([FIRST], body(B, meta={"version": "b"}), "`meta.version` went from a to b"),
        ([FIRST, body(B, next="/3")], body(C, meta={"version": "b"}), "`meta.version` went from"),
        ([FIRST], body(B, total=6), "the total went from 5 to 6"),
    ],
)
def test_what_came_before_a_crash_still_counts(
    before: list[Answer], after: Answer, words: str, tmp_path: Path
) -> None:
    coming = iter([*before, Answer(403), after])
    with Scripted(lambda _: next(coming)) as server:
        with pytest.raises(DiffusionError, match="HTTP 403"):
            fetch(tmp_path, server.url, pages=TOTAL | MARKED)
        with pytest.raises(DiffusionError) as caught:
            fetch(tmp_path, server.url, pages=TOTAL | MARKED)
    assert words in caught.value.found
    assert server.asked[-1].path == server.asked[-2].path, "it went on where it had ended"
    assert list(tmp_path.iterdir()) == [], "pages that do not belong together are dropped"


def test_an_ignored_parameter_of_data_fair(standins: Standins, tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="code_insee is not a recognized query parameter"):
        fetch(tmp_path, standins.url + LINES, params={"code_insee": "01450"}, pages=DPE)
    assert len(standins.requests) == 1


def test_an_estimate_is_no_total(tmp_path: Path) -> None:
    with Scripted(lambda _: body(A, total=7, next=None, meta={"totalMarginPct": 5})) as server:
        assert fetch(tmp_path, server.url, pages=TOTAL)["total"] is None


def test_a_total_written_as_text(tmp_path: Path) -> None:
    with Scripted(lambda _: body(A, total="2")) as server:
        assert fetch(tmp_path, server.url, pages=TOTAL)["total"] == 2


def test_the_records_keep_their_bytes(tmp_path: Path) -> None:
    text = '\ufeff[{"x": 1.10,\r\n "long": 12345678901234567890, "é": "a\\nb"},\n{"x": 1e400}]'
    with Scripted(lambda _: Answer(body=text.encode())) as server:
        fetch(tmp_path, server.url)
    first, second = lines((tmp_path / "records").read_bytes())
    assert first.decode() == '{"x": 1.10,   "long": 12345678901234567890, "é": "a\\nb"}'
    assert second == b'{"x": 1e400}'


def test_a_key_that_the_server_repeats_is_not_kept(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        if "page=3" in asked.path:
            return Answer(403)
        following = "?api_key=s3cret&page=3" if "page=2" in asked.path else "?api_key=s3cret&page=2"
        return body([{"asked": len(asked.path)}], next=following)

    auth = {"env": "KEY", "style": "param", "name": "api_key"}
    with Scripted(answer) as server:
        with pytest.raises(DiffusionError) as caught:
            fetch(tmp_path, server.url + "/f", {"KEY": "s3cret"}, pages=NEXT, auth=auth)
        assert [asked.path.count("s3cret") for asked in server.asked] == [1, 1, 1]
    assert "s3cret" not in str(caught.value)
    assert "page=3" in (tmp_path / "records.pages").read_text()
    assert "s3cret" not in (tmp_path / "records.pages").read_text()


@pytest.mark.parametrize(
    "name", ["access_token", "sig", "session", "path", "gone"], ids=lambda name: name
)
def test_a_token_of_the_server_is_in_no_file_of_the_project(
    name: str, tmp_path: Path, monkeypatch
) -> None:
    """It is kept apart, so that the pages that came are not asked for again."""
    cache, project = tmp_path / "cache", tmp_path / "project"
    project.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    token, closed = "q7Rt2LmX9vKp4Zs8Yw3B", [True]
    link = f"/{token}/f?page=" if name == "path" else f"?{name}={token}&page="

    def answer(asked: Asked) -> Answer:
        page = int(asked.path.partition("page=")[2] or 1)
        if page == 3 and closed:
            return Answer(403)
        following = {"next": f"{link}{page + 1}"} if page < 4 else {}
        return body([{"page": page}], **following)

    with Scripted(answer) as server:
        with pytest.raises(DiffusionError):
            fetch(project, server.url + "/f", pages=NEXT)
        kept = [path for path in project.rglob("*") if path.is_file()]
        assert kept
        assert not [path for path in kept if token in path.read_text("latin-1")]
        if name == "gone":
            for path in cache.rglob("held/*"):
                path.unlink()
        closed.clear()
        before = len(server.asked)
        fetch(project, server.url + "/f", pages=NEXT)
        assert len(server.asked) - before == (4 if name == "gone" else 2)
    assert [row["page"] for row in rows(project)] == [1, 2, 3, 4]
    assert not [path for path in cache.rglob("held/*") if path.is_file()]


@pytest.mark.parametrize("first", [0, 1])
def test_pages_that_count_from_zero(first: int, tmp_path: Path, monkeypatch) -> None:
    """Without a total, one request shows it; no other partition of the job asks again."""
    monkeypatch.setattr(page_checks, "STARTS_KNOWN", set())

    def answer(asked: Asked) -> Answer:
        number = int(asked.path.rpartition("=")[2])
        if number < first:
            return Answer(500)
        return Answer(body=json.dumps([{"n": number}] if number < first + 3 else []).encode())

    with Scripted(answer) as server:
        if first:
            fetch(tmp_path, server.url, pages={"style": "page"})
            fetch(tmp_path / "b", server.url, pages={"style": "page"})
            assert len(server.asked) == 5 + 4
            return
        with pytest.raises(DiffusionError, match="page 0 has 1 records that no other page has"):
            fetch(tmp_path, server.url, pages={"style": "page"})
        assert fetch(tmp_path, server.url, pages={"style": "page", "start": 0})["records"] == 3


def test_a_status_past_the_end_names_the_option(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body=b'[{"n": 1}]') if asked.path.endswith("=1") else Answer(404)

    with Scripted(answer) as server:
        with pytest.raises(DiffusionError, match=r"write `empty_on: \[404\]`; else check the URL"):
            fetch(tmp_path, server.url, pages={"style": "page"})
        assert fetch(tmp_path, server.url, pages={"style": "page"}, empty_on=[404])["records"] == 1


def test_records_by_id_are_told_apart(tmp_path: Path) -> None:
    answer = Answer(body=b'{"data": {"01": {"nom": "Ain"}, "02": {"nom": "Aisne"}}}')
    words = r"write `pages: \{records: 'data\.\*'\}`"
    with Scripted(lambda _: answer) as server, pytest.raises(DiffusionError, match=words):
        fetch(tmp_path, server.url, pages={"records": "data"})


@pytest.mark.parametrize(("shared", "twice"), [(0, 0), (1, 0), (1, 1)])
def test_records_on_two_pages_are_counted(shared: int, twice: int, tmp_path: Path) -> None:
    """Where pages hold records twice themselves, that is counted, too: the data may be so."""

    def answer(asked: Asked) -> Answer:
        page = int(asked.path.rpartition("=")[2])
        numbers = range(3 * page - 3 - (shared if page > 1 else 0), 3 * page)
        same = [{"n": "same"}] * 2 * twice
        found = [{"n": n} for n in numbers] + same if page < 4 else []
        return Answer(body=json.dumps(found).encode())

    with Scripted(answer) as server:
        pages = {"style": "page", "start": 1, "total": ""}  # the first page is shorter
        facts = fetch(tmp_path, server.url, pages=pages)
    assert facts["records"] == 9 + 2 * shared + 6 * twice
    assert (facts.get("on_both", 0), facts.get("twice", 0)) == (2 * shared, 3 * twice)


@pytest.mark.parametrize("by_page", [True, False])
def test_an_offset_that_counts_pages(by_page: bool, tmp_path: Path, monkeypatch) -> None:
    """Each third record would have come, and no more: nothing else shows it without a total."""
    monkeypatch.setattr(page_checks, "STARTS_KNOWN", set())

    def answer(asked: Asked) -> Answer:
        start = int(asked.path.rpartition("=")[2]) * (3 if by_page else 1)
        return Answer(
            body=json.dumps([{"n": n} for n in range(start, min(start + 3, 30))]).encode()
        )

    with Scripted(answer) as server:
        if not by_page:
            assert fetch(tmp_path, server.url, pages={"style": "offset"})["records"] == 30
            return
        with pytest.raises(DiffusionError, match="as if it were the number of a page") as caught:
            fetch(tmp_path, server.url, pages={"style": "offset"})
        assert "`pages: {style: page, param: offset, start: 0, …}`" in caught.value.fix
        keys = {"style": "page", "param": "offset", "start": 0}
        assert fetch(tmp_path, server.url, pages=keys)["records"] == 30

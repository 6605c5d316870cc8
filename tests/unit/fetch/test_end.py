"""The end of the data: one definition for every style, and nothing is lost before it in silence."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from diffusion.errors import DiffusionError
from diffusion.fetch import page_checks
from fetches import Answer, Asked, Scripted, fetch, record_waits, rows

ROWS = [{"n": n} for n in range(6)]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


def given(**body: object) -> Answer:
    return Answer(body=json.dumps(body).encode())


def query(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(asked.path).query))


def pages_of(size: int, past: Callable[[int], Answer] | None = None, **around: object) -> Callable:
    """Serve ROWS by page number; ``past``: what comes beyond the end, by the number of the page."""

    def answer(asked: Asked) -> Answer:
        page = int(query(asked).get("page", 1))
        items = ROWS[(page - 1) * size : page * size]
        return past(page) if past and not items else given(items=items, **around)

    return answer


def flagged(asked: Asked) -> Answer:
    """The third page says that it is the last one; what is asked beyond it is the first again."""
    page = (int(query(asked)["page"]) - 1) % 3
    return given(items=ROWS[page * 2 :][:2], last=page == 2)


def scroll(asked: Asked, served: list = []) -> Answer:  # noqa: B006 - the server keeps the position
    if query(asked).get("cursor") == "*":
        served.clear()
    items = ROWS[len(served) : len(served) + 2]
    served.extend(items)
    return given(items=items, next="same")


def stripe(asked: Asked) -> Answer:
    items = [row for row in ROWS if row["n"] > int(query(asked).get("after", -1))][:2]
    return given(items=items, has_more=items[-1]["n"] < 5)


def header(asked: Asked) -> Answer:
    start = int(query(asked).get("token", 0))
    more = {"X-Next": str(start + 2)} if start < 4 else {}
    return Answer(headers=more, body=json.dumps(ROWS[start : start + 2]).encode())


def gap(asked: Asked) -> Answer:
    """A page without records among the others, as filters that work page by page give."""
    start = int(query(asked).get("cursor", 0))
    items = [] if start == 2 else ROWS[start : start + 2]
    return given(items=items, next=start + 2 if start < 4 else None)


def graphql(asked: Asked) -> Answer:
    variables = json.loads(asked.body)["variables"]
    start = int(variables.get("after", 0))
    items = ROWS[start : start + variables["first"]]
    return given(data={"c": {"nodes": items, "more": start < 4, "end": str(start + 2)}})


def zero_and_one(asked: Asked) -> Answer:
    """Page 0 is page 1."""
    page = max(int(query(asked)["page"]), 1)
    return given(items=ROWS[(page - 1) * 2 : page * 2], total=6)


def by_token(asked: Asked) -> Answer:
    start = int(json.loads(asked.body or b"{}").get("token", 0))
    return given(items=ROWS[start : start + 2], next=start + 2 if start < 4 else None)


def always_next(asked: Asked) -> Answer:
    start = int(query(asked).get("start", 0))
    return given(items=ROWS[start : start + 4], next=f"?start={start + 4}", total=6)


PAGE = {"style": "page", "records": "items"}
CURSOR = {"style": "cursor", "records": "items"}
NO = Answer(404, body=b"Invalid page")
RIGHT = {
    "an empty page": (pages_of(2), PAGE, 4),
    "204": (pages_of(2, lambda _: Answer(204)), PAGE, 4),
    "null": (pages_of(2, lambda _: given(items=None)), PAGE, 4),
    "no records": (pages_of(2, lambda _: given(ok=True)), PAGE, 4),
    "a short page with the total": (pages_of(4, total=6), PAGE | {"total": "total"}, 2),
    "the total, and 404 past it": (
        pages_of(2, lambda _: NO, total=6),
        PAGE | {"total": "total"},
        4,
    ),
    "the total, and the last page again": (
        pages_of(2, lambda _: given(items=ROWS[4:], total=6), total=6),
        PAGE | {"total": "total"},
        4,
    ),
    "the number of pages": (
        pages_of(2, lambda _: given(items=ROWS[4:], n=3), n=3),
        PAGE | {"last": "n"},
        4,
    ),
    "a flag of the last page": (flagged, PAGE | {"last": "last", "start": 1}, 3),
    "a bound as total": (
        pages_of(2, hits={"value": 4, "relation": "gte"}),
        PAGE | {"total": "hits.value"},
        4,
    ),
    "the same token": (scroll, CURSOR | {"params": {"cursor": "*"}}, 4),
    "a flag, and the last record's id": (
        stripe,
        CURSOR | {"next": "items[-1].n", "param": "after", "more": "has_more"},
        3,
    ),
    "a header": (header, {"style": "cursor", "next": "header:x-next", "param": "token"}, 3),
    "a next page for ever": (always_next, PAGE | {"style": "next_url", "total": "total"}, 2),
    "a next page for ever, no total": (always_next, PAGE | {"style": "next_url"}, 4),
    "GraphQL": (
        graphql,
        {
            "style": "cursor",
            "records": "data.c.nodes",
            "next": "data.c.end",
            "more": "data.c.more",
            "param": "variables.after",
            "body": {"query": "{c{nodes{id}}}", "variables": {"first": 2}},
        },
        3,
    ),
    "a token into an empty body": (by_token, CURSOR | {"param": "token", "body": {}}, 3),
    "two first pages": (zero_and_one, PAGE | {"start": 0, "total": "total"}, 5),
}


def run(folder: Path, answer: Callable, pages: Mapping, **keys: object) -> tuple[list, int]:
    options = {key: pages[key] for key in pages if key not in ("params", "body")}
    keys |= {"params": pages.get("params", {})}
    keys |= {"method": "POST", "body": pages["body"]} if "body" in pages else {}
    with Scripted(answer) as server:
        most = {"max_pages": 9} if pages.get("style", "none") != "none" else {}
        fetch(folder, server.url, pages=options | most, **keys)
    return rows(folder), len(server.asked)


@pytest.mark.parametrize("name", RIGHT)
def test_every_record_once(name: str, tmp_path: Path) -> None:
    answer, pages, requests = RIGHT[name]
    assert run(tmp_path, answer, pages) == (ROWS, requests)


def test_a_page_without_records_in_between(tmp_path: Path) -> None:
    assert run(tmp_path, gap, CURSOR)[0] == ROWS[:2] + ROWS[4:]


LINK = {"style": "next_url", "records": "items", "next": "next"}
ODATA = LINK | {"next": '"@odata.nextLink"'}
RELATED = LINK | {"next": "links[rel=next].href"}
SELF = [{"rel": "self", "href": "/1"}]


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        ({"@odata.context": "c"}, ODATA),
        ({"links": SELF, "numberMatched": len(ROWS)}, RELATED),
        ({"links": SELF}, RELATED),
        ({"links": {"self": "/1", "first": "/1"}}, LINK | {"next": "links.next"}),
        ({"total": len(ROWS)}, LINK),
    ],
)
def test_standards_leave_out_the_way_on_of_an_only_page(body, pages, tmp_path: Path) -> None:
    assert run(tmp_path, lambda _: given(items=ROWS, **body), pages) == (ROWS, 1)


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        ({"odata.nextLink": "/2", "@odata.context": "c"}, ODATA),
        ({"links": [{"rel": "suivant", "href": "/2"}], "numberMatched": 99}, RELATED),
        ({"links": {"self": "/1", "nextPage": "/2"}}, LINK | {"next": "links.next"}),
        ({"total": len(ROWS), "has_more": True}, LINK),
    ],
)
def test_an_only_page_that_says_more_is_none(body, pages, tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match=r"nothing at pages\.next"):
        run(tmp_path, lambda _: given(items=ROWS, **body), pages)


SHORT = LINK | {"size_param": "limit", "size": 9}
ONE = given(items=ROWS[:2], links={"next": "/2"})


@pytest.mark.parametrize(
    ("answer", "pages", "words", "fix"),
    [
        (ONE, LINK, "nothing at pages.next: `next`", "the answer has `links.next`"),
        (ONE, SHORT, "nothing at pages.next", "`links.next`"),
        (given(items=ROWS), LINK, "nothing at pages.next", "`size_param` and `size`"),
        (ONE, PAGE | {"more": "has_more"}, "nothing at pages.more: `has_more`", "pages.more"),
        (ONE, PAGE | {"last": "pages"}, "nothing at pages.last: `pages`", "correct pages.last"),
        (ONE, {"style": "link_header", "records": "items"}, "no header `Link`", "`links.next`"),
        (
            given(items=[], more=True),
            PAGE | {"more": "more"},
            "`more` says that there is",
            "begins",
        ),
        (
            given(items=ROWS, numberMatched=9),
            {"records": "items"},
            "`numberMatched`: 9",
            "offset",
        ),
        (
            given(items=ROWS, exceededTransferLimit=True),
            {"records": "items"},
            "`exceededTransferLimit`: true",
            "off",
        ),
        *(
            (given(items=ROWS, **around), {"records": "items"}, f"`{sign}`", "for all pages")
            for around, sign in [
                ({"paging": {"next": {"after": "NTI"}}}, "paging.next.after"),  # HubSpot
                ({"page": 1, "limit": 6}, "limit"),  # as many came as a page can have
                ({"meta": {"perPage": 6, "last": ""}}, "meta.perPage"),
            ]
        ),
        (given(error={"message": "no such field"}), LINK, '"no such field"', "correct"),
        (given(items=ROWS, errors=["x is unknown"]), {"records": "items"}, "x is unknown", "error"),
        (given(success=False, items=[]), {"records": "items"}, "success", "pages.error"),
        (given(items=ROWS, oh={"no": 1}), {"records": "items", "error": "oh"}, '{"no": 1}', "req"),
        (given(code=429, message="slow down", items=[]), PAGE, "slow down", "pages.error"),
        (given(status="KO", items=[]), PAGE, "at `status`", "pages.error"),
        (given(message="Rate limit exceeded"), PAGE, "at `message`", "pages.error"),
        (given(code="TOO_MANY_REQUESTS", items=[]), PAGE, "at `code`", "pages.error"),
        (given(items=[], Note="Our rate limit is 5 calls a day"), PAGE, "at `Note`", "pages.error"),
        (given(items=[], header={"msg": "LIMIT EXCEEDED"}), PAGE, "`header.msg`", "pages.error"),
        (given(items=[], ok=False), PAGE, "at `ok`", "pages.error"),
        (given(items=ROWS, warnings=["truncated to 6"]), PAGE, "truncated to 6", "pages.error"),
        (given(items=ROWS, last="x"), PAGE | {"last": "last"}, "`last` is not a number", "pages."),
        (given(items=[], last=False), PAGE | {"last": "last"}, "`last` says that there", "pages."),
    ],
)
def test_what_is_not_the_end(
    answer: Answer, pages: Mapping, words: str, fix: str, tmp_path: Path
) -> None:
    with pytest.raises(DiffusionError) as caught:
        run(tmp_path, lambda _: answer, pages)
    assert words in caught.value.found and fix in caught.value.fix
    assert not (tmp_path / "records").exists()


@pytest.mark.parametrize(
    ("answer", "pages"),
    [
        (given(items=ROWS, error=None, errors=[], success=True), {"records": "items"}),
        (given(items=ROWS, next=None), LINK),
        (given(items=ROWS), SHORT),
        (given(items=ROWS, total=6), LINK | {"total": "total"}),
        (given(items=ROWS, has_more=False), LINK | {"more": "has_more"}),
        (given(items=ROWS, next="/2", isLast="true"), LINK | {"last": "isLast"}),
        (given(items=ROWS, limit=7), {"records": "items"}),
        (given(items=ROWS, limit=6, next=None), {"records": "items"}),
        (given(items=ROWS, limit=6, total=6, code=200), {"records": "items"}),
        (given(items=ROWS, message="no error", warning="slow"), {"records": "items"}),
        (given(items=ROWS, error="none, so far"), {"records": "items", "error": "err"}),
    ],
)
def test_a_page_that_is_the_only_one(answer: Answer, pages: Mapping, tmp_path: Path) -> None:
    assert run(tmp_path, lambda _: answer, pages) == (ROWS, 1)


@pytest.mark.parametrize(
    ("message", "is_end"), [("No more results", True), ("Your cursor has expired", False)]
)
def test_words_in_place_of_a_page(message: str, is_end: bool, tmp_path: Path) -> None:
    """A server that gives nothing more says why: what is no end would be half of the data."""

    def answer(asked: Asked) -> Answer:
        first = "page=1" in asked.path
        return given(items=ROWS, message="ok") if first else given(items=[], message=message)

    if is_end:
        assert run(tmp_path, answer, PAGE | {"start": 1})[0] == ROWS
        return
    with pytest.raises(DiffusionError, match="Your cursor has expired"):
        run(tmp_path, answer, PAGE)


def test_as_many_records_as_servers_give_at_most(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        start = int(query(asked)["offset"])
        return given(items=[{"n": n} for n in range(start, start + 5000)] * (start < 10_000))

    pages = {"style": "offset", "records": "items"}
    with pytest.raises(DiffusionError, match="10,000 records came: many servers") as caught:
        run(tmp_path, answer, pages)
    assert '`total: ""` under pages' in caught.value.fix
    assert len(run(tmp_path, answer, pages | {"total": ""})[0]) == 10_000


def test_a_total_that_is_only_a_bound(tmp_path: Path) -> None:
    """It is seen where more comes after it; without it, all is there."""
    with pytest.raises(DiffusionError, match="announced 4 records, and more follow") as caught:
        run(tmp_path, pages_of(2, total=4), PAGE | {"total": "total"})
    assert "leave out `pages.total`" in caught.value.fix
    assert run(tmp_path, pages_of(2, total=4), PAGE)[0] == ROWS


@pytest.mark.parametrize("style", [PAGE, LINK])
def test_a_total_that_counts_a_page(style: Mapping, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        page = int(query(asked).get("page", 1))
        items = ROWS[page * 2 - 2 : page * 2]
        return given(items=items, count=len(items), next=f"?page={page + 1}")

    with pytest.raises(DiffusionError, match="the number of a page's records") as caught:
        run(tmp_path, answer, style | {"total": "count"})
    assert "leave out `pages.total` (`count`)" in caught.value.fix
    sized = style | {"total": "count", "size_param": "size", "size": 9}
    one = given(items=ROWS, count=6, next="?page=2")
    assert run(tmp_path / "one", lambda _: one, sized) == (ROWS, 1)  # a page is not full: the end


def test_a_position_that_the_server_keeps_is_not_gone_on_with(tmp_path: Path) -> None:
    cut = [Answer(headers={"Content-Length": "99"}, body=b"{", reset=True)]
    keys = CURSOR | {"params": {"cursor": "*"}}

    def losing(asked: Asked) -> Answer:
        answer = scroll(asked)
        return cut.pop() if cut and answer == given(items=ROWS[4:], next="same") else answer

    with pytest.raises(DiffusionError, match="an answer was lost"):
        run(tmp_path, losing, keys)
    assert run(tmp_path, losing, keys) == (ROWS, 4)


def test_empty_on(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="HTTP 404"):
        run(tmp_path, lambda _: NO, PAGE)
    assert run(tmp_path, lambda _: NO, PAGE | {"total": "total"}, empty_on=[404]) == ([], 1)
    assert run(tmp_path, pages_of(2, lambda _: NO), PAGE, empty_on=[404]) == (ROWS, 5)


@pytest.mark.parametrize("proof", ["total", "more"])
def test_a_page_without_links_that_is_proven_to_be_the_only_one(proof: str, tmp_path: Path) -> None:
    """What looks like a way on is none where the server's own words say that this is all."""
    body = {"items": [{"n": 1}, {"n": 2}], "paging": {"more_info": {"more": False, "total": 2}}}
    pages = {"style": "link_header", "records": "items", proof: f"paging.more_info.{proof}"}
    with Scripted(lambda _: Answer(body=json.dumps(body).encode())) as server:
        fetch(tmp_path, server.url, pages=pages)
        assert rows(tmp_path) == body["items"]
        without = pages | {proof: ""}
        with pytest.raises(DiffusionError, match="no header `Link`"):
            fetch(tmp_path, server.url + "/other", pages=without)


@pytest.mark.parametrize(
    "body", ['{"items": [], "é": 1}', '{"items": [], "total": "é"}', '{"items": [], "x": {"é": 1}}']
)
def test_an_answer_in_latin_1_is_told(body: str, tmp_path: Path) -> None:
    """JSON is UTF-8: names and values of the envelope in another encoding end in words."""
    pages = {"records": "items", "total": "total" if "total" in body else "", "marker": "x.y"}
    answer = Answer(body=body.encode("latin-1"))
    with Scripted(lambda _: answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages=pages)
    assert "sources.t" in caught.value.where and "items" in str(caught.value)


NEXT = "https://api.example/?page=2"


@pytest.mark.parametrize(
    ("answer", "sign", "fix"),
    [
        (given(items=ROWS, total=250), "`total`: 250", "{style: page, total: total}"),
        (given(items=ROWS, meta={"totalCount": "9"}), "`meta.totalCount`: 9", "offset"),
        (given(items=ROWS, count=9, next=NEXT), "`count`: 9; `next`: h", "next_url, next: next, "),
        (given(items=ROWS, _links={"next": {"href": NEXT}}), NEXT, "next: _links.next.href"),
        (
            given(items=ROWS, links=[{"rel": "next", "href": NEXT}]),
            NEXT,
            "next: 'links[rel=next].href'",
        ),
        (given(items=ROWS, nextPageToken="x1"), "x1", "style: cursor, next: nextPageToken"),
        (given(items=ROWS, **{"@odata.count": 9}), "9", "total: '\"@odata.count\"'"),
        (given(items=ROWS, **{"@odata.nextLink": NEXT}), NEXT, "next: '\"@odata.nextLink\"'"),
        (given(items=ROWS, hasMore=True), "`hasMore`: true", "style: page"),
        (given(items=ROWS, hits={"total": {"value": 9}}), "9", "total: hits.total.value"),
        (given(items=ROWS, **{"hydra:totalItems": 9}), "9", "style: page"),
        (given(items=ROWS, last=False), "`last`: false", "style: page"),
        (given(items=ROWS, total=6, has_more=True), "`has_more`: true", "style: page"),
        (given(items=ROWS, meta={"result_count": 6, "next_token": "b"}), "next_token", "cursor"),
        (given(items=ROWS, curseurSuivant="x"), "curseurSuivant", "next: curseurSuivant"),
        (given(items=ROWS, offset="itrX/rec2"), "itrX", "style: cursor, next: offset"),
        (
            Answer(headers={"Content-Range": "items 0-1/9"}, body=b'{"items": [{"n": 1}]}'),
            "Content-Range",
            "style: page",
        ),
        (given(items=ROWS, total_pages=3), "`total_pages`: 3", "style: page"),
        (
            Answer(headers={"Link": f'<{NEXT}>; rel="next"'}, body=b'{"items": [{"n": 1}]}'),
            "`header:Link`: https",
            "style: link_header",
        ),
        (
            Answer(headers={"X-Total-Count": "9"}, body=b'{"items": [{"n": 1}]}'),
            "`header:X-Total-Count`: 9",
            "total: 'header:X-Total-Count'",
        ),
    ],
)
def test_one_page_of_several_is_not_the_whole(
    answer: Answer, sign: str, fix: str, tmp_path: Path
) -> None:
    """Nobody stated how many pages there are; whoever states that there is one, has it."""
    with pytest.raises(DiffusionError) as caught:
        run(tmp_path, lambda _: answer, {"records": "items"})
    assert sign in caught.value.found and fix in caught.value.fix
    assert "`pages: {style: none}`" in caught.value.fix
    assert run(tmp_path, lambda _: answer, {"records": "items", "style": "none"})[1] == 1


@pytest.mark.parametrize(
    "around",
    [
        {"total": 6, "next": NEXT, "page": 1, "pages": 1},
        {"count": 6, "next": None, "previous": None},
        {"_shards": {"total": 60}, "hits": {"total": {"value": 6}}, "timed_out": False},
        {"last": True, "totalPages": 1, "nextPageToken": "x"},
        {"pageInfo": {"hasNextPage": False, "endCursor": "abc"}},
        {"facets": {"dep": {"count": 250}}, "nextUpdate": "2027-01-01", "cursor": ""},
    ],
)
def test_words_that_agree_are_no_sign_of_more(around: dict, tmp_path: Path) -> None:
    assert run(tmp_path, lambda _: given(items=ROWS, **around), {"records": "items"}) == (ROWS, 1)


def test_counts_that_stand_before_the_list_of_records(tmp_path: Path) -> None:
    """As the World Bank's API gives them."""
    answer = Answer(body=json.dumps([{"page": 1, "pages": 9, "total": 50}, ROWS]).encode())
    with pytest.raises(DiffusionError, match=r"`\[0\]\.total`: 50") as caught:
        run(tmp_path, lambda _: answer, {"records": "[1]"})
    assert "style: page, total: '[0].total'" in caught.value.fix


def test_a_thousand_records_are_a_page_rather_than_all(tmp_path: Path) -> None:
    answer = Answer(body=json.dumps([{"n": n} for n in range(1000)]).encode())
    with pytest.raises(DiffusionError, match="so round a number is that of a page"):
        run(tmp_path, lambda _: answer, {})
    assert len(run(tmp_path, lambda _: answer, {"style": "none"})[0]) == 1000
    whole = given(items=[{"n": n} for n in range(1000)], total=1000)
    assert len(run(tmp_path, lambda _: whole, {"records": "items"})[0]) == 1000


@pytest.mark.parametrize(("came", "is_told"), [(100, True), (20, True), (101, False)])
def test_as_many_records_as_a_page_usually_has_are_told(
    came: int, is_told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    items = [{"n": n} for n in range(came)]
    told = f"{came} records came in one answer: that is how many a page usually has"
    run(tmp_path / "a", lambda _: given(items=items), {"records": "items"})
    assert (told in caplog.text) == is_told
    caplog.clear()
    run(tmp_path / "b", lambda _: given(items=items, total=came), {"records": "items"})
    run(tmp_path / "c", lambda _: given(items=items), {"records": "items", "style": "none"})
    for number, end in enumerate(({"has_more": False}, {"count": came, "next": None})):
        answer = given(items=items, **end)
        run(tmp_path / f"d{number}", lambda _, answer=answer: answer, {"records": "items"})
    assert told not in caplog.text


def test_a_server_that_ran_out_of_time_says_so_beside_the_data(tmp_path: Path) -> None:
    answer = given(items=ROWS, remark='runtime error: Query timed out in "query" at line 1')
    with pytest.raises(DiffusionError, match="at `remark`: runtime error"):
        run(tmp_path, lambda _: answer, {"records": "items"})


@pytest.mark.parametrize(
    ("partial", "words"),
    [
        (
            {"_shards": {"total": 5, "failed": 2, "failures": [{"reason": "oom"}]}},
            '"reason": "oom"',
        ),
        ({"timed_out": True}, "at `timed_out`: true"),
    ],
)
def test_some_shards_have_not_answered(partial: dict, words: str, tmp_path: Path) -> None:
    """As Elasticsearch says it: the status is 200, and there are the records of the others."""
    whole = {"took": 5, "timed_out": False, "_shards": {"total": 5, "failed": 0}}
    answer = given(**whole, hits={"hits": ROWS})
    assert run(tmp_path, lambda _: answer, {"records": "hits.hits"})
    answer = given(**whole | partial, hits={"hits": ROWS})
    with pytest.raises(DiffusionError) as caught:
        run(tmp_path, lambda _: answer, {"records": "hits.hits"})
    assert words in caught.value.found


def test_a_page_as_long_as_was_asked_for_may_not_be_all(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="as many came as a page was asked to have"):
        run(tmp_path, lambda _: given(items=ROWS), {"records": "items", "params": {"limit": 6}})


def test_an_undeclared_total_is_compared_with_what_came(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="`total` is 9, and 6 records came") as caught:
        run(tmp_path, pages_of(2, total=9), PAGE)
    assert "with `total: total` the number is verified" in caught.value.fix
    assert run(tmp_path, pages_of(2, total=9), PAGE | {"total": ""})[0] == ROWS
    bound = {"hits": {"total": {"value": 9, "relation": "gte"}}}
    assert run(tmp_path, pages_of(2, **bound), PAGE)[0] == ROWS


def test_a_flag_of_the_last_page_does_not_tell_where_pages_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_checks, "STARTS_KNOWN", set())

    def answer(asked: Asked) -> Answer:
        page = int(query(asked)["page"])
        return given(items=ROWS[page * 2 :][:2], last=page == 2)

    with pytest.raises(DiffusionError, match="page 0 has 2 records that no other page has"):
        run(tmp_path, answer, PAGE | {"last": "last"})
    assert run(tmp_path, answer, PAGE | {"last": "last", "start": 0}) == (ROWS, 3)


@pytest.mark.parametrize("style", ["next_url", "cursor"])
def test_a_way_on_among_links_is_named_where_none_is_stated(style: str, tmp_path: Path) -> None:
    links = [{"rel": "self", "href": "/1"}, {"rel": "next", "href": "/2"}]
    answer = given(items=ROWS, links=links)
    with Scripted(lambda _: answer) as server, pytest.raises(DiffusionError) as caught:
        fetch(tmp_path, server.url, pages={"style": style, "records": "items"})
    assert "write `pages: {next: 'links[rel=next].href'}`" in caught.value.fix

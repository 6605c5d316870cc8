"""`diffusion source` of APIs that are asked by POST, or answer pages of CSV or XML."""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest

from fetches import Answer, Asked, Scripted

ROWS = [{"code": f"0{n}", "n": n} for n in range(25)]


def query(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(asked.path).query))


def given(**body: object) -> Answer:
    return Answer(body=json.dumps(body).encode())


def elastic(asked: Asked) -> Answer:
    body = json.loads(asked.body or b"{}")
    assert asked.method == "POST" and body["query"] == {"match_all": {}}
    start, size = body.get("from", 0), body.get("size", 5)
    return given(hits={"total": {"value": 25}, "hits": ROWS[start : start + size]})


def nested(asked: Asked) -> Answer:
    page = json.loads(asked.body)["page"]
    start = page.get("number", 0) * page["size"]
    return given(content=ROWS[start : start + page["size"]], totalElements=25)


def graphql(asked: Asked) -> Answer:
    after = int(json.loads(asked.body)["variables"].get("after", 0))
    info = {"endCursor": str(after + 10), "hasNextPage": after < 15}
    return given(data={"communes": {"nodes": ROWS[after : after + 10], "pageInfo": info}})


def after(asked: Asked) -> Answer:
    at = (json.loads(asked.body).get("search_after") or [-1])[0] + 1
    found = [{"_source": row, "sort": [row["n"]]} for row in ROWS[at : at + 10]]
    return given(hits={"total": {"value": 25}, "hits": found})


SORTED = {"style": "cursor", "next": "hits.hits[-1].sort", "param": "search_after"}
SORTED |= {"records": "hits.hits", "total": "hits.total.value"}
SEARCH = {"style": "offset", "param": "from", "records": "hits.hits", "total": "hits.total.value"}
NESTED = {"style": "page", "param": "page.number", "start": 0}
NESTED |= {"records": "content", "total": "totalElements"}
NODES = {"style": "cursor", "next": "data.communes.pageInfo.endCursor", "param": "variables.after"}
NODES |= {"records": "data.communes.nodes"}
ALL = {"query": {"match_all": {}}, "size": 10}
POSTED: dict[str, tuple[Callable[[Asked], Answer], dict, dict]] = {
    "a search": (elastic, ALL, SEARCH),
    "a search from the middle": (elastic, ALL | {"from": 10}, SEARCH),
    "a search behind the last record": (after, {"size": 10, "sort": ["n"]}, SORTED),
    "a page in the body": (nested, {"page": {"size": 10}}, NESTED),
    "GraphQL": (graphql, {"query": "query c", "variables": {"region": "84"}}, NODES),
}


@pytest.mark.parametrize("name", POSTED)
def test_an_api_asked_by_post(name: str, added) -> None:
    answer, body, pages = POSTED[name]
    with Scripted(answer) as server:
        code, words = added(f"{server.url}/communes", "--body", json.dumps(body))
        assert code == 0, words
        keys = added.keys("communes")
        assert (keys["from"], keys["method"], keys["pages"]) == ("api", "POST", pages)
        assert keys["body"] == {name: value for name, value in body.items() if name != "from"}
        table = added.table("communes")
        column = "_source_n" if "_source_n" in table.column_names else "n"
        assert sorted(table[column].to_pylist()) == [*range(25)]


def test_a_body_from_a_file(added) -> None:
    (added.folder / "q.json").write_text('{"query": {"match_all": {}}}')
    with Scripted(elastic) as server:
        code, words = added(f"{server.url}/t", "--body", "@q.json")
    assert code == 0, words
    assert added.keys("t")["body"] == {"query": {"match_all": {}}}
    for text in ("@none.json", "[1]", "{"):
        with pytest.raises(SystemExit):
            added("http://localhost/t", "--body", text)


def table(rows: list[dict]) -> bytes:
    return b"code;n\n" + b"".join(b"%s;%d\n" % (r["code"].encode(), r["n"]) for r in rows)


def csv_of(asked: Asked) -> Answer:
    asks = query(asked)
    size, page = int(asks.get("per_page", 5)), int(asks.get("page", 1))
    found = ROWS[(page - 1) * size : page * size]
    return Answer(headers={"X-Total-Count": "25"}, body=table(found))


def csv_linked(asked: Asked) -> Answer:
    page = int(query(asked).get("page", 1))
    link = {"Link": f'<?page={page + 1}>; rel="next"'} if page < 3 else {}
    return Answer(headers=link, body=table(ROWS[page * 10 - 10 : page * 10]))


def csv_silent(asked: Asked) -> Answer:
    start = int(query(asked).get("offset", 0))
    return Answer(body=table(ROWS[start : start + int(query(asked)["limit"])]))


def xml_of(rows: list[dict], around: str = "") -> bytes:
    each = "".join(f"<row><code>{r['code']}</code><n>{r['n']}</n></row>" for r in rows)
    return f'<?xml version="1.0"?><answer {around}><rows>{each}</rows></answer>'.encode()


def xml_counted(asked: Asked) -> Answer:
    start = int(query(asked).get("start", 0))
    return Answer(body=xml_of(ROWS[start : start + 10], 'total="25"'))


def xml_led(asked: Asked) -> Answer:
    start = int(query(asked).get("cursor", "c0")[1:])
    more = f'nextCursor="c{start + 10}"' if start < 20 else 'nextCursor=""'
    return Answer(body=xml_of(ROWS[start : start + 10], more))


COUNTED = {"total": "header:X-Total-Count"}
IN_XML = {"records": "answer.rows.row"}
PAGED: dict[str, tuple[Callable[[Asked], Answer], str, dict]] = {
    "csv, a header with the total": (
        csv_of,
        "?per_page=10",
        {"style": "page", "param": "page", **COUNTED},
    ),
    "csv, a link": (csv_linked, "", {"style": "link_header"}),
    "csv, the size that was asked": (
        csv_silent,
        "?limit=10",
        {"style": "offset", "param": "offset"},
    ),
    "xml, a total": (
        xml_counted,
        "",
        {"style": "offset", "param": "start", **IN_XML, "total": "answer.@total"},
    ),
    "xml, a token": (
        xml_led,
        "",
        {"style": "cursor", "next": "answer.@nextCursor", "param": "cursor", **IN_XML},
    ),
}


@pytest.mark.parametrize("name", PAGED)
def test_pages_of_text(name: str, added) -> None:
    answer, asks, pages = PAGED[name]
    with Scripted(answer) as server:
        code, words = added(f"{server.url}/communes{asks}")
        assert code == 0, words
        keys = added.keys("communes")
        assert (keys["from"], keys["format"]) == ("api", name.partition(",")[0])
        assert keys["pages"] == pages
        codes = sorted(added.table("communes")["code"].to_pylist())
    assert codes == sorted(row["code"] for row in ROWS)


@pytest.mark.parametrize("body", [table(ROWS), xml_of(ROWS)])
def test_a_text_that_is_a_file_stays_one(body: bytes, added) -> None:
    with Scripted(lambda _: Answer(body=body)) as server:
        code, words = added(f"{server.url}/communes")
        assert code == 0, words
        assert added.keys("communes")["from"] == "file"
        assert added.table("communes").num_rows == 25


def test_pages_of_csv_that_are_not_found_are_not_half_taken(added) -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(headers={"X-Total-Count": "25"}, body=table(ROWS[:10]))

    with Scripted(answer) as server:
        code, words = added(f"{server.url}/communes")
    assert code == 1 and "announces 25 records (`header:X-Total-Count`) and gives 10" in words


@pytest.mark.parametrize(
    ("body", "pages"),
    [
        (ROWS[0], {"style": "none", "single": True}),
        (
            {"total": 1, "results": ROWS[0]},
            {"style": "none", "records": "results", "single": True},
        ),
    ],
)
def test_one_record(body: dict, pages: dict, added) -> None:
    with Scripted(lambda _: given(**body)) as server:
        code, words = added(f"{server.url}/communes/00", "--name", "t")
        assert code == 0, words
        assert added.keys("t")["pages"] == pages
        assert added.table("t").to_pylist() == [ROWS[0]]


def test_errors_are_no_records(added) -> None:
    answers = {
        "/a": Answer(body=b'<?xml version="1.0"?><error><code>403</code></error>'),
        "/b": Answer(405, body=b"Method Not Allowed"),
        "/c": given(message="Service indisponible"),
    }
    with Scripted(lambda asked: answers[asked.path]) as server:
        words = {path: added(server.url + path) for path in answers}
    assert all(code == 1 for code, _ in words.values()), words
    assert "an XML error message" in words["/a"][1] and "--set" not in words["/a"][1]
    assert "if it is asked by POST: the same command with --body" in words["/b"][1]
    assert "Service indisponible" in words["/c"][1]
